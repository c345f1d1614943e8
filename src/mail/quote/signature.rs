//! Where the writer's words end and their signature begins.
//!
//! What a support agent wants to see apart: the block below "-- ", what a telephone or a company appended, and the
//! lines of title, telephone and address below a name. The closing formula and the name stay: they are said to the
//! reader. When in doubt it is no signature.

use super::{device::is_device_line, legal, line};
use crate::mail::quote::line::{bare, is_blank};

/// A block below anything but "-- " is a signature when it isn't longer.
const BLOCK_LINES: usize = 12;
const BLOCK_WIDTH: usize = 90;

#[rustfmt::skip]
const CLOSINGS: &[&str] = &[
    "regards", "best", "best regards", "kind regards", "warm regards", "with kind regards", "with best regards", "best wishes", "yours", "yours sincerely", "yours faithfully", "sincerely", "sincerely yours", "cheers", "thanks", "thank you", "many thanks", "thanks and regards", "thanks & regards", "thx", "rgds", "br", "kr", "brgds", "all the best", "take care", "respectfully", "cordially", "thanks in advance", "thank you in advance", "have a nice day",
    "mit freundlichen grüßen", "mit freundlichen grüssen", "mit freundlichem gruß", "mit freundlichem gruss", "freundliche grüße", "freundliche grüsse", "freundlicher gruß", "viele grüße", "viele grüsse", "liebe grüße", "liebe grüsse", "beste grüße", "beste grüsse", "schöne grüße", "herzliche grüße", "mit besten grüßen", "mit herzlichen grüßen", "hochachtungsvoll", "gruß", "gruss", "grüße", "grüsse", "mfg", "vg", "lg", "danke", "vielen dank",
    "cordialement", "bien cordialement", "bien à vous", "salutations", "meilleures salutations", "sincères salutations", "cdlt", "merci", "merci d'avance", "respectueusement", "amicalement", "saludos", "un saludo", "saludos cordiales", "atentamente", "cordialmente", "gracias", "muchas gracias", "salutacions", "atenciosamente", "atentamente,", "cumprimentos", "com os melhores cumprimentos", "obrigado", "obrigada", "att", "abraços",
    "cordiali saluti", "distinti saluti", "saluti", "un saluto", "grazie", "grazie mille", "met vriendelijke groet", "met vriendelijke groeten", "vriendelijke groeten", "vriendelijke groet", "groeten", "groet", "mvg", "bedankt", "alvast bedankt", "med venlig hilsen", "venlig hilsen", "mvh", "hilsen", "med vennlig hilsen", "vennlig hilsen", "med vänliga hälsningar", "vänliga hälsningar", "hälsningar", "tack", "ystävällisin terveisin", "terveisin", "kiitos", "t.",
    "pozdrawiam", "z poważaniem", "dziękuję", "s pozdravem", "s pozdravom", "děkuji", "ďakujem", "üdvözlettel", "tisztelettel", "köszönettel", "cu stimă", "cu respect", "mulțumesc", "toate cele bune", "lep pozdrav", "lp", "srdačan pozdrav", "s poštovanjem", "pozdrav", "hvala", "поздрави", "с уважение", "благодаря", "с уважением", "спасибо", "з повагою", "дякую", "с поштовањем", "με εκτίμηση", "ευχαριστώ", "saygılarımla", "iyi çalışmalar", "teşekkürler",
    "lugupidamisega", "parimate soovidega", "ar cieņu", "pagarbiai", "trân trọng", "salam", "hormat kami", "terima kasih", "よろしくお願いします", "よろしくお願いいたします", "よろしくお願い致します", "以上", "敬具", "此致", "敬礼", "谢谢", "謝謝", "祝好", "감사합니다", "드림", "مع التحية", "تحياتي", "بברכה", "בברכה", "با احترام", "ด้วยความเคารพ", "ขอบคุณครับ", "ขอบคุณค่ะ",
];

/// The first line of the signature among these lines, which the writer wrote together; their number when there is none.
pub(super) fn begins_at(lines: &[&str]) -> usize {
    let mut end = delimiter(lines).unwrap_or(lines.len());
    // What was appended stands below what was appended before it.
    for _ in 0..8 {
        let before = end;
        end = appended(&lines[..end]);
        if before == end {
            break;
        }
    }
    end = framed_block(&lines[..end]).unwrap_or(end);
    contact(&lines[..end]).unwrap_or(end)
}

/// RFC 3676 §4.3 has "-- "; programs that drop the blank have "--", people have other rulers.
fn delimiter(lines: &[&str]) -> Option<usize> {
    if let Some(sure) = lines.iter().position(|line| *line == "-- " || *line == "--\u{a0}") {
        // A second one above it that is followed by nothing but a few lines belongs to it.
        return Some(sure);
    }
    let near = lines.len().saturating_sub(4 * BLOCK_LINES);
    (near..lines.len()).find(|at| {
        let strict = match bare(lines[*at]) {
            "--" | "\u{2014}" | "\u{2013}" | "__" | "- -" | "-- --" => false,
            "---" | "***" | "\u{2014}\u{2014}" | "___" => true,
            _ => return false,
        };
        is_block(&lines[at + 1..], strict)
    })
}

/// Few and short lines; below a ruler that may also part paragraphs they must look like names and addresses.
fn is_block(lines: &[&str], strict: bool) -> bool {
    let some: Vec<&str> = lines.iter().map(|line| bare(line)).filter(|line| !line.is_empty()).collect();
    let short = some.iter().all(|line| line.chars().count() <= BLOCK_WIDTH) && some.len() <= BLOCK_LINES;
    // What goes on in sentences below an empty line, or is closed by the same line, is no signature.
    let sentence = |line: &str| {
        line.ends_with(['.', '?', '!', ':']) && line.contains(' ') && !is_closing(line) && !is_contact(line)
    };
    let goes_on =
        lines.iter().skip_while(|line| !is_blank(line)).any(|line| sentence(bare(line)) && !is_device_line(line));
    let first_words = lines.iter().position(|line| !matches!(bare(line), "" | "--" | "---"));
    let closed = first_words.is_some_and(|at| lines[at..].iter().any(|line| matches!(bare(line), "--" | "---")));
    if !strict {
        return short && !goes_on && !closed;
    }
    short && !some.is_empty() && some.iter().all(|line| is_name(line) || is_contact(line) || is_closing(line))
}

/// A block of addresses below a ruler, or between two: how Japanese mail is signed.
fn framed_block(lines: &[&str]) -> Option<usize> {
    let last = lines.iter().rposition(|line| !is_blank(line) && !is_long_ruler(line))?;
    let near = last.saturating_sub(BLOCK_LINES + 3);
    let ruler = (near..last).rfind(|at| is_long_ruler(lines[*at]))?;
    let block: Vec<&str> =
        lines[ruler + 1..=last].iter().map(|line| bare(line)).filter(|line| !line.is_empty()).collect();
    let narrow = block.iter().all(|line| line.chars().count() <= 60 && !line.ends_with(['?', '!', '\u{3002}']));
    let reach = block.iter().filter(|line| is_contact(line)).count();
    (narrow && block.len() >= 2 && block.len() <= BLOCK_LINES && reach >= 1).then_some(ruler)
}

fn is_long_ruler(line: &str) -> bool {
    line::is_ruler(line) && bare(line).chars().nth(7).is_some()
}

/// Where the last paragraph begins when it was appended by a program; otherwise the end.
fn appended(lines: &[&str]) -> usize {
    let Some(last) = lines.iter().rposition(|line| !is_blank(line)) else { return lines.len() };
    if is_device_line(lines[last]) {
        return above_rulers(lines, last);
    }
    if let Some(name) = dashed_name(lines, last) {
        return name;
    }
    let begin = lines[..last].iter().rposition(|line| is_blank(line)).map_or(0, |blank| blank + 1);
    // The ruler stands alone, or is the first line of the footer.
    let window = last.saturating_sub(12);
    if let Some(ruler) =
        (window..last).rfind(|at| line::is_ruler(lines[*at])).filter(|at| legal::is_list_footer(&lines[*at..=last]))
    {
        return ruler;
    }
    if legal::is_legal(&lines[begin..=last]) {
        return above_rulers(lines, begin);
    }
    // Below a notice stands what is printed on letters, and no word of the writer's.
    let above = lines[..begin].iter().rposition(|line| !is_blank(line));
    let notice = above.map(|at| (lines[..at].iter().rposition(|line| is_blank(line)).map_or(0, |blank| blank + 1), at));
    if let Some((from, _)) = notice.filter(|(from, to)| to - from <= 40 && legal::is_legal(&lines[*from..=*to])) {
        return above_rulers(lines, from);
    }
    // A notice may stand directly below other lines.
    if legal::is_legal(&lines[last..=last]) { above_rulers(lines, last) } else { lines.len() }
}

fn above_rulers(lines: &[&str], begin: usize) -> usize {
    let above = lines[..begin].iter().rposition(|line| !is_blank(line) && !line::is_ruler(line));
    let rulers = above.map_or(0, |at| at + 1);
    if lines[rulers..begin].iter().any(|line| line::is_ruler(line)) { rulers } else { begin }
}

/// "-Ada" or "- Ada" as the last line. One of several points of a list is none.
fn dashed_name(lines: &[&str], last: usize) -> Option<usize> {
    let rest = bare(lines[last]).strip_prefix(['-', '\u{2013}', '\u{2014}'])?;
    let name = rest.trim_start();
    let above = lines[..last].iter().rfind(|line| !is_blank(line)).map(|line| bare(line))?;
    let list = above.starts_with(['-', '\u{2013}', '*', '\u{2022}']) || above.ends_with(':');
    let apart = last > 0 && is_blank(lines[last - 1]);
    let words = name.trim_end_matches('.').split(' ').count();
    let letters = name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '.' | '\'' | '-'));
    let called = words == 1 || name.split_whitespace().all(|word| word.starts_with(char::is_uppercase));
    (!list
        && letters
        && called
        && !name.is_empty()
        && name.chars().count() <= 30
        && words <= 3
        && (apart || rest == name))
        .then_some(last)
}

/// The title, the company, the telephone numbers below a closing formula and a name.
fn contact(lines: &[&str]) -> Option<usize> {
    let near = lines.len().saturating_sub(3 * BLOCK_LINES);
    let closing = (near..lines.len()).rfind(|at| is_closing(bare(lines[*at])))?;
    let block: Vec<usize> = (closing + 1..lines.len()).filter(|at| !is_blank(lines[*at])).collect();
    let [name, below @ ..] = block.as_slice() else { return None };
    let called = bare(lines[*name]).split(['|', '\u{2022}', '/']).next().unwrap_or_default();
    if below.is_empty() || below.len() > BLOCK_LINES + 3 || !is_name(called) {
        return None;
    }
    let rest = || below.iter().map(|at| bare(lines[*at]));
    // A postscript is the writer's.
    let said = |line: &str| {
        let start: String = line.chars().take(4).flat_map(char::to_lowercase).collect();
        line.ends_with(['?', '!'])
            || ["ps:", "ps ", "p.s.", "p.s", "n.b.", "nb:"].iter().any(|mark| start.starts_with(mark))
    };
    let narrow = rest().all(|line| line.chars().count() <= BLOCK_WIDTH && !said(line));
    (narrow && rest().any(is_contact)).then(|| below[0])
}

/// Is it "Kind regards," or the like, in any of many languages?
pub fn is_closing(line: &str) -> bool {
    if line.len() > 100 {
        return false;
    }
    let text = line::folded(line);
    let known =
        |text: &str| CLOSINGS.contains(&text.trim_matches([',', '.', '!', ' ', '\u{3002}', '\u{ff0c}', ';', '-', ':']));
    // "Thanks and best regards", "Mit freundlichen Grüßen / Best regards"
    known(&text)
        || [" / ", "/", " and ", " & ", " und ", " et ", " y ", " e ", " och ", " og ", " en ", ", "]
            .iter()
            .filter_map(|between| text.split_once(between))
            .any(|(one, other)| known(one) && known(other))
}

/// One to five words that begin with capitals, or a few letters of a script without them.
pub(super) fn is_name(line: &str) -> bool {
    let words: Vec<&str> = line.trim_matches(['*', '_', '-', ' ']).split_whitespace().collect();
    let fits = |c: char| c.is_alphabetic() || matches!(c, '.' | '-' | '\'' | '\u{2019}' | '(' | ')' | ',');
    let small = |word: &str| {
        matches!(
            word,
            "i.a."
                | "i.v."
                | "ppa."
                | "dr."
                | "von"
                | "van"
                | "de"
                | "der"
                | "den"
                | "da"
                | "di"
                | "la"
                | "le"
                | "du"
                | "del"
                | "dos"
                | "bin"
                | "al"
        )
    };
    let named = |word: &&str| (!word.starts_with(char::is_lowercase) || small(word)) && word.chars().all(fits);
    (1..=5).contains(&words.len()) && line.chars().count() <= 50 && words.iter().all(named)
}

/// A telephone number, an address of mail or web.
fn is_contact(line: &str) -> bool {
    let digits = line.chars().filter(|c| c.is_numeric()).count();
    let dials = line.chars().all(|c| {
        c.is_numeric()
            || c.is_alphabetic()
            || matches!(c, '+' | '(' | ')' | '-' | '/' | '.' | ' ' | ':' | '\u{a0}' | '|' | ',')
    });
    let text = line.to_lowercase();
    // Few letters beside the digits: "Circuit 12345678 is down" is no number to call.
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    digits >= 7 && dials && letters <= digits + 2
        || text.contains("www.")
        || text.contains("http")
        || text.contains('@') && !text.contains(' ')
        || [
            "tel:",
            "tel.:",
            "tel ",
            "phone:",
            "mobile:",
            "mobil:",
            "fax:",
            "e-mail:",
            "email:",
            "mail:",
            "web:",
            "tél",
            "тел",
            "電話",
            "tel\u{ff1a}",
            "mail\u{ff1a}",
            "e-mail\u{ff1a}",
            "電話\u{ff1a}",
            "\u{3012}",
            "电话",
            "전화",
        ]
        .iter()
        .any(|label| text.starts_with(label))
}

/// Is this nothing but a closing formula, a name, or both? Below a quotation it answers nothing.
pub(super) fn is_only_closing(lines: &[&str]) -> bool {
    let some: Vec<&str> = lines.iter().map(|line| bare(line)).filter(|line| !line.is_empty()).collect();
    let one = |line: &&str| {
        is_closing(line)
            || begins_with_closing(line)
            || line.starts_with(char::is_uppercase) && is_name(line) && line.split_whitespace().count() <= 3
    };
    let [first, ..] = some.as_slice() else { return true };
    some.len() <= 4
        && (is_closing(first) || begins_with_closing(first) || some.len() == 1 && !first.ends_with('.'))
        && some.iter().all(one)
}

/// "Regards, Ada"
fn begins_with_closing(line: &str) -> bool {
    line.split_once([',', '.']).is_some_and(|(closing, name)| is_closing(closing) && is_name(bare(name)))
}
