//! `[billing]`: where questions about invoices go.

use serde::Deserialize;

use super::{Reader, values::address};
use crate::toml_file::TomlError;

#[derive(Debug, Clone)]
pub struct Billing {
    /// none: they are cases like others
    pub address: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BillingFile {
    address: Option<String>,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Billing, TomlError> {
    Ok(Billing { address: reader.find_in("billing", "address", |f| f.billing.as_ref()?.address.as_ref(), address)? })
}
