//! A policy: the desk's times, hours and limits as data, read from `rules/<name>/policy.toml`.
//!
//! A preset extends another one and holds only what differs. `holidays.txt` and `freemail.txt` beside it are lists, one
//! entry a line. Every key is documented in `rules/base/policy.toml`.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use include_dir::{Dir, include_dir};
use serde::Deserialize;

use super::{cues::Cues, hours::Calendar, priority::Priority};
use crate::{
    mail::extract::FieldName,
    toml_file::{TomlError, parse},
};

static RULES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/rules");

/// A file of the built-in rules, by its name relative to `rules/`.
pub fn built_in(name: &str) -> Option<RuleFile> {
    Some(RuleFile { shown: format!("rules/{name}"), text: RULES.get_file(name)?.contents_utf8()?.to_owned() })
}

/// A file of rules.
#[derive(Debug, Clone)]
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
    pub first_response: BTreeMap<Priority, Span>,
    /// how to reach the desk when it is urgent
    pub urgent: Option<String>,
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

    /// By when a case of this priority is answered.
    pub fn first_response_by(&self, priority: Priority, received_at: DateTime<Utc>) -> DateTime<Utc> {
        match self.first_response.get(&priority) {
            Some(Span::Time(time)) => received_at + *time,
            Some(Span::BusinessDays(days)) => self.hours.add_business_days(received_at, *days),
            None => self.hours.add_business_days(received_at, 1),
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

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    extends: Option<String>,
    zone: Option<String>,
    hours: Option<BTreeMap<String, Vec<String>>>,
    review_after: Option<String>,
    reopen_within: Option<String>,
    closed_no_response: Option<String>,
    no_response_warning: Option<String>,
    no_response_close: Option<String>,
    resolved_close: Option<String>,
    first_response: Option<BTreeMap<String, String>>,
    urgent: Option<String>,
    automatic_per_hour: Option<u32>,
    acknowledgements_per_hour: Option<u32>,
    unknown_sender: Option<String>,
    authorised_contacts_only: Option<bool>,
    cues: Option<Vec<String>>,
    required_fields: Option<Vec<String>>,
}

struct Layer {
    name: String,
    shown: String,
    text: String,
    file: File,
}

struct Reader<'a> {
    /// the policy itself first, then what it extends
    layers: Vec<Layer>,
    files: &'a dyn Fn(&str) -> Option<RuleFile>,
}

impl Reader<'_> {
    fn policy(&self) -> Result<Policy, TomlError> {
        let zone = self.need(
            "zone",
            |f| f.zone.as_ref(),
            |text| {
                text.parse::<Tz>().map_err(|_| format!("\"{text}\" is no zone of the IANA list, such as Europe/Berlin"))
            },
        )?;
        let week = self.need("hours", |f| f.hours.as_ref(), week)?;
        let hours = Calendar::new(zone, week, self.holidays()?)
            .map_err(|e| TomlError::whole(&self.layers[0].shown, e.to_string()))?;
        Ok(Policy {
            name: self.layers[0].name.clone(),
            zone,
            hours,
            review_after: self.need("review_after", |f| f.review_after.as_ref(), time)?,
            reopen_within: self.need("reopen_within", |f| f.reopen_within.as_ref(), time)?,
            closed_no_response_links: self.need(
                "closed_no_response",
                |f| f.closed_no_response.as_ref(),
                |text| match text.as_str() {
                    "reopens" => Ok(false),
                    "links" => Ok(true),
                    other => Err(format!("\"{other}\" is unknown (known: reopens, links)")),
                },
            )?,
            no_response_warning_business_days: self.days("no_response_warning", |f| f.no_response_warning.as_ref())?,
            no_response_close_business_days: self.days("no_response_close", |f| f.no_response_close.as_ref())?,
            resolved_close_business_days: self.days("resolved_close", |f| f.resolved_close.as_ref())?,
            first_response: self.need("first_response", |f| f.first_response.as_ref(), first_response)?,
            urgent: self.find(|f| f.urgent.as_ref()).map(|(_, text)| text.trim().to_owned()).filter(|t| !t.is_empty()),
            automatic_per_hour: self.need("automatic_per_hour", |f| f.automatic_per_hour.as_ref(), at_least_one)?,
            acknowledgements_per_hour: self.need(
                "acknowledgements_per_hour",
                |f| f.acknowledgements_per_hour.as_ref(),
                at_least_one,
            )?,
            freemail: self.list("freemail.txt").map(|(_, line)| line.to_lowercase()).collect(),
            unknown_sender: self.need(
                "unknown_sender",
                |f| f.unknown_sender.as_ref(),
                |text| match text.as_str() {
                    "accept" => Ok(UnknownSender::Accept),
                    "confirm" => Ok(UnknownSender::Confirm),
                    "refuse" => Ok(UnknownSender::Refuse),
                    other => Err(format!("\"{other}\" is unknown (known: accept, confirm, refuse)")),
                },
            )?,
            authorised_contacts_only: self.need(
                "authorised_contacts_only",
                |f| f.authorised_contacts_only.as_ref(),
                |only| Ok(*only),
            )?,
            cues: Cues::new(self.need("cues", |f| f.cues.as_ref(), |names| self.cue_files(names))?),
            required_fields: self.need(
                "required_fields",
                |f| f.required_fields.as_ref(),
                |words| required_fields(words),
            )?,
        })
    }

    /// The cue files of each language, the most general first.
    fn cue_files(&self, languages: &[String]) -> Result<Vec<(String, Vec<RuleFile>)>, String> {
        let mut all = Vec::new();
        for language in languages {
            let named = |layer: &Layer| (self.files)(&format!("{}/cues/{language}.toml", layer.name));
            let files: Vec<RuleFile> = match is_plain_name(language) {
                true => self.layers.iter().rev().filter_map(named).collect(),
                false => vec![],
            };
            if files.is_empty() {
                let name = &self.layers[0].name;
                return Err(format!("there is no rules/{name}/cues/{language}.toml, here or in what it extends"));
            }
            all.push((language.clone(), files));
        }
        Ok(all)
    }

    /// The value nearest to the policy itself.
    fn find<'b, T>(&'b self, field: impl Fn(&'b File) -> Option<&'b T>) -> Option<(&'b Layer, &'b T)> {
        self.layers.iter().find_map(|layer| Some((layer, field(&layer.file)?)))
    }

    fn need<'b, T: 'b, V>(
        &'b self,
        key: &str,
        field: impl Fn(&'b File) -> Option<&'b T>,
        read: impl Fn(&T) -> Result<V, String>,
    ) -> Result<V, TomlError> {
        let Some((layer, value)) = self.find(field) else {
            return Err(TomlError::whole(
                &self.layers[0].shown,
                format!("{key} is missing here and in what it extends"),
            ));
        };
        read(value).map_err(|why| TomlError::at_key(&layer.shown, &layer.text, key, format!("{key}: {why}")))
    }

    fn days<'b>(&'b self, key: &str, field: impl Fn(&'b File) -> Option<&'b String>) -> Result<u32, TomlError> {
        self.need(key, field, |text| match span(text)? {
            Span::BusinessDays(days) if days > 0 => Ok(days),
            _ => Err(format!("\"{text}\": write business days, such as \"2bd\"")),
        })
    }

    /// The lines of a list, of the policy itself and of all that it extends; `#` begins a comment.
    fn list(&self, name: &str) -> impl Iterator<Item = (String, String)> {
        let texts = self.layers.iter().filter_map(move |layer| {
            let RuleFile { shown, text } = (self.files)(&format!("{}/{name}", layer.name))?;
            Some((shown, text))
        });
        let texts: Vec<(String, String)> = texts.collect();
        texts.into_iter().flat_map(|(file, text)| {
            let lines: Vec<String> = text
                .lines()
                .map(|line| line.split('#').next().unwrap_or_default().trim().to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            lines.into_iter().map(move |line| (file.clone(), line))
        })
    }

    /// `2026-12-25 Christmas Day`
    fn holidays(&self) -> Result<BTreeSet<NaiveDate>, TomlError> {
        self.list("holidays.txt")
            .map(|(file, line)| {
                let date = line.split_whitespace().next().unwrap_or_default();
                date.parse().map_err(|_| {
                    TomlError::whole(&file, format!("\"{line}\" must begin with a date such as 2026-12-25"))
                })
            })
            .collect()
    }
}

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// `monday = ["09:00-12:30", "13:30-17:00"]`, or `weekdays`, `every-day`.
fn week(table: &BTreeMap<String, Vec<String>>) -> Result<[Vec<(NaiveTime, NaiveTime)>; 7], String> {
    let mut week: [Vec<(NaiveTime, NaiveTime)>; 7] = Default::default();
    // General words first, so that a single day overrides them whatever the order in the file.
    for general in [true, false] {
        for (word, spans) in table {
            let days = match word.as_str() {
                "every-day" => 0..7,
                "weekdays" => 0..5,
                day => match DAYS.iter().position(|d| *d == day) {
                    Some(n) => n..n + 1,
                    None => {
                        return Err(format!("\"{day}\" is unknown (known: every-day, weekdays, {})", DAYS.join(", ")));
                    }
                },
            };
            if (days.len() > 1) == general {
                let spans = spans.iter().map(|s| hours_of_day(s)).collect::<Result<Vec<_>, _>>()?;
                days.for_each(|n| week[n] = spans.clone());
            }
        }
    }
    Ok(week)
}

fn hours_of_day(text: &str) -> Result<(NaiveTime, NaiveTime), String> {
    let wrong = || format!("\"{text}\": write hours such as \"09:00-17:00\"");
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    // 24:00 is the end of the day; the calendar knows it as midnight.
    let to = if to.trim() == "24:00" { "00:00" } else { to.trim() };
    let clock = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| wrong());
    Ok((clock(from)?, clock(to)?))
}

fn time(text: &String) -> Result<Duration, String> {
    match span(text)? {
        Span::Time(time) => Ok(time),
        Span::BusinessDays(_) => Err(format!("\"{text}\": write a time such as \"30m\", \"4h\" or \"7d\"")),
    }
}

/// `15m`, `4h`, `7d` around the clock; `2bd` business days.
fn span(text: &str) -> Result<Span, String> {
    let wrong =
        || format!("\"{text}\": write a time such as \"15m\", \"4h\", \"7d\", or business days such as \"2bd\"");
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);
    let number: u32 = number.parse().ok().filter(|n| *n <= 10_000).ok_or_else(wrong)?;
    match unit {
        "m" => Ok(Span::Time(Duration::minutes(number.into()))),
        "h" => Ok(Span::Time(Duration::hours(number.into()))),
        "d" => Ok(Span::Time(Duration::days(number.into()))),
        "bd" => Ok(Span::BusinessDays(number)),
        _ => Err(wrong()),
    }
}

fn first_response(table: &BTreeMap<String, String>) -> Result<BTreeMap<Priority, Span>, String> {
    let mut all = BTreeMap::new();
    for (priority, text) in table {
        all.insert(priority.parse().map_err(|e: super::priority::UnknownPriority| e.to_string())?, span(text)?);
    }
    let missing: Vec<&str> = Priority::ALL.into_iter().filter(|p| !all.contains_key(p)).map(Priority::as_str).collect();
    if missing.is_empty() { Ok(all) } else { Err(format!("{} is missing", missing.join(", "))) }
}

fn required_fields(words: &[String]) -> Result<Vec<FieldName>, String> {
    let known = || FieldName::ALL.map(FieldName::as_str).join(", ");
    words
        .iter()
        .map(|word| FieldName::parse(word).ok_or_else(|| format!("\"{word}\" is unknown (known: {})", known())))
        .collect()
}

fn at_least_one(number: &u32) -> Result<u32, String> {
    if *number > 0 { Ok(*number) } else { Err("must be at least 1".to_owned()) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

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
    fn calltower_answers_p1_in_fifteen_minutes_and_links_after_no_response() {
        let calltower = Policy::load("calltower", &built_in).unwrap();
        let friday_night = Utc.with_ymd_and_hms(2026, 11, 7, 5, 0, 0).unwrap();
        assert_eq!(calltower.first_response_by(Priority::P1, friday_night), friday_night + Duration::minutes(15));
        let p4 = calltower.first_response_by(Priority::P4, friday_night);
        assert!(p4 > friday_night + Duration::days(3), "{p4}");
        assert!(calltower.closed_no_response_links);
        assert!(calltower.urgent.is_some());
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
            ("extends = \"base\"\n[first_response]\nP1 = \"15m\"\n", "is missing"),
        ] {
            let error = load_with("own", text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
