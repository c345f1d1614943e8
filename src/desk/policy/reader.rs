//! Reads a policy from its layers: the nearest one that has a key gives it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::{
    Policy, RuleFile, Span, UnknownSender, assignment, attention, billing, calendars, customer_works, deferral,
    escalation,
    file::File,
    is_plain_name,
    languages::{Languages, OwnText},
    macd, mni, platforms, priorities, rfo, sla, subscriptions,
    values::{at_least_one, required_fields, span, time, week, zone},
    works,
};
use crate::{
    desk::{
        cues::Cues,
        hours::Calendar,
        priority::{Priority, UnknownPriority},
    },
    toml_file::TomlError,
};

pub(super) struct Layer {
    pub(super) name: String,
    pub(super) shown: String,
    pub(super) text: String,
    pub(super) file: File,
}

pub(super) struct Reader<'a> {
    /// the policy itself first, then what it extends
    pub(super) layers: Vec<Layer>,
    pub(super) files: &'a dyn Fn(&str) -> Option<RuleFile>,
}

impl Layer {
    /// An error about a key in a table of this file.
    pub(super) fn wrong_in(&self, table: &str, key: &str, message: impl Into<String>) -> TomlError {
        let headers = [format!("[{table}]"), format!("[{table}.{key}]")];
        let lines: Vec<&str> = self.text.lines().collect();
        let header =
            lines.iter().position(|line| headers.iter().any(|header| line.trim_start().starts_with(header.as_str())));
        let message = message.into();
        let at_key = TomlError::at_key_below(&self.shown, &self.text, header.unwrap_or(0), key, message.as_str());
        match (at_key.line, header) {
            (None, Some(header)) => TomlError { line: Some(header + 1), ..at_key },
            _ => at_key,
        }
    }
}

impl Reader<'_> {
    pub(super) fn policy(&self) -> Result<Policy, TomlError> {
        let zone = self.need("zone", |f| f.zone.as_ref(), |text| zone(text))?;
        let week = self.need("hours", |f| f.hours.as_ref(), week)?;
        let hours = Calendar::new(zone, week, self.holidays()?)
            .and_then(Calendar::with_working_days)
            .map_err(|e| TomlError::whole(&self.layers[0].shown, e.to_string()))?;
        let languages = self.need("languages", |f| f.languages.as_ref(), |words| Languages::read(words))?;
        let calendars = calendars::read(self, &hours)?;
        let platforms = platforms::read(self)?;
        let escalation = escalation::read(self, &hours, &languages)?;
        Ok(Policy {
            name: self.layers[0].name.clone(),
            lineage: self.layers.iter().map(|layer| layer.name.clone()).collect(),
            zone,
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
            urgent: OwnText::find(self, "urgent", &languages, |f| f.urgent.as_ref())?,
            languages,
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
            macd: macd::read(self, &hours)?,
            billing: billing::read(self)?,
            customer_works: customer_works::read(self)?,
            hours,
            service_levels: sla::read(self, &calendars)?,
            priorities: priorities::read(self)?,
            calendars,
            assignment: assignment::read(self)?,
            deferral: deferral::read(self)?,
            escalation,
            rfo: rfo::read(self)?,
            attention: attention::read(self)?,
            works: works::read(self, zone, &platforms)?,
            platforms,
            subscriptions: subscriptions::read(self)?,
            mni: mni::read(self)?,
        })
    }

    /// The cue files of each language, the most general first.
    pub(super) fn cue_files(&self, languages: &[String]) -> Result<Vec<(String, Vec<RuleFile>)>, String> {
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
    pub(super) fn find<'b, T>(&'b self, field: impl Fn(&'b File) -> Option<&'b T>) -> Option<(&'b Layer, &'b T)> {
        self.layers.iter().find_map(|layer| Some((layer, field(&layer.file)?)))
    }

    pub(super) fn need<'b, T: 'b, V>(
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

    /// Like `need`, for a key of a table.
    pub(super) fn need_in<'b, T: 'b, V>(
        &'b self,
        table: &str,
        key: &str,
        field: impl Fn(&'b File) -> Option<&'b T>,
        read: impl Fn(&T) -> Result<V, String>,
    ) -> Result<V, TomlError> {
        let missing = || {
            let why = format!("[{table}] {key} is missing here and in what it extends");
            TomlError::whole(&self.layers[0].shown, why)
        };
        self.find_in(table, key, field, read)?.ok_or_else(missing)
    }

    /// The same for a key that may be absent.
    pub(super) fn find_in<'b, T: 'b, V>(
        &'b self,
        table: &str,
        key: &str,
        field: impl Fn(&'b File) -> Option<&'b T>,
        read: impl Fn(&T) -> Result<V, String>,
    ) -> Result<Option<V>, TomlError> {
        let Some((layer, value)) = self.find(field) else { return Ok(None) };
        read(value).map(Some).map_err(|why| layer.wrong_in(table, key, format!("{table}.{key}: {why}")))
    }

    /// A table with a key for each priority; each key is that of the nearest layer that has it.
    pub(super) fn by_priority<'b, V>(
        &'b self,
        table: &str,
        field: impl Fn(&'b File) -> Option<&'b BTreeMap<String, String>>,
        read: impl Fn(&str) -> Result<V, String>,
    ) -> Result<BTreeMap<Priority, V>, TomlError> {
        let mut all = BTreeMap::new();
        for layer in &self.layers {
            for (key, text) in field(&layer.file).into_iter().flatten() {
                let wrong = |why: String| layer.wrong_in(table, key, format!("{table}.{key}: {why}"));
                let priority: Priority = key.parse().map_err(|e: UnknownPriority| wrong(e.to_string()))?;
                let value = read(text).map_err(wrong)?;
                all.entry(priority).or_insert(value);
            }
        }
        Ok(all)
    }

    pub(super) fn days<'b>(
        &'b self,
        key: &str,
        field: impl Fn(&'b File) -> Option<&'b String>,
    ) -> Result<u32, TomlError> {
        self.need(key, field, |text| match span(text)? {
            Span::BusinessDays(days) if days > 0 => Ok(days),
            _ => Err(format!("\"{text}\": write business days, such as \"2bd\"")),
        })
    }

    /// The lines of a list, of the policy itself and of all that it extends; `#` begins a comment.
    pub(super) fn list(&self, name: &str) -> impl Iterator<Item = (String, String)> {
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

    /// Those of the default calendar.
    pub(super) fn holidays(&self) -> Result<BTreeSet<NaiveDate>, TomlError> {
        self.list("holidays.txt").map(|(file, line)| calendars::date_of_line(&file, &line)).collect()
    }
}
