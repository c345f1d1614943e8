//! Mails that subscribe, confirm or leave. One that does nothing else is no case: it is answered once, to the address that
//! it came from, and kept for staff as what it is.

use super::{Kept, Taken, TakingIn, keep};
use crate::{
    daemon::subscription::{self, Asking, Leaving, Standing as Stands},
    desk::{
        directory::{says_no, says_yes, wrote_nothing},
        reference::Reference,
        subscription::{Question, Target, What, targets},
    },
    mail::{
        address::Address,
        sort::Kind,
        thread::{self, Circle, Cite, Standing},
        verdict::{Verdict, verdict},
    },
    store::{StoreError, cases, contacts, mails::Disposition, subscriptions},
};

/// What the subject of a mail to the unsubscribe address begins with; the token follows.
pub(in crate::daemon) const LEAVES: &str = "unsubscribe ";

impl TakingIn<'_> {
    /// Does the mail subscribe, confirm or leave, and nothing else? Then that is done.
    pub(super) fn about_subscriptions(&self, writer: &Address) -> Result<Option<(i64, Taken)>, StoreError> {
        if let Some(done) = self.leaves_by_token()? {
            return Ok(Some(done));
        }
        if self.mail.sorted.kind != Kind::Person || !self.mail.sorted.verified || writer.email.is_empty() {
            return Ok(None);
        }
        match self.question_answered()? {
            Some(question) => match self.answers(&question)? {
                Some(done) => Ok(Some(done)),
                None => self.commands(writer),
            },
            None => self.commands(writer),
        }
    }

    /// What a mail program sends to the List-Unsubscribe address of one of our mails. The token is the proof, whoever or
    /// whatever sends it; nothing else may stand in the subject.
    fn leaves_by_token(&self) -> Result<Option<(i64, Taken)>, StoreError> {
        let subject = self.mail.incoming.subject.trim();
        let of_ours = self.mail.sorted.kind == Kind::Own;
        let Some(token) = subject.get(..LEAVES.len()).filter(|start| start.eq_ignore_ascii_case(LEAVES)) else {
            return Ok(None);
        };
        let token = &subject[token.len()..];
        if of_ours {
            return Ok(None);
        }
        let by = "a mail to the unsubscribe address";
        match subscription::end_by(self.tx, self.office, token, by, self.now)? {
            Some(_) => self.keep_answered("a mail program leaves a subscription by its token: ended").map(Some),
            None => Ok(None),
        }
    }

    /// The question that the mail answers, by the signed id of the mail that asked.
    fn question_answered(&self) -> Result<Option<Question>, StoreError> {
        let mail = &self.mail.incoming;
        let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev());
        let serial = ids.filter_map(|id| self.office.keyring.verify_note(id)).next();
        let notice = serial.and_then(|serial| i64::try_from(serial).ok());
        Ok(notice.map(|notice| subscriptions::question(self.tx, notice)).transpose()?.flatten())
    }

    /// Only a yes that is understood to its last word confirms. One with more in it is told once what would be a yes; any
    /// other text is a mail like others.
    fn answers(&self, question: &Question) -> Result<Option<(i64, Taken)>, StoreError> {
        let said = self.mail.said.own_words();
        let begins = said.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
        let half_a_yes = says_yes(said) || verdict(begins, None) == Some(Verdict::Yes);
        let is_short = said.split_whitespace().count() <= 12 && self.mail.asked.requests.is_empty();
        if wrote_nothing(said) || says_no(said) && is_short && !half_a_yes {
            return self.keep_answered("declines a subscription that somebody asked for: nothing is sent").map(Some);
        }
        let writer = self.mail.writer().name;
        if verdict(said, writer.as_deref()) != Some(Verdict::Yes) {
            let explained = half_a_yes && is_short && subscription::explain(self.tx, self.office, question, self.now)?;
            let note = "says neither yes nor no to a subscription: asked once more what they want";
            return explained.then(|| self.keep_answered(note)).transpose();
        }
        let email = &question.email;
        self.lift_by_writing(email, None)?;
        let note = match subscription::standing(self.tx, self.office, question, self.mail.received_at)? {
            Stands::Open => {
                subscription::confirmed(self.tx, self.office, question, "a reply to the question", self.now)?;
                format!("confirms {email} as a subscriber: {}", question.what)
            }
            Stands::Done => format!("confirms once more that {email} subscribes: {}", question.what),
            // They want it: a new question is a reply away.
            Stands::Over => {
                let language = question.language.as_deref();
                let asking = subscription::ask(self.tx, self.office, email, &question.what, language, self.now)?;
                let what = &question.what;
                match asking {
                    Asking::Taken => format!("confirms a subscription too late, so {email} is asked again: {what}"),
                    Asking::Held(why) => {
                        format!("confirms a subscription too late ({what}); {email} is not asked again: {why}")
                    }
                    Asking::NoSuchThing => format!("confirms a subscription to what is over by now: {what}"),
                }
            }
        };
        self.keep_answered(&note).map(Some)
    }

    /// A mail that asks for updates, or for none, and for nothing else.
    fn commands(&self, writer: &Address) -> Result<Option<(i64, Taken)>, StoreError> {
        let wish = self.mail.asked.wish;
        let bare = self.mail.incoming.attachments.iter().all(|file| file.inline);
        let desk = &self.office.desk;
        let plain = bare && !self.mail.truncated && !self.is_late() && self.mail.sorted.answerable();
        if !(wish.subscribe || wish.unsubscribe) || !plain || desk.is_staff(&writer.email) || desk.is_own(&writer.email)
        {
            return Ok(None);
        }
        // Whoever may not have any is somebody with a request like others.
        if wish.subscribe && !subscription::is_open_to(self.tx, self.office, &writer.email)? {
            return Ok(None);
        }
        self.lift_by_writing(&writer.email, None)?;
        let named = self.named(writer)?;
        if wish.subscribe { self.subscribes(writer, &named) } else { self.leaves(writer, &named) }.map(Some)
    }

    fn subscribes(&self, writer: &Address, named: &[Option<What>]) -> Result<(i64, Taken), StoreError> {
        let (mut asked, mut held) = (Vec::new(), Vec::new());
        for what in named.iter().flatten() {
            let asking =
                subscription::ask(self.tx, self.office, &writer.email, what, self.language_of_wish(), self.now)?;
            match asking {
                Asking::Taken => asked.push(what.to_string()),
                Asking::Held(why) => held.push(format!("{what} (no question was sent: {why})")),
                Asking::NoSuchThing => {}
            }
        }
        let understood = !named.is_empty() && asked.len() + held.len() == named.len();
        let note = match (asked.is_empty(), held.is_empty()) {
            (true, true) => "subscribes to what there is not: told what there is".to_owned(),
            (true, false) => format!("subscribes: {}", held.join(", ")),
            (false, true) => format!("subscribes: {}; counts when they have confirmed it", asked.join(", ")),
            (false, false) => {
                let (asked, held) = (asked.join(", "), held.join(", "));
                format!("subscribes: {asked}; counts when they have confirmed it; also {held}")
            }
        };
        let done = self.keep_answered(&note)?;
        if !understood {
            let cause = format!("mail:{}", done.0);
            let (asked_for, language) = (self.no_platform(), self.language_of_wish());
            let asked_for = asked_for.as_deref();
            subscription::help(self.tx, self.office, &writer.email, asked_for, language, &cause, self.now)?;
        }
        Ok(done)
    }

    fn leaves(&self, writer: &Address, named: &[Option<What>]) -> Result<(i64, Taken), StoreError> {
        // Whoever names nothing wants nothing any more.
        let left: Vec<What> =
            if named.is_empty() { vec![What::All] } else { named.iter().flatten().cloned().collect() };
        let has_any = subscriptions::of_address(self.tx, &writer.email)?
            .iter()
            .any(|one| left.iter().any(|what| what.ends(&one.what)));
        let note = match has_any {
            true => "leaves subscriptions: ended, and told so",
            false => "leaves subscriptions, but had none of these: told so",
        };
        let done = self.keep_answered(note)?;
        let cause = format!("mail:{}", done.0);
        let (by, language) = ("a mail from the address", self.language_of_wish());
        let leaving = Leaving { email: &writer.email, left: &left, by, cause: &cause, language };
        subscription::leave(self.tx, self.office, &leaving, self.now)?;
        Ok(done)
    }

    fn answers_a_mail(&self) -> bool {
        let mail = &self.mail.incoming;
        !mail.in_reply_to.is_empty() || !mail.references.is_empty()
    }

    /// What the mail names in its own words.
    fn targets(&self) -> Vec<Target> {
        let subject = if self.answers_a_mail() { "" } else { self.mail.incoming.subject.as_str() };
        let text = format!("{subject}\n{}", self.mail.said.own_words());
        targets(&text, &self.office.desk.policy.platforms)
    }

    /// The platform that does not exist, as the mail calls it; only a plain word, since who gets the answer may not be who
    /// wrote.
    fn no_platform(&self) -> Option<String> {
        self.targets().into_iter().find_map(|target| match target {
            Target::NoPlatform(word) if word.chars().all(|c| c.is_alphanumeric() || c == '-') => {
                Some(What::Platform(word).to_string())
            }
            _ => None,
        })
    }

    /// What the mail names: in its own words, else by the mail of ours that it answers. None stands for what is not there.
    fn named(&self, writer: &Address) -> Result<Vec<Option<What>>, StoreError> {
        let answers = self.answers_a_mail();
        let mut all = self.targets();
        if all.is_empty() {
            let signed = self.mail.cites.iter().find_map(|cite| match cite {
                Cite::Signed(reference) => Some(Target::Case(*reference)),
                _ => None,
            });
            all.extend(signed.filter(|_| answers));
        }
        all.into_iter()
            .map(|target| match target {
                Target::All => Ok(Some(What::All)),
                Target::Platform(key) => Ok(Some(What::Platform(key))),
                // One that the desk does not have any more can still be left.
                Target::NoPlatform(word) => Ok(Some(What::Platform(word)).filter(|_| self.mail.asked.wish.unsubscribe)),
                Target::Incident(number) => subscription::incident_numbered(self.tx, number),
                Target::Case(reference) => self.incident_of_theirs(reference, writer),
            })
            .collect()
    }

    /// The incident behind a case of the writer's. To a stranger's number the answer is that of a number that is none.
    fn incident_of_theirs(&self, reference: Reference, writer: &Address) -> Result<Option<What>, StoreError> {
        let Some(case) = cases::by_reference(self.tx, reference)? else { return Ok(None) };
        let participants: Vec<String> =
            cases::participants(self.tx, case.id)?.into_iter().map(|person| person.email).collect();
        let organisation = contacts::known_of(self.tx, &case.requester.email)?.organisation_id();
        let circle = Circle { case: &case, participants: &participants, organisation };
        match thread::standing(self.by(writer), circle, &self.office.desk) {
            Standing::Stranger => Ok(None),
            _ => subscription::incident_behind(self.tx, case.id),
        }
    }

    /// Two words are no language yet, but the cue that heard them is of one.
    fn language_of_wish(&self) -> Option<&str> {
        let heard = self.mail.asked.requests.first().and_then(|heard| heard.rule.split('/').next());
        self.mail.language().or(heard)
    }

    fn keep_answered(&self, note: &str) -> Result<(i64, Taken), StoreError> {
        let kept = Kept { note: Some(note), ..Kept::only(Disposition::Stray) };
        let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        Ok((id, self.taken(Disposition::Stray, None)))
    }
}
