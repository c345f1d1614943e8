//! How the desk fares: what whoever runs it should look at, and what they must act on.

use chrono::{DateTime, Duration, Utc};

use super::trouble::{Nature, Trouble};

/// A mailbox that was not read for so long is worth a look; for that long, it is left behind.
const UNREAD_LOOK: Duration = Duration::minutes(15);
const UNREAD_ACT: Duration = Duration::hours(1);
/// Greylisting and restarts are over by then.
const QUEUE_LOOK: Duration = Duration::hours(1);
const QUEUE_ACT: Duration = Duration::hours(6);
/// Clocks wait for mail that is being read, so some are late now and then.
const CLOCK_LOOK: Duration = Duration::minutes(15);
const CLOCK_ACT: Duration = Duration::hours(1);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    Well,
    /// not as it should be; the desk works on it
    Look,
    /// somebody has to do something
    Act,
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Well => "well",
            Verdict::Look => "look",
            Verdict::Act => "act",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub verdict: Verdict,
    pub text: String,
}

/// What is known of the desk at a time.
#[derive(Debug, Clone)]
pub struct Facts {
    pub now: DateTime<Utc>,
    /// what is wrong with the configuration
    pub bad_configuration: Option<String>,
    /// only commands with a time of their own work on it
    pub is_drill: bool,
    /// a daemon (or a round from cron) is at work
    pub running: bool,
    pub mailboxes: Vec<MailboxFacts>,
    /// those that last
    pub troubles: Vec<Trouble>,
    pub oldest_waiting_since: Option<DateTime<Utc>>,
    /// the clock that should have run first
    pub clock_due: Option<DateTime<Utc>>,
    pub held: u64,
    /// of the staff whose address is on the list of those that get no automatic mail
    pub silent_staff: Vec<String>,
    /// megabytes left on a disk that has too little room
    pub low_disk_mb: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct MailboxFacts {
    pub name: String,
    pub looked_at: Option<DateTime<Utc>>,
    pub behind: u64,
}

/// What there is to say, the worst first.
pub fn judge(facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |verdict, text: String| findings.push(Finding { verdict, text });
    if let Some(why) = &facts.bad_configuration {
        find(Verdict::Act, format!("configuration: {why}"));
    }
    if facts.is_drill {
        let text = "this database is a drill (--now): no daemon runs on it; a real desk needs another database";
        find(Verdict::Look, text.to_owned());
    }
    for trouble in &facts.troubles {
        let needs_person = trouble.nature == Nature::NeedsPerson;
        let verdict = if needs_person || trouble.told_at.is_some() { Verdict::Act } else { Verdict::Look };
        find(verdict, format!("{}: {}", trouble.area, trouble.error));
    }
    for mailbox in &facts.mailboxes {
        if let Some(finding) = mailbox_finding(mailbox, facts) {
            find(finding.verdict, finding.text);
        }
    }
    let late = |since: Option<DateTime<Utc>>, look: Duration, act: Duration| {
        let late = facts.now - since?;
        let verdict = if late >= act { Verdict::Act } else { Verdict::Look };
        (late >= look).then_some((verdict, in_words(late)))
    };
    if let Some((verdict, waits)) = late(facts.oldest_waiting_since, QUEUE_LOOK, QUEUE_ACT) {
        find(verdict, format!("a mail has waited to go out for {waits}: `casepost outbox list` tells why"));
    }
    if let Some((verdict, waits)) = late(facts.clock_due, CLOCK_LOOK, CLOCK_ACT) {
        find(verdict, format!("a clock is late by {waits}: clocks wait until all mailboxes are read"));
    }
    if facts.held > 0 {
        let mails = if facts.held == 1 { "mail is" } else { "mails are" };
        find(Verdict::Look, format!("{} {mails} in quarantine: `casepost quarantine list`", facts.held));
    }
    for email in &facts.silent_staff {
        let text = format!(
            "{email} of the staff is told nothing, because mail to it came back or somebody said so: \
             `casepost suppression list` tells why, `casepost suppression lift {email}` ends it"
        );
        find(Verdict::Act, text);
    }
    if let Some(mb) = facts.low_disk_mb {
        find(Verdict::Act, format!("the disk has {mb} MB left: when it is full, no mail can be taken in"));
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.verdict));
    findings
}

fn mailbox_finding(mailbox: &MailboxFacts, facts: &Facts) -> Option<Finding> {
    let name = &mailbox.name;
    let Some(looked_at) = mailbox.looked_at else {
        let (verdict, text) = match (facts.running, mailbox.behind) {
            (true, 0) => (Verdict::Look, format!("mailbox {name} has not been read yet")),
            (true, behind) => {
                (Verdict::Look, format!("mailbox {name} is being read for the first time: {behind} mails to go"))
            }
            (false, _) => {
                (Verdict::Act, format!("mailbox {name} was never read to its end, and no casepost is running"))
            }
        };
        return Some(Finding { verdict, text });
    };
    let unread = facts.now - looked_at;
    if unread < UNREAD_LOOK {
        return None;
    }
    let verdict = if unread >= UNREAD_ACT || !facts.running { Verdict::Act } else { Verdict::Look };
    let why = if facts.running { "" } else { ", and no casepost is running" };
    Some(Finding { verdict, text: format!("mailbox {name} was last read {} ago{why}", in_words(unread)) })
}

/// `3 min`, `2 h 5 min`, `4 days 1 h`
pub fn in_words(time: Duration) -> String {
    let minutes = time.num_minutes().max(0);
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{} s", time.num_seconds().max(0)),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (1, 0, _) => "1 day".to_owned(),
        (days, 0, _) => format!("{days} days"),
        (1, hours, _) => format!("1 day {hours} h"),
        (days, hours, _) => format!("{days} days {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::trouble::Area;

    fn now() -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000, 0).unwrap()
    }

    fn well() -> Facts {
        let mailbox = MailboxFacts { name: "support".to_owned(), looked_at: Some(now()), behind: 0 };
        Facts {
            now: now(),
            bad_configuration: None,
            is_drill: false,
            running: true,
            mailboxes: vec![mailbox],
            troubles: vec![],
            oldest_waiting_since: Some(now() - Duration::minutes(59)),
            clock_due: Some(now() - Duration::minutes(14)),
            held: 0,
            silent_staff: vec![],
            low_disk_mb: None,
        }
    }

    fn found(facts: &Facts) -> Vec<(Verdict, String)> {
        judge(facts).into_iter().map(|f| (f.verdict, f.text)).collect()
    }

    #[test]
    fn a_desk_at_work_is_well_and_so_is_one_that_cron_ran_a_while_ago() {
        assert_eq!(found(&well()), []);
        let mut by_cron = Facts { running: false, ..well() };
        by_cron.mailboxes[0].looked_at = Some(now() - Duration::minutes(10));
        assert_eq!(found(&by_cron), []);
    }

    #[test]
    fn a_mailbox_that_is_not_read_is_worth_a_look_and_later_an_act() {
        for (minutes, running, expected) in
            [(20, true, Verdict::Look), (61, true, Verdict::Act), (20, false, Verdict::Act)]
        {
            let mut facts = Facts { running, ..well() };
            facts.mailboxes[0].looked_at = Some(now() - Duration::minutes(minutes));
            assert_eq!(found(&facts)[0].0, expected, "{minutes} {running}");
        }
        let mut new = well();
        new.mailboxes[0] = MailboxFacts { looked_at: None, behind: 300, ..new.mailboxes[0].clone() };
        assert!(found(&new)[0].1.contains("300 mails to go"));
    }

    #[test]
    fn a_refused_password_is_an_act_and_a_short_outage_a_look_and_the_worst_comes_first() {
        let trouble = |area, nature| Trouble {
            id: 1,
            area,
            nature,
            error: "why".to_owned(),
            began_at: now(),
            last_at: now(),
            times: 2,
            told_at: None,
            ended_at: None,
        };
        let passing = trouble(Area::Sending, Nature::Passing);
        let refused = trouble(Area::Mailbox("support".to_owned()), Nature::NeedsPerson);
        let facts = Facts { troubles: vec![passing, refused], held: 2, ..well() };
        let found = found(&facts);
        assert_eq!(found[0], (Verdict::Act, "mailbox support: why".to_owned()));
        assert_eq!(found[1..].iter().map(|(v, _)| *v).collect::<Vec<_>>(), [Verdict::Look; 2]);
    }

    #[test]
    fn a_bad_configuration_is_an_act_and_a_drill_a_look() {
        let why = "casepost.toml: line 37: unknown key \"x\"";
        let facts = Facts { bad_configuration: Some(why.to_owned()), is_drill: true, ..well() };
        let found = found(&facts);
        assert_eq!(found[0], (Verdict::Act, format!("configuration: {why}")));
        assert!(found[1].0 == Verdict::Look && found[1].1.contains("is a drill"), "{found:?}");
    }

    #[test]
    fn what_waits_too_long_is_named_with_its_time() {
        let facts = Facts {
            oldest_waiting_since: Some(now() - Duration::hours(7)),
            clock_due: Some(now() - Duration::minutes(75)),
            low_disk_mb: Some(12),
            ..well()
        };
        let texts: Vec<String> = found(&facts).into_iter().map(|(_, text)| text).collect();
        assert!(texts[0].contains("for 7 h:") && texts[1].contains("1 h 15 min") && texts[2].contains("12 MB"));
    }
}
