//! Compares what a step expects with what is so, and says each difference precisely.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    expect::{CaseExpect, MailExpect},
    outgoing::{Outgoing, in_one_line},
    scenario::Step,
    story::{Came, Story},
    telling::in_words,
    words::Words,
};
use crate::{
    desk::{
        case::{Case, CaseId},
        lifecycle::Clock,
    },
    store::{cases, clocks, history},
};

/// What the story asks of a case, as it is.
struct CaseAsItIs {
    case: Case,
    participants: BTreeSet<String>,
    links: BTreeSet<String>,
    clocks: BTreeMap<&'static str, DateTime<Utc>>,
    history: Vec<String>,
}

impl Story<'_> {
    pub fn check(&mut self, step: &Step, came: &Came) -> anyhow::Result<()> {
        self.check_command(step, came)?;
        self.check_read(step, came);
        self.check_mails(step)?;
        let expected = &step.expect;
        if expected.case.says_anything() {
            match came.case {
                Some(id) => self.check_case(step, &expected.case, id)?,
                None => self.fails(step, "there is no case of which this could be expected"),
            }
        }
        for (name, case) in &expected.cases {
            match self.named(name) {
                Some(id) => self.check_case(step, case, id)?,
                None => self.fails(step, &format!("cases: no case is called {name} in this story")),
            }
        }
        if let Some(number) = expected.number_of_cases {
            let all = self.with_db(|_, db| Ok(cases::after(db, 0)?.len()))?;
            self.compare(step, "number_of_cases", &number.to_string(), &all.to_string());
        }
        Ok(())
    }

    fn compare(&mut self, step: &Step, what: &str, expected: &str, got: &str) {
        if expected == got {
            self.holds(format!("{what}: {got}"));
        } else {
            self.fails(step, &format!("{what}: expected {expected}, got {got}"));
        }
    }

    fn check_command(&mut self, step: &Step, came: &Came) -> anyhow::Result<()> {
        let answer = came.answer.as_ref();
        let (said, refused) = answer.map_or(("", None), |a| (a.said.as_str(), a.refused.as_ref()));
        match (&step.expect.fails, refused) {
            (None, None) => {}
            (None, Some(why)) => self.fails(step, &format!("the command was refused: {why}")),
            (Some(_), None) => self.fails(step, &format!("the command should be refused, and was done: {said}")),
            (Some(words), Some(why)) => self.check_words(step, "fails", words, &Words::default(), why)?,
        }
        self.check_words(step, "says", &step.expect.says, &step.expect.says_not, said)
    }

    /// Are these words in the text, and those not?
    fn check_words(&mut self, step: &Step, key: &str, words: &Words, not: &Words, text: &str) -> anyhow::Result<()> {
        let line = in_one_line(text);
        for (words, wanted) in words.iter().map(|w| (w, true)).chain(not.iter().map(|w| (w, false))) {
            let words = in_one_line(&self.filled(words)?);
            match (line.contains(&words), wanted) {
                (true, true) => self.holds(format!("{key}: \"{words}\"")),
                (false, false) => self.holds(format!("{key}, not: \"{words}\"")),
                (false, true) => self.fails(step, &format!("{key}: expected \"{words}\", got \"{line}\"")),
                (true, false) => self.fails(step, &format!("{key}: \"{words}\" must not stand in \"{line}\"")),
            }
        }
        Ok(())
    }

    fn check_read(&mut self, step: &Step, came: &Came) {
        let (expected, read) = (&step.expect, came.read.as_ref());
        if let Some(kind) = expected.kind {
            self.compare(step, "kind", kind.as_str(), read.and_then(|r| r.kind.as_deref()).unwrap_or("not read yet"));
        }
        if let Some(becomes) = expected.becomes {
            let is = read.map_or("not read yet", |read| read.becomes.as_str());
            self.compare(step, "becomes", becomes.as_str(), is);
        }
    }

    fn check_case(&mut self, step: &Step, expected: &CaseExpect, id: CaseId) -> anyhow::Result<()> {
        let (name, is) = self.with_db(|story, db| Ok((story.name_of(db, id)?, story.as_it_is(db, id)?)))?;
        let case = &is.case;
        let facts = [
            ("status", expected.status.map(|s| s.to_string()), case.status.to_string()),
            ("priority", expected.priority.map(|p| p.to_string()), case.priority.to_string()),
            ("subject", expected.subject.clone(), case.subject.clone()),
            ("reviewed", expected.reviewed.map(|r| r.to_string()), case.reviewed_at.is_some().to_string()),
            ("spam", expected.spam.map(|s| s.to_string()), case.spam.to_string()),
        ];
        for (key, expected, got) in facts {
            if let Some(expected) = expected {
                self.compare(step, &format!("{name} {key}"), &expected, &got);
            }
        }
        let people = [
            ("assignee", &expected.assignee, case.assignee.clone().unwrap_or_else(|| "nobody".to_owned())),
            ("requester", &expected.requester, case.requester.email.clone()),
        ];
        for (key, expected, got) in people {
            if let Some(who) = expected {
                let expected = if who == "nobody" { Ok(who.clone()) } else { self.person(who).map(|p| p.email) };
                match expected {
                    Ok(expected) => self.compare(step, &format!("{name} {key}"), &expected, &got),
                    Err(why) => self.fails(step, &format!("{key}: {why}")),
                }
            }
        }
        if let Some(expected) = &expected.participants {
            let expected: Result<BTreeSet<String>, String> =
                expected.iter().map(|who| self.person(who).map(|p| p.email)).collect();
            match expected {
                Ok(expected) => {
                    self.compare(step, &format!("{name} participants"), &list(&expected), &list(&is.participants));
                }
                Err(why) => self.fails(step, &format!("participants: {why}")),
            }
        }
        if let Some(links) = &expected.links {
            let mut expected = BTreeSet::new();
            for link in links {
                match self.named(&link.other) {
                    Some(other) => {
                        let other = self.with_db(|story, db| story.name_of(db, other))?;
                        expected.insert(format!("{} {other}", link.how));
                    }
                    None => self.fails(step, &format!("links: no case is called {} in this story", link.other)),
                }
            }
            self.compare(step, &format!("{name} links"), &list(&expected), &list(&is.links));
        }
        if let Some(expected) = &expected.clocks {
            self.check_clocks(step, &name, expected, &is.clocks);
        }
        let text = is.history.join("\n");
        self.check_words(step, &format!("{name} history"), &expected.history, &expected.history_not, &text)
    }

    fn as_it_is(&self, db: &rusqlite::Connection, id: CaseId) -> anyhow::Result<CaseAsItIs> {
        let case = cases::by_id(db, id)?;
        let participants = cases::participants(db, id)?.into_iter().map(|p| p.email).collect();
        let mut links = BTreeSet::new();
        for link in cases::links(db, id)? {
            let other = cases::by_reference(db, link.reference)?.map_or(id, |other| other.id);
            links.insert(format!("{} {}", link.how, self.name_of(db, other)?));
        }
        let clocks = clocks::of_case(db, id)?.into_iter().map(|c| (c.clock.as_str(), c.due)).collect();
        let lines = history::of_case(db, id)?;
        let history = lines.iter().map(|line| in_words(db, &self.office.desk, &case, line));
        let history = history.collect::<anyhow::Result<_>>()?;
        Ok(CaseAsItIs { case, participants, links, clocks, history })
    }

    fn check_clocks(
        &mut self,
        step: &Step,
        case: &str,
        expected: &BTreeMap<&'static str, Option<DateTime<Utc>>>,
        run: &BTreeMap<&'static str, DateTime<Utc>>,
    ) {
        let say = |story: &Self, clock: &str, due: Option<DateTime<Utc>>| match due {
            Some(due) => format!("{clock} at {}", story.clock(due)),
            None => clock.to_owned(),
        };
        // One that is expected without a time is compared without one.
        let looked_at = |clock: &str, due: DateTime<Utc>| match expected.get(clock) {
            Some(None) => None,
            _ => Some(due),
        };
        let wanted: BTreeSet<String> = expected.iter().map(|(clock, due)| say(self, clock, *due)).collect();
        // That of what was promised runs on nearly every case: it is looked at only where it is told.
        let told = |clock: &str| clock != Clock::Promises.as_str() || expected.contains_key(clock);
        let running = run.iter().filter(|(clock, _)| told(clock));
        let running: BTreeSet<String> = running.map(|(clock, due)| say(self, clock, looked_at(clock, *due))).collect();
        self.compare(step, &format!("{case} clocks"), &list(&wanted), &list(&running));
    }

    /// Exactly these mails went out since the last step.
    fn check_mails(&mut self, step: &Step) -> anyhow::Result<()> {
        let first = self.seen_mails;
        let mut left = Outgoing::all(&self.outgoing[first..]);
        self.seen_mails = self.outgoing.len();
        let mut last = None;
        for expected in &step.expect.mails {
            let to = match self.addressees(&expected.to) {
                Ok(to) => to,
                Err(why) => {
                    self.fails(step, &format!("mails: {why}"));
                    continue;
                }
            };
            let mut alike = Vec::new();
            for (n, (_, mail)) in left.iter().enumerate().filter(|(_, (_, m))| m.kind == expected.notice && m.to == to)
            {
                alike.push((n, self.differs(expected, mail)?));
            }
            let found = alike.iter().position(|(_, differs)| differs.is_none()).unwrap_or(0);
            let asked = format!("{} to {}", expected.notice, list(&to));
            let Some((n, differs)) = alike.into_iter().nth(found) else {
                self.fails(step, &format!("mails: expected {asked}: it did not go out"));
                continue;
            };
            // One that differs is surely the one that was meant.
            let (at, mail) = left.remove(n);
            if let Some(why) = differs {
                self.fails(step, &format!("mails: expected {asked}: {why}"));
                continue;
            }
            if last.is_some_and(|last| mail.at < last) {
                self.fails(step, &format!("mails: {asked} went out before the one that is listed above it"));
            } else {
                self.holds(format!("mail: {asked}"));
            }
            last = Some(mail.at);
            if let Some(name) = &expected.names {
                self.mails.insert(name.clone(), first + at);
            }
        }
        for (_, mail) in left {
            if self.scenario.staff_mails || !mail.kind.is_for_staff() {
                let at = self.clock(mail.at);
                self.fails(step, &format!("mails: unexpected {} at {at}: {}", mail.in_words(), mail.text));
            }
        }
        Ok(())
    }

    /// Whom `staff`, `leads`, names and addresses mean.
    fn addressees(&self, words: &Words) -> Result<BTreeSet<String>, String> {
        let mut all = BTreeSet::new();
        for word in words.iter() {
            match word {
                "staff" => all.extend(self.office.desk.staff.iter().map(|s| s.address.email.clone())),
                "leads" => all.extend(self.office.desk.leads().into_iter().map(|a| a.email)),
                who => drop(all.insert(self.person(who)?.email)),
            }
        }
        Ok(all)
    }

    /// In what a mail that went out is another than the one that is expected.
    fn differs(&mut self, expected: &MailExpect, mail: &Outgoing) -> anyhow::Result<Option<String>> {
        if let Some(at) = expected.at.filter(|at| *at != mail.at) {
            return Ok(Some(format!("it went out at {}, not at {}", self.clock(mail.at), self.clock(at))));
        }
        if let Some(language) = expected.language.as_ref().filter(|l| **l != mail.language) {
            return Ok(Some(format!("its language is {}, not {language}", mail.language)));
        }
        if let Some(calendar) = expected.calendar.as_ref().filter(|method| **method != mail.calendar) {
            return Ok(Some(format!("its calendar's method is {}, not {calendar}", mail.calendar)));
        }
        let texts = [
            ("subject", &expected.subject, true, &mail.subject),
            ("words", &expected.words, true, &mail.text),
            ("not_words", &expected.not_words, false, &mail.text),
        ];
        for (key, words, wanted, text) in texts {
            for words in words.iter() {
                let words = in_one_line(&self.filled(words)?);
                if in_one_line(text).contains(&words) != wanted {
                    let not = if wanted { "lacks" } else { "has" };
                    return Ok(Some(format!("its {key} {not} \"{words}\": \"{text}\"")));
                }
            }
        }
        Ok(None)
    }
}

impl CaseExpect {
    fn says_anything(&self) -> bool {
        self.status.is_some()
            || self.priority.is_some()
            || self.assignee.is_some()
            || self.subject.is_some()
            || self.requester.is_some()
            || self.participants.is_some()
            || self.reviewed.is_some()
            || self.spam.is_some()
            || self.links.is_some()
            || self.clocks.is_some()
            || !self.history.is_empty()
            || !self.history_not.is_empty()
    }
}

fn list(all: &BTreeSet<String>) -> String {
    if all.is_empty() { "none".to_owned() } else { all.iter().cloned().collect::<Vec<_>>().join(", ") }
}
