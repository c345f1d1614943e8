//! Which lines stay. An answer above, below or between what it answers; the signature apart.

use super::{
    attribution,
    forward::{self, Forwarded},
    legal,
    line::{folded, is_blank, is_quoted, is_ruler, unmarked},
    signature,
    sort::{Mark, Origin, Sorted, Source, sorted},
};

/// A text taken apart.
#[derive(Debug, Default)]
pub(super) struct Taken {
    pub reply: String,
    pub signature: Option<String>,
    pub forwarded: Option<Forwarded>,
    /// something was quoted
    pub cut: bool,
}

/// Lines that stand together and belong to one: the writer, or who is quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    quoted: bool,
    begin: usize,
    end: usize,
}

pub(super) fn taken_apart(lines: &[Source<'_>], hands_on: bool) -> Taken {
    let mut sorted = sorted(lines, hands_on);
    mend_broken_lines(lines, &mut sorted.marks);
    let handed_on = sorted.handed_on(lines.len());
    let mut keep: Vec<bool> = sorted.marks.iter().map(|mark| matches!(mark, Mark::Own | Mark::Blank)).collect();
    let mut signature: Vec<usize> = (0..keep.len()).filter(|at| sorted.marks[*at] == Mark::Signature).collect();
    if handed_on.is_empty() {
        drop_end_of_text(lines, &sorted, &mut keep);
    }
    drop_banners(lines, &sorted, &mut keep);
    part_signature(lines, &sorted, &mut keep, &mut signature);
    keep_what_is_answered(lines, &sorted, &mut keep);
    signature.sort_unstable();
    let mut reply = String::new();
    let mut gap = false;
    for (n, kept) in keep.iter().enumerate() {
        if !kept || is_blank(lines[n].text) {
            gap = true;
            continue;
        }
        if !reply.is_empty() {
            reply.push_str(if std::mem::take(&mut gap) { "\n\n" } else { "\n" });
        }
        gap = false;
        let shared = sorted.shared.binary_search_by_key(&n, |(line, _)| *line).map(|at| sorted.shared[at].1);
        let own = shared.unwrap_or(lines[n].text.len());
        let text = lines[n].text[..own].trim_end();
        // HTML has no marks: whose the line is shows all the same.
        if sorted.marks[n] == Mark::Quoted && lines[n].origin == Origin::Quoted && !is_quoted(text) {
            reply.push_str("> ");
        }
        reply.push_str(if shared.is_ok() { text.trim_end_matches(['-', '\u{2014}', '_', ' ']) } else { text });
    }
    let forwarded = match (handed_on.is_empty(), sorted.answered) {
        (false, _) => forward::below(lines[handed_on.clone()].iter().map(|line| line.text), sorted.marked),
        (true, Some(at)) => forward::below(lines[at..].iter().map(|line| line.text), false),
        (true, None) => None,
    };
    if !reply.is_empty() && !handed_on.is_empty() && gap {
        reply.push('\n');
    }
    for line in &lines[handed_on] {
        if !reply.is_empty() || !is_blank(line.text) {
            reply.push('\n');
            reply.push_str(line.text);
        }
    }
    let block = |at: &[usize]| {
        let text: Vec<&str> = at.iter().map(|n| lines[*n].text).collect();
        text.join("\n").trim().to_owned()
    };
    Taken {
        reply: super::without_empty_ends(&reply).to_owned(),
        signature: Some(block(&signature)).filter(|text| !text.is_empty()),
        forwarded,
        cut: sorted.answered.is_some()
            || sorted.marks.iter().any(|mark| matches!(mark, Mark::Quoted | Mark::Attribution)),
    }
}

/// Long quoted lines that a mail program broke without marking the second half: `> (https://…\n…)\n>`.
fn mend_broken_lines(lines: &[Source<'_>], marks: &mut [Mark]) {
    for n in 1..marks.len().saturating_sub(1) {
        if marks[n] != Mark::Own || marks[n - 1] != Mark::Quoted || marks[n + 1] != Mark::Quoted {
            continue;
        }
        let (above, text) = (lines[n - 1].text, lines[n].text.trim());
        let open = above.matches('(').count() > above.matches(')').count() || above.rfind('<') > above.rfind('>');
        let closes = open && text.contains([')', '>']) && text.matches(' ').count() <= 2;
        let link = text.starts_with(['(', '<']) && text.contains("://") && text.ends_with([')', '>']);
        let rest = above.chars().count() >= 65 && text.starts_with(char::is_lowercase) && text.chars().count() <= 25;
        if closes || link || rest {
            marks[n] = Mark::Quoted;
        }
    }
}

/// The runs of own and quoted lines, as far as anything of them is kept or quoted.
fn runs(marks: &[Mark], keep: &[bool], lines: &[Source<'_>]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (n, mark) in marks.iter().enumerate() {
        let quoted = match mark {
            Mark::Own if keep[n] && !is_blank(lines[n].text) => false,
            Mark::Quoted => true,
            _ => continue,
        };
        match runs.last_mut() {
            Some(run) if run.quoted == quoted => run.end = n + 1,
            _ => runs.push(Run { quoted, begin: n, end: n + 1 }),
        }
    }
    runs
}

/// Parts the signature off the last words of the writer, and off those above the first quotation.
fn part_signature(lines: &[Source<'_>], sorted: &Sorted, keep: &mut [bool], signature: &mut Vec<usize>) {
    let all = runs(&sorted.marks, keep, lines);
    let own: Vec<&Run> = all.iter().filter(|run| !run.quoted).collect();
    let mut first = true;
    // From the last one up: where nothing but a signature stood, the words above it are the last.
    for run in own.iter().rev() {
        let is_first_words = run.begin == own[0].begin;
        if !first && !is_first_words {
            continue;
        }
        // Attributions may stand among them without a quotation of their own.
        let texts: Vec<&str> = lines[run.begin..run.end].iter().map(|line| line.text).collect();
        let begin = run.begin + signature::begins_at(&texts);
        for (at, kept) in keep.iter_mut().enumerate().take(run.end).skip(begin).filter(|(_, kept)| **kept) {
            *kept = false;
            signature.push(at);
        }
        first &= begin == run.begin;
    }
}

/// What a gateway warns of above the writer's first words.
fn drop_banners(lines: &[Source<'_>], sorted: &Sorted, keep: &mut [bool]) {
    let mut begin = 0;
    // Two gateways at most: the company's, and the provider's.
    for _ in 0..2 {
        let Some(first) = (begin..keep.len()).find(|at| !is_blank(lines[*at].text)) else { return };
        let end = (first..keep.len()).find(|at| is_blank(lines[*at].text) || sorted.marks[*at] != Mark::Own);
        let end = end.unwrap_or(keep.len());
        let texts: Vec<&str> = lines[first..end].iter().take(9).map(|line| line.text).collect();
        if end == first || !legal::is_banner(&texts) {
            return;
        }
        keep[first..end].fill(false);
        begin = end;
    }
}

/// A ruler above the mail that is answered belongs to that one.
fn drop_end_of_text(lines: &[Source<'_>], sorted: &Sorted, keep: &mut [bool]) {
    let mut below = None;
    for at in (0..keep.len()).rev() {
        let ruler = sorted.marks[at] == Mark::Own && is_ruler(lines[at].text);
        if ruler && matches!(below, Some(Mark::Quoted | Mark::Attribution)) {
            keep[at] = false;
        } else if sorted.marks[at] != Mark::Blank {
            below = Some(sorted.marks[at]);
        }
    }
    if sorted.answered.is_none() {
        return;
    }
    for at in (0..keep.len()).rev() {
        if !keep[at] || is_blank(lines[at].text) {
            continue;
        }
        if !is_ruler(lines[at].text) {
            break;
        }
        keep[at] = false;
    }
}

/// Keeps the quoted lines that are answered one by one. A quotation with the answer above or below it goes as a whole.
fn keep_what_is_answered(lines: &[Source<'_>], sorted: &Sorted, keep: &mut [bool]) {
    let runs = runs(&sorted.marks, keep, lines);
    for run in runs.iter().filter(|run| run.quoted && is_pointed_to(lines, sorted, run.begin)) {
        keep[run.begin..run.end].fill(true);
    }
    let texts =
        |run: &Run| -> Vec<&str> { (run.begin..run.end).filter(|at| keep[*at]).map(|at| lines[at].text).collect() };
    // Only a person's mail is worth telling a name from an answer.
    let few = runs.len() <= 500;
    let is_answer = |run: &Run| !(run.quoted || few && signature::is_only_closing(&texts(run)));
    let answers: Vec<bool> = runs.iter().map(is_answer).collect();
    let Some(last) = answers.iter().rposition(|answer| *answer) else { return };
    let quoted_before = |at: usize| runs[..at].iter().any(|run| run.quoted);
    let below = (0..=last).filter(|at| answers[*at] && quoted_before(*at)).count();
    let above = answers[0] && !greets(&texts(&runs[0]));
    let goes_on = runs[last..].iter().any(|run| run.quoted) && !answers[0];
    if below == 0 || below == 1 && !above && !goes_on {
        return;
    }
    let kept: Vec<Run> = runs[..last].iter().filter(|run| run.quoted).copied().collect();
    for run in &kept {
        keep[run.begin..run.end].fill(true);
    }
    // Apple Mail puts the attribution inside of the quotation.
    if let Some(run) = kept.first() {
        let texts: Vec<&str> = lines[run.begin..run.end].iter().take(8).map(|line| unmarked(line.text)).collect();
        let attribution = attribution::at(&texts).filter(|found| found.own == 0).map_or(0, |found| found.lines);
        keep[run.begin..run.begin + attribution].fill(false);
    }
}

/// "Here is the log:" right above lines that carry a mark.
fn is_pointed_to(lines: &[Source<'_>], sorted: &Sorted, begin: usize) -> bool {
    let near = begin.saturating_sub(2);
    let Some(above) = (near..begin).rfind(|at| !is_blank(lines[*at].text)) else { return false };
    let text = lines[above].text.trim();
    let points = text.ends_with([':', '\u{ff1a}']) && text.split_whitespace().nth(2).is_some();
    points && sorted.marks[above] == Mark::Own && !text.contains(|c: char| c == '@' || c.is_numeric())
}

/// Nothing but "Hello Ada,".
fn greets(lines: &[&str]) -> bool {
    let mut some = lines.iter().map(|line| line.trim()).filter(|line| !line.is_empty());
    let first = some.next().unwrap_or_default();
    let words = first.split_whitespace().count();
    if some.next().is_some() || words > 6 || first.chars().count() > 60 {
        return false;
    }
    let text = folded(first);
    first.ends_with([',', '!', '\u{3001}', '\u{ff0c}']) && words <= 4
        || GREETINGS.iter().any(|word| text.starts_with(word))
}

#[rustfmt::skip]
const GREETINGS: &[&str] = &[
    "hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "greetings", "hallo", "guten", "sehr geehrte", "liebe", "moin", "servus", "grüezi", "bonjour", "bonsoir", "salut", "cher", "chère", "madame", "monsieur", "hola", "buenos", "buenas", "buen día", "estimad", "bon dia", "ciao", "buongiorno", "buonasera", "gentil", "salve", "olá", "bom dia", "boa tarde", "boa noite", "prezad", "car", "beste", "geachte", "goedemorgen", "goedemiddag", "goedendag", "dag",
    "hej", "hei", "god dag", "god morgon", "kære", "kära", "kjære", "moi", "hyvä", "dzień dobry", "cześć", "szanown", "witam", "dobrý den", "dobrý deň", "ahoj", "vážen", "tisztelt", "kedves", "szia", "jó napot", "bună", "stimat", "dober dan", "pozdravljeni", "dobar dan", "poštovan", "поштован", "здравейте", "здравей", "добър ден", "уважаем", "здравствуйте", "привет", "добрый", "добрий", "доброго", "вітаю", "шановн", "γεια", "αγαπητ", "καλημέρα", "καλησπέρα", "merhaba", "sayın", "iyi günler",
    "tere", "lugupeetud", "labdien", "sveiki", "labas", "laba diena", "gerb", "xin chào", "chào", "kính", "halo", "yth", "selamat", "dengan hormat", "こんにちは", "お世話", "いつもお世話", "您好", "你好", "尊敬", "안녕", "مرحبا", "السلام", "عزيزي", "שלום", "سلام", "با سلام", "สวัสดี", "เรียน",
];
