//! Two robots that answer each other, one of them without any mark in its header: when to stop.
//!
//! The desk sends something, and within a moment the same mail comes again, as new as ever. What people and
//! monitoring do looks different: a customer's busy day brings other words each time, an alarm tells of another machine
//! and does not wait for an answer of ours, a flood of either comes faster than our answers. So a mail counts only when a mail
//! of ours that no other answers came not long before, and when it looks like earlier ones of which that holds.
//!
//! | looks the same | at most so long after a mail of ours |
//! |---|---|
//! | subject as it is, text but for numbers | six hours |
//! | subject and text but for numbers, the first mail since ours, and it opens a case | two minutes |
//! | subject as it is, the first mail since ours, and it opens a case | two minutes |
//! | the same, and it quotes us each time | six hours |
//!
//! On an open case only the first counts, within two minutes. Ten new matters in a day, each within a minute of a mail of
//! ours, are a robot's whatever they look like.
//!
//! The fourth in a day is not answered any more, and neither is anything else from that address until a day later; the
//! third that would reopen a closed case does not. The mails are taken in all the same, and staff are told once.

use chrono::{DateTime, Duration, Utc};

use crate::mail::looks::Looks;

/// How long nothing automatic goes to a robot.
pub const SILENCE: Duration = Duration::days(1);
/// How far back mails are compared.
pub const REMEMBERED: Duration = Duration::days(30);

const WITHIN: Duration = Duration::days(1);
const SOON: Duration = Duration::minutes(2);
const LATER: Duration = Duration::hours(6);
/// Earlier ones that look like it.
const REPEATS: usize = 3;
const REPEATS_ON_CLOSED: usize = 2;
/// Nobody has so many new matters, each within a minute of an answer to the last, whatever words they use.
const QUICK: usize = 9;
const AT_ONCE: Duration = Duration::minutes(1);

/// A mail that came after a mail of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompted {
    /// that mail's notice
    pub notice: i64,
    pub decided_at: DateTime<Utc>,
    pub received_at: DateTime<Utc>,
    /// how long after the notice was decided
    pub after: Duration,
    /// nothing else came from there since the last mail to it
    pub first: bool,
    pub looks: Looks,
}

/// Longer ago than this, a mail of ours has prompted nothing.
pub const PROMPTS_FOR: Duration = LATER;

/// What the mail would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    OpensCase,
    JoinsOpenCase,
    ReopensCase,
}

/// Is it a robot's answer to our mails, once more? Then says what gives it away.
pub fn is_loop(mail: &Prompted, earlier: &[Prompted], effect: Effect) -> Option<String> {
    let (needed, within) = match effect {
        Effect::ReopensCase => (REPEATS_ON_CLOSED, REMEMBERED),
        Effect::OpensCase | Effect::JoinsOpenCase => (REPEATS, WITHIN),
    };
    let repeats =
        earlier.iter().filter(|e| mail.received_at - e.received_at <= within && repeats(mail, e, effect)).count();
    if repeats >= needed {
        return Some(format!("{} mails that look the same, each right after a mail of ours", repeats + 1));
    }
    let at_once = |mail: &Prompted| mail.first && mail.after <= AT_ONCE;
    let quick = earlier.iter().filter(|e| at_once(e) && mail.received_at - e.received_at <= WITHIN).count();
    (effect == Effect::OpensCase && at_once(mail) && quick >= QUICK)
        .then(|| format!("{} new matters in a day, each within a minute of a mail of ours", quick + 1))
}

fn repeats(mail: &Prompted, earlier: &Prompted, effect: Effect) -> bool {
    let within = |limit: Duration| mail.after <= limit && earlier.after <= limit;
    let (new, old) = (&mail.looks, &earlier.looks);
    // "Still down." answers one question of staff after the other: a robot is quicker.
    let same_within = if effect == Effect::JoinsOpenCase { SOON } else { LATER };
    if new.same == old.same && within(same_within) {
        return true;
    }
    // In a case people answer under one subject all the time.
    if effect != Effect::OpensCase || !mail.first || !earlier.first {
        return false;
    }
    let subject = !new.subject.is_empty() && new.subject == old.subject;
    within(SOON) && (new.alike == old.alike || subject) || within(LATER) && subject && new.cites_us && old.cites_us
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mails of an address: when, how long after an automatic mail, subject and text.
    fn mail(minute: i64, after_seconds: i64, subject: &str, text: &str) -> Prompted {
        let letters = |t: &str| t.chars().filter(|c| c.is_alphabetic()).collect::<String>();
        Prompted {
            notice: minute,
            decided_at: DateTime::from_timestamp(1_800_000_000 + minute * 60 - after_seconds, 0).unwrap(),
            first: true,
            received_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap() + Duration::minutes(minute),
            after: Duration::seconds(after_seconds),
            looks: Looks {
                same: format!("{subject}/{}", letters(text)),
                alike: format!("{}/{}", letters(subject), letters(text)),
                subject: subject.to_owned(),
                cites_us: text.contains("1-0123456789"),
            },
        }
    }

    fn stops_at(mails: &[Prompted], effect: Effect) -> Option<usize> {
        (0..mails.len()).find(|n| is_loop(&mails[*n], &mails[..*n], effect).is_some())
    }

    #[test]
    fn the_fourth_of_a_robots_mails_ends_it_whether_it_answers_in_a_second_or_in_an_hour() {
        let quick: Vec<Prompted> = (0..9).map(|n| mail(n, 1, "Thank you", &format!("Number {n}"))).collect();
        assert_eq!(stops_at(&quick, Effect::OpensCase), Some(3));
        let slow: Vec<Prompted> = (0..9).map(|n| mail(n * 60, 3600, "Thank you", "We have it.")).collect();
        assert_eq!(stops_at(&slow, Effect::OpensCase), Some(3));
        let numbered: Vec<Prompted> = (0..9).map(|n| mail(n, 5, &format!("Ticket {n}"), "We have it.")).collect();
        assert_eq!(stops_at(&numbered, Effect::OpensCase), Some(3));
        let quoting = |(n, word): (i64, &str)| mail(n * 30, 1200, "We have it", &format!("{word} 1-0123456789"));
        assert_eq!(
            stops_at(&(0..).zip(["a", "b", "c", "d"]).map(quoting).collect::<Vec<_>>(), Effect::OpensCase),
            Some(3)
        );
    }

    #[test]
    fn different_alarms_and_a_customers_busy_day_are_no_loop() {
        let alarms: Vec<Prompted> =
            (0..25).map(|n| mail(n * 2, 140, &format!("Alarm {n}"), &format!("Host {n} is down"))).collect();
        assert_eq!(stops_at(&alarms, Effect::OpensCase), None);
        let words = ["printer", "router", "invoice", "line", "telephone", "fax", "mail", "web"];
        let busy: Vec<Prompted> = (0..).zip(words).map(|(n, word)| mail(n, 40, word, word)).collect();
        assert_eq!(stops_at(&busy, Effect::OpensCase), None);
        let daily: Vec<Prompted> = (0..9).map(|n| mail(n * 1440, 86_390, "Backup", "All is well")).collect();
        assert_eq!(stops_at(&daily, Effect::OpensCase), None);
    }

    #[test]
    fn a_person_who_answers_under_one_subject_is_no_robot_and_who_says_the_same_thrice_to_closings_is() {
        let texts = ["not yet", "still broken", "it is back", "and again", "no", "now it rings"];
        let person: Vec<Prompted> = (0..).zip(texts).map(|(n, text)| mail(n * 9, 100, "Line down", text)).collect();
        assert_eq!(stops_at(&person, Effect::ReopensCase), None);
        let robot: Vec<Prompted> = (0..6).map(|n| mail(n * 5000, 3, "Line down", "We have it.")).collect();
        assert_eq!(stops_at(&robot, Effect::ReopensCase), Some(2));
    }
}
