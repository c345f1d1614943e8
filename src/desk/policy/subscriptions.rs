//! `[subscriptions]`: who may have updates by mail without being told anyway, and how often the desk asks whether an address
//! wants them.

use chrono::Duration;
use serde::Deserialize;

use super::{
    Reader,
    values::{at_least_one, time},
};
use crate::toml_file::TomlError;

/// Whose addresses may subscribe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenTo {
    Anybody,
    /// who is in the directory, or of an organisation there
    Customers,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscriptions {
    pub open_to: OpenTo,
    /// for how long the question "do you want this?" may be answered
    pub confirm_within: Duration,
    /// questions to one address in a day, whatever they are about
    pub questions_per_day: u32,
    /// questions to all addresses together in an hour
    pub questions_per_hour: u32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionsFile {
    open_to: Option<String>,
    confirm_within: Option<String>,
    questions_per_day: Option<u32>,
    questions_per_hour: Option<u32>,
}

const SECTION: &str = "subscriptions";

pub(super) fn read(reader: &Reader<'_>) -> Result<Subscriptions, TomlError> {
    Ok(Subscriptions {
        open_to: reader.need_in(
            SECTION,
            "open_to",
            |f| f.subscriptions.as_ref()?.open_to.as_ref(),
            |text| match text.as_str() {
                "anybody" => Ok(OpenTo::Anybody),
                "customers" => Ok(OpenTo::Customers),
                other => Err(format!("\"{other}\" is unknown (known: anybody, customers)")),
            },
        )?,
        confirm_within: reader.need_in(
            SECTION,
            "confirm_within",
            |f| f.subscriptions.as_ref()?.confirm_within.as_ref(),
            |text| time(text).and_then(|time| some_time(text, time)),
        )?,
        questions_per_day: reader.need_in(
            SECTION,
            "questions_per_day",
            |f| f.subscriptions.as_ref()?.questions_per_day.as_ref(),
            at_least_one,
        )?,
        questions_per_hour: reader.need_in(
            SECTION,
            "questions_per_hour",
            |f| f.subscriptions.as_ref()?.questions_per_hour.as_ref(),
            at_least_one,
        )?,
    })
}

fn some_time(text: &str, time: Duration) -> Result<Duration, String> {
    if time >= Duration::minutes(10) { Ok(time) } else { Err(format!("\"{text}\": nobody reads a mail so fast")) }
}
