//! Lines that mail programs put above a whole mail: "-----Original Message-----", "Begin forwarded message:", and what
//! ticket systems write so that people answer above it.

use std::{collections::HashMap, sync::LazyLock};

use regex::Regex;

use super::line;

/// "Original Message" as Outlook, Thunderbird, Notes, Zimbra, Roundcube, eM Client, QQ and telephones say it.
#[rustfmt::skip]
const ORIGINAL: &[&str] = &[
    "original message", "original mail", "original email", "original e-mail", "original", "original appointment", "original text",
    "reply message", "replied message", "reply", "message d'origine", "message original", "message initial", "rendez-vous d'origine",
    "courriel original", "message de départ", "ursprüngliche nachricht", "ursprungliche nachricht", "ursprüngliche mail", "originalnachricht",
    "original-nachricht", "original nachricht", "originaltermin", "ursprünglicher termin", "originalmail", "mensaje original", "mensaje de origen",
    "missatge original", "mensaxe orixinal", "mensagem original", "mensagem de origem", "messaggio originale", "messaggio di origine",
    "messaggio original", "oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht", "oorspronkelijke afspraak",
    "oprindelig meddelelse", "oprindelig besked", "original meddelelse", "opprinnelig melding", "opprinnelig e-post", "original melding",
    "ursprungligt meddelande", "originalmeddelande", "ursprungsmeddelande", "ursprungligt mejl", "alkuperäinen viesti", "alkuperäinen sähköposti",
    "alkuperäinen tapaaminen", "upprunaleg skilaboð", "wiadomość oryginalna", "oryginalna wiadomość", "wiadomość pierwotna", "původní zpráva",
    "puvodni zprava", "původní e-mail", "pôvodná správa", "povodna sprava", "eredeti üzenet", "eredeti levél", "mesaj original", "mesajul original",
    "mesaj inițial", "izvorno sporočilo", "prvotno sporočilo", "izvorna poruka", "originalna poruka", "оригинална порука", "изворна порука",
    "оригинално съобщение", "оригинално писмо", "първоначално съобщение", "изходно съобщение", "исходное сообщение", "оригинальное сообщение",
    "исходное письмо", "первоначальное сообщение", "оригінальне повідомлення", "вихідне повідомлення", "початкове повідомлення", "арыгінальнае паведамленне",
    "αρχικό μήνυμα", "αυθεντικό μήνυμα", "orijinal mesaj", "özgün ileti", "orjinal mesaj", "orijinal ileti", "algne kiri", "algne sõnum", "algkiri",
    "sākotnējais ziņojums", "oriģinālais ziņojums", "pradinis laiškas", "originalus laiškas", "pranešimo originalas", "thư gốc", "tin nhắn gốc",
    "pesan asli", "pesan asal", "mesej asal", "الرسالة الأصلية", "رسالة أصلية", "הודעה מקורית", "ההודעה המקורית", "پیام اصلی", "ข้อความต้นฉบับ",
];

#[rustfmt::skip]
const ORIGINAL_EAST_ASIAN: &[&str] = &[
    "ข้อความเดิม", "元のメッセージ", "オリジナルメッセージ", "元のメール", "original message / 元のメッセージ", "原始邮件", "原始郵件", "原邮件", "邮件原件",
    "郵件原件", "原始信件", "原信件", "原文", "回复的原邮件", "回复的邮件", "원본 메시지", "원본 메일", "원본메시지", "원본메일",
];

/// "Forwarded message"; Apple Mail's "Begin forwarded message".
#[rustfmt::skip]
const FORWARDED: &[&str] = &[
    "forwarded message", "forward message", "forwarded mail", "forwarded email", "forwarded e-mail", "forwarded", "begin forwarded message",
    "start of forwarded message", "weitergeleitete nachricht", "weitergeleitete mail", "weitergeleitete e-mail", "anfang der weitergeleiteten nachricht",
    "anfang der weitergeleiteten e-mail", "beginn der weitergeleiteten nachricht", "beginn der weitergeleiteten e-mail", "message transféré",
    "message transmis", "message réexpédié", "début du message réexpédié", "début du message transféré", "début du message transmis", "courriel transféré",
    "mensaje reenviado", "mensaje enviado", "inicio del mensaje reenviado", "inicio de mensaje reenviado", "missatge reenviat", "comença el missatge reenviat",
    "inici del missatge reenviat", "mensaxe reenviada", "mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada",
    "início da mensagem reencaminhada", "início de mensagem encaminhada", "mensagem encaminhada por", "messaggio inoltrato", "inizio messaggio inoltrato",
    "inizio del messaggio inoltrato", "doorgestuurd bericht", "doorgestuurde bericht", "begin doorgestuurd bericht", "begin van doorgestuurd bericht",
    "begin van het doorgestuurde bericht", "videresendt meddelelse", "videresendt besked", "start på videresendt besked", "start på videresendt meddelelse",
    "videresendt melding", "videresendt e-post", "videresendt mail", "start på videresendt melding", "begynnelse på videresendt melding",
    "vidarebefordrat meddelande", "vidarebefordrat brev", "vidarebefordrat mejl", "vidarebefordrat mail", "början på vidarebefordrat brev",
    "början på vidarebefordrat mejl", "välitetty viesti", "edelleenlähetetty viesti", "edelleen lähetetty viesti", "välitetty viesti alkaa", "áframsend skilaboð",
    "przekazana wiadomość", "wiadomość przekazana", "wiadomość przekazana dalej", "treść przekazanej wiadomości", "początek przekazanej wiadomości",
    "początek przekazywanej wiadomości", "přeposlaná zpráva", "předávaná zpráva", "přeposlaný e-mail", "začátek přeposlané zprávy", "preposlaná správa",
    "presmerovaná správa", "začiatok preposlanej správy", "továbbított üzenet", "továbbított levél", "továbbított üzenet kezdete", "továbbított e-mail",
    "mesaj redirecționat", "mesaj redirectionat", "mesaj retrimis", "începe mesajul redirecționat", "posredovano sporočilo", "začetek posredovanega sporočila",
    "proslijeđena poruka", "prosleđena poruka", "započni proslijeđenu poruku", "прослеђена порука", "препратено съобщение", "препратено писмо",
    "начало на препратеното съобщение", "пересылаемое сообщение", "пересланное сообщение", "переадресованное сообщение", "начало переадресованного сообщения",
    "начало пересылаемого сообщения", "конец пересылаемого сообщения", "пересылаемое письмо", "переслане повідомлення", "початок пересланого повідомлення",
    "перасланае паведамленне", "προωθημένο μήνυμα", "έναρξη προωθημένου μηνύματος", "iletilen ileti", "yönlendirilmiş ileti", "yönlendirilen mesaj",
    "iletilmiş mesaj", "iletilmiş iletiyi başlat", "edastatud kiri", "edasi saadetud kiri",
];

#[rustfmt::skip]
const FORWARDED_FARTHER: &[&str] = &[
    "pārsūtīta ziņa", "pārsūtīts ziņojums", "pārsūtītā ziņa", "persiųstas laiškas", "persiunčiamas laiškas", "persiųstas pranešimas", "thư đã chuyển tiếp",
    "thư chuyển tiếp", "tin nhắn đã chuyển tiếp", "bắt đầu thư được chuyển tiếp", "pesan terusan", "pesan yang diteruskan", "mulai pesan yang diteruskan",
    "mesej dimajukan", "الرسالة المعاد توجيهها", "رسالة معاد توجيهها", "الرسالة المُعاد توجيهها", "رسالة محوّلة", "بدء الرسالة المعاد توجيهها",
    "הודעה שהועברה", "הודעה מועברת", "התחלת הודעה שהועברה", "پیام فوروارد شده", "پیام ارسال شده", "پیام هدایت‌شده", "ข้อความที่ส่งต่อ",
    "เริ่มต้นข้อความที่ส่งต่อ", "転送メッセージ", "転送されたメッセージ", "転送メール", "转发的邮件", "转发邮件", "转发邮件信息", "转发的信息", "以下是转发的邮件",
    "开始转发的邮件", "轉寄郵件", "轉寄的郵件", "轉寄訊息", "已轉寄的郵件", "전달된 메시지", "전달된 메일", "전달된 이메일",
];

/// Notes names who forwards: `----- Forwarded by Ada Lovelace/Example on 02.11.2026 09:12 -----`.
#[rustfmt::skip]
const FORWARDED_BY: &[&str] = &[
    "forwarded by ", "weitergeleitet von ", "transféré par ", "réacheminé par ", "reenviado por ", "encaminhado por ", "inoltrato da ",
    "doorgestuurd door ", "przekazane przez ", "vidarebefordrat av ", "videresendt af ", "転送者 ",
];

/// What ticket systems write at the top of their mails, in front of the mail that is answered.
#[rustfmt::skip]
const ABOVE: &[&str] = &[
    "reply above this line", "reply above the line", "reply above this message", "type your reply above", "write above this line", "write your reply above",
    "type your response above", "reply text above this line", "reply to this email above this line", "your reply above this line", "enter your reply above",
    "add your reply above", "respond above this line", "reply between these lines", "reply above here", "text above this line", "answer above this line",
    "please do not write below this line", "do not write below this line", "do not edit below this line", "oberhalb dieser zeile", "über dieser zeile",
    "antworten sie bitte über", "au-dessus de cette ligne", "par-dessus cette ligne", "por encima de esta línea", "encima de esta línea", "arriba de esta línea",
    "sopra questa riga", "sopra questa linea", "acima desta linha", "boven deze regel", "boven deze lijn", "powyżej tej linii", "nad tímto řádkem", "nad touto čiarou",
    "ovanför denna rad", "выше этой строки", "над този ред", "この行より上",
];

/// What a mark says of all that stands below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// the mail that is answered
    Answered,
    /// a mail that is handed on
    Forwarded,
}

/// Which mark of a mail program this line is; `header_below` when the next line with text is one of a mail's header.
pub(super) fn marker(raw: &str, header_below: impl FnOnce() -> bool) -> Option<Marker> {
    let line = line::bare(raw);
    if line.is_empty() || line.len() > 200 {
        return None;
    }
    // Notes' icon above the header, which copies as text.
    if line.starts_with("Inactive hide details for") {
        return Some(Marker::Answered);
    }
    let framed = line.starts_with(['-', '_', '=', '*', '#', '~', '\u{2013}', '\u{2014}', '\u{2500}', '+', '<']);
    let ends = line.ends_with([':', '\u{ff1a}']);
    // A line of prose is neither framed nor short: nothing more is looked at.
    if !framed && !ends && line.len() > 80 {
        return None;
    }
    let said = line::folded(line.trim_matches(line::is_frame));
    let words = said.trim_end_matches([':', ' ', '.']);
    if framed && FORWARDED_BY.iter().any(|by| words.starts_with(by)) {
        return Some(Marker::Forwarded);
    }
    if is_above(words, framed) {
        return Some(Marker::Answered);
    }
    let dashes =
        line.len() - line.trim_start_matches(['-', '_', '=', '*', '~', '\u{2013}', '\u{2014}', '\u{2500}']).len();
    let sure = dashes >= 2;
    match MARKS.get(words)? {
        Marker::Forwarded => (sure || ends || header_below()).then_some(Marker::Forwarded),
        // "Original" or "Reply" alone in a line is a word like any other.
        Marker::Answered => {
            let said = sure || words.contains(' ') || !words.is_ascii();
            (said && (sure || header_below())).then_some(Marker::Answered)
        }
    }
}

static MARKS: LazyLock<HashMap<&str, Marker>> = LazyLock::new(|| {
    let forwarded = FORWARDED.iter().chain(FORWARDED_FARTHER).map(|words| (*words, Marker::Forwarded));
    let answered = ORIGINAL.iter().chain(ORIGINAL_EAST_ASIAN).map(|words| (*words, Marker::Answered));
    forwarded.chain(answered).collect()
});

static ABOVE_THIS: LazyLock<Regex> = LazyLock::new(|| {
    // Constants, which the tests compile.
    Regex::new(&ABOVE.join("|")).expect("phrases without special characters")
});

/// "Yesterday I wrote above this line what is wrong" is a sentence: the phrase begins the line, or is framed.
fn is_above(words: &str, framed: bool) -> bool {
    words.len() <= 160 && ABOVE_THIS.find(words).is_some_and(|found| framed || found.start() <= 12)
}
