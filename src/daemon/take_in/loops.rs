//! Robots without a mark that answer our mails: known by what they do ([`loops`]), kept from being answered, and
//! told to staff once.

use serde_json::json;

use super::{TakingIn, bounce::desks};
use crate::{
    desk::{
        case::CaseId,
        lifecycle::Decision,
        loops::{self, Effect, Prompted},
        notice::{Notice, NoticeKind},
    },
    mail::{looks::looks, sort::Kind},
    store::{
        StoreError, cases, prompted, soft_failures,
        suppressions::{self, Cause, Suppression},
    },
};

/// Mail servers give whole seconds, and their clocks are not ours.
const CLOCK_SKEW_SECONDS: i64 = 5;

/// What a mail is to those that went to its sender before it.
#[derive(Debug, Default)]
pub(super) struct Echo {
    prompted: Option<Prompted>,
    earlier: Vec<Prompted>,
    /// why nothing automatic goes to its sender already
    pub silenced: Option<String>,
}

impl TakingIn<'_> {
    /// Looks up what came before; nothing for mail that is never answered anyway.
    pub(super) fn echo(&self, email: &str) -> Result<Echo, StoreError> {
        let answered = matches!(self.mail.sorted.kind, Kind::Person | Kind::List);
        if !answered || email.is_empty() || self.office.desk.is_staff(email) || self.office.desk.is_own(email) {
            return Ok(Echo::default());
        }
        let loops = suppressions::of(self.tx, email, self.now)?.filter(|s| s.cause == Cause::Loop);
        let silenced = loops.map(|s| s.reason);
        let received_at = self.mail.received_at;
        let to = received_at + chrono::Duration::seconds(CLOCK_SKEW_SECONDS);
        let Some(ours) = prompted::unanswered(self.tx, email, received_at - loops::PROMPTS_FOR, to)? else {
            return Ok(Echo { silenced, ..Echo::default() });
        };
        let after = (received_at - ours.decided_at).max(chrono::Duration::zero());
        let looks = looks(&self.mail.incoming, &self.mail.said.reply);
        let earlier = prompted::since(self.tx, email, received_at - loops::REMEMBERED)?;
        Ok(Echo {
            prompted: Some(Prompted {
                notice: ours.notice,
                decided_at: ours.decided_at,
                received_at,
                after,
                first: ours.is_last,
                looks,
            }),
            earlier,
            silenced,
        })
    }

    /// Remembers the mail for those that come after it; the first that makes a loop silences its sender, and staff hear
    /// of it.
    pub(super) fn remember(
        &self,
        echo: &Echo,
        email: &str,
        looped: Option<&str>,
        mail_id: i64,
        case: Option<CaseId>,
    ) -> Result<(), StoreError> {
        if let Some(mail) = &echo.prompted {
            prompted::add(self.tx, mail_id, email, mail)?;
        }
        let Some(why) = looped else { return Ok(()) };
        let until = Some(self.now + loops::SILENCE);
        let reason = format!("a robot seems to answer there: {why}");
        let suppression = Suppression { until, ..desks(email, Cause::Loop, reason, self.now) };
        if !suppressions::add(self.tx, &suppression)? {
            return Ok(());
        }
        let Some(case) = case else { return Ok(()) };
        let case = cases::by_id(self.tx, case)?;
        let text = format!(
            "A robot seems to answer at {email}: {why}. Nothing automatic goes there for a day; its mails are taken in \
             all the same, and what you write goes out. `casepost suppression lift {email}` ends that at once."
        );
        let mut decision = Decision::unchanged(&case);
        decision.history.push(self.desk_remarks(text.clone()));
        decision.notices.push(Notice::to_staff(NoticeKind::StaffDecide, &case, json!({ "reason": text })));
        self.commit(&decision, mail_id)
    }

    /// A person writes from an address: mail arrives there again.
    pub(super) fn lift_by_writing(&self, email: &str, case: Option<CaseId>) -> Result<(), StoreError> {
        let sorted = &self.mail.sorted;
        if sorted.kind != Kind::Person || !sorted.verified || email.is_empty() {
            return Ok(());
        }
        soft_failures::forget(self.tx, email)?;
        let Some(lifted) = suppressions::lift(self.tx, email, Cause::Bounce, self.now)? else { return Ok(()) };
        let Some(case) = case else { return Ok(()) };
        let text = format!(
            "automatic mail goes to {email} again: a person wrote from there (it had stopped: {})",
            lifted.reason
        );
        crate::store::history::add(self.tx, case, &self.desk_remarks(text))
    }
}

impl Echo {
    /// Why the mail is one robot's answer too many.
    pub(super) fn loops(&self, effect: Effect) -> Option<String> {
        loops::is_loop(self.prompted.as_ref()?, &self.earlier, effect)
    }
}
