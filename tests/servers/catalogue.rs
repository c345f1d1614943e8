//! Faults of every kind at every step that a desk takes, for tests that go through them all. Each strikes once.

use std::time::Duration;

use super::fault::{Fault, Point};

/// Whoever logs in, opens a mailbox, searches, fetches sizes and bodies and marks mails meets all of them; one that also
/// idles needs `^IDLE` and `^DONE` besides.
pub fn imap() -> Vec<Fault> {
    let steps = [
        "^(AUTHENTICATE|LOGIN)",
        "^CAPABILITY",
        "^SELECT",
        "^UID SEARCH",
        r"^UID FETCH .*\(UID RFC822.SIZE\)",
        "^UID FETCH .*BODY.PEEK",
        "^UID STORE",
    ];
    let mut all = ends(&[Fault::greeting()]);
    all.push(Fault::greeting().answer("* BYE [UNAVAILABLE] overloaded"));
    all.push(Fault::greeting().garbage());
    for step in steps {
        let at = || Fault::at(step);
        all.extend(ends(&[at(), at().unseen(), at().partly(1), at().seen()]));
        all.extend([
            at().answer("NO [UNAVAILABLE] try again later"),
            at().answer("BAD what is that"),
            at().answer("* BYE [UNAVAILABLE] shutting down"),
            at().partly(1).answer("NO [SERVERBUG] no more of it"),
            at().unseen().answer("NO [SERVERBUG] it went wrong half-way"),
            at().garbage(),
            at().partly(1).garbage(),
        ]);
    }
    all.extend(ends(&[Fault::after_bytes(10), Fault::after_bytes(1000), Fault::in_literal(1)]));
    all.extend(slow());
    all.push(Fault::hide(["UIDPLUS", "MOVE", "IDLE", "CONDSTORE", "ESEARCH", "LITERAL+"]));
    all.push(Fault::no_uid_next());
    all.into_iter().map(|fault| fault.first(1)).collect()
}

/// Whoever sends a mail and says QUIT meets all of them but those at AUTH and RSET, which not everyone says.
pub fn smtp() -> Vec<Fault> {
    let mut all = ends(&[Fault::greeting(), Fault::greeting().seen()]);
    all.push(Fault::greeting().answer("421 4.3.2 not now"));
    all.push(Fault::greeting().answer("554 5.3.2 no service here"));
    all.push(Fault::greeting().garbage());
    for step in ["^EHLO", "^AUTH", "^MAIL", "^RCPT", "^DATA", "^RSET", "^QUIT"] {
        all.extend(ends(&[Fault::at(step), Fault::at(step).seen()]));
        all.extend(refusals(&|| Fault::at(step)));
    }
    all.extend(ends(&[Fault::in_text(0), Fault::dot(), Fault::dot().unseen(), Fault::dot().seen()]));
    all.extend(refusals(&Fault::dot));
    all.push(Fault::dot().unseen().answer("451 4.3.0 taken, and yet"));
    all.extend(slow());
    all.push(Fault::hide(["SIZE", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"]));
    all.into_iter().map(|fault| fault.first(1)).collect()
}

fn ends(points: &[Point]) -> Vec<Fault> {
    points.iter().flat_map(|at| [at.clone().cut(), at.clone().reset(), at.clone().stall()]).collect()
}

fn refusals(at: &dyn Fn() -> Point) -> [Fault; 5] {
    [
        at().answer("450 4.2.0 later"),
        at().answer("451 4.3.0 local trouble"),
        at().answer("550 5.7.1 never"),
        at().answer("421 4.7.0 enough of you"),
        at().garbage(),
    ]
}

fn slow() -> [Fault; 2] {
    [Fault::latency(Duration::from_millis(10)), Fault::rate(100_000)]
}
