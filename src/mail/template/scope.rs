//! Which variables a template uses, and whether its notice offers them: in `{{#if}}` too, where Handlebars itself takes
//! an unknown name for false.

use super::{
    error::{Fault, Problem},
    sample::{Kind, Variable},
    tags::{Opener, Path, PlacedTag, Tag},
};

/// What names mean at one place of a template.
#[derive(Clone)]
enum Scope {
    /// the notice's own variables, or those of one thing in a list
    Named(Vec<Variable>),
    /// one text of a list: only `this`
    This,
}

/// Every use of a variable that `offered` doesn't hold.
pub fn unknown(tags: &[PlacedTag], offered: &[Variable]) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut scopes = vec![Scope::Named(offered.to_vec())];
    let mut open = Vec::new();
    for placed in tags {
        let kind = placed.tag.path().map(|path| resolve(path, &scopes));
        if let Some(Err(problem)) = &kind {
            faults.push((Some(placed.line), problem.clone()));
        }
        let kind = kind.and_then(Result::ok);
        match &placed.tag {
            Tag::Open(opener, path) => {
                open.push(*opener);
                if *opener == Opener::Each {
                    scopes.push(inside(kind, path, placed.line, &mut faults));
                }
            }
            // What stands behind the `{{else}}` of a list is outside of it.
            Tag::Else if open.last() == Some(&Opener::Each) => {
                scopes.pop();
                scopes.extend(scopes.last().cloned());
            }
            Tag::Close(Opener::Each) => {
                open.pop();
                scopes.pop();
            }
            Tag::Close(_) => {
                open.pop();
            }
            Tag::Value(_) | Tag::Else => {}
        }
    }
    faults
}

fn inside(list: Option<Kind>, path: &Path, line: usize, faults: &mut Vec<Fault>) -> Scope {
    match list {
        Some(Kind::Things(each)) => Scope::Named(each.to_vec()),
        Some(Kind::Texts(_) | Kind::Words(_)) | None => Scope::This,
        Some(_) => {
            faults.push((Some(line), Problem::NotAList { name: path.to_string() }));
            Scope::This
        }
    }
}

fn resolve(path: &Path, scopes: &[Scope]) -> Result<Kind, Problem> {
    let scope = scopes.len().checked_sub(1 + path.up).and_then(|i| scopes.get(i));
    let found = match scope {
        Some(Scope::This) => (path.name == "this").then_some(Kind::Text("")),
        Some(Scope::Named(variables)) => variables.iter().find(|v| v.name == path.name).map(|v| v.kind),
        None => None,
    };
    found.ok_or_else(|| Problem::UnknownVariable { name: path.to_string(), known: known(scope) })
}

fn known(scope: Option<&Scope>) -> String {
    match scope {
        Some(Scope::Named(variables)) => names(variables),
        Some(Scope::This) => "this".to_owned(),
        None => String::new(),
    }
}

/// For an error: what could have been meant.
pub fn names(variables: &[Variable]) -> String {
    variables.iter().map(|v| v.name).collect::<Vec<_>>().join(", ")
}
