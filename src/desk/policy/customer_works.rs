//! `[customer_works]`: works that customers plan on their own side.

use serde::Deserialize;

use super::{
    Reader, Span,
    values::{required_fields, span},
};
use crate::{mail::extract::FieldName, toml_file::TomlError};

#[derive(Debug, Clone)]
pub struct CustomerWorks {
    /// mails that announce some are put on the calendar
    pub recorded: bool,
    /// how long ahead they are to be announced
    pub notice: Span,
    /// what an announcement has to tell; what it lacks is asked for
    pub required: Vec<FieldName>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CustomerWorksFile {
    recorded: Option<bool>,
    notice: Option<String>,
    required: Option<Vec<String>>,
}

const SECTION: &str = "customer_works";

pub(super) fn read(reader: &Reader<'_>) -> Result<CustomerWorks, TomlError> {
    Ok(CustomerWorks {
        recorded: reader.need_in(
            SECTION,
            "recorded",
            |f| f.customer_works.as_ref()?.recorded.as_ref(),
            |on| Ok(*on),
        )?,
        notice: reader.need_in(SECTION, "notice", |f| f.customer_works.as_ref()?.notice.as_ref(), |text| span(text))?,
        required: reader.need_in(
            SECTION,
            "required",
            |f| f.customer_works.as_ref()?.required.as_ref(),
            |words| required_fields(words),
        )?,
    })
}
