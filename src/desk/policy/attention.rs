//! `[attention]`: when a customer asks for a manager's attention, and the action plan that follows.

use chrono::Duration;
use serde::Deserialize;

use super::{reader::Reader, values::time};
use crate::toml_file::TomlError;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// The desk answers such a request. Else a mail with the block is recorded and shown to staff like any other.
    pub offered: bool,
    /// within which a manager is to call back: a target, not a promise
    pub call_back: Duration,
    /// before a task of an action plan is due, its owner is reminded
    pub remind_before: Duration,
    /// the customer is reminded of their own tasks, too
    pub remind_customer: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AttentionFile {
    offered: Option<bool>,
    call_back: Option<String>,
    remind_before: Option<String>,
    remind_customer: Option<bool>,
}

const SECTION: &str = "attention";

pub(super) fn read(reader: &Reader<'_>) -> Result<Attention, TomlError> {
    let flag = |flag: &bool| Ok(*flag);
    Ok(Attention {
        offered: reader.need_in(SECTION, "offered", |f| f.attention.as_ref()?.offered.as_ref(), flag)?,
        call_back: reader.need_in(SECTION, "call_back", |f| f.attention.as_ref()?.call_back.as_ref(), time)?,
        remind_before: reader.need_in(
            SECTION,
            "remind_before",
            |f| f.attention.as_ref()?.remind_before.as_ref(),
            time,
        )?,
        remind_customer: reader.need_in(
            SECTION,
            "remind_customer",
            |f| f.attention.as_ref()?.remind_customer.as_ref(),
            flag,
        )?,
    })
}
