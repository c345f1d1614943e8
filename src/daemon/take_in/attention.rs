//! A mail asks for a manager's attention.

use super::TakingIn;
use crate::{
    daemon::attention::{follow, is_described, organisation},
    desk::{
        attention::{self, Asking, COUNTED, Channel, Told},
        case::{Actor, Case},
        cues::{Asked, Request},
    },
    mail::{address::Address, extract::FieldName, thread::Standing},
    store::{StoreError, attentions, commit::Manner},
};

impl TakingIn<'_> {
    /// A reply quotes a block: what the case has is said again by the mail program, another one was pasted.
    pub(super) fn hear_quoted_attention(&self, asked: &mut Asked, case: &Case) -> Result<(), StoreError> {
        let Some(block) = asked.quoted_attention.take().filter(|_| self.office.desk.policy.attention.offered) else {
            return Ok(());
        };
        if !attention::is_known(&attentions::of_case(self.tx, case.id)?, &block.reason) {
            asked.take_attention(&block);
        }
        Ok(())
    }

    /// Records the request, where the policy offers that, and tells the leads. It is answered when the writer may decide
    /// about the case; `standing` is none in the mail that opened it, which is its writer's own.
    pub(super) fn ask_for_attention(
        &self,
        case: &Case,
        standing: Option<Standing>,
        writer: &Address,
        asked: &Asked,
        mail: i64,
    ) -> Result<(), StoreError> {
        let counts = !matches!(standing, Some(Standing::Stranger | Standing::Staff)) && !case.spam;
        let policy = &self.office.desk.policy;
        if !asked.hears(Request::ManagementAttention) || !counts || !policy.attention.offered {
            return Ok(());
        }
        let may_be_told = standing.is_none_or(|standing| standing.may_decide() && self.is_proven());
        let is_answered = may_be_told && self.mail.sorted.answerable() && !self.is_late();
        let told =
            |name| asked.fields.of(name).map(|found| found.value.as_str()).find(|value| !value.trim().is_empty());
        let organisation = organisation(self.tx, self.office, case)?;
        let reads_at = if writer.email == case.requester.email { &case.reply_to } else { writer };
        let asking = Asking {
            channel: Channel::Mail,
            told: Told {
                person: told(FieldName::AttentionContact),
                telephone: told(FieldName::TelephoneNumbers),
                manager_contact: None,
                reason: told(FieldName::AttentionReason),
                milestone: told(FieldName::AttentionMilestone).or_else(|| told(FieldName::MilestoneDates)),
            },
            writer: writer.display(),
            call_back: false,
            described: is_described(self.tx, case)?,
            without_urgency: attentions::without_urgency(self.tx, &organisation, self.now - COUNTED)?,
            organisation: &organisation,
            actor: Actor::Writer(writer.email.clone()),
            answered: Some(reads_at).filter(|_| is_answered),
        };
        let known = attentions::of_case(self.tx, case.id)?;
        let Ok((followed, _)) = attention::ask(case, &known, &asking, policy, self.now) else { return Ok(()) };
        let manner = Manner { cause: &format!("mail:{mail}:attention"), late: self.is_late(), attachments: &[] };
        follow(self.tx, self.office, &followed, &manner, self.now)
    }
}
