//! A mail opens a case.

use chrono::FixedOffset;

use super::{Kept, Taken, TakingIn, asked, handed_on::HandedOn, incident::Joins, keep_as};
use crate::{
    daemon::briefing,
    desk::{
        assignment,
        case::Case,
        directory::Contact,
        hours::Zone,
        lifecycle::{self, AskedNote, Channel, EndUser, Opening, tell_asked},
        notice::written,
        priority::Priority,
    },
    mail::{
        address::Address,
        incoming::Protection,
        language,
        sort::Kind,
        subject,
        thread::{Standing, Weighed},
    },
    store::{
        self, StoreError, cases, contacts,
        mails::{self, Disposition},
        suppressions::{self, Cause},
    },
};

/// How a mail begins a case.
pub(super) struct Begin<'a> {
    pub answered: bool,
    pub spam: bool,
    pub continues: Option<&'a Case>,
    pub named: Option<&'a Case>,
    /// the main points of contact through whom the writer has to go, the primary first
    pub through: &'a [Contact],
    /// staff handed on what somebody else wrote: the case is theirs
    pub handed_on: Option<&'a HandedOn>,
    /// why the writer gets nothing automatic for now
    pub silenced: Option<&'a str>,
    /// what staff are to know of it beside its text
    pub about: Option<&'a str>,
    /// the mail is in the store already, under this number
    pub kept: Option<i64>,
}

impl Begin<'_> {
    pub fn answered(answered: bool) -> Self {
        Begin {
            answered,
            spam: false,
            continues: None,
            named: None,
            through: &[],
            handed_on: None,
            silenced: None,
            about: None,
            kept: None,
        }
    }
}

impl TakingIn<'_> {
    pub(super) fn open(
        &self,
        writer: &Address,
        weighed: &Weighed,
        begin: Begin<'_>,
    ) -> Result<(i64, Taken), StoreError> {
        let (id, reference) = cases::allocate(self.tx)?;
        let people = self.people(writer, weighed, &begin)?;
        let attachments: Vec<String> =
            self.mail.incoming.attachments.iter().filter(|a| !a.inline).map(|a| a.name.clone()).collect();
        let mut marks = self.marks(weighed, &begin);
        marks.extend(self.works_in_words()?);
        marks.extend(self.past_incident_in_words()?);
        // What came back is no reason any more: they write from there.
        let silenced =
            suppressions::of(self.tx, &people.reply_to.email, self.now)?.filter(|s| s.cause != Cause::Bounce);
        if let Some(why) = silenced.as_ref().filter(|_| begin.answered) {
            let email = &people.reply_to.email;
            marks
                .push(format!("{email} gets no automatic mail ({}), so no acknowledgement: write to them", why.reason));
        }
        let language = self.language(&people.requester, writer, &begin);
        let arrangement = contacts::known_of(self.tx, &people.requester.email)?.arrangement().map(str::to_owned);
        marks.extend(self.unmet_report(Standing::Requester, &self.mail.asked).filter(|_| begin.answered));
        let own_clock = people.requester.email == writer.email;
        let main_contacts: Vec<String> = begin.through.iter().map(named).collect();
        let end_user = EndUser {
            main_contacts: &main_contacts,
            authenticated: self.mail.authenticated,
            zone: self.zone_of_writer(),
        };
        let opening = Opening {
            id,
            reference,
            subject: subject::clean(begin.handed_on.map_or(&self.mail.incoming.subject, |mail| &mail.subject)),
            requester: people.requester,
            reply_to: people.reply_to,
            utc_offset_seconds: self.mail.utc_offset_seconds().filter(|_| own_clock),
            requester_zone: people.zone,
            language: language.as_deref(),
            priority: Priority::P4,
            received_at: self.mail.received_at,
            channel: Channel::Mail {
                writer: begin.handed_on.map_or(writer, |mail| &mail.from),
                excerpt: &self.mail.excerpt,
                attachments: &attachments,
                truncated: self.mail.truncated,
                encrypted: self.mail.incoming.protection == Protection::Encrypted,
                answered: begin.answered,
                marks: &marks,
            },
            continues: begin.continues,
            named: begin.named,
            spam: begin.spam,
            participants: people.others,
            end_user: Some(end_user).filter(|_| !begin.through.is_empty()),
            arrangement,
        };
        let mut decision = lifecycle::open(opening, &self.office.desk.policy, self.now);
        let asked = asked::checked(self.tx, &decision.case.requester, self.mail)?;
        let is_own = !begin.spam && begin.through.is_empty();
        let joins = if is_own { self.join_incident(&mut decision, &asked, true)? } else { Joins::default() };
        let asks = begin.answered && silenced.is_none() && begin.continues.is_none() && begin.through.is_empty();
        // Of a trouble that is known nothing has to be asked.
        let asks = asks && !joins.is_certain();
        let missing = if asks { self.missing(id, writer, &asked)? } else { vec![] };
        tell_asked(&mut decision, &AskedNote::on_opening(&asked, &missing));
        if let Some(old) = begin.continues {
            assignment::keep(&mut decision, old, &self.office.desk, self.now);
        }
        self.give_to_somebody(None, &mut decision, &asked)?;
        if begin.answered && silenced.is_none() && begin.through.is_empty() {
            self.ask_to_escalate_first(&mut decision, writer, &asked)?;
        }
        let original = begin.handed_on.map_or(writer, |mail| &mail.from);
        let requested = self.follow_opening(&mut decision, &begin, original, &asked, silenced.is_some())?;
        briefing::tell(self.tx, self.office, &mut decision, &asked::services_named(&asked), self.now)?;
        self.open_with_their_reference(id)?;
        // The case has to be there before its mail can refer to it.
        let mail_id = begin.kept.map_or_else(|| mails::allocate(self.tx), Ok)?;
        self.commit(&decision, mail_id)?;
        self.keep_joined(id, &joins)?;
        if begin.kept.is_some() {
            mails::opened(self.tx, mail_id, id)?;
        } else {
            let kept = Kept { case: Some(id), weighed: Some(weighed), ..Kept::only(Disposition::Opened) };
            keep_as(self.tx, mail_id, self.mail, self.place, &kept, self.now)?;
        }
        self.keep_asked(id, mail_id, writer, None, &asked)?;
        self.keep_requested(&decision, original, &requested)?;
        self.link_works(id)?;
        store::asked::want(self.tx, id, &missing, self.now)?;
        if begin.answered && begin.through.is_empty() && begin.handed_on.is_none() {
            let case = &decision.case;
            if begin.continues.is_none() {
                self.ask_for_reports(case, case, Standing::Requester, writer, &asked, mail_id)?;
            }
            self.ask_for_attention(case, None, writer, &asked, mail_id)?;
        }
        Ok((mail_id, self.taken(Disposition::Opened, Some(reference))))
    }

    /// The clock by which the writer is told times.
    fn zone_of_writer(&self) -> Zone {
        let known = self.known.contact.as_ref().and_then(|contact| contact.zone);
        let offset = self.mail.utc_offset_seconds().and_then(FixedOffset::east_opt);
        let own = Zone::Named(self.office.desk.policy.zone);
        known.map(Zone::Named).or(offset.map(Zone::Offset)).unwrap_or(own)
    }

    /// In which language the requester is answered, as far as the mail shows it.
    fn language(&self, requester: &Address, writer: &Address, begin: &Begin<'_>) -> Option<String> {
        let written_in = match (begin.handed_on, begin.continues) {
            // Staff's own words stand above what the customer wrote.
            (Some(_), _) => language::of(&self.mail.incoming.text),
            // What somebody else writes into the requester's matter says nothing of the requester.
            (None, Some(_)) if requester.email != writer.email => None,
            (None, _) => self.mail.language(),
        };
        written_in.map(str::to_owned).or_else(|| begin.continues?.language.clone())
    }

    pub(super) fn marks(&self, weighed: &Weighed, begin: &Begin<'_>) -> Vec<String> {
        let sorted = &self.mail.sorted;
        let mut marks: Vec<String> = begin.about.map(str::to_owned).into_iter().collect();
        if sorted.kind != Kind::Person {
            let what = if begin.answered { "taken as a person's mail" } else { "not answered" };
            marks.push(format!("{what}: {} ({})", sorted.kind.as_str(), sorted.why.join("; ")));
        }
        if let Some(why) = sorted.silence.as_deref().or(begin.silenced) {
            marks.push(format!("not answered: {why}"));
        }
        if !begin.through.is_empty() {
            let all = begin.through.iter().map(named).collect::<Vec<_>>().join("; ");
            marks.push(format!("an end user's request: it waits until a main point of contact writes ({all})"));
        }
        if self.confirmed {
            marks.push("its sender was unknown, and has confirmed it".to_owned());
        }
        if begin.handed_on.is_some() {
            marks.push(format!("handed on by {}", written(&self.mail.writer())));
        }
        if self.mail.incoming.protection == Protection::Encrypted {
            marks.push("encrypted: what it says can't be read here; its bytes are kept".to_owned());
        }
        if self.is_late() {
            marks.push("older than answer_within when it was read: not answered".to_owned());
        }
        if let Some(named) = begin.named {
            marks.push(format!("names {}, whose participant the sender is not", named.reference));
        }
        if weighed.contradicts {
            marks.push("cites several cases: `casepost case show` tells which".to_owned());
        }
        marks
    }
}

/// A contact as they are named to a colleague of theirs.
fn named(contact: &Contact) -> String {
    let person = written(&Address { name: contact.name.clone(), email: contact.email.clone() });
    match &contact.telephone {
        Some(number) => format!("{person}, {number}"),
        None => person,
    }
}
