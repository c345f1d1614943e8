//! A contact writes that their address changes, from the old one or from the new one: they are asked at the old one.

use super::{TakingIn, confirm::ask_to_confirm_address};
use crate::{
    desk::{cues::Request, directory::Contact},
    mail::{
        address::{Address, is_plausible},
        sort::Kind,
    },
    store::{StoreError, contacts},
};

/// A mail that names more addresses is about something else.
const NAMED: usize = 5;

impl TakingIn<'_> {
    /// Asks at the old address, where the mail leaves no doubt whose and which addresses it means; otherwise staff see
    /// what it asks for and do it themselves.
    pub(super) fn change_address(&self, writer: &Address) -> Result<(), StoreError> {
        let sorted = &self.mail.sorted;
        let is_asked = self.mail.asked.hears(Request::ChangeAddress) && sorted.kind == Kind::Person;
        if !is_asked || !sorted.verified || !sorted.answerable() || self.is_late() {
            return Ok(());
        }
        let Some((contact, new_address)) = self.whose_and_which(writer)? else { return Ok(()) };
        ask_to_confirm_address(self.tx, self.office, &contact, &new_address, self.now).map(drop)
    }

    fn whose_and_which(&self, writer: &Address) -> Result<Option<(Contact, String)>, StoreError> {
        let desk = &self.office.desk;
        let mut named = addresses(&self.mail.said.reply);
        named.retain(|email| *email != writer.email && !desk.is_own(email) && !desk.is_staff(email));
        let [other] = named.as_slice() else { return Ok(None) };
        if let Some(contact) = self.known.contact.clone().filter(|contact| contact.email == writer.email) {
            return Ok(Some((contact, other.clone())));
        }
        Ok(contacts::by_email(self.tx, other)?.map(|contact| (contact, writer.email.clone())))
    }
}

/// The mail addresses in a text, each once, in lower case.
fn addresses(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || "<>()[]{},;:\"'|*".contains(c)).filter(|w| w.contains('@')) {
        let email = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
        if is_plausible(&email) && email.contains('.') && !found.contains(&email) {
            found.push(email);
        }
        if found.len() > NAMED {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn addresses_are_found_in_sentences() {
        let text = "My new one is <Ada@Books.test>, no longer ada@old.test. Write to *ada@books.test*!";
        assert_eq!(addresses(text), ["ada@books.test", "ada@old.test"]);
        assert_eq!(addresses("me @ home, @handle, a@b"), Vec::<String>::new());
    }
}
