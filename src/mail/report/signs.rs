//! By which signs a mail that follows no standard is known as a report: who sends it, what its subject and its first
//! lines say, whether a mail comes back with it. No sign is enough by itself: people write "undeliverable", too, and
//! forward what mail systems wrote.

use mail_parser::{Message, MimeHeaders};

use super::{ReportKind, addresses, notice::Notice, phrases, smtp};
use crate::mail::incoming::{Incoming, header::one_line};

/// Phrases are looked for in so much of a notice.
const SAID_CHARS: usize = 8_000;
/// Where the subject alone speaks for a report, the phrase has to stand in its first lines.
const FIRST_CHARS: usize = 600;
const ENOUGH: u32 = 5;

/// What a mail looks like.
#[derive(Debug, Default)]
pub(super) struct Signs {
    pub why: Vec<String>,
    points: u32,
}

impl Signs {
    fn add(&mut self, points: u32, why: impl Into<String>) {
        self.points += points;
        self.why.push(why.into());
    }
}

/// A mail system by address (3, or 2 for what people use, too) or by name.
pub(super) fn mail_system(mail: &Incoming) -> Option<(u32, String)> {
    match &mail.from {
        Some(from) => by_address(&from.email, from.name.as_deref()).or_else(|| list_software(mail, &from.email)),
        // `From: MAILER-DAEMON <>`, `From: <>`: no address that could be read.
        None => {
            let raw = one_line(mail.header("from").next().unwrap_or_default(), 200).to_lowercase();
            let named = ["daemon", "mail deliver", "postmaster", "mail system", "mail administrator"];
            let is_named = named.iter().any(|name| raw.contains(name));
            let is_empty = raw.trim_matches(['<', '>', '"', ' ']).is_empty() && mail.header("from").next().is_some();
            (is_named || is_empty).then(|| (if is_named { 3 } else { 2 }, format!("from the mail system: {raw}")))
        }
    }
}

/// The program that runs a list writes in the list's name, which people do, too, without its mark.
fn list_software(mail: &Incoming, email: &str) -> Option<(u32, String)> {
    let local = email.split('@').next().unwrap_or_default();
    let in_its_name = ["-bounces", "-owner", "-request", "-admin"].iter().any(|end| local.ends_with(end));
    let mark = ["x-mailman-version", "x-mlserver", "x-list-administrivia", "x-sympa-to"]
        .into_iter()
        .find(|name| mail.header(name).next().is_some());
    mark.filter(|_| in_its_name).map(|mark| (2, format!("from a list's program: {mark} is set")))
}

fn by_address(email: &str, name: Option<&str>) -> Option<(u32, String)> {
    let local: String = email.split('@').next().unwrap_or_default().chars().filter(|c| c.is_alphanumeric()).collect();
    let points = match local.as_str() {
        "mailerdaemon"
        | "mailerdeamon"
        | "maildaemon"
        | "maildeliverysystem"
        | "maildeliverysubsystem"
        | "mailsystem" => 3,
        _ if local.starts_with("microsoftexchange") && local.len() > 30 => 3,
        "postmaster"
        | "poostmaster"
        | "mailadmin"
        | "mailadministrator"
        | "systemadministrator"
        | "mailerror"
        | "maildelivery"
        | "mmsdaemon"
        | "mdaemon"
        | "smtpd"
        | "smtp"
        | "bounce"
        | "bounces"
        | "ndr"
        | "mailrouter"
        | "mailmaster"
        | "undeliverable" => 2,
        _ => {
            let name: String = name?.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
            #[rustfmt::skip]
            let named = [
                "maildeliver", "mailerdaemon", "mailerdeamon", "systemadministrator", "administrateursystème",
                "administradordelsistema",
                "amministratoredisistema", "administradordosistema", "systeembeheerder", "systemadministratör",
                "administratorsystemu",
                "mailadministrator", "mailadmin", "postmaster", "microsoftoutlook", "mailsystem", "ndradministrator",
                "mailrouter",
                "deliverysystem", "deliverysubsystem", "системныйадминистратор", "システム管理者", "系统管理员", "系統管理員",
                "시스템관리자", "postoffice",
                "deliverynotification", "deliverystatus", "interscan",
            ];
            if !named.iter().any(|known| name.contains(known)) {
                return None;
            }
            2
        }
    };
    Some((points, format!("from the mail system: {email}")))
}

/// The same of a returned mail.
pub(super) fn is_from_mail_system(message: &Message<'_>) -> bool {
    let by_from = message.from().and_then(|from| from.first()).is_some_and(|from| {
        from.address.as_deref().is_some_and(|email| by_address(&email.to_lowercase(), from.name.as_deref()).is_some())
    });
    by_from
        || message.from().is_none()
            && message.header_raw("From").is_some_and(|raw| raw.to_ascii_lowercase().contains("daemon"))
        || message
            .content_type()
            .is_some_and(|t| t.attribute("report-type").is_some_and(|r| r.eq_ignore_ascii_case("delivery-status")))
}

/// `<>`, or the mail system's own address where a server fills one in.
pub(super) fn has_null_return_path(mail: &Incoming) -> bool {
    mail.return_path.as_deref().is_some_and(|path| {
        let local = path.split('@').next().unwrap_or_default();
        path.is_empty() || matches!(local, "mailer-daemon" | "mailerdaemon" | "double-bounce" | "#@[]" | "#")
    })
}

/// A person's answer or forward.
pub(super) fn is_answer(mail: &Incoming) -> bool {
    let subject = mail.subject.to_lowercase();
    phrases::ANSWERS.iter().any(|prefix| subject.starts_with(prefix)) || subject.ends_with("(fwd)")
}

pub(super) fn is_challenge(mail: &Incoming, notice: &Notice<'_>) -> bool {
    let said = said(&notice.text, SAID_CHARS);
    let in_status = notice.status.iter().any(|text| text.to_lowercase().contains("pre-approved"));
    mail.header("x-boxbe-version").next().is_some() || in_status || has(&said, phrases::CHALLENGE).is_some()
}

/// In one line and in lower case.
fn said(text: &str, chars: usize) -> String {
    let end = text.floor_char_boundary(4 * chars);
    one_line(&text[..end], chars).to_lowercase().replace('’', "'")
}

fn has(said: &str, list: &[&'static str]) -> Option<&'static str> {
    list.iter().copied().find(|phrase| said.contains(phrase))
}

fn subject_kind(mail: &Incoming) -> Option<(ReportKind, &'static str)> {
    // Gateways mark subjects: `[EXTERNAL] Undeliverable: …`, `*** Undeliverable …`.
    let subject = mail.subject.to_lowercase().replace('’', "'");
    let bare = subject.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '[');
    let unmarked =
        bare.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(bare, |(_, rest)| rest.trim_start());
    let begins = |list: &[&'static str]| {
        let mut starts = [bare, unmarked, bare.trim_start_matches("[")].into_iter();
        starts.find_map(|text| list.iter().copied().find(|start| text.starts_with(start)))
    };
    // "Delivery Status Notification (Delay)" begins like a failure.
    let lists = [
        (ReportKind::Delayed, phrases::DELAYED_SUBJECTS),
        (ReportKind::Delivered, phrases::DELIVERED_SUBJECTS),
        (ReportKind::Failed, phrases::FAILED_SUBJECTS),
        (ReportKind::Failed, phrases::FAILED_SUBJECTS_PERHAPS),
    ];
    lists.into_iter().find_map(|(kind, list)| begins(list).map(|start| (kind, start)))
}

pub(super) fn has_telling_subject(mail: &Incoming) -> bool {
    subject_kind(mail).is_some()
}

/// Is it a report, and why? None when the signs are too few.
pub(super) fn weigh(mail: &Incoming, notice: &Notice<'_>) -> Option<Signs> {
    let system = mail_system(mail);
    if system.is_none() && is_answer(mail) {
        return None;
    }
    let mut signs = Signs::default();
    let null = has_null_return_path(mail);
    let subject = subject_kind(mail);
    let text = said(&notice.text, SAID_CHARS);
    let phrase = has(&text, phrases::FAILED).or_else(|| has(&text, phrases::DELAYED));
    // Of success only a mail system speaks; people write "was successfully…" about anything.
    let phrase = phrase.or_else(|| if system.is_some() { has(&text, phrases::DELIVERED) } else { None });
    let phrase = phrase.or_else(|| has(&text, phrases::FAILED_PERHAPS));
    let named = mail.header("x-failed-recipients").next().is_some();
    if let Some((points, why)) = &system {
        signs.add(*points, why.clone());
    }
    if null {
        signs.add(2, "null return path");
    }
    if named {
        signs.add(3, "X-Failed-Recipients is set");
    }
    if let Some((_, start)) = subject {
        let points = if phrases::FAILED_SUBJECTS_PERHAPS.contains(&start) { 1 } else { 2 };
        signs.add(points, format!("the subject begins with \"{start}\""));
    }
    if let Some(phrase) = phrase {
        let points = if phrases::FAILED_PERHAPS.contains(&phrase) { 1 } else { 2 };
        signs.add(points, format!("the text says \"{phrase}\""));
    }
    let code = smtp::reply_code(&notice.text);
    if let Some(code) = code {
        signs.add(1, format!("the text quotes a mail server's {code}"));
    }
    if notice.returns_something() {
        signs.add(1, "a mail comes back with it");
    }
    let vendor =
        ["x-ms-embedded-report", "x-dsncontext", "x-mdaemon-deliver-error", "x-bounced-address", "x-failed-message-id"];
    if let Some(name) = vendor.into_iter().find(|name| mail.header(name).next().is_some()) {
        signs.add(1, format!("{name} is set"));
    }
    let body_speaks = phrase.is_some() || code.is_some() || !notice.status.is_empty();
    let is_robot = system.is_some() || null || named;
    // Without any sign of a robot a person may have written it: then the mail itself has to come back, too.
    let subject_speaks = subject.is_some()
        && has(&said(&notice.text, FIRST_CHARS), phrases::FAILED).is_some()
        && notice.returns_something();
    let warns = || phrases::SCANNER_SUBJECTS.iter().any(|start| mail.subject.to_lowercase().starts_with(start));
    // An answering robot that is no mail system speaks of delivery by chance.
    let answers =
        mail.header("auto-submitted").any(|value| value.trim_start().to_ascii_lowercase().starts_with("auto-replied"));
    let by_chance = answers && system.is_none() && subject.is_none() && !named;
    // Parcels fail to be delivered, too: a robot that is no mail system has to show that it speaks of a mail.
    let is_of_mail =
        system.is_some() || named || code.is_some() || notice.returns_something() || names_somebody(mail, notice);
    let holds = is_of_mail && signs.points >= ENOUGH && (is_robot || subject_speaks) && !by_chance;
    (holds && (body_speaks || subject.is_some() || !warns()))
        .then_some(signs)
        .filter(|_| !(warns() && phrase.is_none()))
}

/// An address that is neither the sender's nor the receiver's of the mail itself.
fn names_somebody(mail: &Incoming, notice: &Notice<'_>) -> bool {
    let is_party = |email: &str| mail.to.iter().chain(&mail.from).any(|party| party.email == email);
    notice.text.lines().take(100).any(|line| addresses::in_line(line).iter().any(|found| !is_party(&found.address)))
}

/// What became of the mail, where no machine's part says it.
pub(super) fn outcome(mail: &Incoming, notice: &Notice<'_>) -> ReportKind {
    let text = said(&notice.text, SAID_CHARS);
    let by_subject = subject_kind(mail).map(|(kind, _)| kind);
    let is_over = has(&text, phrases::FINAL).is_some();
    if by_subject == Some(ReportKind::Delayed) && !is_over {
        return ReportKind::Delayed;
    }
    if by_subject == Some(ReportKind::Delivered) && has(&text, phrases::FAILED).is_none() {
        return ReportKind::Delivered;
    }
    // A subject such as "Undeliverable" is not written above a mere warning; "Delivery Status Notification" is.
    let is_settled = mail.header("x-failed-recipients").next().is_some() || is_over;
    if !is_settled && has(&text, phrases::DELAYED).is_some() {
        return ReportKind::Delayed;
    }
    let is_failure = has(&text, phrases::FAILED).is_some()
        || has(&text, phrases::FAILED_PERHAPS).is_some()
        || smtp::reply_code(&notice.text).is_some();
    if !is_failure && has(&text, phrases::DELIVERED).is_some() {
        return ReportKind::Delivered;
    }
    ReportKind::Failed
}
