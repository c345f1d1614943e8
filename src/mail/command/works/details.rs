//! Labelled lines below a command on works: `window: 2026-12-18 22:00 to 04:00`, `service: IS-4711=DEGRADED`.

use std::fmt::Display;

use chrono_tz::Tz;

use crate::desk::works::{Kind, Named, NamedPlace};

/// The longest word that may be a label.
const LABEL_CHARS: usize = 15;
/// No mail program breaks lines that are shorter.
const BROKEN_CHARS: usize = 60;

/// What the labelled lines of a command say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// as they were written: they are read in the zone
    pub windows: Vec<String>,
    pub zone: Option<Tz>,
    pub touched: Named,
    pub title: Option<String>,
    pub reason: Option<String>,
    pub kind: Option<Kind>,
    pub contact: Option<String>,
    pub roll_back: Option<String>,
    /// why they can't wait
    pub emergency: Option<String>,
    /// why a rule that may be broken is broken
    pub force: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Window,
    Zone,
    Service,
    Platform,
    Impact,
    Title,
    Reason,
    Kind,
    Contact,
    RollBack,
    Emergency,
    Force,
}

impl Label {
    const ALL: [Label; 12] = [
        Label::Window,
        Label::Zone,
        Label::Service,
        Label::Platform,
        Label::Impact,
        Label::Title,
        Label::Reason,
        Label::Kind,
        Label::Contact,
        Label::RollBack,
        Label::Emergency,
        Label::Force,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Label::Window => "window",
            Label::Zone => "zone",
            Label::Service => "service",
            Label::Platform => "platform",
            Label::Impact => "impact",
            Label::Title => "title",
            Label::Reason => "reason",
            Label::Kind => "kind",
            Label::Contact => "contact",
            Label::RollBack => "roll-back",
            Label::Emergency => "emergency",
            Label::Force => "force",
        }
    }

    /// Also in the plural, and `rollback`.
    pub fn named(word: &str) -> Option<Label> {
        let plain = |word: &str| word.to_lowercase().replace(['-', ' '], "");
        let word = plain(word);
        let is = |label: &Label| {
            let name = plain(label.name());
            word == name || label.is_list() && word.strip_suffix('s') == Some(&name)
        };
        Label::ALL.into_iter().find(is)
    }

    fn is_list(self) -> bool {
        matches!(self, Label::Window | Label::Service | Label::Platform)
    }

    /// Do people read it as it is written?
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Label::Title | Label::Reason | Label::Contact | Label::RollBack | Label::Emergency | Label::Force
        )
    }
}

/// Label and value of a line that has a word and a colon in front. A word that is no label and has nothing behind it is
/// a greeting.
pub(super) fn parted(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let (name, value) = (name.trim_end(), value);
    if name.chars().count() > LABEL_CHARS {
        return None;
    }
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || c == '-');
    // `https://…` is no label.
    let may_be_one = is_word && value.starts_with(' ') && !value.trim().is_empty();
    (may_be_one || Label::named(name).is_some()).then_some((name, value.trim()))
}

/// The value of a line, with all the signs that it was written with.
pub(super) fn value(raw: &str) -> &str {
    raw.split_once([':', '\u{ff1a}']).map_or("", |(_, value)| value.trim())
}

/// Is a line the rest of the one above, which was too long for a mail program?
pub(super) fn is_broken(above: &str, line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    above.chars().count() + 1 + first.chars().count() > BROKEN_CHARS
}

impl Details {
    /// Several windows with `;` between them.
    pub(super) fn add_windows(&mut self, text: &str) {
        self.windows.extend(parts(text, &[';']).map(|window| window.trim_end_matches('.').to_owned()));
    }

    /// What a line says.
    ///
    /// # Errors
    /// What is wrong with the value, and what may stand there.
    pub(super) fn set(&mut self, label: Label, value: &str) -> Result<(), String> {
        if value.is_empty() {
            return Err(format!("nothing stands behind \"{}:\"", label.name()));
        }
        if let Some(text) = self.text_of(label) {
            return once(text, Ok::<_, String>(value.to_owned()));
        }
        let lists = [',', ';'];
        match label {
            Label::Window => self.add_windows(value),
            Label::Service => self.touched.services.extend(parts(value, &lists).map(NamedPlace::read)),
            Label::Platform => self.touched.platforms.extend(parts(value, &lists).map(NamedPlace::read)),
            Label::Zone => {
                let zone = value
                    .parse()
                    .map_err(|_| format!("\"{value}\" is no zone of the IANA list, such as Europe/Berlin"));
                return once(&mut self.zone, zone);
            }
            Label::Impact => return once(&mut self.touched.impact, value.parse()),
            Label::Kind => return once(&mut self.kind, value.parse()),
            // Texts are done.
            _ => {}
        }
        Ok(())
    }

    /// The rest of a line that was broken.
    pub(super) fn go_on(&mut self, label: Label, rest: &str) {
        if let Some(Some(text)) = self.text_of(label) {
            text.push(' ');
            text.push_str(rest);
        }
    }

    fn text_of(&mut self, label: Label) -> Option<&mut Option<String>> {
        match label {
            Label::Title => Some(&mut self.title),
            Label::Reason => Some(&mut self.reason),
            Label::Contact => Some(&mut self.contact),
            Label::RollBack => Some(&mut self.roll_back),
            Label::Emergency => Some(&mut self.emergency),
            Label::Force => Some(&mut self.force),
            _ => None,
        }
    }
}

fn parts<'a>(text: &'a str, between: &'a [char]) -> impl Iterator<Item = &'a str> {
    text.split(between).map(str::trim).filter(|part| !part.is_empty())
}

fn once<T>(place: &mut Option<T>, value: Result<T, impl Display>) -> Result<(), String> {
    if place.is_some() {
        return Err("the same stands above".to_owned());
    }
    *place = Some(value.map_err(|e| e.to_string())?);
    Ok(())
}
