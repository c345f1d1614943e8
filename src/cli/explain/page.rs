//! A mail explained as a page that whoever leads the support can read.

use std::io::{self, Write};

use super::NotExplained;
use crate::{
    cli::paint::{Ink, Paint, plain},
    daemon::explain::{Action, Explained},
    desk::{
        hours::{Zone, say},
        notice::written,
        service_desk::ServiceDesk,
    },
    mail::{incoming::Protection, sort::Kind},
};

/// Lines of a text that are shown.
const LINES: usize = 40;

pub(super) fn write(
    out: &mut impl Write,
    file: &str,
    explained: &Result<Explained, NotExplained>,
    desk: &ServiceDesk,
) -> io::Result<()> {
    let mut page = Page { out, paint: Paint::stdout(), desk };
    page.title(file)?;
    match explained {
        Ok(explained) => page.explained(explained),
        Err(why) => page.fact("", &why.to_string()),
    }
}

struct Page<'a, W> {
    out: &'a mut W,
    paint: Paint,
    desk: &'a ServiceDesk,
}

impl<W: Write> Page<'_, W> {
    fn explained(&mut self, explained: &Explained) -> io::Result<()> {
        self.header(explained)?;
        self.kind(explained)?;
        self.text(explained)?;
        self.asked(explained)?;
        self.case(explained)?;
        self.letters(explained)
    }

    fn header(&mut self, explained: &Explained) -> io::Result<()> {
        let mail = &explained.mail.incoming;
        let nobody = "nobody: the mail names no usable sender".to_owned();
        self.fact("from", &mail.from.as_ref().map_or(nobody, written))?;
        let to: Vec<String> = mail.to.iter().map(written).collect();
        self.fact("to", &to.join(", "))?;
        self.fact("subject", if mail.subject.is_empty() { "(no subject)" } else { &mail.subject })?;
        if let Some(date) = mail.date {
            self.fact("written", &say(date.to_utc(), &Zone::Offset(*date.offset())))?;
        }
        for file in mail.attachments.iter().filter(|a| !a.inline) {
            self.fact("attachment", &format!("{}, {}, {} bytes", file.name, file.content_type, file.size_bytes))?;
        }
        Ok(())
    }

    fn kind(&mut self, explained: &Explained) -> io::Result<()> {
        let sorted = &explained.mail.sorted;
        self.heading("What is it?", in_words(sorted.kind))?;
        if explained.mail.incoming.from.is_none() && explained.mail.incoming.date.is_none() {
            self.item("it looks like no mail: it has neither From nor Date")?;
        }
        for why in explained.reasons() {
            self.item(&why)?;
        }
        let Some(report) = &explained.mail.incoming.report else { return Ok(()) };
        for recipient in &report.recipients {
            let lasting = if recipient.is_permanent() { "for good" } else { "for now" };
            let parts =
                [&recipient.address, &recipient.action, &recipient.status, &recipient.reason, &recipient.diagnostic];
            let parts: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
            self.item(&format!("{} ({lasting})", parts.join(", ")))?;
        }
        match &report.original_message_id {
            Some(id) => self.item(&format!("about the mail <{id}>")),
            None => self.item("it does not say about which mail"),
        }
    }

    fn text(&mut self, explained: &Explained) -> io::Result<()> {
        let said = &explained.mail.said;
        let whole = explained.mail.incoming.text.trim().chars().count();
        let left_out = whole.saturating_sub(said.reply.chars().count());
        let about = match (said.reply.is_empty(), left_out) {
            (true, _) => "nothing that can be read".to_owned(),
            (false, 0) => String::new(),
            (false, left_out) => format!("without {left_out} characters of quotation, signature and the like"),
        };
        self.heading("What does it say?", &about)?;
        self.quoted(&said.reply)?;
        if let Some(language) = explained.language() {
            self.item(&format!("language: {language}"))?;
        }
        match explained.mail.incoming.protection {
            Protection::None => Ok(()),
            Protection::Signed => self.item("signed; the signature was not checked"),
            Protection::Encrypted => self.item("encrypted: it can't be read here"),
        }
    }

    fn asked(&mut self, explained: &Explained) -> io::Result<()> {
        let words = explained.asked.request_words();
        let fields: Vec<_> = explained.asked.fields.iter().collect();
        if words.is_empty() && fields.is_empty() && explained.missing.is_empty() {
            return Ok(());
        }
        let asks = if words.is_empty() { "nothing that the policy has words for".to_owned() } else { words.join(", ") };
        self.heading("What does it ask for?", &asks)?;
        for found in fields {
            let doubt = found.doubt.as_ref().map(|why| format!("; but {why}")).unwrap_or_default();
            let origin = format!("{}, {}{doubt}", found.place.as_str(), found.rule);
            let name = found.name.as_str().replace('-', " ");
            self.item(&format!("{name}: {} ({origin})", found.value))?;
        }
        for name in &explained.missing {
            let name = name.as_str().replace('-', " ");
            self.item(&format!("{name}: missing, and asked for in the acknowledgement"))?;
        }
        Ok(())
    }

    fn case(&mut self, explained: &Explained) -> io::Result<()> {
        let outcome = &explained.outcome;
        let reference = outcome.reference.as_deref().unwrap_or_default();
        let answered = explained.letters.iter().any(|letter| !letter.notice.starts_with("staff-"));
        let silently = if answered { "" } else { ", and nobody outside is written to" };
        let what = match outcome.action {
            Action::Open => format!("it opens a new case{silently}"),
            Action::Link => {
                let old = outcome.linked_to.as_deref().unwrap_or_default();
                format!("it opens a new case that goes on with {old}{silently}")
            }
            Action::Append => format!("it joins {reference}{silently}"),
            Action::Reopen => format!("it reopens {reference}{silently}"),
            Action::Record => format!("it is kept on {reference}, and changes nothing there"),
            Action::Stray => "it belongs to no case: it is kept, and listed for staff (casepost stray list)".to_owned(),
            Action::Nothing if reference.is_empty() => {
                "nothing: the desk has this mail already, or wrote it".to_owned()
            }
            Action::Nothing => format!("nothing: the desk has this mail already, or wrote it; it is on {reference}"),
            Action::Quarantine => "it is held in quarantine".to_owned(),
        };
        self.heading("What follows?", &what)?;
        if explained.evidence.is_empty() {
            self.item("it cites no case of this desk")?;
        }
        for evidence in &explained.evidence {
            let holds = if evidence.holds { "holds" } else { "does not hold" };
            self.item(&format!("{} {holds}: {}", evidence.what, evidence.why))?;
        }
        Ok(())
    }

    fn letters(&mut self, explained: &Explained) -> io::Result<()> {
        let number = match explained.letters.len() {
            0 => "none".to_owned(),
            number => number.to_string(),
        };
        self.heading("Mails that would go out:", &number)?;
        // Each of the staff gets a mail of their own: they are read once.
        for alike in explained.letters.chunk_by(|a, b| (a.notice, &a.text) == (b.notice, &b.text)) {
            let to: Vec<&str> = alike.iter().map(|letter| letter.to.as_str()).collect();
            self.item(&format!("{} to {}: {}", alike[0].notice, to.join(", "), alike[0].subject))?;
            self.quoted(&alike[0].text)?;
        }
        if !explained.letters.is_empty() && self.desk.staff.is_empty() {
            self.item("staff would be told, too, if the desk had any")?;
        }
        Ok(())
    }

    fn title(&mut self, file: &str) -> io::Result<()> {
        writeln!(self.out, "{}", self.paint.ink(Ink::Bold, &plain(file)))
    }

    fn fact(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, "  {} {}", self.paint.ink(Ink::Dim, &format!("{name:<12}")), plain(value))
    }

    fn heading(&mut self, question: &str, answer: &str) -> io::Result<()> {
        writeln!(self.out, "\n{} {}", self.paint.ink(Ink::Bold, question), plain(answer))
    }

    fn item(&mut self, text: &str) -> io::Result<()> {
        writeln!(self.out, "  - {}", plain(text))
    }

    fn quoted(&mut self, text: &str) -> io::Result<()> {
        let bar = self.paint.ink(Ink::Dim, "|");
        let text = plain(text.trim_end());
        let mut lines = text.lines();
        for line in lines.by_ref().take(LINES) {
            writeln!(self.out, "    {bar} {line}")?;
        }
        match lines.count() {
            0 => Ok(()),
            more => writeln!(self.out, "    {bar} … {more} lines more (--json has all)"),
        }
    }
}

fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Person => "a person wrote it",
        Kind::AutoReply => "a robot's answer: never answered",
        Kind::AutoGenerated => "a robot wrote it of its own accord: not answered",
        Kind::Bounce => "a bounce: a mail could not be delivered",
        Kind::DeliveryDelayed => "a report that a mail is delayed: it is still being tried",
        Kind::Delivered => "a report that a mail was delivered",
        Kind::ReadReceipt => "a read receipt",
        Kind::CalendarReply => "an answer to an invitation",
        Kind::FeedbackReport => "a complaint about a mail, sent by its recipient's provider",
        Kind::List => "a mail by a mailing list",
        Kind::Spam => "spam, as the mail server marked it",
        Kind::Forged => "forged: its sender is not who it says",
        Kind::Own => "the desk's own mail, come back",
    }
}
