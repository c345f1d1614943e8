//! What staff are told of a promise: a warning before it is broken, to the assignee; that it is broken, to the leads as
//! well.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Followed, PromiseKind, Tell};
use crate::desk::{
    case::{Actor, Case},
    lifecycle::{Entry, What, say_to_staff},
    notice::{Notice, NoticeKind},
    policy::Policy,
};

pub(super) fn tell(followed: &mut Followed, case: &Case, tell: &Tell, policy: &Policy, now: DateTime<Utc>) {
    let promise = &tell.promise;
    let due_at = say_to_staff(promise.due_at, policy);
    let name = in_words(promise.kind);
    let assignee = case.assignee.clone();
    let data = json!({ "promise": name, "due_at": due_at, "unassigned": assignee.is_none(),
        "started_at": say_to_staff(promise.started_at, policy) });
    if !tell.breach {
        followed.notices.push(Notice::to_staff(NoticeKind::StaffPromiseWarning, case, data));
        return;
    }
    let text = format!("the {name} was due at {due_at}, and is missed");
    followed.history.push(Entry { at: now, actor: Actor::Desk, what: What::Remark { text } });
    followed.notices.push(Notice::to_staff(NoticeKind::StaffPromiseBreach, case, data.clone()));
    if assignee.is_some() {
        // Without an assignee all of the staff have been told.
        followed.notices.push(Notice::to_leads(NoticeKind::StaffPromiseBreach, case, data));
    }
}

pub(super) fn in_words(kind: PromiseKind) -> &'static str {
    match kind {
        PromiseKind::FirstResponse => "first response",
        PromiseKind::Update => "next update",
        PromiseKind::Resolution => "resolution",
    }
}
