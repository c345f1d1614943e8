//! Which mail servers an address may have: from a table of large providers, from what DNS says of its domain, and from
//! the names that such servers usually have. Pure: `lookup` asks DNS, `probe` sees which of them answers.
//!
//! A guess is only offered, never used unasked: DNS may be forged, and who answers gets the password.

use std::net::IpAddr;

use super::providers::{self, Provider, User, lies_in};
use crate::post::Tls;

/// A server that may be the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Imap,
    Smtp,
}

/// What DNS says of a domain; empty where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Records {
    /// `_imaps._tcp` (RFC 6186) and `_submissions._tcp` (RFC 8314)
    pub imaps: Vec<Service>,
    pub submissions: Vec<Service>,
    /// `_imap._tcp` and `_submission._tcp`: with STARTTLS
    pub imap: Vec<Service>,
    pub submission: Vec<Service>,
    /// MX: preference and host
    pub exchangers: Vec<(u16, String)>,
}

/// An SRV record. Hosts are in lower case and without the dot at their end; "" means that there is no such service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    pub priority: u16,
    pub weight: u16,
    pub port: u16,
    pub host: String,
}

/// What there is to offer, the likeliest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guess {
    pub provider: Option<&'static Provider>,
    pub imap: Candidates,
    pub smtp: Candidates,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Candidates {
    /// named by the provider or by the domain's owner
    pub named: Vec<Candidate>,
    /// only names that are usual: worth something when a server answers
    pub usual: Vec<Candidate>,
}

pub fn domain(address: &str) -> String {
    address.rsplit('@').next().unwrap_or_default().trim_end_matches('.').to_lowercase()
}

/// May the world be asked about this domain? Not about addresses, nor names that mean nothing outside (RFC 6761, 6762,
/// 7686, 8375, 9476), nor those of one label.
pub fn is_public(domain: &str) -> bool {
    const NOT_PUBLIC: [&str; 9] =
        ["test", "example", "invalid", "localhost", "local", "onion", "alt", "internal", "home.arpa"];
    const DOCUMENTATION: [&str; 3] = ["example.com", "example.net", "example.org"];
    let is_address = domain.starts_with('[') || domain.parse::<IpAddr>().is_ok();
    domain.contains('.') && !is_address && !NOT_PUBLIC.iter().chain(&DOCUMENTATION).any(|name| lies_in(domain, name))
}

pub fn guess(domain: &str, records: &Records) -> Guess {
    let own = providers::of_domain(domain);
    let mut exchangers: Vec<&(u16, String)> = records.exchangers.iter().collect();
    exchangers.sort();
    let host = exchangers.iter().find_map(|(_, exchanger)| providers::of_exchanger(exchanger));
    let named = |server: fn(&Provider) -> Candidate, secure: &[Service], plain: &[Service]| {
        let mut named: Vec<Candidate> = own.map(server).into_iter().collect();
        named.extend(services(secure, Tls::Implicit));
        named.extend(services(plain, Tls::StartTls));
        named.extend(host.map(server));
        without_repetition(named)
    };
    Guess {
        provider: own.or(host),
        imap: Candidates {
            named: named(Provider::imap, &records.imaps, &records.imap),
            usual: usual(Protocol::Imap, domain),
        },
        smtp: Candidates {
            named: named(Provider::smtp, &records.submissions, &records.submission),
            usual: usual(Protocol::Smtp, domain),
        },
    }
}

/// RFC 2782: the lowest priority first; of equals the heaviest, since one has to be written into the configuration.
fn services(records: &[Service], tls: Tls) -> Vec<Candidate> {
    let mut records: Vec<&Service> = records.iter().filter(|service| !service.host.is_empty()).collect();
    records.sort_by_key(|service| (service.priority, std::cmp::Reverse(service.weight)));
    let candidate = |service: &&Service| {
        // OVHcloud's zones name port 465 under _submission.
        let tls = if [993, 465].contains(&service.port) { Tls::Implicit } else { tls };
        Candidate { host: service.host.clone(), port: service.port, tls }
    };
    records.iter().map(candidate).collect()
}

fn usual(protocol: Protocol, domain: &str) -> Vec<Candidate> {
    let first = match protocol {
        Protocol::Imap => "imap",
        Protocol::Smtp => "smtp",
    };
    let hosts = [format!("{first}.{domain}"), format!("mail.{domain}"), domain.to_owned()];
    let ports = usual_ports(protocol);
    ports.iter().flat_map(|(port, tls)| hosts.iter().map(|host| candidate(host, *port, *tls))).collect()
}

fn usual_ports(protocol: Protocol) -> [(u16, Tls); 2] {
    match protocol {
        Protocol::Imap => [(993, Tls::Implicit), (143, Tls::StartTls)],
        Protocol::Smtp => [(465, Tls::Implicit), (587, Tls::StartTls)],
    }
}

/// In which ways a host may be reached of which the port is known, or not even that.
pub fn ways(protocol: Protocol, host: &str, port: Option<u16>) -> Vec<Candidate> {
    let usual = usual_ports(protocol);
    let Some(port) = port else { return usual.iter().map(|(port, tls)| candidate(host, *port, *tls)).collect() };
    match usual.iter().find(|(usual, _)| *usual == port) {
        Some((_, tls)) => vec![candidate(host, port, *tls)],
        None if port == 25 => vec![candidate(host, port, Tls::StartTls)],
        None => vec![candidate(host, port, Tls::Implicit), candidate(host, port, Tls::StartTls)],
    }
}

fn candidate(host: &str, port: u16, tls: Tls) -> Candidate {
    Candidate { host: host.to_owned(), port, tls }
}

fn without_repetition(candidates: Vec<Candidate>) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for candidate in candidates {
        if !all.contains(&candidate) {
            all.push(candidate);
        }
    }
    all
}

/// What the user is called at this provider; elsewhere usually the address.
pub fn user(address: &str, provider: Option<&Provider>) -> String {
    match provider.map(|provider| provider.user) {
        Some(User::LocalPart) => address.split('@').next().unwrap_or(address).to_owned(),
        Some(User::Address) | None => address.to_owned(),
    }
}

#[cfg(test)]
mod tests;
