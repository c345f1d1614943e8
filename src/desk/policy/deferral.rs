//! `[deferral]`: what is raised outside working hours and affects no service may wait until the next business day.

use serde::Deserialize;

use super::reader::Reader;
use crate::toml_file::TomlError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeferralRules {
    /// may staff propose it?
    pub allowed: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeferralFile {
    allowed: Option<bool>,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<DeferralRules, TomlError> {
    let allowed =
        reader.need_in("deferral", "allowed", |f| f.deferral.as_ref()?.allowed.as_ref(), |allowed| Ok(*allowed))?;
    Ok(DeferralRules { allowed })
}
