//! `casepost case open`: a customer telephoned.

use clap::Args;

use crate::{
    cli::context::Context,
    daemon::staff::PhoneRequest,
    desk::{
        lifecycle::{Act, Tell},
        priority::Priority,
    },
    mail::address::Address,
};

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
    casepost case open --requester ada@example.com --name 'Ada Lovelace' --subject 'Line down at the Oslo site' \\\n      \
    --priority P2 --note 'Two sites affected since 08:40; call back on +47 …'")]
pub struct Open {
    /// The customer's address: the acknowledgement goes there
    #[arg(long, value_name = "ADDRESS")]
    requester: String,
    /// The customer's name
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    subject: String,
    /// P1 to P4; P1G with the right for it
    #[arg(long, default_value = "P4")]
    priority: Priority,
    /// What they said, as a note for staff
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Send no acknowledgement
    #[arg(long)]
    silent: bool,
}

pub fn run(context: &Context, command: &Open) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let requester = Address::new(command.name.as_deref(), &command.requester);
    anyhow::ensure!(
        requester.email.contains('@') && !requester.email.contains(char::is_whitespace),
        "--requester \"{}\" is no mail address",
        command.requester
    );
    let request = PhoneRequest {
        requester,
        subject: command.subject.trim().to_owned(),
        priority: command.priority,
        continues: None,
        tell: if command.silent { Tell::Nobody } else { Tell::Customer },
    };
    let case = desk.write(|tx, staff| {
        let case = staff.open(tx, request)?;
        if let Some(text) = &command.note {
            staff.act(tx, &case, &Act::Note { text }, &[])?;
        }
        Ok(case)
    })?;
    say!("{} opened at {}", case.reference, case.priority);
    Ok(())
}
