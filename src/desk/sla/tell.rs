//! What staff are told of a promise: a warning before it is broken, to the assignee; that it is broken, to the leads as
//! well.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Followed, PromiseKind, Tell};
use crate::desk::{
    case::{Actor, Case},
    lifecycle::{Entry, What, in_staff_words},
    notice::{Notice, NoticeKind},
    policy::Policy,
};

/// What falls due in one moment is one mail of each kind.
pub(super) fn tell(followed: &mut Followed, case: &Case, told: &[Tell], policy: &Policy, now: DateTime<Utc>) {
    let (broken, due): (Vec<&Tell>, Vec<&Tell>) = told.iter().partition(|tell| tell.breach);
    if !due.is_empty() {
        followed.notices.push(Notice::to_staff(NoticeKind::StaffPromiseWarning, case, data(case, &due, policy)));
    }
    if broken.is_empty() {
        return;
    }
    for Tell { promise, .. } in &broken {
        let due_at = in_staff_words(promise.due_at, policy);
        let text = format!("the {} was due by {due_at}, and is missed", in_words(promise.kind));
        followed.history.push(Entry { at: now, actor: Actor::Desk, what: What::Remark { text } });
    }
    let data = data(case, &broken, policy);
    followed.notices.push(Notice::to_staff(NoticeKind::StaffPromiseBreach, case, data.clone()));
    if case.assignee.is_some() {
        // Without an assignee all of the staff have been told.
        followed.notices.push(Notice::to_leads(NoticeKind::StaffPromiseBreach, case, data));
    }
}

fn data(case: &Case, told: &[&Tell], policy: &Policy) -> Value {
    let names: Vec<&str> = told.iter().map(|tell| in_words(tell.promise.kind)).collect();
    let say = |at| in_staff_words(at, policy);
    let line = |tell: &&Tell| {
        let promise = &tell.promise;
        format!("{}: by {}, promised since {}", in_words(promise.kind), say(promise.due_at), say(promise.started_at))
    };
    let lines: Vec<String> = told.iter().map(line).collect();
    json!({ "promise": names.join(" and "), "promises": lines, "unassigned": case.assignee.is_none() })
}

fn in_words(kind: PromiseKind) -> &'static str {
    match kind {
        PromiseKind::FirstResponse => "first response",
        PromiseKind::Update => "next update",
        PromiseKind::Resolution => "resolution",
    }
}
