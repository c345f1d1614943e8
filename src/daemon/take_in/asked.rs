//! What a mail asks for, on its way into the store: compared with the list of services, written to the case, and what
//! was asked for and is now told.

use rusqlite::Connection;

use super::TakingIn;
use crate::{
    daemon::reading::ReadMail,
    desk::{
        case::{Actor, Case, CaseId},
        cues::{Asked, Request, Wish, missing},
        lifecycle::{AskedNote, Decision, Entry, What, named_fields},
        reference::{NotAReference, Reference},
        works::lacking,
    },
    mail::{
        address::Address,
        extract::{FieldName, services},
        thread::Standing,
    },
    store::{self, StoreError, contacts},
};

/// What a mail asks for and tells, with the list of services beside it.
pub fn checked(tx: &Connection, writer: &Address, mail: &ReadMail) -> Result<Asked, StoreError> {
    let mut asked = mail.asked.clone();
    let mut names = services::candidates(&format!("{}\n{}", mail.incoming.subject, mail.said.reply));
    let labelled = asked.fields.iter().filter(|found| found.name.names_a_service()).map(|found| found.value.clone());
    names.extend(labelled.filter(|value| value.contains(' ')));
    let known = store::services::by_ids(tx, &names)?;
    if !known.is_empty() {
        let organisation = contacts::known_of(tx, &writer.email)?.organisation_id();
        services::check(&mut asked.fields, &known, organisation);
    }
    Ok(asked)
}

/// The services that the mail names, by whichever of their numbers.
pub fn services_named(asked: &Asked) -> Vec<String> {
    asked.fields.iter().filter(|found| found.name.names_a_service()).map(|found| found.value.clone()).collect()
}

impl TakingIn<'_> {
    /// Does the mail name another case than this, or one that nobody can know since it is mistyped?
    pub(super) fn names_another(&self, case: &Case) -> bool {
        let own = case.reference.to_string();
        let other = self.mail.asked.fields.of(FieldName::CaseReferences).any(|found| found.value != own);
        let word = |c: char| !(c.is_ascii_digit() || c == '-');
        let mistyped = |w: &str| Reference::parse(w.trim_matches('-')) == Err(NotAReference::CheckDigit);
        other || self.mail.said.reply.split(word).any(mistyped)
    }

    /// What the desk may do about this mail by itself on this case.
    pub(super) fn wish(&self, case: &Case) -> Wish {
        // Of a mail that names another case, or of which only the beginning is known, nobody can say what it wants.
        // What is not understood to the last word, or could be anybody's, is for staff to decide.
        let sure = self.mail.confirms && self.is_proven() && !self.mail.truncated;
        let bare = self.mail.incoming.attachments.iter().all(|file| file.inline);
        if self.names_another(case) || !sure || !bare { Wish::default() } else { self.mail.asked.wish }
    }

    /// What staff have to decide, because the writer may not or said more than that.
    pub(super) fn unmet_wish(&self, wish: Wish, standing: Standing, case: &Case) -> Option<String> {
        let asked = &self.mail.asked;
        if standing == Standing::Staff || case.status.is_closed() || !asked.hears(Request::Close) {
            return None;
        }
        let why = match (standing.may_decide(), wish.close) {
            (true, true) => return None,
            (true, false) => "and says more than that",
            (false, _) => "and is not the requester",
        };
        Some(format!("asks that the case be closed, {why}: decide"))
    }

    /// What the acknowledgement asks for.
    pub(super) fn missing(&self, case: CaseId, writer: &Address, asked: &Asked) -> Result<Vec<FieldName>, StoreError> {
        let policy = &self.office.desk.policy;
        if self.is_late() {
            // A late mail gets no acknowledgement that could ask.
            return Ok(vec![]);
        }
        if self.announces(asked) {
            return Ok(lacking(&self.announced(case, writer, asked)?, policy));
        }
        Ok(missing(asked, &policy.required_fields))
    }

    /// Notes what the mail brings of what had been asked for.
    pub(super) fn complete(
        &self,
        decision: &mut Decision,
        case: &Case,
        standing: Standing,
        writer: &Address,
        asked: &Asked,
    ) -> Result<AskedNote, StoreError> {
        let wanted = store::asked::wanted(self.tx, case.id)?;
        let counts = !matches!(standing, Standing::Stranger | Standing::Staff);
        let policy = &self.office.desk.policy;
        let required = || policy.required_fields.iter().chain(&policy.customer_works.required);
        // Of the names of a service any that would have done does.
        let told = |name: FieldName| {
            let service = |other: &FieldName| other.names_a_service() && asked.fields.tells(*other);
            asked.fields.tells(name) || name.names_a_service() && required().any(service)
        };
        let (brought, still): (Vec<FieldName>, Vec<FieldName>) =
            wanted.into_iter().partition(|name| counts && told(*name));
        if !brought.is_empty() {
            store::asked::told(self.tx, case.id, &brought, self.now)?;
            let text = format!("told what was asked for: {}", named_fields(&brought));
            let actor = Actor::Writer(writer.email.clone());
            decision.history.push(Entry { at: self.now, actor, what: What::Remark { text } });
        }
        Ok(AskedNote::on_reply(asked, &brought, &still))
    }

    /// Writes down what the mail asks for and tells.
    pub(super) fn keep_asked(
        &self,
        case: CaseId,
        mail: i64,
        writer: &Address,
        standing: Option<Standing>,
        asked: &Asked,
    ) -> Result<(), StoreError> {
        // What staff write into a case from their own mail program asks the desk for nothing.
        if standing == Some(Standing::Staff) {
            return Ok(());
        }
        let heard = store::asked::Heard { case, mail, writer: &writer.email, standing: standing.map(Standing::as_str) };
        store::asked::add(self.tx, &heard, asked, self.now)
    }
}
