//! `[macd]`: what the policy promises for moves, adds, changes and deletions, and what they cost.

use std::collections::BTreeMap;

use chrono::Duration;
use serde::Deserialize;

use super::{
    Reader, Span,
    values::{span, time, week},
};
use crate::{
    desk::{hours::Calendar, money::Money},
    toml_file::TomlError,
};

#[derive(Debug, Clone)]
pub struct Macd {
    /// mails that ask for a change become change requests by themselves
    pub offered: bool,
    pub standard: Promise,
    pub expedited: Promise,
    /// outside of them a standard request counts from the next opening, and an expedited one goes to those who are there
    pub extended_hours: Calendar,
    /// none: changes cost nothing
    pub price_per_hour: Option<Money>,
    /// each entry of work time is rounded up to a multiple of this
    pub step_minutes: u32,
    pub approval: Approval,
    /// how long before a promise ends staff are warned
    pub warn_before: Duration,
    /// who works at any hour; none: those of the staff who are marked as lead
    pub around_the_clock: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    pub respond: Span,
    pub done: Span,
}

/// Whose consent a change needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    MainContact,
    Nobody,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MacdFile {
    offered: Option<bool>,
    standard: Option<PromiseFile>,
    expedited: Option<PromiseFile>,
    extended_hours: Option<BTreeMap<String, Vec<String>>>,
    price_per_hour: Option<String>,
    step: Option<String>,
    approval: Option<String>,
    warn_before: Option<String>,
    around_the_clock: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PromiseFile {
    respond: String,
    done: String,
}

const SECTION: &str = "macd";

pub(super) fn read(reader: &Reader<'_>, hours: &Calendar) -> Result<Macd, TomlError> {
    Ok(Macd {
        offered: reader.need_in(SECTION, "offered", |f| f.macd.as_ref()?.offered.as_ref(), |offered| Ok(*offered))?,
        standard: reader.need_in(SECTION, "standard", |f| f.macd.as_ref()?.standard.as_ref(), promise)?,
        expedited: reader.need_in(SECTION, "expedited", |f| f.macd.as_ref()?.expedited.as_ref(), promise)?,
        extended_hours: reader.need_in(
            SECTION,
            "extended_hours",
            |f| f.macd.as_ref()?.extended_hours.as_ref(),
            |table| hours.with_week(week(table)?).map_err(|e| e.to_string()),
        )?,
        price_per_hour: reader.find_in(
            SECTION,
            "price_per_hour",
            |f| f.macd.as_ref()?.price_per_hour.as_ref(),
            |text| text.parse::<Money>().map_err(|e| e.to_string()),
        )?,
        step_minutes: reader.need_in(SECTION, "step", |f| f.macd.as_ref()?.step.as_ref(), step)?,
        approval: reader.need_in(
            SECTION,
            "approval",
            |f| f.macd.as_ref()?.approval.as_ref(),
            |word| match word.as_str() {
                "main-contact" => Ok(Approval::MainContact),
                "none" => Ok(Approval::Nobody),
                other => Err(format!("\"{other}\" is unknown (known: main-contact, none)")),
            },
        )?,
        warn_before: reader.need_in(SECTION, "warn_before", |f| f.macd.as_ref()?.warn_before.as_ref(), time)?,
        around_the_clock: reader.find_in(
            SECTION,
            "around_the_clock",
            |f| f.macd.as_ref()?.around_the_clock.as_ref(),
            super::values::address,
        )?,
    })
}

fn promise(file: &PromiseFile) -> Result<Promise, String> {
    Ok(Promise { respond: span(&file.respond)?, done: span(&file.done)? })
}

fn step(text: &String) -> Result<u32, String> {
    let minutes = time(text)?.num_minutes();
    u32::try_from(minutes)
        .ok()
        .filter(|minutes| (1..=60).contains(minutes) && 60 % minutes == 0)
        .ok_or_else(|| format!("\"{text}\": write minutes into which an hour divides, such as \"15m\""))
}
