//! Large mail providers: their servers, how they are recognised, and what they want for a password.
//!
//! From their own documentation and from Thunderbird's database of providers. One that isn't here is found by DNS or by
//! its servers' usual names, so only those belong here of which all is certain.

use super::guess::Candidate;
use crate::post::Tls;

#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    pub name: &'static str,
    /// the provider's own, in which its customers have addresses
    domains: &'static [&'static str],
    /// what the names of the mail exchangers of its customers' domains end with
    exchangers: &'static [&'static str],
    imap: Server,
    smtp: Server,
    pub user: User,
    pub wants: Wants,
}

#[derive(Debug, PartialEq, Eq)]
struct Server {
    host: &'static str,
    port: u16,
    tls: Tls,
}

/// What the provider calls the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum User {
    Address,
    LocalPart,
}

/// What the provider takes for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    Password,
    /// one made for a program; where that is done
    AppPassword(&'static str),
    /// the account's own, after IMAP has been switched on there
    PasswordAfter(&'static str),
    /// no password at all
    Token,
}

impl Provider {
    pub fn imap(&self) -> Candidate {
        self.imap.candidate()
    }

    pub fn smtp(&self) -> Candidate {
        self.smtp.candidate()
    }
}

impl Server {
    fn candidate(&self) -> Candidate {
        Candidate { host: self.host.to_owned(), port: self.port, tls: self.tls }
    }
}

/// Also of a domain under the provider's own, such as those of Microsoft's tenants.
pub fn of_domain(domain: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.domains.iter().any(|own| lies_in(domain, own)))
}

/// By the name of a mail exchanger, in lower case and without the dot at its end.
pub fn of_exchanger(exchanger: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.exchangers.iter().any(|own| lies_in(exchanger, own)))
}

/// Is it this domain, or one under it?
pub fn lies_in(name: &str, domain: &str) -> bool {
    name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

const fn tls(host: &'static str, port: u16) -> Server {
    Server { host, port, tls: Tls::Implicit }
}

const fn starttls(host: &'static str, port: u16) -> Server {
    Server { host, port, tls: Tls::StartTls }
}

const GOOGLE: Wants = Wants::AppPassword("with 2-step verification on, https://myaccount.google.com/apppasswords");
const MICROSOFT: Server = tls("outlook.office365.com", 993);
const IONOS: &str = "imap.ionos.de";

static PROVIDERS: &[Provider] = &[
    Provider {
        name: "Google",
        domains: &["gmail.com", "googlemail.com"],
        exchangers: &["google.com", "googlemail.com"],
        imap: tls("imap.gmail.com", 993),
        smtp: tls("smtp.gmail.com", 465),
        user: User::Address,
        wants: GOOGLE,
    },
    Provider {
        name: "Microsoft 365",
        domains: &["onmicrosoft.com"],
        exchangers: &["mail.protection.outlook.com", "mx.microsoft"],
        imap: MICROSOFT,
        smtp: starttls("smtp.office365.com", 587),
        user: User::Address,
        wants: Wants::Token,
    },
    Provider {
        name: "Outlook.com",
        domains: &[
            "outlook.com",
            "outlook.de",
            "outlook.fr",
            "outlook.es",
            "outlook.it",
            "hotmail.com",
            "hotmail.de",
            "hotmail.fr",
            "hotmail.es",
            "hotmail.it",
            "hotmail.co.uk",
            "live.com",
            "live.de",
            "live.fr",
            "live.nl",
            "live.co.uk",
            "msn.com",
        ],
        exchangers: &["olc.protection.outlook.com"],
        imap: MICROSOFT,
        smtp: starttls("smtp-mail.outlook.com", 587),
        user: User::Address,
        wants: Wants::Token,
    },
    Provider {
        name: "Fastmail",
        domains: &["fastmail.com", "fastmail.fm"],
        exchangers: &["messagingengine.com"],
        imap: tls("imap.fastmail.com", 993),
        smtp: tls("smtp.fastmail.com", 465),
        user: User::Address,
        wants: Wants::AppPassword("Settings, Privacy & Security, Manage app passwords"),
    },
    Provider {
        name: "Apple iCloud",
        domains: &["icloud.com", "me.com", "mac.com"],
        exchangers: &["mail.icloud.com"],
        imap: tls("imap.mail.me.com", 993),
        smtp: starttls("smtp.mail.me.com", 587),
        user: User::Address,
        wants: Wants::AppPassword("https://account.apple.com, App-Specific Passwords"),
    },
    Provider {
        name: "Yahoo",
        domains: &[
            "yahoo.com",
            "yahoo.de",
            "yahoo.fr",
            "yahoo.it",
            "yahoo.es",
            "yahoo.co.uk",
            "ymail.com",
            "rocketmail.com",
        ],
        exchangers: &[],
        imap: tls("imap.mail.yahoo.com", 993),
        smtp: tls("smtp.mail.yahoo.com", 465),
        user: User::Address,
        wants: Wants::AppPassword("Account info, Security, App passwords"),
    },
    Provider {
        name: "AOL",
        domains: &["aol.com"],
        exchangers: &[],
        imap: tls("imap.aol.com", 993),
        smtp: tls("smtp.aol.com", 465),
        user: User::Address,
        wants: Wants::AppPassword("Account info, Security, App passwords"),
    },
    Provider {
        name: "GMX",
        domains: &["gmx.de", "gmx.net", "gmx.at", "gmx.ch", "gmx.eu", "gmx.org", "gmx.info", "gmx.biz"],
        exchangers: &[],
        imap: tls("imap.gmx.net", 993),
        smtp: tls("mail.gmx.net", 465),
        user: User::Address,
        wants: Wants::PasswordAfter("access by POP3 & IMAP is allowed in the account's e-mail settings"),
    },
    Provider {
        name: "GMX",
        domains: &["gmx.com", "gmx.us", "gmx.co.uk", "gmx.fr", "gmx.es", "gmx.it"],
        exchangers: &[],
        imap: tls("imap.gmx.com", 993),
        smtp: tls("mail.gmx.com", 465),
        user: User::Address,
        wants: Wants::PasswordAfter("access by POP3 & IMAP is allowed in the account's e-mail settings"),
    },
    Provider {
        name: "WEB.DE",
        domains: &["web.de"],
        exchangers: &[],
        imap: tls("imap.web.de", 993),
        smtp: tls("smtp.web.de", 465),
        user: User::LocalPart,
        wants: Wants::PasswordAfter("access by POP3 & IMAP is allowed in the account's e-mail settings"),
    },
    Provider {
        name: "T-Online",
        domains: &["t-online.de", "magenta.de"],
        exchangers: &[],
        imap: tls("secureimap.t-online.de", 993),
        smtp: tls("securesmtp.t-online.de", 465),
        user: User::Address,
        wants: Wants::AppPassword("an e-mail password of its own, in the account's settings"),
    },
    Provider {
        name: "Zoho",
        domains: &["zoho.com", "zohomail.com"],
        exchangers: &[],
        imap: tls("imap.zoho.com", 993),
        smtp: tls("smtp.zoho.com", 465),
        user: User::Address,
        wants: ZOHO,
    },
    zoho(&["mx.zoho.com", "mx2.zoho.com", "mx3.zoho.com"], "imappro.zoho.com", "smtppro.zoho.com"),
    zoho(&["mx.zoho.eu", "mx2.zoho.eu", "mx3.zoho.eu"], "imappro.zoho.eu", "smtppro.zoho.eu"),
    zoho(&["mx.zoho.in", "mx2.zoho.in", "mx3.zoho.in"], "imappro.zoho.in", "smtppro.zoho.in"),
    plain("mailbox.org", &["mailbox.org"], &["mailbox.org"], "imap.mailbox.org", "smtp.mailbox.org"),
    plain("Posteo", &["posteo.de", "posteo.net", "posteo.org", "posteo.eu"], &[], "posteo.de", "posteo.de"),
    plain("Migadu", &[], &["migadu.com"], "imap.migadu.com", "smtp.migadu.com"),
    plain("Infomaniak", &["ik.me"], &["mta-gw.infomaniak.ch"], "mail.infomaniak.com", "mail.infomaniak.com"),
    plain(
        "OVHcloud",
        &[],
        // Not those of its Exchange, ex1.mail.ovh.net and so on, which is reached otherwise.
        &["mx0.mail.ovh.net", "mx1.mail.ovh.net", "mx2.mail.ovh.net", "mx3.mail.ovh.net"],
        "ssl0.ovh.net",
        "ssl0.ovh.net",
    ),
    plain("IONOS", &[], &["ionos.de", "kundenserver.de", "schlund.de"], IONOS, "smtp.ionos.de"),
    plain("IONOS", &[], &["ionos.com", "1and1.com", "perfora.net"], "imap.ionos.com", "smtp.ionos.com"),
    plain("IONOS", &[], &["ionos.co.uk"], "imap.ionos.co.uk", "smtp.ionos.co.uk"),
    plain("IONOS", &[], &["ionos.fr"], "imap.ionos.fr", "smtp.ionos.fr"),
    plain("IONOS", &[], &["ionos.es"], "imap.ionos.es", "smtp.ionos.es"),
    plain("IONOS", &[], &["ionos.it"], "imap.ionos.it", "smtp.ionos.it"),
    plain("Strato", &[], &["rzone.de"], "imap.strato.de", "smtp.strato.de"),
    plain("Hetzner", &[], &["your-server.de"], "mail.your-server.de", "mail.your-server.de"),
    plain("Gandi", &[], &["mail.gandi.net"], "mail.gandi.net", "mail.gandi.net"),
];

const ZOHO: Wants = Wants::PasswordAfter(
    "IMAP is allowed in the account's settings (with two-factor authentication: an application-specific password)",
);

const fn zoho(exchangers: &'static [&'static str], imap: &'static str, smtp: &'static str) -> Provider {
    Provider {
        name: "Zoho",
        domains: &[],
        exchangers,
        imap: tls(imap, 993),
        smtp: tls(smtp, 465),
        user: User::Address,
        wants: ZOHO,
    }
}

/// The usual ports and the account's own password.
const fn plain(
    name: &'static str,
    domains: &'static [&'static str],
    exchangers: &'static [&'static str],
    imap: &'static str,
    smtp: &'static str,
) -> Provider {
    Provider {
        name,
        domains,
        exchangers,
        imap: tls(imap, 993),
        smtp: tls(smtp, 465),
        user: User::Address,
        wants: Wants::Password,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_known_by_its_own_domain_and_by_its_customers_exchangers() {
        let by_domain = |domain| of_domain(domain).map(|provider| provider.imap.host);
        assert_eq!(by_domain("gmail.com"), Some("imap.gmail.com"));
        assert_eq!(by_domain("notgmail.com"), None);
        assert_eq!(by_domain("acme.onmicrosoft.com"), Some("outlook.office365.com"));
        let by_exchanger = |name| of_exchanger(name).map(|provider| provider.imap.host);
        assert_eq!(by_exchanger("alt1.aspmx.l.google.com"), Some("imap.gmail.com"));
        assert_eq!(by_exchanger("example-com.mail.protection.outlook.com"), Some("outlook.office365.com"));
        assert_eq!(by_exchanger("mx1.mail.ovh.net"), Some("ssl0.ovh.net"));
        assert_eq!(by_exchanger("ex5.mail.ovh.net"), None);
        assert_eq!(by_exchanger("mx.notgoogle.com"), None);
    }

    #[test]
    fn every_name_stands_once_and_in_lower_case() {
        let mut names: Vec<&str> =
            PROVIDERS.iter().flat_map(|provider| provider.domains.iter().chain(provider.exchangers)).copied().collect();
        assert!(names.iter().all(|name| *name == name.to_lowercase() && !name.starts_with('.')));
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        // Two that have customers under their own domain.
        assert_eq!(all - names.len(), 2, "{names:?}");
    }
}
