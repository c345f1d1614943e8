//! The servers that are offered for an address: guessed, looked up and tried.

use super::{
    guess::{self, Candidate, Protocol, Records},
    lookup, probe, providers,
    providers::Provider,
};

#[derive(Debug, Default)]
pub struct Offer {
    pub provider: Option<&'static Provider>,
    pub imap: Option<Candidate>,
    pub smtp: Option<Candidate>,
}

/// Takes at most some eight seconds. Where there is no network there is no offer.
pub async fn offer(domain: &str) -> Offer {
    let records = match providers::of_domain(domain) {
        Some(_) => Records::default(),
        None => lookup::records(domain).await,
    };
    let guess = guess::guess(domain, &records);
    let (imap, smtp) =
        tokio::join!(probe::likeliest(Protocol::Imap, guess.imap), probe::likeliest(Protocol::Smtp, guess.smtp));
    Offer { provider: guess.provider, imap, smtp }
}
