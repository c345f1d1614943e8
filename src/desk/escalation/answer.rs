//! A customer's mail asks for escalation: what it brings about, by the policy and by who wrote it.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Around, By, Escalation, is_superseded, step,
    told::{Repeats, matrix_in_words, to_customer},
};
use crate::{
    desk::{
        case::Case,
        lifecycle::{Decision, mark},
        notice::{Audience, Notice, NoticeKind},
        policy::languages::OwnText,
    },
    mail::{address::Address, thread::Standing},
};

/// A mail that asks for escalation.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub writer: &'a Address,
    pub standing: Standing,
    /// anything but the From shows who wrote it
    pub proven: bool,
    pub excerpt: &'a str,
}

/// On a case that there is. Where the policy has customers telephone, whoever takes part is told how; where mail
/// escalates, it does for those who may decide. What a mail may not do is marked for staff.
pub fn asked_by_mail(
    decision: &mut Decision,
    escalation: &mut Escalation,
    asked: &Asked<'_>,
    around: &Around<'_>,
    now: DateTime<Utc>,
) {
    if decision.case.status.is_closed() || matches!(asked.standing, Standing::Staff) {
        return;
    }
    if asked.standing == Standing::Stranger {
        return mark(decision, "asks for escalation, and is no participant: decide".to_owned());
    }
    let rules = around.rules();
    if is_superseded(&decision.case, rules) {
        mark(decision, "asks for escalation; told that the crisis process of the incident goes instead".to_owned());
        let data = json!({ "urgent": around.desk.policy.urgent.as_ref().map(OwnText::in_words) });
        return answer(decision, NoticeKind::EscalationSuperseded, asked, data);
    }
    if !rules.by_mail {
        mark(decision, "asks for escalation by mail; told whom to telephone".to_owned());
        return by_telephone(decision, escalation, asked, around, now);
    }
    if !asked.standing.may_decide() || !asked.proven {
        let why =
            if asked.standing.may_decide() { "nothing but the From shows who wrote it" } else { "may not decide it" };
        return mark(decision, format!("asks for escalation, but {why}: decide"));
    }
    let by = By::Mail { writer: asked.writer, excerpt: asked.excerpt };
    let soon = escalation.by_mail_at.is_some_and(|at| now < at + rules.by_mail_every);
    let repeats = match (escalation.level >= rules.top(), soon) {
        (true, _) => Repeats::Top,
        (false, true) => Repeats::Soon,
        (false, false) => Repeats::No,
    };
    if repeats == Repeats::No {
        // What could refuse it was asked above.
        if step(decision, escalation, &by, around, now).is_ok() {
            let title = super::title(escalation.level, rules);
            mark(decision, format!("asked for escalation: it is at level {} ({title}) now", escalation.level));
        }
        return;
    }
    let why = if repeats == Repeats::Top { "it is at the highest level" } else { "it was escalated a short time ago" };
    mark(decision, format!("asks for escalation again; {why}: decide"));
    let notice = to_customer(decision, escalation, &by, around, now, repeats);
    decision.notices.push(addressed(notice, &decision.case, asked));
}

/// In the mail that opens a case nothing can be escalated yet; where the policy has customers telephone, they are told how.
pub fn asked_in_first_mail(
    decision: &mut Decision,
    escalation: &Escalation,
    asked: &Asked<'_>,
    around: &Around<'_>,
    now: DateTime<Utc>,
) {
    if around.rules().by_mail {
        mark(decision, "asks for escalation in its first mail: there was no case to escalate; decide".to_owned());
        return;
    }
    mark(decision, "asks for escalation by mail; told whom to telephone".to_owned());
    by_telephone(decision, escalation, asked, around, now);
}

fn by_telephone(
    decision: &mut Decision,
    escalation: &Escalation,
    asked: &Asked<'_>,
    around: &Around<'_>,
    now: DateTime<Utc>,
) {
    let rules = around.rules();
    let next = escalation.level.saturating_add(1).min(rules.top());
    let numbers = around.people(next, now).into_iter().filter_map(|reach| reach.telephone.clone());
    let data = json!({
        "next_level": next.to_string(),
        "next_title": super::title_in_words(next, rules),
        "next_telephone": numbers.collect::<Vec<_>>().join(", "),
        "top": escalation.level >= rules.top(),
        "matrix": matrix_in_words(around, now),
        "telephone_reference": decision.case.reference.telephone(),
    });
    answer(decision, NoticeKind::EscalationByTelephone, asked, data);
}

fn answer(decision: &mut Decision, kind: NoticeKind, asked: &Asked<'_>, data: serde_json::Value) {
    let notice = Notice::automatic(kind, &decision.case, data);
    decision.notices.push(addressed(notice, &decision.case, asked));
}

/// To whoever wrote, where that is not the requester.
fn addressed(notice: Notice, case: &Case, asked: &Asked<'_>) -> Notice {
    if asked.standing == Standing::Requester {
        return notice;
    }
    let to_person = Notice::automatic_to(asked.writer, notice.kind, case, serde_json::Value::Object(notice.data));
    Notice { audience: Audience::Person(asked.writer.clone()), ..to_person }
}
