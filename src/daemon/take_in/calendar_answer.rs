//! What somebody's calendar answers to a mail about planned works (iTIP).
//!
//! Only the answer of somebody who was told of these works counts; from anybody else it is what every calendar reply is.
//! An acceptance is written down. Whoever declines, or proposes another time, wants something: that is a case, once for each
//! person and works, and what comes later is kept on it. Nothing is ever answered: a program may have sent it.

use super::{Begin, Kept, Taken, TakingIn, keep};
use crate::{
    daemon::{
        briefing,
        works::{self, AnsweringMail},
    },
    desk::{
        case::{Actor, Case, CaseId},
        lifecycle::{Decision, Entry, What, customer_wrote_notice},
        topic::Topic,
        works::{State, WorksId, said},
    },
    mail::{
        address::Address,
        calendar::{Answer, Said},
        sort::Kind,
        thread::{Standing, Weighed},
    },
    store::{StoreError, cases, mails::Disposition, outbox, works::desk as desk_works},
};

impl TakingIn<'_> {
    /// The mail is an answer about works of which its writer was told; none when it is anything else.
    pub(super) fn answer_about_works(
        &self,
        writer: &Address,
        weighed: &Weighed,
        living: Option<&(Case, Standing)>,
    ) -> Result<Option<(i64, Taken)>, StoreError> {
        let Some(answer) = self.mail.incoming.calendar_answer.as_ref() else { return Ok(None) };
        if self.mail.sorted.kind != Kind::CalendarReply {
            return Ok(None);
        }
        let Some(works) = answer.window().map(|id| id.works).or_else(|| self.works_of_the_mail_that_it_answers())
        else {
            return Ok(None);
        };
        // A UID can be guessed, and a From be written by anybody: so it must be one to whom these works were told.
        if self.office.desk.is_staff(&writer.email) || !outbox::was_told(self.tx, Topic::Works(works), &writer.email)? {
            return Ok(None);
        }
        if !self.is_own_answer(writer) || !self.is_of_a_window(works, answer)? {
            return Ok(None);
        }
        let note = in_words(answer, works, desk_works::standing(self.tx, WorksId(works))?);
        let (mail, taken) = match self.case_of_objection(works, writer, living)? {
            Some(case) => self.keep_on(&case, writer, weighed, (answer, &note))?,
            None if answer.said.objects() => {
                let begin = Begin { about: Some(&note), ..Begin::answered(false) };
                self.open(writer, weighed, begin)?
            }
            None => {
                let kept = Kept { note: Some(&note), weighed: Some(weighed), ..Kept::only(Disposition::Recorded) };
                let mail = keep(self.tx, self.mail, self.place, &kept, self.now)?;
                (mail, self.taken(Disposition::Recorded, None))
            }
        };
        let case = self.case_of(&taken)?;
        let by = AnsweringMail { id: mail, writer: &writer.email, case };
        works::answered(self.tx, works, answer, &by, self.now)?;
        Ok(Some((mail, taken)))
    }

    /// Where the mail server checks senders, it has to vouch for this one, or the mail cites an id that was made for them.
    fn is_own_answer(&self, writer: &Address) -> bool {
        let mail = &self.mail.incoming;
        let cited = || mail.in_reply_to.iter().chain(&mail.references);
        !self.mail.checked || self.mail.authenticated || cited().any(|id| self.office.keyring.is_for(id, &writer.email))
    }

    /// Does it name a window that the works have, or none?
    fn is_of_a_window(&self, works: i64, answer: &Answer) -> Result<bool, StoreError> {
        let Some(window) = answer.window().filter(|id| id.works == works) else { return Ok(true) };
        desk_works::has_window(self.tx, WorksId(works), window.window)
    }

    fn works_of_the_mail_that_it_answers(&self) -> Option<i64> {
        let mail = &self.mail.incoming;
        let topic = |id: &String| self.office.keyring.verify_topic(id).map(|signed| signed.topic);
        mail.in_reply_to.iter().chain(mail.references.iter().rev()).find_map(topic).and_then(|topic| match topic {
            Topic::Works(id) => Some(id),
            Topic::AllWorks | Topic::Incident(_) => None,
        })
    }

    /// Where the matter lives: the case that the mail cites, else the one that an earlier answer has opened. One that is
    /// closed is over: a new objection is a new matter.
    fn case_of_objection(
        &self,
        works: i64,
        writer: &Address,
        living: Option<&(Case, Standing)>,
    ) -> Result<Option<Case>, StoreError> {
        let case = match living {
            Some((case, standing)) if *standing != Standing::Stranger => Some(case.clone()),
            _ => match desk_works::case_of(self.tx, WorksId(works), &writer.email)? {
                Some(case) => Some(cases::living(self.tx, cases::by_id(self.tx, case)?)?),
                None => None,
            },
        };
        Ok(case.filter(|case| !case.status.is_closed()))
    }

    /// No state changes; staff see it where somebody has to act.
    fn keep_on(
        &self,
        case: &Case,
        writer: &Address,
        weighed: &Weighed,
        (answer, note): (&Answer, &str),
    ) -> Result<(i64, Taken), StoreError> {
        let kept =
            Kept { case: Some(case.id), note: Some(note), weighed: Some(weighed), ..Kept::only(Disposition::Recorded) };
        let mail = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        let mut decision = Decision::unchanged(case);
        decision.history.push(Entry {
            at: self.now,
            actor: Actor::Writer(writer.email.clone()),
            what: What::Recorded { kind: self.mail.sorted.kind.as_str().to_owned(), why: note.to_owned() },
        });
        if answer.said.objects() {
            decision.notices.push(customer_wrote_notice(case, writer, &self.mail.excerpt, &[note.to_owned()]));
            briefing::tell(self.tx, self.office, &mut decision, &[], self.now)?;
        }
        self.commit(&decision, mail)?;
        Ok((mail, self.taken(Disposition::Recorded, Some(case.reference))))
    }

    fn case_of(&self, taken: &Taken) -> Result<Option<CaseId>, StoreError> {
        match taken {
            Taken::Kept { case: Some(case), .. } => Ok(cases::by_reference(self.tx, *case)?.map(|case| case.id)),
            _ => Ok(None),
        }
    }
}

/// For staff: `has declined planned works PW-0012 (window 1) by their calendar: "not that night"`.
fn in_words(answer: &Answer, works: i64, standing: Option<said::Standing>) -> String {
    let said = match answer.said {
        Said::Countered => "has proposed another time for",
        Said::Tentative => "has tentatively accepted",
        Said::Accepted => "has accepted",
        Said::Declined => "has declined",
    };
    let window = answer.window().map(|id| format!(" (window {})", id.window)).unwrap_or_default();
    let comment = answer.comment.as_ref().map(|comment| format!(": \"{comment}\"")).unwrap_or_default();
    // Calendars answer late what they were sent early.
    let past = match standing {
        Some(standing) if standing.state == State::Cancelled => ", which are cancelled,",
        Some(standing) if answer.sequence.is_some_and(|said| said < standing.moved) => {
            ", as they were before they moved,"
        }
        _ => "",
    };
    format!("{said} planned works {}{window}{past} by their calendar{comment}", WorksId(works))
}

#[cfg(test)]
mod tests;
