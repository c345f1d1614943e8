//! Commands on planned works, which staff write in the first lines of a reply to a mail about them: `#approve`,
//! `#extend 06:00`, `#cancel the supplier is not ready`. What stands below goes to customers with what is told them.

use super::{MOST, NotUnderstood, after, begins, refused, typed, without_empty_ends};

/// What one line commands; times and windows are read in the zone of the works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorksCommand {
    Approve,
    Withdraw,
    Announce,
    Remind,
    Start,
    /// until when
    Extend(String),
    Complete,
    Cancel,
    /// to which window
    Reschedule(String),
    /// to customers
    Tell,
    /// for the history alone
    Note,
    Help,
}

/// The first lines of a mail about works, and the rest of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorksWritten {
    pub commands: Vec<WorksCommand>,
    pub not_understood: Vec<NotUnderstood>,
    /// what stands behind the last command, and below all
    pub text: String,
}

/// What there is to command, for people.
pub const WORKS_HELP: [(&str, &str); 12] = [
    ("#approve", "they may be announced"),
    ("#withdraw", "the change that waits for an approval is wanted no more"),
    ("#announce", "customers are told of them"),
    ("#remind", "customers are reminded of them now"),
    ("#start", "they have begun"),
    ("#extend 06:00", "the window ends later; also +2h, or 2026-12-19 06:00"),
    ("#complete", "they are done; a text behind it, or below, goes to customers"),
    ("#cancel the supplier is not ready", "they are not done, for this reason, which customers read"),
    ("#reschedule 2026-12-18 22:00 to 04:00", "they are moved to this window, in the zone of the works"),
    ("#tell", "of completed works: the text below tells customers what is new"),
    ("#note", "the text below stays inside, in the history of the works"),
    ("#help", "this list; nothing else is done"),
];

/// Reads what somebody wrote now, without what they quote.
pub fn read(said: &str) -> WorksWritten {
    let mut written = WorksWritten::default();
    let mut beside = String::new();
    let mut rest = said;
    for line in said.lines() {
        let line = typed(line);
        if line.is_empty() {
            rest = after(rest);
            continue;
        }
        let Some(command) = begins(&line) else { break };
        if written.commands.len() + written.not_understood.len() == MOST {
            written.not_understood.push(refused(&line, format!("more than {MOST} commands in one mail")));
            break;
        }
        match understood(command) {
            Ok((command, text)) => {
                written.commands.push(command);
                if !text.is_empty() {
                    beside = text;
                }
            }
            Err(why) => written.not_understood.push(refused(&line, why)),
        }
        rest = after(rest);
    }
    let parts = [beside.as_str(), without_empty_ends(rest)];
    written.text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    written
}

/// The command, and what of its line is text for customers.
fn understood(line: &str) -> Result<(WorksCommand, String), String> {
    let (verb, words) = line.split_once(' ').unwrap_or((line, ""));
    let verb = verb.trim_end_matches(['.', ',', ';', ':', '!']).to_lowercase();
    let words = words.trim().to_owned();
    let alone = |command: WorksCommand| match words.trim_end_matches('.') {
        "" => Ok((command, String::new())),
        more => Err(format!("#{verb} takes nothing behind it, but there is \"{more}\"")),
    };
    let time = |command: fn(String) -> WorksCommand, example: &str| match words.as_str() {
        "" => Err(format!("say when: #{verb} {example}")),
        _ => Ok((command(words.clone()), String::new())),
    };
    match verb.as_str() {
        "approve" => alone(WorksCommand::Approve),
        "withdraw" => alone(WorksCommand::Withdraw),
        "announce" => alone(WorksCommand::Announce),
        "remind" => alone(WorksCommand::Remind),
        "start" => alone(WorksCommand::Start),
        "extend" => time(WorksCommand::Extend, "06:00"),
        "reschedule" | "move" => time(WorksCommand::Reschedule, "2026-12-18 22:00 to 04:00"),
        "complete" | "done" => Ok((WorksCommand::Complete, words)),
        "cancel" => Ok((WorksCommand::Cancel, words)),
        "tell" => Ok((WorksCommand::Tell, words)),
        "note" => Ok((WorksCommand::Note, words)),
        "help" => alone(WorksCommand::Help),
        _ => Err("there is no such command on planned works".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_stand_above_the_text_that_goes_to_customers() {
        let written = read("#start\n\n#extend +2h.\nIt takes longer than we thought.\n#cancel is no command here\n");
        assert_eq!(written.commands, [WorksCommand::Start, WorksCommand::Extend("+2h.".to_owned())]);
        assert_eq!(written.text, "It takes longer than we thought.\n#cancel is no command here");
        assert_eq!(written.not_understood, []);
    }

    #[test]
    fn a_reason_may_stand_behind_its_command_or_below() {
        for said in ["#cancel The supplier is not ready.", "#Cancel\n\nThe supplier is not ready.\n"] {
            let written = read(said);
            assert_eq!(written.commands, [WorksCommand::Cancel]);
            assert_eq!(written.text, "The supplier is not ready.", "{said}");
        }
    }

    #[test]
    fn what_is_not_understood_says_why() {
        let written = read("#aprove\n#extend\n#start now\n");
        let why: Vec<&str> = written.not_understood.iter().map(|line| line.why.as_str()).collect();
        assert_eq!(
            why,
            [
                "there is no such command on planned works",
                "say when: #extend 06:00",
                "#start takes nothing behind it, but there is \"now\""
            ]
        );
        assert!(written.commands.is_empty());
        assert_eq!(read("Thank you!").text, "Thank you!");
    }
}
