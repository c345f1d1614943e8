//! A policy: the desk's times, hours and limits as data, read from `rules/<name>/policy.toml`.
//!
//! A preset extends another one and holds only what differs. `holidays.txt` and `freemail.txt` beside it are lists, one
//! entry a line. Every key is documented in `rules/base/policy.toml`.

mod assignment;
mod attention;
pub mod billing;
pub mod calendars;
pub mod customer_works;
mod deferral;
mod escalation;
mod file;
#[cfg(test)]
mod keys;
pub mod languages;
pub mod macd;
mod mni;
mod platforms;
pub mod priorities;
mod reader;
mod rfo;
pub mod sla;
mod subscriptions;
mod values;
pub mod works;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;
use include_dir::{Dir, include_dir};

pub use self::{
    assignment::{Assignment, How},
    deferral::DeferralRules,
    escalation::{EscalationRules, Level, Reach, When},
    values::{Week, week},
};
use self::{
    file::File,
    languages::{Languages, OwnText},
    priorities::Priorities,
    reader::{Layer, Reader},
    sla::ServiceLevels,
};
use super::{cues::Cues, hours::Calendar, priority::Priority, sla::PromiseKind};
use crate::{
    mail::{
        extract::FieldName,
        template::{TemplateFile, files_below},
    },
    toml_file::{TomlError, parse},
};

pub use self::{
    attention::Attention,
    mni::Mni,
    rfo::Rfo,
    subscriptions::{OpenTo, Subscriptions},
};

static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A file of the built-in rules, by its name relative to `rules/`.
pub fn built_in(name: &str) -> Option<RuleFile> {
    Some(RuleFile { shown: format!("rules/{name}"), text: RULES.get_file(name)?.contents_utf8()?.to_owned() })
}

/// The templates that a built-in policy has of its own.
pub fn built_in_templates(name: &str) -> Vec<TemplateFile> {
    let folder = format!("{name}/templates");
    let files = RULES.get_dir(&folder).map(|dir| files_below(dir, &folder)).unwrap_or_default();
    files.into_iter().map(|file| TemplateFile { shown: format!("rules/{}", file.shown), ..file }).collect()
}

/// The names of the built-in files in a folder below `rules/`.
pub fn built_in_files(folder: &str) -> Vec<String> {
    let files = RULES.get_dir(folder).into_iter().flat_map(Dir::files);
    files.filter_map(|file| Some(file.path().file_name()?.to_str()?.to_owned())).collect()
}

/// A file of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleFile {
    /// how it is named in errors
    pub shown: String,
    pub text: String,
}

/// The presets that come with the program.
pub fn built_in_names() -> Vec<&'static str> {
    RULES.dirs().filter_map(|d| d.path().file_name()?.to_str()).collect()
}

#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    #[error("there is no policy \"{name}\" (rules/{name}/policy.toml); built in are {known}")]
    NoSuchPolicy { name: String, known: String },
    #[error(transparent)]
    Toml(#[from] TomlError),
}

/// What a desk promises and how it keeps time.
#[derive(Debug, Clone)]
pub struct Policy {
    pub name: String,
    /// itself first, then what it extends
    pub lineage: Vec<String>,
    pub zone: Tz,
    /// working hours: "business days" are counted in them
    pub hours: Calendar,
    /// how long a new case may wait until one of the staff has looked at it, around the clock
    pub review_after: Duration,
    /// how long after its closing a reply reopens a case (SERVICE rule 3)
    pub reopen_within: Duration,
    /// a reply to a case closed without response always opens a linked one
    pub closed_no_response_links: bool,
    pub no_response_warning_business_days: u32,
    pub no_response_close_business_days: u32,
    pub resolved_close_business_days: u32,
    /// how to reach the desk when it is urgent
    pub urgent: Option<OwnText>,
    /// in which customers are written to
    pub languages: Languages,
    /// automatic mails to one address in an hour, whatever the reason
    pub automatic_per_hour: u32,
    /// first acknowledgements to one address in an hour; then one list
    pub acknowledgements_per_hour: u32,
    /// domains at which a common domain says nothing about an organisation
    pub freemail: BTreeSet<String>,
    /// what becomes of the mail of somebody whom the directory does not know
    pub unknown_sender: UnknownSender,
    /// only main points of contact have cases opened; end users go through them
    pub authorised_contacts_only: bool,
    /// the words by which mails ask for something
    pub cues: Cues,
    /// what a new trouble's mail has to tell; what it lacks is asked for
    pub required_fields: Vec<FieldName>,
    pub macd: macd::Macd,
    pub billing: billing::Billing,
    pub customer_works: customer_works::CustomerWorks,
    /// by name; `default` is `hours`
    pub calendars: BTreeMap<String, Arc<Calendar>>,
    /// what is promised, and when staff are warned
    pub service_levels: ServiceLevels,
    /// what the priorities mean, and how staff find one
    pub priorities: Priorities,
    pub assignment: Assignment,
    pub deferral: DeferralRules,
    pub escalation: EscalationRules,
    /// reasons for outage and incident reports
    pub rfo: Rfo,
    /// what many services run on: the title of each by its key
    pub platforms: BTreeMap<String, String>,
    /// who may have updates by mail, and how often they are asked
    pub subscriptions: Subscriptions,
    /// when a customer asks for a manager's attention, and the action plan that follows
    pub attention: Attention,
    /// the desk's planned works
    pub works: works::WorksRules,
    /// major network incidents
    pub mni: Mni,
}

/// What becomes of a new matter of somebody whom the directory does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownSender {
    /// a case like any other
    Accept,
    /// a case when they have confirmed by a reply that they wrote it
    Confirm,
    /// no case: kept for staff
    Refuse,
}

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// around the clock
    Time(Duration),
    BusinessDays(u32),
}

impl Span {
    /// When so much has passed since an instant.
    pub fn after(self, from: DateTime<Utc>, hours: &Calendar) -> DateTime<Utc> {
        match self {
            Span::Time(time) => from + time,
            Span::BusinessDays(days) => hours.add_business_days(from, days),
        }
    }

    /// The last whole second after which so much has passed by an instant.
    pub fn before(self, to: DateTime<Utc>, hours: &Calendar) -> DateTime<Utc> {
        let days = match self {
            Span::Time(time) => return to - time,
            Span::BusinessDays(days) => i64::from(days),
        };
        // With fewer than a working day each week, and a year without any, nobody works.
        let mut early = to - Duration::days(days * 7 + 366);
        let mut late = to;
        while late - early > Duration::seconds(1) {
            let middle = early + Duration::seconds((late - early).num_seconds() / 2);
            match self.after(middle, hours) <= to {
                true => early = middle,
                false => late = middle,
            }
        }
        early
    }
}

impl Policy {
    /// Reads a policy and what it extends. `files` gives a file by its name relative to `rules/`.
    pub fn load(name: &str, files: &dyn Fn(&str) -> Option<RuleFile>) -> Result<Policy, PolicyError> {
        let mut layers = Vec::new();
        let mut next = Some(name.to_owned());
        while let Some(name) = next.take() {
            let path = format!("{name}/policy.toml");
            let RuleFile { shown, text } = files(&path)
                .filter(|_| is_plain_name(&name))
                .ok_or_else(|| PolicyError::NoSuchPolicy { name: name.clone(), known: built_in_names().join(", ") })?;
            let file: File = parse(&shown, &text)?;
            next = file.extends.clone();
            if layers.iter().any(|l: &Layer| Some(&l.name) == next.as_ref()) {
                return Err(TomlError::at_key(&shown, &text, "extends", "extends makes a circle").into());
            }
            layers.push(Layer { name, shown, text, file });
        }
        Ok(Reader { layers, files }.policy()?)
    }

    /// By when a case of this priority is answered, by the arrangement of the requester's organisation.
    pub fn first_response_by(
        &self,
        priority: Priority,
        arrangement: Option<&str>,
        received_at: DateTime<Utc>,
    ) -> DateTime<Utc> {
        let terms = self.service_levels.terms(arrangement);
        // Every priority has one: the policy would not have been read without.
        terms.promised(PromiseKind::FirstResponse, priority).map_or(received_at, |promised| promised.from(received_at))
    }

    /// When a span that begins at an instant is over.
    pub fn after(&self, span: Span, from: DateTime<Utc>) -> DateTime<Utc> {
        match span {
            Span::Time(time) => from + time,
            Span::BusinessDays(days) => self.hours.add_business_days(from, days),
        }
    }

    /// The organisation that an address stands for: its domain, unless everybody can have an address there.
    pub fn organisation_of<'a>(&self, email: &'a str) -> Option<&'a str> {
        let (_, domain) = email.rsplit_once('@')?;
        (!domain.is_empty() && !self.freemail.contains(domain)).then_some(domain)
    }
}

/// A folder's name and nothing that leads out of rules/.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::mail::template::Templates;

    fn load_with(name: &'static str, text: &'static str) -> Result<Policy, PolicyError> {
        let own = format!("{name}/policy.toml");
        Policy::load(name, &move |file| match file == own {
            true => Some(RuleFile { shown: format!("my-rules/{file}"), text: text.to_owned() }),
            false => built_in(file),
        })
    }

    #[test]
    fn every_built_in_policy_loads() {
        assert!(built_in_names().len() >= 2);
        for name in built_in_names() {
            let policy = Policy::load(name, &built_in).unwrap();
            assert_eq!(policy.reopen_within, Duration::days(7), "{name}");
            assert_eq!(policy.review_after, Duration::minutes(30), "{name}");
        }
    }

    #[test]
    fn what_a_built_in_policy_has_of_its_own_is_named_from_its_folder_on_and_has_no_fault() {
        let cues = files_below(RULES.get_dir("base/cues").unwrap(), "base/cues");
        assert!(cues.iter().any(|file| file.name == "en.toml" && file.shown == "base/cues/en.toml"), "{cues:?}");
        for name in built_in_names() {
            let own = built_in_templates(name);
            if !own.is_empty() {
                assert_eq!(Templates::new(own).unwrap().check(), [], "{name}");
            }
        }
    }

    #[test]
    fn calltower_answers_p1_in_fifteen_minutes_and_links_after_no_response() {
        let calltower = Policy::load("calltower", &built_in).unwrap();
        let friday_night = Utc.with_ymd_and_hms(2026, 11, 7, 5, 0, 0).unwrap();
        assert_eq!(calltower.first_response_by(Priority::P1, None, friday_night), friday_night + Duration::minutes(15));
        let p4 = calltower.first_response_by(Priority::P4, None, friday_night);
        assert!(p4 > friday_night + Duration::days(3), "{p4}");
        assert!(calltower.closed_no_response_links);
        assert!(calltower.urgent.is_some());
        assert_eq!(calltower.lineage, ["calltower", "base"]);
    }

    #[test]
    fn a_policy_of_ones_own_holds_only_what_differs() {
        let own = load_with("own", "extends = \"calltower\"\nreview_after = \"10m\"\n").unwrap();
        assert_eq!(own.review_after, Duration::minutes(10));
        assert_eq!(own.zone, chrono_tz::America::Denver);
        assert!(own.organisation_of("a@gmail.com").is_none());
        assert_eq!(own.organisation_of("a@books.example"), Some("books.example"));
    }

    #[test]
    fn each_mistake_names_file_and_line() {
        for (text, expected) in [
            (
                "extends = \"base\"\nreveiw_after = \"1m\"\n",
                "my-rules/own/policy.toml: line 2: unknown key \"reveiw_after\"; did you mean \"review_after\"?",
            ),
            ("extends = \"base\"\nzone = \"Mars/Base\"\n", "line 2: zone: \"Mars/Base\""),
            (
                "extends = \"base\"\nno_response_close = \"1d\"\n",
                "line 2: no_response_close: \"1d\": write business days",
            ),
            ("extends = \"own\"\n", "circle"),
            ("extends = \"nowhere\"\n", "no policy \"nowhere\""),
            ("zone = \"UTC\"\n", "hours is missing"),
            ("extends = \"base\"\ncues = [\"en\", \"tlh\"]\n", "line 2: cues: there is no rules/own/cues/tlh.toml"),
            ("extends = \"base\"\nrequired_fields = [\"shoe\"]\n", "line 2: required_fields: \"shoe\" is unknown"),
            ("extends = \"base\"\n[hours]\nfriday = [\"9-17\"]\n", "write hours such as"),
            ("extends = \"base\"\n[first_response]\nP5 = \"15m\"\n", "line 3: first_response.P5: unknown priority"),
            (
                "extends = \"base\"\n[update]\nP1 = \"1h in moon\"\n",
                "line 3: update.P1: \"moon\" is no calendar of this",
            ),
            ("extends = \"base\"\n[first_response]\nP1 = \"none\"\n", "has to be promised"),
            ("extends = \"base\"\n[platforms]\nVoice = \"Voice\"\n", "line 3: platforms.Voice: write up to"),
            (
                "extends = \"base\"\n[platforms]\nvoice = \"a\\r\\nb\"\n",
                "line 3: platforms.voice: write the title in one line",
            ),
            ("extends = \"base\"\n[sla]\npauses = [\"lunch\"]\n", "line 3: sla.pauses: \"lunch\" is unknown"),
            ("extends = \"base\"\n[sla.warn_before]\nP1 = \"100%\"\n", "line 3: sla.warn_before.P1"),
            ("extends = \"base\"\n[staff_mail]\nP4 = \"never\"\n", "line 3: staff_mail.P4: \"never\" is no calendar"),
            ("extends = \"base\"\n[calendars.x]\nzone = \"UTC\"\n", "line 2: calendars.x: hours is missing"),
            (
                "extends = \"base\"\n[arrangements.gold.update]\nP1 = \"soon\"\n",
                "line 3: arrangements.gold.update.P1: \"soon\": write a time",
            ),
            (
                "extends = \"base\"\n[priority_matrix]\ndimensions = [\"a\", \"b\"]\ncolumns = [\"x\", \"y\"]\nrows = [\n  [\"one\", \"P1\", \"P2\"],\n  [\"two\", \"P3\"],\n]\n",
                "line 7: priority_matrix: a two has no priority for b y",
            ),
            (
                "extends = \"base\"\n[priority_matrix]\ndimensions = [\"a\", \"b\"]\ncolumns = [\"x\"]\nrows = [[\"one\", \"P1\"]]\n",
                "line 5: priority_matrix: no pair of levels gives P2",
            ),
            (
                "extends = \"base\"\n[priority_matrix]\ndimensions = [\"a\", \"b\"]\ncolumns = [\"x\"]\nrows = [[\"one\", \"P1\"], [\"one\", \"P2\"]]\n",
                "stands twice: the second can't be reached",
            ),
        ] {
            let error = load_with("own", text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn a_span_before_an_instant_is_the_last_one_that_ends_by_it() {
        let base = Policy::load("base", &built_in).unwrap();
        // A Sunday and a Wednesday, without and within the hours of base, 09:00 to 17:00 on weekdays.
        for to in ["2026-11-15T06:30:00Z", "2026-11-18T12:00:00Z"] {
            let to = DateTime::parse_from_rfc3339(to).unwrap().to_utc();
            for span in [Span::Time(Duration::days(7)), Span::BusinessDays(1), Span::BusinessDays(20)] {
                let before = span.before(to, &base.hours);
                assert!(span.after(before, &base.hours) <= to, "{span:?} {before}");
                assert!(span.after(before + Duration::seconds(1), &base.hours) > to, "{span:?} {before}");
            }
        }
        let noon = Utc.with_ymd_and_hms(2026, 11, 18, 12, 0, 0).unwrap();
        assert_eq!(Span::BusinessDays(3).before(noon, &base.hours), noon - Duration::days(5), "over a weekend");
    }
}
