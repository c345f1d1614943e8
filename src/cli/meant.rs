//! `--named`: a text for many holds the name of a customer, and is meant to.

use clap::Args;

use crate::daemon::{names::Names, staff::Command};

#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Meant {
    /// A text that others read names an organisation or a service of the directory, and is meant to: a word that is a name, too
    #[arg(long)]
    named: bool,
}

impl Meant {
    /// Whoever commands, knowing what their texts name.
    pub fn by<'a>(self, staff: &Command<'a>) -> Command<'a> {
        match self.named {
            true => Command { names: Names::Meant, ..*staff },
            false => *staff,
        }
    }
}
