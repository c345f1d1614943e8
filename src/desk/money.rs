//! Money: whole minor units of a currency, so that nothing is lost in reckoning.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::mail::wording;

/// So many cents, or whatever the currency's smallest unit is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    pub minor: i64,
    /// its three letters of ISO 4217
    pub currency: String,
}

/// Currencies whose amounts have no decimals (ISO 4217).
#[rustfmt::skip]
const NO_DECIMALS: [&str; 16] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF",
];
/// Currencies whose amounts have three (ISO 4217).
const THREE_DECIMALS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

impl Money {
    /// The price of so many minutes at this price an hour; half a minor unit is rounded up.
    pub fn for_minutes(&self, minutes: u32) -> Money {
        let minor = self.minor.saturating_mul(i64::from(minutes)).saturating_add(30).div_euclid(60);
        Money { minor, currency: self.currency.clone() }
    }

    pub fn plus(&self, minor: i64) -> Money {
        Money { minor: self.minor.saturating_add(minor), currency: self.currency.clone() }
    }

    /// For a notice: each language writes sums in its own way.
    pub fn in_words(&self) -> Value {
        wording::money(self.amount(), self.currency.as_str())
    }

    /// The amount without the currency: `25.00`, `3000`.
    pub fn amount(&self) -> String {
        let decimals = decimals(&self.currency);
        let unit = 10_u64.pow(decimals);
        let sign = if self.minor < 0 { "-" } else { "" };
        let (whole, rest) = (self.minor.unsigned_abs() / unit, self.minor.unsigned_abs() % unit);
        match decimals {
            0 => format!("{sign}{whole}"),
            _ => format!("{sign}{whole}.{rest:0width$}", width = decimals as usize),
        }
    }
}

fn decimals(currency: &str) -> u32 {
    match currency {
        none if NO_DECIMALS.contains(&none) => 0,
        three if THREE_DECIMALS.contains(&three) => 3,
        _ => 2,
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\": write an amount and a currency of ISO 4217, such as \"100 USD\" or \"99.50 EUR\"")]
pub struct NotMoney(String);

impl FromStr for Money {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Money, NotMoney> {
        let wrong = || NotMoney(text.to_owned());
        let (amount, currency) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let currency = currency.trim();
        if currency.len() != 3 || !currency.chars().all(|c| c.is_ascii_uppercase()) {
            return Err(wrong());
        }
        let (whole, rest) = amount.split_once('.').unwrap_or((amount, ""));
        let decimals = decimals(currency);
        let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
        if whole.is_empty() || whole.len() > 9 || rest.len() > decimals as usize || !digits(whole) || !digits(rest) {
            return Err(wrong());
        }
        let padded = format!("{whole}{rest:0<width$}", width = decimals as usize);
        Ok(Money { minor: padded.parse().map_err(|_| wrong())?, currency: currency.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written_in_the_decimals_of_their_currency() {
        for (text, minor, written) in [
            ("100 USD", 10_000, "100.00 USD"),
            ("99.5 EUR", 9_950, "99.50 EUR"),
            ("12000 JPY", 12_000, "12000 JPY"),
            ("1.234 KWD", 1_234, "1.234 KWD"),
        ] {
            let money: Money = text.parse().unwrap();
            assert_eq!((money.minor, money.to_string().as_str()), (minor, written));
        }
    }

    #[test]
    fn what_is_no_amount_of_a_currency_is_refused() {
        for text in ["", "100", "USD", "100 usd", "1.234 USD", "-5 USD", "1,50 EUR", "1.5 JPY", "1e9 USD", "5  DOLLARS"]
        {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_quarter_of_an_hour_costs_a_quarter() {
        let hour: Money = "100 USD".parse().unwrap();
        assert_eq!(hour.for_minutes(15).to_string(), "25.00 USD");
        assert_eq!(hour.for_minutes(75).to_string(), "125.00 USD");
        let odd: Money = "0.01 USD".parse().unwrap();
        assert_eq!((odd.for_minutes(29).minor, odd.for_minutes(30).minor), (0, 1));
    }
}
