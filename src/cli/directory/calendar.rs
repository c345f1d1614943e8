//! `casepost organisation calendar NAME`: the address of an organisation's calendar.

use clap::Args;
use data_encoding::BASE32_NOPAD;
use serde_json::json;

use super::organisation_named;
use crate::{
    cli::{context::Context, exit::Refused},
    store::{open, organisation_calendars},
};

/// 160 bits.
const TOKEN_BYTES: usize = 20;

#[derive(Debug, Args)]
pub struct Calendar {
    /// Name or customer number
    name: String,
    /// Make a new address; the one before is not valid any more
    #[arg(long, conflicts_with = "revoke")]
    renew: bool,
    /// Take the address away: there is no calendar until another one is made
    #[arg(long)]
    revoke: bool,
    /// One object instead of a line
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &Calendar) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let Some(url) = desk.config.web.url.clone() else {
        let why = "calendars have no address: set `url` under [web] in the configuration, such as \
                   \"https://status.example.com\"";
        return Err(Refused(why.to_owned()).into());
    };
    let now = desk.now;
    let token = open::transaction(&mut desk.db, |tx| -> anyhow::Result<Option<String>> {
        let organisation = organisation_named(tx, &command.name)?.id;
        if command.revoke {
            organisation_calendars::remove(tx, organisation)?;
            return Ok(None);
        }
        if let Some(token) = organisation_calendars::token_of(tx, organisation)?.filter(|_| !command.renew) {
            return Ok(Some(token));
        }
        let token = new_token()?;
        organisation_calendars::put(tx, organisation, &token, now)?;
        Ok(Some(token))
    })?;
    let address = token.map(|token| format!("{url}/calendar/{token}.ics"));
    match (&address, command.json) {
        (address, true) => say!("{}", json!({ "address": address })),
        (Some(address), false) => say!("{address}"),
        (None, false) => say!("{} has no calendar any more", command.name),
    }
    Ok(())
}

fn new_token() -> anyhow::Result<String> {
    let mut random = [0_u8; TOKEN_BYTES];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("the system gives no random numbers: {e}"))?;
    Ok(BASE32_NOPAD.encode(&random).to_lowercase())
}
