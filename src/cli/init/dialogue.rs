//! The dialogue: what is asked, in which order. What was given as an option is not asked.

use std::path::Path;

use super::{
    files::NewFile,
    guess::{self, domain, is_public},
    incoming::Incoming,
    offer::{Offer, offer},
    outgoing::{Known, Outgoing},
    providers,
    secret::Secret,
    talk::{Question, Talk},
};
use crate::{
    cli::paint::fit,
    config::{
        InitAnswers, Start,
        person::{address, line, person},
    },
    desk::policy::{built_in, built_in_names},
};

/// The answers, and the files for the passwords that were typed. `beside` is the configuration's folder.
pub fn hold(talk: &Talk, given: InitAnswers, beside: &Path) -> anyhow::Result<(InitAnswers, Vec<NewFile>)> {
    let mut answers = given;
    answers.name = Some(name(talk, answers.name)?);
    let desk = own_address(talk, answers.address)?;
    let offer = look_for_servers(talk, &desk, answers.imap.url.is_none() || answers.smtp.url.is_none());
    let user = guess::user(&desk, offer.provider);

    let mut incoming = None;
    if answers.maildir.is_none() {
        talk.heading("Where mail comes from (IMAP)");
        let asked = Incoming::ask(talk, &answers.imap, &offer, &user, beside)?;
        answers.start = Some(start(talk, answers.start, &asked)?);
        answers.imap = asked.answers();
        incoming = Some(asked);
    }
    let mut outgoing = None;
    if !answers.smtp.url.as_ref().is_some_and(|url| url.starts_with("maildir:")) {
        talk.heading("Where mail goes (SMTP)");
        let incoming = incoming.as_ref();
        let known = Known { told: &answers.smtp, offer: &offer, incoming, address: &desk, user: &user, beside };
        let asked = Outgoing::ask(talk, &known)?;
        answers.smtp = asked.answers();
        outgoing = Some(asked);
    }

    talk.heading("Who works here, and how");
    answers.staff = Some(staff(talk, answers.staff, &desk)?);
    answers.policy = Some(policy(talk, answers.policy)?);
    answers.address = Some(desk);
    let secrets = incoming.iter().map(|incoming| &incoming.secret).chain(outgoing.iter().filter_map(Outgoing::secret));
    Ok((answers, secret_files(secrets, beside)))
}

fn name(talk: &Talk, given: Option<String>) -> anyhow::Result<String> {
    if let Some(name) = given {
        return Ok(name);
    }
    let help = Some("as customers see it, in From and in every mail");
    talk.line(Question { text: "The desk's name:", default: Some("Support"), help }, |text| {
        line(text).map(drop).map_err(|why| format!("it {why}"))
    })
}

fn own_address(talk: &Talk, given: Option<String>) -> anyhow::Result<String> {
    if let Some(given) = given {
        return address(&given).map_err(|why| anyhow::anyhow!("--address {why}"));
    }
    let help = Some("what it writes as, and reads: support@example.com");
    talk.line(Question { text: "Its mail address:", default: None, help }, |text| address(text).map(drop))
}

/// Nothing is looked up that needn't be.
fn look_for_servers(talk: &Talk, desk: &str, needed: bool) -> Offer {
    let domain = domain(desk);
    if !needed || !is_public(&domain) {
        return Offer { provider: providers::of_domain(&domain), ..Offer::default() };
    }
    let offer = talk.wait(&format!("looking for the mail servers of {domain}"), offer(&domain));
    if let Some(provider) = offer.provider.filter(|_| providers::of_domain(&domain).is_none()) {
        talk.note(&format!("The mail of {domain} is with {}.", provider.name));
    }
    offer
}

fn start(talk: &Talk, given: Option<Start>, incoming: &Incoming) -> anyhow::Result<Start> {
    if let Some(start) = given {
        return Ok(start);
    }
    let question = match incoming.mails {
        Some(0) => return Ok(Start::All),
        Some(mails) => format!("Take in the {mails} mails that are there?"),
        None => "Take in the mails that are there?".to_owned(),
    };
    let all = "Yes; those older than three days get no automatic answer";
    let new = "No, leave them alone: only what comes from now on";
    let chosen = talk.choice(&question, &[all.to_owned(), new.to_owned()])?;
    Ok(if chosen == 0 { Start::All } else { Start::New })
}

fn staff(talk: &Talk, given: Option<Vec<String>>, desk: &str) -> anyhow::Result<Vec<String>> {
    if let Some(staff) = given {
        return Ok(staff);
    }
    let help = format!("First line <first.line@{}>; an empty line ends the list", domain(desk));
    let mut staff: Vec<String> = Vec::new();
    loop {
        let text = if staff.is_empty() { "Who is told of new cases?" } else { "Who else?" };
        let check = |text: &str| is_new_person(text, &staff, desk);
        let answer = talk.line(Question { text, default: None, help: Some(&help) }, check)?;
        if answer.is_empty() {
            return Ok(staff);
        }
        staff.push(answer);
    }
}

fn is_new_person(text: &str, known: &[String], desk: &str) -> Result<(), String> {
    if text.is_empty() {
        return Ok(());
    }
    let (_, address) = person(text)?;
    let is_known = |known: &String| person(known).is_ok_and(|(_, known)| known.eq_ignore_ascii_case(&address));
    if address.eq_ignore_ascii_case(desk) {
        Err(format!("{address} is the desk itself"))
    } else if known.iter().any(is_known) {
        Err(format!("{address} is in the list already"))
    } else {
        Ok(())
    }
}

fn policy(talk: &Talk, given: Option<String>) -> anyhow::Result<String> {
    if let Some(policy) = given {
        return Ok(policy);
    }
    let names = built_in_names();
    let labels: Vec<String> = names.iter().map(|name| fit(&format!("{name}: {}", what_it_is(name)), 72)).collect();
    Ok(names[talk.choice("Policy:", &labels)?].to_owned())
}

/// The first sentence of its file.
fn what_it_is(policy: &str) -> String {
    let text = built_in(&format!("{policy}/policy.toml")).map(|file| file.text).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default().trim_start_matches('#').trim();
    line.split_once(". ").map_or(line, |(sentence, _)| sentence).trim_end_matches('.').to_owned()
}

/// The same password may serve both servers, from one file.
fn secret_files<'a>(secrets: impl Iterator<Item = &'a Secret>, beside: &Path) -> Vec<NewFile> {
    let mut files: Vec<NewFile> = Vec::new();
    for file in secrets.filter_map(|secret| secret.file(beside)) {
        if files.iter().all(|other| other.path != file.path) {
            files.push(file);
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_staff_has_an_address_of_their_own() {
        let check = |text| is_new_person(text, &["Ann <ann@acme.org>".to_owned()], "desk@acme.org");
        assert_eq!(check("Tom <tom@acme.org>"), Ok(()));
        assert_eq!(check(""), Ok(()), "ends the list");
        assert!(check("Ann again <ANN@acme.org>").unwrap_err().contains("already"));
        assert!(check("desk@acme.org").unwrap_err().contains("the desk itself"));
        assert!(check("Tom").unwrap_err().contains("Name <address>"));
    }

    #[test]
    fn every_policy_says_what_it_is() {
        assert_eq!(built_in_names()[0], "base", "the first is what Enter takes");
        assert!(built_in_names().iter().all(|name| what_it_is(name).len() > 20));
    }
}
