//! The header of a quoted mail as Outlook, Exchange, Notes and telephones print it: lines `From:`, `Sent:`, `To:`,
//! `Subject:` in the language of the program, sometimes in bold (`*From:*`), sometimes in another order.

use std::{collections::HashMap, sync::LazyLock};

use super::line::{self, bare};

/// What a header line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    From,
    Date,
    To,
    Subject,
    /// copies, attachments, importance and the like: part of a header, but no sign of one
    Other,
}

/// Lines that are looked at from the first one.
const SPAN: usize = 20;

#[rustfmt::skip]
const FROM: &[&str] = &[
    "from", "sender", "von", "absender", "de", "expéditeur", "da", "mittente", "remitente", "remetente", "van", "afzender", "fra", "afsender", "avsender",
    "från", "avsändare", "lähettäjä", "frá", "od", "nadawca", "odesílatel", "odosielateľ", "odosielatel", "feladó", "din partea", "expeditor", "de la",
    "pošiljatelj", "pošiljalac", "šalje", "от", "изпратено от", "подател", "отправитель", "от кого", "від", "від кого", "ад", "пошиљалац", "шаље", "од",
    "από", "αποστολέας", "kimden", "gönderen", "saatja", "kellelt", "no", "sūtītājs", "nuo", "siuntėjas", "từ", "người gửi", "dari", "daripada", "pengirim",
    "差出人", "送信者", "送信元", "发件人", "寄件者", "寄件人", "發件人", "보낸 사람", "보낸사람", "보낸이", "발신자", "من", "المرسل", "מאת", "از", "فرستنده", "จาก",
    "ผู้ส่ง", "प्रेषक", "remitent", "gan",
];

#[rustfmt::skip]
const DATE: &[&str] = &[
    "date", "sent", "sent at", "sent on", "date sent", "sent date", "gesendet", "gesendet am", "datum", "envoyé", "envoyé le", "date d'envoi", "envoye",
    "enviado", "enviado el", "fecha", "fecha de envío", "enviat", "enviat el", "data", "inviato", "data invio", "inviata", "enviada", "enviada em",
    "enviado em", "data de envio", "verzonden", "verstuurd", "verzonden op", "sendt", "dato", "sendt den", "skickat", "skickade", "sänt", "lähetetty",
    "päiväys", "päivämäärä", "pvm", "sent:", "dagsetning", "wysłano", "wysłane", "data wysłania", "odesláno", "odeslané", "odoslané", "odoslaná", "dátum",
    "küldve", "elküldve", "küldés ideje", "trimis", "trimisă", "data trimiterii", "poslano", "poslato", "datum slanja", "изпратено", "изпратен", "дата",
    "изпратено на", "отправлено", "дата отправки", "надіслано", "відправлено", "дата надсилання", "дасланае", "послато", "датум", "στάλθηκε",
    "απεσταλμένα", "ημερομηνία", "εστάλη", "gönderildi", "gönderilme tarihi", "gönderme tarihi", "tarih", "saadetud", "kuupäev", "nosūtīts", "datums",
    "išsiųsta", "đã gửi", "ngày", "ngày gửi", "gửi", "dikirim", "terkirim", "tanggal", "tarikh", "dihantar", "送信日時", "日時", "日付", "送信日", "发送时间",
    "发送日期", "日期", "时间", "傳送時間", "寄件日期", "傳送日期", "發送時間", "보낸 날짜", "보낸날짜", "날짜", "보낸 시간", "보낸시간", "발송일", "التاريخ", "تاريخ الإرسال", "تم الإرسال",
    "أرسلت", "נשלח", "תאריך", "تاریخ", "ارسال شده", "ส่ง", "ส่งเมื่อ", "วันที่", "दिनांक",
];

#[rustfmt::skip]
const TO: &[&str] = &[
    "to", "recipient", "recipients", "an", "empfänger", "à", "destinataire", "destinataires", "a", "para", "destinatario", "destinatari", "per a", "aan",
    "ontvanger", "til", "till", "modtager", "mottaker", "mottagare", "vastaanottaja", "vastaanottajat", "kenelle", "do", "adresat", "odbiorca", "komu", "příjemce", "príjemca",
    "címzett", "către", "catre", "destinatar", "za", "prima", "primatelj", "до", "към", "получател", "кому", "получатель", "каму", "прима", "за", "προς",
    "παραλήπτης", "kime", "alıcı", "kellele", "adressaat", "saaja", "kam", "adresāts", "kam:", "kam sūtīts", "gavėjas", "đến", "tới", "người nhận", "kepada", "untuk", "宛先",
    "送信先", "收件人", "收件者", "받는 사람", "받는사람", "받는이", "수신자", "إلى", "المستلم", "אל", "به", "گیرنده", "ถึง", "ผู้รับ", "प्रति",
];

#[rustfmt::skip]
const SUBJECT: &[&str] = &[
    "subject", "betreff", "betrifft", "objet", "sujet", "oggetto", "asunto", "assunto", "assumpte", "onderwerp", "emne", "ämne", "aihe", "otsikko",
    "efni", "temat", "předmět", "predmet", "predmět", "tárgy", "subiect", "zadeva", "naslov", "тема", "относно", "предмет", "θέμα", "konu", "teema", "temats", "tēma", "tema",
    "chủ đề", "tiêu đề", "subjek", "perihal", "judul", "件名", "标题", "主题", "主旨", "主題", "標題", "제목", "الموضوع", "נושא", "موضوع", "เรื่อง", "ชื่อเรื่อง",
    "หัวเรื่อง", "विषय",
];

#[rustfmt::skip]
const OTHER: &[&str] = &[
    "cc", "bcc", "kopie", "kopi", "kopia", "copie", "copie à", "copia", "cópia", "cc:", "dw", "do wiadomości", "kopie (cc)", "копия", "копие", "копія", "kopio", "másolatot kap",
    "másolat", "koopia", "kopija", "κοιν.", "κοινοποίηση", "bilgi", "抄送", "副本", "참조", "نسخة", "עותק", "สำเนา", "рассылка", "dk", "ko", "blindkopie", "tembusan",
    "reply-to", "reply to", "antwort an", "répondre à", "responder a", "rispondi a", "responder para", "antwoord aan", "svar till", "responder", "importance", "priority", "wichtigkeit", "priorität",
    "importancia", "importance:", "importanza", "importância", "prioridade", "prioridad", "prioritet", "prioriteit", "urgentie", "ważność", "důležitost", "важность", "важно", "sensitivity", "attachments",
    "attachment", "anlagen", "anlage", "anhang", "anhänge", "pièces jointes", "pièce jointe", "pj", "adjuntos", "datos adjuntos", "archivos adjuntos", "allegati", "anexos", "bijlagen", "bijlage", "bilagor",
    "vedlegg", "vedhæftede filer", "liitteet", "załączniki", "přílohy", "prílohy", "mellékletek", "ataşamente", "вложения", "прикачени файлове", "вкладення", "συνημμένα", "ekler", "添付ファイル", "附件", "첨부",
    "when", "where", "organization", "organisation", "wann", "wo", "resent-from", "resent-date", "resent-to", "message-id", "list", "newsgroups", "mailing list", "categories", "重要度", "重要性",
    "envoyé par", "on behalf of", "x-mailer", "received", "signed by", "mailed by", "encrypted", "security",
];

/// What the line tells, and what it says of it.
pub(super) fn field(raw: &str) -> Option<(Field, &str)> {
    let line = bare(raw).trim_start_matches(['*', '_', '|', '-', ' ', '\u{b7}', '\u{2022}', '\u{a0}']);
    let colon = line.char_indices().take(40).find(|(_, c)| matches!(c, ':' | '\u{ff1a}' | '\u{fe55}'))?;
    let name = line::folded(line[..colon.0].trim_matches(['*', '_', ' ', '\u{a0}']));
    let name = name.as_str();
    let value = bare(line[colon.0 + colon.1.len_utf8()..].trim_start_matches(['*', '_']));
    Some((*NAMES.get(name)?, value))
}

/// All names. Those that two languages use for two things are what comes first here.
static NAMES: LazyLock<HashMap<&str, Field>> = LazyLock::new(|| {
    let all =
        [(Field::From, FROM), (Field::Date, DATE), (Field::Subject, SUBJECT), (Field::To, TO), (Field::Other, OTHER)];
    let mut names = HashMap::new();
    for (field, list) in all {
        for name in list {
            names.entry(*name).or_insert(field);
        }
    }
    names
});

/// A header with what it says, the lines that it takes, and nothing of the mail below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub from: Option<String>,
    pub date: Option<String>,
    pub to: Option<String>,
    pub subject: Option<String>,
    pub lines: usize,
    /// lines with a name that no header has: `Telephone: …`
    strange: usize,
}

impl Header {
    /// The header that begins with the first of these lines; blanks may stand between its lines (HTML turned to text).
    pub(super) fn read<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Header> {
        let mut header = Header::default();
        let (mut last, mut blanks) = (None, 0);
        for (n, raw) in lines.take(SPAN).enumerate() {
            let text = line::unmarked(raw);
            if text.is_empty() {
                blanks += 1;
                if n == 0 || blanks > 1 && header.lines > 0 {
                    break;
                }
                continue;
            }
            match field(text) {
                Some((kind, value)) => {
                    if header.get(kind).is_some() {
                        break;
                    }
                    header.set(kind, value);
                    last = Some(kind);
                }
                None if n == 0 => return None,
                None if blanks > 0 || header.is_complete() => break,
                // A folded line goes on; a label that is no header's means that this is a form.
                None if label(text) => header.strange += 1,
                None => header.go_on(last, text),
            }
            blanks = 0;
            header.lines = n + 1;
        }
        (header.lines > 0).then_some(header)
    }

    fn is_complete(&self) -> bool {
        self.from.is_some() && self.date.is_some() && self.to.is_some() && self.subject.is_some()
    }

    fn get(&self, field: Field) -> Option<&String> {
        match field {
            Field::From => self.from.as_ref(),
            Field::Date => self.date.as_ref(),
            Field::To => self.to.as_ref(),
            Field::Subject => self.subject.as_ref(),
            Field::Other => None,
        }
    }

    fn set(&mut self, field: Field, value: &str) {
        let value = Some(value.to_owned());
        match field {
            Field::From => self.from = value,
            Field::Date => self.date = value,
            Field::To => self.to = value,
            Field::Subject => self.subject = value,
            Field::Other => {}
        }
    }

    fn go_on(&mut self, field: Option<Field>, more: &str) {
        let value = match field {
            Some(Field::From) => &mut self.from,
            Some(Field::Date) => &mut self.date,
            Some(Field::To) => &mut self.to,
            Some(Field::Subject) => &mut self.subject,
            _ => return,
        };
        if let Some(value) = value.as_mut().filter(|value| value.len() < 1000) {
            value.push(' ');
            value.push_str(more);
        }
    }

    /// Is it the header of a mail? Not planned works ("From: 09:00", "To: 11:00"), a form, or an invitation
    /// ("Date: Tuesday", "Address: …").
    pub(super) fn is_of_a_mail(&self) -> bool {
        let fields = [&self.from, &self.date, &self.to, &self.subject].iter().filter(|field| field.is_some()).count();
        let somebody = self.from.as_deref().or(self.to.as_deref());
        let Some(somebody) = somebody.filter(|name| !name.is_empty() && !begins_with_a_digit(name)) else {
            return false;
        };
        if self.strange > 0 {
            return false;
        }
        let address = [&self.from, &self.to].iter().any(|value| value.as_deref().is_some_and(|v| v.contains('@')));
        match fields {
            0 | 1 => false,
            2 => address && (self.from.is_some() || self.date.is_some()),
            // A circuit has ends, too: "From: Berlin", "To: Paris", "Date: 3 November".
            _ => (address || self.subject.is_some()) && somebody.len() <= 2000,
        }
    }
}

fn begins_with_a_digit(value: &str) -> bool {
    value.starts_with(|c: char| c.is_numeric()) && !value.contains('@')
}

/// `Telephone: 030 1234`: a short name, a colon, a blank.
fn label(text: &str) -> bool {
    text.char_indices().take(30).find(|(_, c)| *c == ':').is_some_and(|(at, _)| {
        let rest = &text[at + 1..];
        at > 1 && (rest.is_empty() || rest.starts_with(' ')) && !text[..at].contains(['<', '@', '"', '['])
    })
}

/// Does the line look like one of a header?
pub(super) fn may_begin(line: &str) -> bool {
    line.len() <= 2000 && field(line).is_some()
}

/// The header of a quoted mail at the first of these lines.
pub(super) fn at<'a>(lines: impl Iterator<Item = &'a str> + Clone) -> Option<Header> {
    let first = lines.clone().next()?;
    // Any mail has lines with a colon: the dear look at more lines is for those that begin like a header.
    let (kind, _) = field(first).filter(|_| first.len() <= 2000)?;
    if kind == Field::Other {
        return None;
    }
    Header::read(lines).filter(Header::is_of_a_mail)
}
