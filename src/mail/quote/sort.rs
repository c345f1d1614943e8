//! What each line of a mail is: the writer's own, quoted, an attribution, or below a mark that ends their words.

use std::ops::Range;

use super::{
    attribution, header,
    line::{self, bare, has_bar, is_blank, is_quoted},
    marker::{Marker, marker},
};

/// Whose a line is as the mail's structure tells before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    Own,
    /// inside of an element that quotes
    Quoted,
    /// below a line that mail programs draw above the mail that is answered
    Rest,
    /// inside of an element that a mail program marks as the signature
    Signature,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    pub text: &'a str,
    pub origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Own,
    Blank,
    Quoted,
    /// belongs to an attribution
    Attribution,
    /// the signature, as the mail's structure says
    Signature,
}

/// The sorted lines up to where the writer's words end.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    pub marks: Vec<Mark>,
    /// lines whose beginning alone is the writer's: `Yes. On Monday Ada wrote:`
    pub shared: Vec<(usize, usize)>,
    /// from where on all is quoted
    pub answered: Option<usize>,
    /// from where on all is handed on, and stays
    pub forwarded: Option<usize>,
    /// the mail program or the subject says that it is; otherwise the writer's own words point there
    pub marked: bool,
}

impl Sorted {
    /// The lines from the mark of a forward on, which stay as they are.
    pub(super) fn handed_on(&self, all: usize) -> Range<usize> {
        self.forwarded.map_or(0..0, |at| at..all)
    }
}

/// Lines that are looked at to find what follows.
const AHEAD: usize = 24;
/// Lines of the writer's that begin like a header or an attribution and are none: no mail of a person has more.
const LOOKS: usize = 4000;

/// Sorts the lines; stops where the writer's words end. `hands_on`: the subject says that this is a forward.
pub(super) fn sorted(lines: &[Source<'_>], hands_on: bool) -> Sorted {
    let mut sorted = Sorted::default();
    let mut n = 0;
    let mut barred = false;
    let mut looks = 0;
    while n < lines.len() {
        let line = lines[n];
        let ahead = &lines[n..(n + AHEAD).min(lines.len())];
        if line.origin == Origin::Rest {
            sorted.end(n, hands_on);
            return sorted;
        }
        if line.origin == Origin::Signature {
            sorted.marks.push(if is_blank(line.text) { Mark::Blank } else { Mark::Signature });
            n += 1;
            continue;
        }
        if is_blank(line.text) {
            sorted.marks.push(Mark::Blank);
            n += 1;
            continue;
        }
        let quoted_here = line.origin == Origin::Quoted
            || is_quoted(line.text) && !escaped_from(lines, n)
            || barred && has_bar(line.text);
        // Inside of a quotation only its first lines can tell that it is no quotation but a mail that is handed on.
        let inside = quoted_here && sorted.marks.iter().rev().find(|mark| **mark != Mark::Blank) == Some(&Mark::Quoted);
        if !inside && let Some(found) = marker(line::unmarked(line.text), || header_below(&ahead[1..])) {
            match found {
                Marker::Forwarded => sorted.end(n, true),
                Marker::Answered if !quoted_here => sorted.end_of_words(n, lines, hands_on),
                Marker::Answered => {}
            }
            if sorted.answered.is_some() || sorted.forwarded.is_some() {
                return sorted;
            }
        }
        if quoted_here
            && !inside
            && below_a_ruler(lines, n)
            && header::at(ahead.iter().map(|line| line::unmarked(line.text))).is_some()
        {
            // Only the header is marked.
            sorted.end_of_words(n, lines, hands_on);
            return sorted;
        }
        if quoted_here {
            sorted.marks.push(Mark::Quoted);
            n += 1;
            continue;
        }
        barred = false;
        if looks > LOOKS {
            sorted.marks.push(Mark::Own);
            n += 1;
            continue;
        }
        if header::at(ahead.iter().map(|line| line.text)).is_some() {
            sorted.end_of_words(n, lines, hands_on);
            return sorted;
        }
        let mut texts = [""; 16];
        for (text, line) in texts.iter_mut().zip(ahead) {
            *text = if line.origin == Origin::Quoted { ">" } else { line.text };
        }
        if let Some(found) = attribution::at(&texts[..ahead.len().min(16)]) {
            let below = lines[n + found.lines..].iter().find(|line| !is_blank(line.text));
            let marked =
                below.is_some_and(|line| line.origin == Origin::Quoted || is_quoted(line.text) || has_bar(line.text));
            if found.own > 0 {
                sorted.shared.push((n, found.own));
            }
            if !marked {
                if found.own > 0 {
                    sorted.marks.push(Mark::Own);
                    n += 1;
                }
                sorted.end(n, hands_on);
                return sorted;
            }
            for at in 0..found.lines {
                sorted.marks.push(if at == 0 && found.own > 0 { Mark::Own } else { Mark::Attribution });
            }
            barred = below.is_some_and(|line| has_bar(line.text));
            n += found.lines;
            continue;
        }
        looks += usize::from(header::may_begin(line.text) || attribution::may_begin(line.text));
        sorted.marks.push(Mark::Own);
        n += 1;
    }
    sorted
}

impl Sorted {
    /// All below belongs to another mail: the one that is answered, or, as the subject says, that is handed on.
    fn end(&mut self, at: usize, hands_on: bool) {
        if hands_on {
            self.forwarded = Some(at);
            self.marked = true;
        } else {
            self.answered = Some(at);
        }
    }
}

impl Sorted {
    /// The same where words of the writer's may stand right above: "The notice was:" points to what is below.
    fn end_of_words(&mut self, at: usize, lines: &[Source<'_>], hands_on: bool) {
        let above = self.marks.iter().rposition(|mark| *mark != Mark::Blank);
        let words = above.filter(|above| self.marks[*above] == Mark::Own).map(|above| bare(lines[above].text));
        let points =
            words.is_some_and(|words| words.ends_with([':', '\u{ff1a}']) && words.split_whitespace().nth(2).is_some());
        self.end(at, hands_on || points);
        self.marked &= hands_on;
    }
}

/// Is one of the next lines with text the beginning of a mail's header?
fn header_below(ahead: &[Source<'_>]) -> bool {
    let begin = ahead.iter().position(|line| !is_blank(line.text));
    begin.is_some_and(|at| header::at(ahead[at..].iter().map(|line| line::unmarked(line.text))).is_some())
}

fn below_a_ruler(lines: &[Source<'_>], n: usize) -> bool {
    let above = lines[n.saturating_sub(4)..n].iter().rfind(|line| !is_blank(line.text));
    above.is_some_and(|line| line::is_ruler(line.text))
}

/// ">From here on it fails": mbox files escape a line that begins with From, which nobody quoted.
fn escaped_from(lines: &[Source<'_>], n: usize) -> bool {
    let neighbour = |at: Option<usize>| at.and_then(|at| lines.get(at)).is_some_and(|line| is_quoted(line.text));
    lines[n].text.starts_with(">From ") && !neighbour(n.checked_sub(1)) && !neighbour(n.checked_add(1))
}
