//! What people are told of what a mail asks for: staff in the mail about it, the customer in the acknowledgement where
//! something is missing.

use serde_json::{Value, json};

use super::Decision;
use crate::{
    desk::{cues::Asked, notice::NoticeKind},
    mail::extract::FieldName,
};

/// Lines for staff, and what the customer is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskedNote {
    lines: Vec<String>,
    missing: Vec<Value>,
}

impl AskedNote {
    pub fn on_opening(asked: &Asked, missing: &[FieldName]) -> AskedNote {
        let mut lines = lines(asked);
        if !missing.is_empty() {
            lines.push(format!("missing, and asked for: {}", named(missing)));
        }
        // All names of a service are asked for with one question.
        let mut questions: Vec<Value> = missing.iter().map(|name| name.in_words()).collect();
        questions.dedup();
        AskedNote { lines, missing: questions }
    }

    /// `brought` had been asked for; `still` is not asked for again.
    pub fn on_reply(asked: &Asked, brought: &[FieldName], still: &[FieldName]) -> AskedNote {
        let mut lines = lines(asked);
        if !brought.is_empty() {
            lines.push(format!("brings what was asked for: {}", named(brought)));
            let rest = if still.is_empty() {
                "nothing is missing any more".to_owned()
            } else {
                format!("still missing: {}", named(still))
            };
            lines.push(rest);
        }
        AskedNote { lines, missing: vec![] }
    }
}

/// Puts the note into the notices that have a place for it.
pub fn tell_asked(decision: &mut Decision, note: &AskedNote) {
    for notice in &mut decision.notices {
        match notice.kind {
            NoticeKind::Acknowledgement => {
                notice.data.insert("missing".to_owned(), json!(note.missing));
                notice.data.insert("several_missing".to_owned(), json!(note.missing.len() > 1));
            }
            NoticeKind::StaffNewCase | NoticeKind::StaffCustomerWrote => {
                notice.data.insert("asked".to_owned(), json!(note.lines));
            }
            _ => {}
        }
    }
}

/// `service id, start time`
pub fn named(names: &[FieldName]) -> String {
    names.iter().map(|name| name.as_str().replace('-', " ")).collect::<Vec<_>>().join(", ")
}

const CHARS: usize = 120;

fn lines(asked: &Asked) -> Vec<String> {
    let mut lines = Vec::new();
    let requests = asked.request_words();
    if !requests.is_empty() {
        lines.push(format!("asks for: {}", requests.join(", ").replace('-', " ")));
    }
    for name in FieldName::ALL.into_iter().filter(|name| !is_plain_to_see(*name)) {
        let values: Vec<String> = asked
            .fields
            .of(name)
            .map(|found| {
                let value: String = found.value.chars().take(CHARS).collect();
                found.doubt.as_ref().map_or(value.clone(), |doubt| format!("{value} ({doubt})"))
            })
            .collect();
        if !values.is_empty() {
            lines.push(format!("{}: {}", name.as_str().replace('-', " "), values.join(", ")));
        }
    }
    lines
}

/// What staff read in the mail itself just below.
fn is_plain_to_see(name: FieldName) -> bool {
    matches!(
        name,
        FieldName::Description | FieldName::CaseReferences | FieldName::TelephoneNumbers | FieldName::IpAddresses
    )
}
