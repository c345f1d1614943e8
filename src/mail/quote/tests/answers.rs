//! Answers above, below and between what is answered.

use super::*;

#[test]
fn answers_between_quoted_lines_keep_them() {
    let text = "Hello,\n\nOn 2 Nov 2026, Support wrote:\n> Which tray?\n\nTray 2.\n\n> Since when?\n\nSince Monday.\n\n> Regards\n> Support\n";
    assert_eq!(reply(text), "Hello,\n\n> Which tray?\n\nTray 2.\n\n> Since when?\n\nSince Monday.");
    let picked = "Hello,\n\n> Which tray?\nTray 2.\n> Since when?\nSince Monday.\n";
    assert_eq!(reply(picked), picked.trim_end());
    let in_the_midst = "> Hello Ada,\n> which tray?\nTray 2.\n> Regards\n";
    assert_eq!(reply(in_the_midst), "> Hello Ada,\n> which tray?\nTray 2.");
}

#[test]
fn an_answer_below_the_quotation_is_found_and_a_name_there_is_none() {
    assert_eq!(
        reply("Hello Ada,\n\nOn 2 Nov 2026, Support wrote:\n> Which tray?\n\nTray 2.\n"),
        "Hello Ada,\n\nTray 2."
    );
    assert_eq!(
        reply("Tray 2.\n\nOn 2 Nov 2026, Support wrote:\n> Which tray?\n\nRegards, Ada\n"),
        "Tray 2.\n\nRegards, Ada"
    );
    assert_eq!(reply("> Which tray?\nTray 2.\n-- \nAda\n"), "Tray 2.");
}

#[test]
fn lines_with_a_mark_that_the_writer_put_there_stay() {
    for text in [
        "Here is the log:\n> no route\n> no link\n\nRegards\nAda",
        "It fails with\n\n> error: no route\n\nWhat now?",
        "$ cat trays\n> none\nWhat is wrong?",
    ] {
        assert_eq!(reply(text), text);
    }
}
