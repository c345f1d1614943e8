//! `[mni]`: how major network incidents are run (by when their updates are due stands in `[update]`, at P1G).

use chrono::Duration;
use serde::Deserialize;

use super::{reader::Reader, values::time};
use crate::toml_file::TomlError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mni {
    /// before an update is due, the incident manager is reminded
    pub remind_before: Duration,
    /// cases that were opened so long before the incident began may be about it
    pub look_back: Duration,
    /// what is certain is linked by itself; else it is proposed to staff like what is likely
    pub link_at_once: bool,
    /// proposals are gathered so long before staff get them on one mail
    pub propose_after: Duration,
    /// whoever has subscribed gets the updates, too
    pub cascade_to_subscribers: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MniFile {
    remind_before: Option<String>,
    look_back: Option<String>,
    link_at_once: Option<bool>,
    propose_after: Option<String>,
    cascade_to_subscribers: Option<bool>,
}

const SECTION: &str = "mni";

pub(super) fn read(reader: &Reader<'_>) -> Result<Mni, TomlError> {
    let flag = |flag: &bool| Ok(*flag);
    Ok(Mni {
        remind_before: reader.need_in(SECTION, "remind_before", |f| f.mni.as_ref()?.remind_before.as_ref(), time)?,
        look_back: reader.need_in(SECTION, "look_back", |f| f.mni.as_ref()?.look_back.as_ref(), time)?,
        link_at_once: reader.need_in(SECTION, "link_at_once", |f| f.mni.as_ref()?.link_at_once.as_ref(), flag)?,
        propose_after: reader.need_in(SECTION, "propose_after", |f| f.mni.as_ref()?.propose_after.as_ref(), time)?,
        cascade_to_subscribers: reader.need_in(
            SECTION,
            "cascade_to_subscribers",
            |f| f.mni.as_ref()?.cascade_to_subscribers.as_ref(),
            flag,
        )?,
    })
}
