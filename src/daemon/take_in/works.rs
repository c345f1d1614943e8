//! Mail about the desk's planned works: whose answer opens a case about them, and who asks what is coming.

use super::TakingIn;
use crate::{
    daemon::works::coming,
    desk::{
        case::CaseId,
        cues::{Asked, Request},
        lifecycle::Decision,
        notice::{Notice, NoticeKind},
        topic::Topic,
        works::{DeskWorks, WorksId, act, tell},
    },
    mail::{
        address::Address,
        thread::{Candidate, Cite},
    },
    store::{StoreError, cases, works::desk as works},
};

impl TakingIn<'_> {
    /// The works that it is about: those of the mail that it answers, else of one before it in the thread.
    fn cited_works(&self) -> Option<WorksId> {
        let of_topic = |id: &String| match self.office.keyring.verify_topic(id)?.topic {
            Topic::Works(id) => Some(WorksId(id)),
            Topic::AllWorks | Topic::Incident(_) => None,
        };
        let mail = &self.mail.incoming;
        mail.in_reply_to.iter().chain(mail.references.iter().rev()).find_map(of_topic)
    }

    /// The case that an earlier answer of the same person has opened.
    pub(super) fn case_about_works(&self, writer: &Address) -> Result<Option<Candidate>, StoreError> {
        let Some(id) = self.cited_works() else { return Ok(None) };
        let Some(case) = works::case_of(self.tx, id, &writer.email)? else { return Ok(None) };
        let case = cases::by_id(self.tx, case)?;
        // The id was made for this person, so it proves of them what one of the case would.
        let mail = &self.mail.incoming;
        let mut ids = mail.in_reply_to.iter().chain(&mail.references);
        let theirs = ids.any(|id| self.office.keyring.is_for(id, &writer.email));
        let cite = if theirs { Cite::Signed(case.reference) } else { Cite::InText(case.reference) };
        self.candidate(cite, case).map(Some)
    }

    /// For staff: about which works the mail writes.
    pub(super) fn works_in_words(&self) -> Result<Option<String>, StoreError> {
        let Some(id) = self.cited_works() else { return Ok(None) };
        let Some(works) = works::by_id(self.tx, id)? else { return Ok(None) };
        Ok(Some(about(&works)))
    }

    /// A case that the mail opens is about the works that it cites.
    pub(super) fn link_works(&self, case: CaseId) -> Result<(), StoreError> {
        let Some(id) = self.cited_works() else { return Ok(()) };
        if works::by_id(self.tx, id)?.is_some() {
            works::link_case(self.tx, id, case)?;
        }
        Ok(())
    }

    /// The mail asks what planned works there are, and nothing else: the answer takes the place of the acknowledgement.
    pub(super) fn tell_coming_works(
        &self,
        decision: &mut Decision,
        writer: &Address,
        asked: &Asked,
    ) -> Result<(), StoreError> {
        if !asked.hears(Request::PlannedWorksQuestion) || asked.hears(Request::Incident) {
            return Ok(());
        }
        let known = crate::store::contacts::known_of(self.tx, &writer.email)?;
        // A stranger, or whoever only says to be somebody, learns nothing of a customer's services.
        let Some(organisation) = known.organisation_id().filter(|_| self.mail.authenticated || !self.mail.checked)
        else {
            return Ok(());
        };
        let Some(at) = decision.notices.iter().position(|notice| notice.kind == NoticeKind::Acknowledgement) else {
            return Ok(());
        };
        let coming = coming(self.tx, organisation, self.now)?;
        let zone = decision.case.zone(&self.office.desk.policy);
        let data = tell::list(&coming, &zone);
        decision.notices.remove(at);
        decision.notices.push(Notice::automatic(NoticeKind::WorksList, &decision.case, data));
        decision.mark_for_staff(format!("asks what planned works there are: told of {}", coming.len()));
        Ok(())
    }
}

/// `PW-0012 (Exchange of a card), Fri 18 December …, announced`
fn about(works: &DeskWorks) -> String {
    format!(
        "about planned works {} ({}), {}, {}: `casepost works show {0}`",
        works.id,
        works.description,
        act::in_words(&works.windows, works.zone),
        works.state
    )
}
