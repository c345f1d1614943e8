//! Names of customers in what others read: an organisation by its whole name as it is written, a service by one of its
//! numbers, in whatever case.
//!
//! A word may be a name by chance. So short names are not looked for, nor one of which the desk, a platform or a site is
//! called; and staff may say that they mean the word.

use crate::desk::lifecycle::Refusal;

/// Characters of a name that is looked for: shorter ones are words.
pub const SHORTEST: u32 = 4;

/// A name of the directory that a text holds somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mention {
    Organisation(String),
    /// in capitals
    Service(String),
}

/// Who reads a text beside those whom it concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    Everybody,
    OtherCustomers,
}

/// A text that others read, with what it is to those who write it: "the title".
pub type Public<'a> = (&'static str, &'a str);

impl Mention {
    /// Does the text name it, and not just hold its letters?
    fn is_in(&self, text: &str) -> bool {
        match self {
            Mention::Organisation(name) => stands_in(text, name, |_| false),
            Mention::Service(number) => {
                let is_number = number.chars().any(|c| c.is_ascii_digit());
                is_number && stands_in(&in_capitals(text), number, |c| "-_/.".contains(c))
            }
        }
    }

    fn name(&self) -> &str {
        match self {
            Mention::Organisation(name) | Mention::Service(name) => name,
        }
    }
}

/// On one line, as names are kept.
pub fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As the numbers of services are compared here; other letters than these have no part in one.
pub fn in_capitals(text: &str) -> String {
    text.to_ascii_uppercase()
}

/// Refuses texts that name a customer. `mentions` are what their letters hold; `own` is what the desk itself is called, its
/// platforms and sites.
///
/// # Errors
/// Which text names whom, and what to do.
pub fn name_nobody(
    texts: &[Public<'_>],
    mentions: &[Mention],
    own: &[String],
    readers: Readers,
) -> Result<(), Refusal> {
    for (what, text) in texts {
        let text = on_one_line(text);
        let is_own = |mention: &Mention| own.iter().any(|own| mention.is_in(&on_one_line(own)));
        let Some(named) = mentions.iter().find(|mention| mention.is_in(&text) && !is_own(mention)) else { continue };
        let kind = match named {
            Mention::Organisation(_) => "an organisation of the directory",
            Mention::Service(_) => "a service of a customer",
        };
        let readers = match readers {
            Readers::Everybody => "everybody reads it",
            Readers::OtherCustomers => "other customers read it",
        };
        return Err(Refusal(format!(
            "{what} names {}, {kind}, and {readers}: write it without; if it is meant (a word that is a name, too): \
             --named, on the command line",
            named.name()
        )));
    }
    Ok(())
}

/// Does a name stand in a text by itself? `joins` says which marks make a longer name of it and what stands behind them: a
/// full stop at the end of a sentence is none.
fn stands_in(text: &str, name: &str, joins: impl Fn(char) -> bool) -> bool {
    let goes_on = |next: Option<char>, second: Option<char>| {
        next.is_some_and(char::is_alphanumeric) || next.is_some_and(&joins) && second.is_some_and(char::is_alphanumeric)
    };
    name.chars().count() >= SHORTEST as usize
        && text.match_indices(name).any(|(at, _)| {
            let (mut before, mut behind) = (text[..at].chars().rev(), text[at + name.len()..].chars());
            !goes_on(before.next(), before.next()) && !goes_on(behind.next(), behind.next())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str, mention: Mention, own: &[&str]) -> Option<String> {
        let own: Vec<String> = own.iter().map(|own| (*own).to_owned()).collect();
        name_nobody(&[("the text", text)], &[mention], &own, Readers::Everybody).err().map(|why| why.0)
    }

    fn books() -> Mention {
        Mention::Organisation("Books".to_owned())
    }

    #[test]
    fn an_organisation_is_named_by_its_whole_name_as_it_is_written() {
        for text in ["Only one line was cut at Books.", "Books' card ages", "(Books)", "Books", "for Books-based sites"]
        {
            assert!(refused(text, books(), &[]).is_some(), "{text}");
        }
        for text in ["Bookshops are shut", "the books are shut", "eBooks", "Books2", "BOOKS"] {
            assert_eq!(refused(text, books(), &[]), None, "{text}");
        }
        let maps = || Mention::Organisation("Books & Maps Ltd".to_owned());
        assert!(refused("at Books &\nMaps  Ltd, too", maps(), &[]).is_some(), "it may be broken");
        assert_eq!(refused("at Books & Maps", maps(), &[]), None);
    }

    #[test]
    fn a_service_is_named_by_a_whole_number_in_whatever_case() {
        let service = || Mention::Service("IS-4711".to_owned());
        for text in ["is-4711 is down.", "IS-4711.", "IS-4711: down", "IS-4711/", "(IS-4711)", "IS-4711, IS-9"] {
            assert!(refused(text, service(), &[]).is_some(), "{text}");
        }
        for text in ["IS-47110", "XIS-4711", "A-IS-4711", "IS-4711-2", "IS-4711/3", "IS 4711"] {
            assert_eq!(refused(text, service(), &[]), None, "{text}");
        }
        assert_eq!(refused("until 2026-11-24", Mention::Service("2026".to_owned()), &[]), None, "a date");
        assert_eq!(refused("the VOICE line", Mention::Service("VOICE".to_owned()), &[]), None, "no digit, so a word");
    }

    #[test]
    fn short_names_and_what_the_desk_its_platforms_and_sites_are_called_count_for_nobody() {
        assert_eq!(refused("an ABC of it", Mention::Organisation("ABC".to_owned()), &[]), None);
        assert_eq!(refused("IS9 is down", Mention::Service("IS9".to_owned()), &[]), None);
        let voice = || Mention::Organisation("Voice".to_owned());
        assert_eq!(refused("Voice: no calls", voice(), &["Voice and fax"]), None);
        assert!(refused("Voice: no calls", voice(), &["Voices"]).is_some());
        let site = Mention::Service("FRA1".to_owned());
        assert_eq!(refused("at fra1", site, &["Frankfurt fra1"]), None);
    }

    #[test]
    fn what_is_refused_says_which_text_names_whom_and_who_reads_it() {
        assert_eq!(
            refused("Cut at Books.", books(), &[]).unwrap(),
            "the text names Books, an organisation of the directory, and everybody reads it: write it without; if it is \
             meant (a word that is a name, too): --named, on the command line"
        );
        let texts = [("the title", "A card"), ("the reason", "Books wants it")];
        let why = name_nobody(&texts, &[books()], &[], Readers::OtherCustomers).unwrap_err().0;
        assert!(why.starts_with("the reason names Books,") && why.contains("and other customers read it"), "{why}");
    }
}
