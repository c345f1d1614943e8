//! What a failure comes to: the words of mail servers, in many languages, brought to a small vocabulary, and the status
//! (RFC 3463) of reports that give none.

use super::{ReportedRecipient, smtp};
use crate::mail::incoming::header::one_line;

/// Of the remote server's words.
const DIAGNOSTIC_CHARS: usize = 500;

pub(super) const UNDEFINED: &str = "undefined";

/// Phrases in lower case; the first reason that one of them gives away holds. What is specific stands before what is
/// general: "user unknown" is said of a full mailbox by nobody, "rejected" is said of everything.
#[rustfmt::skip]
const PHRASES: &[(&str, &[&str])] = &[
    ("rejected", &[
        "sender address rejected", "sender rejected", "sender was rejected", "sender verify", "sender denied",
        "domain of sender", "sender domain",
        "sender's domain", "from domain", "sender not", "mail from address", "your sender address",
        "sender address does", "sender unknown",
        "permission to post", "may not have permission", "berechtigung zum posten", "absender abgelehnt",
        "absenderadresse",
    ]),
    ("mail-loop", &[
        "mail loop", "loops back to myself", "too many hops", "hop count exceeded", "routing loop", "loop detected",
        "message is looping", "too many received", "mail forwarding loop", "possible loop", "duplicated message-id",
        "mail for the host loops", "loop alert", "excessive hop", "mail-schleife", "boucle de messagerie", "hopcount",
        "exceeded hop", "circular", "the sender is a mailer-daemon",
    ]),
    ("mailbox-full", &[
        "mailbox full", "mailbox is full", "mail box full", "mailfolder is full", "over quota", "overquota",
        "quota exceeded",
        "exceeded the local limit", "exceeded storage", "exceeds the allowed", "quota exceed", "out of storage",
        "disk quota", "disc quota", "insufficient storage space", "user has exhausted", "allowed storage",
        "exceed quota",
        "mailbox size limit", "storage quota", "storage limit", "mailbox exceeds", "account is full", "inbox is full",
        "not enough storage space", "over the maximum allowed", "mailbox is exceed", "over disk",
        "mailbox has exceeded",
        "recipient's mailbox is full", "inbox full", "has too much mail", "maximum storage", "space limit",
        "full mailbox",
        "user is over", "is over his quota", "is over its quota", "exceeded their quota", "exceeded its quota",
        "exceeding its mailbox quota", "user mailbox exceeds", "mailbox_full", "quotaexceeded", "maildir over",
        "bal pleine", "boite pleine", "boîte pleine", "boîte aux lettres pleine", "boîte aux lettres est pleine",
        "bloccato per eccesso", "postfach ist voll", "postfach voll", "mailbox voll", "speicherplatz", "skrzynka pełna",
        "przepełnion", "skrzynka jest pełna", "casella piena", "casella di posta piena", "buzón lleno",
        "buzón está lleno",
        "caixa postal cheia", "caixa de correio cheia", "caixa de correio está cheia", "メールボックスが一杯",
        "メールボックスがいっぱい", "容量を超え", "ящик переполнен", "почтовый ящик переполнен", "邮箱已满", "空间不足",
        "メールボックスの容量", "mailbox vol", "postvak is vol", "postlådan är full", "postkassen er fuld",
        "schránka je plná", "postafiók megtelt", "account is over", "mail quota",
        "mailbox temporarily full", "message store full", "too many messages on the server", "zuviele mails",
        "zu viele mails", "no space left in mailbox", "exceed its space",
    ]),
    ("message-too-big", &[
        "message too large", "message too big", "message size exceeds", "message is too large", "exceeds size limit",
        "exceeds maximum size", "too large message", "larger than the", "message exceeds", "maximum message size",
        "size exceeds", "message file too big", "message length exceeds", "exceeded maximum inbound message size",
        "message header size", "messages larger than", "exceeds fixed maximum", "too large", "nachricht ist zu groß",
        "nachricht zu groß", "message trop volumineux", "trop volumineux", "mensaje demasiado grande",
        "messaggio troppo grande", "mensagem muito grande", "te groot", "サイズが大きすぎ", "サイズ制限", "слишком большой",
        "слишком велик", "wiadomość jest zbyt duża", "för stort", "max message size", "size limit", "over the size",
    ]),
    ("auth-failure", &[
        "dmarc", "spf check", "spf fail", "sender policy framework", "dkim", "unauthenticated email", "spf validation",
        "not authorized by the domain", "fails authentication", "failed authentication check", "spf record",
        "authentication checks", "spf: ", "spf unauthorized", "sender id", "5.7.26", "openspf", "spf-",
        "does not have authentication information", "not authenticated email",
    ]),
    ("virus-detected", &[
        "virus", "malware", "infected", "trojan", "worm found", "clamav", "eicar", "phishing", "virenverdacht",
    ]),
    ("spam-detected", &[
        "spam", "unsolicited", "junk mail", "bulk mail", "uribl", "surbl", "spamassassin", "considered unwanted",
        "content rejected", "message content", "content filter", "rejected due to content", "high probability of",
        "blocked by filter", "message looks like", "message rejected due to", "unsollicited", "uce ", "scored",
        "appears to be unwanted", "contains a uri", "blacklisted url", "suspicious content", "cloudmark", "unerwünscht",
        "indésirable", "correo no deseado", "迷惑メール", "antispam", "anti-spam", "message discarded as",
    ]),
    ("filtered", &[ "recipient preferences", "message filtered", "mail filtered", "filtered by", "domain filter",
    "user filter", "rejected by recipient" ]),
    ("relaying-denied", &[
        "relaying denied", "relay access denied", "relaying not permitted", "not permitted to relay", "unable to relay",
        "relay not permitted", "relaying prohibited", "no relaying", "relay denied", "relay is not permitted",
        "we do not relay", "open relay", "relaying mail", "relaying is prohibited", "relaying disallowed",
        "not in my list of allowed rcpthosts", "isn't in my list of allowed rcpthosts", "relayage", "not a gateway",
        "relay operation rejected", "relaying to", "authentication required for relay", "must authenticate",
        "that domain isn't in my list", "insecure mail relay", "mail server relay", "relay not allowed",
        "relaying is not allowed", "sender is not allowed to relay", "send to a non-local e-mail address",
    ]),
    ("moved", &[
        "user has moved", "has moved", "address has changed", "no longer at this address", "has been replaced by",
        "please try <", "address changed", "new address is", "hat eine neue adresse", "nouvelle adresse",
    ]),
    ("host-unknown", &[
        "host unknown", "unknown host", "host not found", "domain not found", "name or service not known",
        "no such host",
        "no such domain", "domain does not exist", "unrouteable mail domain", "unroutable mail domain",
        "couldn't find any host", "host or domain name not found", "domain name not found", "no mx", "nxdomain",
        "hostname unknown", "illegal host/domain", "unknown domain", "bad destination host", "bad destination system",
        "unable to find mx", "couldn't find a mail exchanger", "invalid domain", "destination server not found",
        "unrouteable domain", "all relevant mx records point to non-existent", "domain couldn't be found",
        "could not find the domain", "domain must exist", "is not a registered gateway", "server not found",
        "address resolution of", "recipient domain must exist", "does not resolve", "could not resolve",
        "unable to resolve", "no route found to domain", "unresolvable", "domain unknown", "no dns",
        "wasn't found in dns", "domain name has no", "nonexistent domain", "dns error", "dns failure",
        "domäne nicht gefunden",
        "domain nicht gefunden", "domain existiert nicht", "domaine inconnu", "ドメインが存在しません", "ドメインが見つかり",
        "unrouteable address: no", "domínio não", "dominio no", "mail domain is unknown", "the domain doesn't have",
        "because the domain",
    ]),
    ("not-accepting", &[
        "does not accept mail", "nullmx", "null mx", "doesn't accept mail", "not accept email", "no smtp service here",
        "smtp protocol diag", "host/domain does not accept", "does not accept any mail", "domain does not receive",
        "server does not accept mail",
    ]),
    ("suspended", &[
        "disabled", "suspended", "deactivated", "inactive", "is not active", "not active", " locked",
        "account has been closed",
        "account closed", "expired account", "account expired", "mailbox currently suspended", "no longer on server",
        "mailbox is frozen", "discontinued", "account is blocked", "terminated", "user is inactive",
        "not receiving mail",
        "temporarily disabled", "deaktiviert", "gesperrt", "stillgelegt", "désactivé", "bloqué", "disattivat",
        "desactivad", "desativad", "zablokowan", "nieaktywn", "wyłączone", "заблокирован", "отключен", "利用停止",
        "account not in use", "is disabled", "被停用", "已停用", "on vacation",
    ]),
    ("user-unknown", &[
        "user unknown", "unknown user", "no such user", "unknown recipient", "recipient unknown", "user not found",
        "unknown address", "address unknown", "recipient not found", "recipient address rejected: user",
        "does not exist",
        "doesn't exist", "not exist", "no mailbox here", "mailbox unavailable", "mailbox not found", "no such mailbox",
        "no such recipient", "invalid recipient", "invalid mailbox", "invalid user", "invalid address",
        "bad destination mailbox",
        "unrouteable address", "unroutable address", "not listed in", "not our customer", "is not a valid",
        "not a valid user",
        "no such person", "no such address", "no account by that name", "no valid recipients", "account not found",
        "address not found", "mailbox unknown", "unknown mailbox", "unknown local part", "unknown local-part",
        "unknown account",
        "couldn't be found", "could not be found", "wasn't found", "was not found", "isn't a valid", "not a known user",
        "no one by that name", "nobody by that name", "not a local", "is not known", "not known here", "no user",
        "user doesn't have", "does not have an account", "doesn't have an account", "not recognized",
        "not our user", "undeliverable address", "mailbox does not", "resolver.adr.recipnotfound", "recipnotfound",
        "recipientnotfound", "badrcptto", "bad address", "bad recipient", "unknown or illegal", "user_unknown",
        "delivery userid", "non-existent", "nonexistent", "nonexistant", "unknown e-mail", "unknown email",
        "no mail box",
        "there is no such", "i don't know", "can't verify recipient", "recipient address rejected: unknown",
        "could not verify recipient", "cannot find user", "no matches to nameserver", "adressee unknown",
        "addressee unknown",
        "destination address does not", "address doesn't", "recipient verify", "no longer valid",
        "no longer works here",
        "no longer with", "no longer employed", "ambiguous", "not in directory", "mailbox is not", "can't find",
        "user not known", "address is unknown", "undefined mail alias",
        "unknown to address", "no recipients", "unbekannt", "existiert nicht", "nicht gefunden", "kein solcher",
        "nicht vorhanden", "konnte nicht ermittelt", "kein postfach", "inconnu", "introuvable", "n'existe pas",
        "inexistant",
        "pas trouvé", "desconocid", "no existe", "no encontrad", "inexistent", "sconosciut", "inesistente",
        "non esiste",
        "non trovat", "não existe", "não encontrad", "nie istnieje", "nieznany", "nie ma takiego", "nie znaleziono",
        "не существует", "не найден", "неизвестн", "не съществува", "няма такъв", "存在しません", "見つかりません",
        "みつかりません", "あて先", "宛先不明", "不存在", "无此用户", "找不到", "존재하지", "찾을 수 없", "onbekend", "bestaat niet",
        "niet gevonden", "finns inte", "okänd", "findes ikke", "ukendt", "finnes ikke", "ukjent", "ei löydy",
        "tuntematon",
        "neexistuje", "neznám", "nem létezik", "ismeretlen", "bulunamadı", "mevcut değil", "nu există", "δεν υπάρχει",
        "no longer exists", "unknown",
    ]),
    ("rate-limited", &[
        "too many connections", "too many concurrent", "rate limit", "rate that", "too many messages",
        "too many recipients",
        "too many emails", "exceeded the rate", "connection limit", "sending too fast", "throttl",
        "exceeded the maximum number",
        "mail rate", "try again later; too", "too much mail", "message limit", "daily limit", "hourly limit",
        "ratelimit",
        "exceeded the limit", "too frequently", "receiving mail at a rate", "frequency limited", "too fast",
        "greylist", "graylist", "grey-list",
    ]),
    ("blocked", &[
        "blocked", "blacklist", "blocklist", "block list", "black list", "dnsbl", "rbl", "spamhaus", "spamcop", "sorbs",
        "barracudacentral", "poor reputation", "bad reputation", "low reputation", "reputation", "banned sending ip",
        "client host rejected", "cannot find your hostname", "reverse dns", "reverse hostname", "ptr record", "no ptr",
        "reverse lookup", "your ip", "ip address", "smtp server of your isp", "dynamic ip", "access from ip",
        "client host",
        "connection refused by policy", "helo command rejected", "sending mta", "from your network",
        "not allowed to connect",
        "rdns", "denied access", "banned", "senderscore", "mail from your host", "unexpected volume",
        "user complaints", "temporarily deferred",
    ]),
    ("expired", &[
        "expired", "delivery time", "could not be delivered for", "been in the queue too long", "retry time",
        "timed out", "timeout", "time-out", "too old", "retry timeout", "failing for a long time", "giving up on",
        "cannot send message for", "delivery attempts", "not responding", "did not respond", "no response from",
        "not delivered within", "undeliverable for", "retries", "message has been queued", "zeitüberschreitung",
        "délai",
        "tiempo de espera", "would be delivered", "host not reachable", "could not be contacted", "time limit",
        "maximum retries", "in queue too long", "deferred too long", "four hours",
    ]),
    ("network-error", &[
        "connection refused", "connection reset", "connection lost", "lost connection", "connection closed",
        "connection dropped", "network is unreachable", "no route to host", "could not connect", "couldn't connect",
        "cannot connect", "unable to connect", "connection failed", "connection died", "connection broken",
        "host unreachable", "dns server", "temporary lookup", "lookup failure", "tls", "certificate",
        "establish an smtp connection",
        "unable to contact", "can't connect", "connection was", "network error", "no route", "connect to",
        "service refused", "remote protocol error", "socket error", "name server reply", "name service error",
        "did not accept our requests to connect",
    ]),
    ("system-full", &[
        "system full", "no space left", "mail system is full", "insufficient system storage", "insufficient disk",
        "not enough disk", "requested mail action aborted: exceeded storage", "disk full",
    ]),
    ("policy-violation", &[
        "policy", "not allowed", "prohibited", "attachment", "banned file", "access denied", "administratively denied",
        "administrative prohibition", "not permitted", "not authorized", "unauthorized", "not authenticated",
        "authentication required",
        "forbidden", "disallowed", "violat", "permission denied", "rejected by header", "security", "encryption",
        "restricted",
        "nicht erlaubt", "nicht berechtigt", "richtlinie", "non autorisé", "no permitid", "não permitid",
        "not have permission",
        "requires confirmation", "not verified", "moderat", "you can't post", "not be permission to post",
        "permission to post",
        "not a member", "subscriber", "members only", "non-member", "may not post", "only accept mail from",
    ]),
    ("content-error", &[
        "content error", "mime", "malformed", "8bit", "header error", "illegal character", "improper use of 8-bit",
        "improper", "conversion", "bare lf", "bare cr", "not rfc", "rfc 5322", "rfc 2822", "rfc2822", "rfc5322",
        "missing header",
        "invalid header", "message format", "line too long", "charset", "non-ascii",
    ]),
    ("rejected", &[
        "sender rejected", "sender address rejected", "sender verify", "sender denied", "rejected your", "reject",
        "refus",
        "denied", "not accepted", "does not like recipient", "not accepting", "not willing", "declined", "abgelehnt",
        "zurückgewiesen", "verweigert", "rejeté", "rechazad", "rifiutat", "rejeitad", "odrzucon", "отклон", "отхвърлен",
        "拒否", "拒绝", "拒绝接收", "geweigerd", "avvisad", "afvist", "avvist", "odmítnut", "not like our", "bounced by",
    ]),
    ("mailer-error", &["command died", "mailer error", "procmail", "pipe to", "command failed", "exit status", "x-unix",
        "service unavailable", "can't create output", "local delivery failed", "maildrop", "unknown mailer"]),
    ("system-error", &[
        "system error", "internal error", "local configuration error", "server configuration", "configuration error",
        "local error", "ldap", "temporary failure", "temporarily unavailable", "local problem", "resources temporarily",
        "unable to verify", "service currently", "internal server", "server error", "out of memory", "i/o error",
        "system resources",
        "mail system", "can't open", "error writing", "input/output", "unable to deliver",
    ]),
    ("syntax-error", &[ "syntax error", "command unrecognized", "unrecognized command", "bad sequence",
    "command not implemented",
        "unexpected command", "nested mail command", "invalid command", "argument too long"]),
];

/// By subject and detail of the status (RFC 3463 §3, and the register of IANA).
#[rustfmt::skip]
const STATUSES: &[(&str, &str)] = &[
    ("1.0", "user-unknown"), ("1.1", "user-unknown"), ("1.2", "host-unknown"), ("1.3", "user-unknown"),
    ("1.4", "user-unknown"),
    ("1.6", "moved"), ("1.7", "rejected"), ("1.8", "rejected"), ("1.10", "not-accepting"), ("1.351", "user-unknown"),
    ("2.1", "suspended"), ("2.2", "mailbox-full"), ("2.3", "message-too-big"), ("2.4", "system-error"),
    ("3.1", "system-full"), ("3.2", "system-error"), ("3.3", "system-error"), ("3.4", "message-too-big"),
    ("3.5", "system-error"),
    ("4.1", "network-error"), ("4.2", "network-error"), ("4.3", "network-error"), ("4.4", "host-unknown"),
    ("4.5", "rate-limited"),
    ("4.6", "mail-loop"), ("4.7", "expired"), ("5.0", "syntax-error"), ("5.1", "syntax-error"), ("5.2", "syntax-error"),
    ("5.3", "rate-limited"), ("5.4", "syntax-error"), ("6.0", "content-error"), ("6.1", "content-error"),
    ("6.2", "content-error"), ("6.3", "content-error"), ("6.4", "content-error"), ("6.5", "content-error"),
    ("6.6", "content-error"), ("6.7", "content-error"), ("7.0", "policy-violation"), ("7.1", "rejected"),
    ("7.2", "policy-violation"), ("7.9", "policy-violation"),
    ("7.13", "suspended"), ("7.20", "auth-failure"), ("7.21", "auth-failure"), ("7.22", "auth-failure"),
    ("7.23", "auth-failure"), ("7.24", "auth-failure"), ("7.25", "blocked"), ("7.26", "auth-failure"),
    ("7.27", "not-accepting"), ("7.28", "spam-detected"),
];

/// Details of a status that servers give only where they mean them.
const EXACT: &[&str] = &[".1.6", ".1.7", ".1.8", ".2.2", ".2.3", ".3.4", ".4.6", ".7.23", ".7.26"];

/// Subject and detail for a reason that came without a status.
#[rustfmt::skip]
const DETAILS: &[(&str, &str)] = &[
    ("user-unknown", "1.1"), ("host-unknown", "1.2"), ("moved", "1.6"), ("not-accepting", "1.10"), ("suspended", "2.1"),
    ("mailbox-full", "2.2"), ("message-too-big", "3.4"), ("system-full", "3.1"), ("system-error", "3.0"),
    ("mailer-error", "3.0"),
    ("network-error", "4.1"), ("mail-loop", "4.6"), ("expired", "4.7"), ("syntax-error", "5.0"),
    ("rate-limited", "4.5"),
    ("content-error", "6.0"), ("spam-detected", "7.1"), ("virus-detected", "7.1"), ("filtered", "7.1"),
    ("blocked", "7.1"),
    ("relaying-denied", "7.1"), ("rejected", "7.1"), ("policy-violation", "7.1"), ("auth-failure", "7.26"),
];

/// What a server's words come to, by themselves.
pub(super) fn of_words(words: &str) -> Option<&'static str> {
    let words = one_line(words, 4096).to_lowercase();
    // Addresses and links name anything: spam.example is no spam.
    let plain: String =
        words.split(' ').filter(|w| !w.contains('@') && !w.contains("://")).collect::<Vec<_>>().join(" ");
    PHRASES.iter().find(|(_, phrases)| phrases.iter().any(|phrase| plain.contains(phrase))).map(|(reason, _)| *reason)
}

fn of_status(status: &str) -> Option<&'static str> {
    let (_, detail) = status.split_once('.')?;
    STATUSES.iter().find(|(known, _)| *known == detail).map(|(_, reason)| *reason)
}

/// Fills in status, reason and diagnostic of a recipient from the status that the report gives (if any) and from the
/// remote server's words.
pub(super) fn judge(recipient: &mut ReportedRecipient, written: Option<&str>, said: &str) {
    recipient.diagnostic = one_line(said, DIAGNOSTIC_CHARS);
    if matches!(recipient.action.as_str(), "delivered" | "relayed" | "expanded") {
        recipient.reason = recipient.action.clone();
        recipient.status = written.unwrap_or("2.0.0").to_owned();
        return;
    }
    let in_words = smtp::enhanced_status(said).filter(|status| !status.starts_with('2'));
    // x.0.0 says nothing: what the remote server said is nearer to the matter.
    let is_vague = |status: &str| status.ends_with(".0.0");
    let status = match (written, in_words) {
        (Some(written), Some(in_words)) if is_vague(written) => Some(in_words),
        (Some(written), _) => Some(written),
        (None, in_words) => in_words,
    };
    let reason = of_words(said);
    let by_status = || status.and_then(of_status);
    // Vague words ("rejected") yield to a status that says more, and all words to one that says the very matter.
    let exact =
        by_status().filter(|_| status.is_some_and(|status| EXACT.iter().any(|detail| status.ends_with(detail))));
    let reason = match reason {
        _ if exact.is_some() => exact,
        Some("rejected" | "policy-violation" | "system-error") | None => by_status().or(reason),
        found => found,
    };
    recipient.reason = reason.unwrap_or(UNDEFINED).to_owned();
    recipient.status = match status {
        Some(status) if !is_vague(status) => status.to_owned(),
        _ => derived(recipient, status, smtp::reply_code(said)),
    };
}

/// A status for a recipient without a telling one.
fn derived(recipient: &ReportedRecipient, vague: Option<&str>, code: Option<u16>) -> String {
    let class = match (vague.and_then(|status| status.chars().next()), code) {
        (Some(class), _) => class,
        (None, Some(400..=499)) => '4',
        (None, _) if recipient.action == "delayed" || recipient.reason == "expired" && code.is_none() => '4',
        (None, _) => '5',
    };
    let detail = DETAILS.iter().find(|(reason, _)| *reason == recipient.reason).map_or("0.0", |(_, detail)| *detail);
    format!("{class}.{detail}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(action: &str, written: Option<&str>, said: &str) -> (String, String, bool) {
        let mut recipient = ReportedRecipient { action: action.to_owned(), ..ReportedRecipient::default() };
        judge(&mut recipient, written, said);
        let permanent = recipient.is_permanent();
        (recipient.status, recipient.reason, permanent)
    }

    fn is(status: &str, reason: &str, permanent: bool) -> (String, String, bool) {
        (status.to_owned(), reason.to_owned(), permanent)
    }

    #[test]
    fn a_status_comes_from_the_report_the_words_or_the_reason() {
        assert_eq!(judged("failed", Some("5.1.1"), "550 no such user"), is("5.1.1", "user-unknown", true));
        assert_eq!(judged("failed", Some("5.0.0"), "552 5.2.2 quota"), is("5.2.2", "mailbox-full", false));
        assert_eq!(judged("failed", None, "550 No such user here"), is("5.1.1", "user-unknown", true));
        assert_eq!(judged("failed", None, "451 mailbox is full"), is("4.2.2", "mailbox-full", false));
        assert_eq!(judged("failed", Some("4.4.7"), ""), is("4.4.7", "expired", false));
        assert_eq!(judged("failed", None, ""), is("5.0.0", UNDEFINED, false));
        assert_eq!(judged("delayed", None, "Connection refused"), is("4.4.1", "network-error", false));
        assert_eq!(judged("delivered", None, ""), is("2.0.0", "delivered", false));
    }

    #[test]
    fn a_name_with_a_telling_word_tells_nothing() {
        assert_eq!(
            of_words("550 <spam@virus.example> see https://policy.example/blocked no such user"),
            Some("user-unknown")
        );
    }

    #[test]
    fn words_in_other_languages_are_understood() {
        for (words, reason) in [
            ("Das Postfach ist voll", "mailbox-full"),
            ("Utilisateur inconnu", "user-unknown"),
            ("El buzón está lleno", "mailbox-full"),
            ("Пользователь не найден", "user-unknown"),
            ("宛先のメールアドレスは存在しません", "user-unknown"),
            ("Nachricht wurde abgelehnt", "rejected"),
        ] {
            assert_eq!(of_words(words), Some(reason), "{words}");
        }
    }
}
