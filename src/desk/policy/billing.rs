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
    let is_set = reader.find(|f| f.billing.as_ref()?.address.as_ref()).is_some();
    let read = || reader.need("address", |f| f.billing.as_ref()?.address.as_ref(), address);
    Ok(Billing { address: is_set.then(read).transpose()? })
}
