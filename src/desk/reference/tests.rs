//! What is given, what is refused, what is found in text.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

const KEY: [u8; 32] = [7; 32];

fn reference(counter: u64) -> Reference {
    Reference::from_counter(counter, &KEY).expect("below the limit")
}

fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '-' => '－',
            digit => char::from_u32(u32::from(digit) - u32::from('0') + u32::from('０')).expect("a digit"),
        })
        .collect()
}

/// Every other text that a slip of one digit or of two neighbours makes of this one.
fn slips(text: &str) -> Vec<String> {
    let places: Vec<usize> = (0..text.len()).filter(|&at| text.as_bytes()[at].is_ascii_digit()).collect();
    let mut slips = Vec::new();
    for &at in &places {
        for other in b'0'..=b'9' {
            let mut changed = text.as_bytes().to_vec();
            changed[at] = other;
            slips.push(changed);
        }
    }
    for pair in places.windows(2) {
        let mut changed = text.as_bytes().to_vec();
        changed.swap(pair[0], pair[1]);
        slips.push(changed);
    }
    slips.into_iter().map(|bytes| String::from_utf8(bytes).expect("ASCII")).filter(|slip| slip != text).collect()
}

#[test]
fn no_reference_is_given_twice_to_the_first_cases_nor_around_round_numbers() {
    let round = [1_000_000u64, 99_999_999, 500_000_000, 999_990_000].into_iter().flat_map(|from| from..from + 1000);
    let counters: Vec<u64> = (0..5000).chain(round).collect();
    let references: HashSet<Reference> = counters.iter().map(|&counter| reference(counter)).collect();
    assert_eq!(references.len(), counters.len());
}

#[test]
fn the_last_counter_has_a_reference_and_the_next_has_none() {
    assert!(Reference::from_counter(999_999_999, &KEY).is_ok());
    assert_eq!(Reference::from_counter(1_000_000_000, &KEY), Err(Exhausted));
}

#[test]
fn another_key_gives_another_order() {
    let same = (0..100).filter(|&n| Reference::from_counter(n, &[8; 32]) == Reference::from_counter(n, &KEY)).count();
    assert_eq!(same, 0);
}

#[test]
fn consecutive_cases_show_no_order() {
    let rising = (0..1000).filter(|&n| reference(n) < reference(n + 1)).count();
    assert!((400..600).contains(&rising), "{rising} of 1000 rise");
}

#[test]
fn references_once_given_stay_what_they_are() {
    let given: Vec<String> = (0..3).map(|counter| reference(counter).to_string()).collect();
    assert_eq!(given, ["1-2467676627", "1-4018305909", "1-9647651460"]);
}

#[test]
fn damms_own_example_has_the_check_digit_he_gives() {
    assert_eq!(check(572), 4);
}

#[test]
fn a_wrong_check_digit_is_told_from_a_wrong_shape() {
    let good = reference(1).to_string();
    let wrong = format!("{}{}", &good[..11], (good.as_bytes()[11] - b'0' + 1) % 10);
    assert_eq!(Reference::parse(&wrong), Err(NotAReference::CheckDigit));
    for text in [
        "",
        "1",
        "1-",
        "1-123",
        "2-0123456789",
        &format!(" {good}"),
        &format!("{good}0"),
        "1--123456789",
        "1-01234５6789",
    ] {
        assert_eq!(Reference::parse(text), Err(NotAReference::Shape), "{text}");
    }
}

#[test]
fn serde_writes_the_text_and_refuses_a_mistyped_one() {
    let written = serde_json::to_string(&reference(5)).expect("writes");
    assert_eq!(written, format!("\"{}\"", reference(5)));
    assert_eq!(serde_json::from_str::<Reference>(&written).expect("reads"), reference(5));
    assert!(serde_json::from_str::<Reference>("\"1-0000000001\"").is_err());
}

#[test]
fn forms_that_people_write_are_found() {
    let (a, b, c) = (reference(1), reference(2), reference(3));
    let text =
        format!("Re: [{a}] and {}; 案件{}について, _{a}_ Ticket-{b}.", b.telephone(), full_width(&c.to_string()));
    assert_eq!(Reference::find_all(&text), [a, b, c]);
    for hyphen in ['\u{2010}', '\u{2011}', '\u{2013}', '\u{2212}', '\u{FF0D}', '\u{30FC}'] {
        let text = a.to_string().replace('-', &hyphen.to_string());
        assert_eq!(Reference::find_all(&text), [a], "{text}");
    }
}

#[test]
fn a_longer_number_or_word_is_no_reference() {
    let (mail, phone) = (reference(1).to_string(), reference(1).telephone());
    for text in [
        format!("2{phone}"),
        format!("{phone}0"),
        format!("x{phone}"),
        format!("{mail}a"),
        format!("{mail}é"),
        format!("+{phone}"),
        format!("+{mail}"),
        format!("555-{mail}"),
        format!("{mail}-12"),
        format!("{phone}-1"),
        format!("{mail}０"),
    ] {
        assert_eq!(Reference::find_all(&text), [], "{text}");
    }
}

#[test]
fn a_list_of_hundreds_gives_the_first_twenty_and_repeats_count_once() {
    let list: Vec<String> = (0..300).flat_map(|n| [reference(n).to_string(), reference(n).telephone()]).collect();
    let expected: Vec<Reference> = (0..20).map(reference).collect();
    assert_eq!(Reference::find_all(&list.join(" ")), expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn both_forms_are_read_back(counter in 0..COUNT) {
        let given = reference(counter);
        prop_assert_eq!(Reference::parse(&given.to_string()), Ok(given));
        prop_assert_eq!(Reference::parse(&given.telephone()), Ok(given));
    }

    #[test]
    fn two_counters_never_share_a_reference(a in 0..COUNT, b in 0..COUNT) {
        prop_assert_eq!(reference(a) == reference(b), a == b);
    }

    #[test]
    fn every_slip_of_a_digit_or_of_two_neighbours_is_refused(counter in 0..COUNT) {
        for form in [reference(counter).to_string(), reference(counter).telephone()] {
            for slip in slips(&form) {
                prop_assert!(Reference::parse(&slip).is_err(), "{} for {}", slip, form);
            }
        }
    }

    #[test]
    fn what_display_wrote_is_found_in_noise(counter in 0..COUNT, before in "\\PC{0,40}", after in "\\PC{0,40}") {
        let given = reference(counter);
        let text = format!("{before} ({given}) {after}");
        prop_assert!(Reference::find_all(&text).contains(&given), "{}", text);
    }
}
