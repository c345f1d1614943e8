//! Mails that ask for more than an answer: a change, an invoice's question, own planned works. What follows is the core's
//! to decide; here it meets the directory and the store.

use chrono::Duration;

use super::{TakingIn, opening::Begin};
use crate::{
    daemon::billing,
    desk::{
        billing as invoices,
        case::{Case, CaseId},
        cues::Asked,
        directory::Contact,
        lifecycle::Decision,
        macd::{self, Answer, Answered, Asking, Macd, State},
        notice::NoticeKind,
        works::{self, Works, WorksState},
    },
    mail::{address::Address, sort::Kind, thread::Standing},
    store::{self, StoreError, contacts, organisations, outbox},
};

/// What goes with a case beside the case itself.
#[derive(Debug, Default)]
pub(super) struct Requested {
    macd: Option<Macd>,
    works: Option<Works>,
    /// the address of whoever sends the invoices
    billing: Option<String>,
}

impl TakingIn<'_> {
    /// May the desk do by itself what a mail that opens a case asks for? Only for a person whom it answers anyway.
    fn may_follow(&self, begin: &Begin<'_>, silenced: bool) -> bool {
        let answered = begin.answered || !begin.through.is_empty();
        let sorted = &self.mail.sorted;
        answered
            && !silenced
            && !begin.spam
            && begin.continues.is_none()
            && sorted.kind == Kind::Person
            && sorted.verified
            && sorted.answerable()
            && !self.is_late()
            && !self.mail.truncated
    }

    /// The mail opens the case of `decision`; `writer` wrote it, be it that staff handed it on.
    pub(super) fn follow_opening(
        &self,
        decision: &mut Decision,
        begin: &Begin<'_>,
        writer: &Address,
        asked: &Asked,
        silenced: bool,
    ) -> Result<Requested, StoreError> {
        let policy = &self.office.desk.policy;
        if !self.may_follow(begin, silenced) {
            return Ok(Requested::default());
        }
        if let Some(change) = macd::heard(asked).filter(|_| policy.macd.offered) {
            let known = contacts::known_of(self.tx, &writer.email)?;
            let main_contacts = match known.organisation_id() {
                Some(id) => contacts::main_of(self.tx, id)?,
                None => vec![],
            };
            let asking = Asking {
                writer: &named(writer, known.contact.as_ref()),
                is_main: known.is_authorised(),
                proven: self.is_proven() && begin.handed_on.is_none(),
                main_contacts: &main_contacts,
                excerpt: Some(self.mail.excerpt.as_str()).filter(|_| self.mail.authenticated),
                description: None,
            };
            let macd = macd::ask_by_mail(decision, change, &asking, policy, self.now);
            return Ok(Requested { macd: Some(macd), ..Requested::default() });
        }
        if !begin.through.is_empty() {
            return Ok(Requested::default());
        }
        if self.announces(asked) {
            let works = self.announced(decision.case.id, writer, asked)?;
            works::tell_recorded(decision, &works, policy);
            return Ok(Requested { works: Some(works), ..Requested::default() });
        }
        self.tell_coming_works(decision, writer, asked)?;
        if let Some(address) = self.billing_address(asked)? {
            let known = contacts::by_email(self.tx, &writer.email)?;
            invoices::pass_on(decision, &named(writer, known.as_ref()), &address, policy, self.now);
            return Ok(Requested { billing: Some(address), ..Requested::default() });
        }
        Ok(Requested::default())
    }

    /// Where the mail is to be passed on. A flood of them is not: it stays with staff.
    fn billing_address(&self, asked: &Asked) -> Result<Option<String>, StoreError> {
        let policy = &self.office.desk.policy;
        let Some(address) = policy.billing.address.as_ref() else { return Ok(None) };
        if self.office.desk.is_own(address) || !invoices::is_about_invoices(asked) {
            return Ok(None);
        }
        let passed_on = outbox::automatic_since(self.tx, address, self.now - Duration::hours(1), &[])?;
        Ok((passed_on < policy.automatic_per_hour).then(|| address.clone()))
    }

    /// Is the mail an announcement that goes on the calendar?
    pub(super) fn announces(&self, asked: &Asked) -> bool {
        self.office.desk.policy.customer_works.recorded && works::announces(asked)
    }

    pub(super) fn announced(&self, case: CaseId, writer: &Address, asked: &Asked) -> Result<Works, StoreError> {
        let organisation = match contacts::known_of(self.tx, &writer.email)?.organisation_id() {
            Some(id) => Some((id, organisations::by_id(self.tx, id)?.customer_number)),
            None => None,
        };
        let policy = &self.office.desk.policy;
        Ok(works::announced((case, organisation), &asked.fields, self.mail.received_at, policy))
    }

    /// Writes down what goes with a case; the case and its mail are written.
    pub(super) fn keep_requested(
        &self,
        decision: &Decision,
        writer: &Address,
        requested: &Requested,
    ) -> Result<(), StoreError> {
        if let Some(macd) = &requested.macd {
            store::macd::put(self.tx, macd)?;
        }
        if let Some(works) = &requested.works {
            store::works::put(self.tx, works)?;
        }
        if let Some(address) = &requested.billing {
            let known = contacts::by_email(self.tx, &writer.email)?;
            billing::pass_on(self.tx, self.mail, decision, &named(writer, known.as_ref()), address, self.now)?;
        }
        Ok(())
    }

    /// What a mail on a case does to what goes with it: it may approve a change, or complete works.
    pub(super) fn follow_on_case(
        &self,
        decision: &mut Decision,
        before: &Case,
        (writer, standing): (&Address, Standing),
        asked: &Asked,
    ) -> Result<Requested, StoreError> {
        let mut requested = Requested::default();
        let policy = &self.office.desk.policy;
        if let Some(waiting) = store::macd::of_case(self.tx, before.id)?.filter(|macd| macd.state == State::Waiting) {
            requested.macd = self.answer_to_approval(decision, before, &waiting, (writer, standing))?;
        }
        if let Some(known) = store::works::of_case(self.tx, before.id)? {
            let open = matches!(known.state, WorksState::Incomplete | WorksState::Announced);
            let theirs = !matches!(standing, Standing::Stranger | Standing::Staff);
            let may_move = standing.may_decide() && self.is_proven();
            let after = works::told(&known, &asked.fields, may_move, self.mail.received_at, policy);
            if open && theirs && self.mail.sorted.kind == Kind::Person && after != known {
                works::tell_changed(decision, &after, policy);
                requested.works = Some(after);
            }
        }
        Ok(requested)
    }

    /// The case waits for an approval: is the mail one?
    fn answer_to_approval(
        &self,
        decision: &mut Decision,
        before: &Case,
        waiting: &Macd,
        (writer, standing): (&Address, Standing),
    ) -> Result<Option<Macd>, StoreError> {
        if !self.answers_approval(before, waiting, writer)? || !standing.may_decide() {
            macd::keep_waiting(decision, before);
            return Ok(None);
        }
        let by = named(writer, self.known.contact.as_ref());
        let vouched = self.mail.authenticated || !self.mail.checked;
        let answer = match macd::answer_in(self.mail.said.own_words(), &by, vouched) {
            Ok(answer) => answer,
            Err(why) => {
                macd::keep_waiting(decision, before);
                decision.mark_for_staff(format!(
                    "answers the question for approval, {why} `casepost case macd {} approve` or `decline`",
                    before.reference
                ));
                return Ok(None);
            }
        };
        let answered = Answered { answer, by: &by, at: self.mail.received_at };
        let policy = &self.office.desk.policy;
        let word = if answer == Answer::Yes { "approves" } else { "declines" };
        decision.mark_for_staff(format!("{word} the change request"));
        Ok(Some(macd::answer_by_mail(decision, before, waiting, &answered, policy, self.now)))
    }

    /// Does the mail cite the very mail in which this writer was asked, and not one of an earlier question? A mail that
    /// was handed on to somebody else cites one that went to another address.
    fn answers_approval(&self, case: &Case, waiting: &Macd, writer: &Address) -> Result<bool, StoreError> {
        let mail = &self.mail.incoming;
        if self.mail.sorted.kind != Kind::Person || !self.mail.sorted.verified || self.mail.truncated {
            return Ok(false);
        }
        let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev());
        let serials = ids.filter_map(|id| self.office.keyring.verify(id)?.serial);
        let Some(number) = serials.filter_map(|serial| i64::try_from(serial).ok()).next() else { return Ok(false) };
        let Some(notice) = outbox::load(self.tx, number)? else { return Ok(false) };
        let to_them = notice.recipients.to.iter().any(|person| person.email == writer.email);
        let asks_this = notice.kind == NoticeKind::MacdApprove && notice.case == Some(case.id);
        Ok(asks_this && to_them && Some(notice.decided_at) == waiting.asked_at)
    }
}

/// Many mail programs write no name: the directory has it.
fn named(writer: &Address, contact: Option<&Contact>) -> Address {
    let name = writer.name.clone().or_else(|| contact?.name.clone());
    Address { name, email: writer.email.clone() }
}
