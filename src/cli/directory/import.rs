//! `… import FILE.csv`: all lines of a file, or none.

use std::{io::Read, path::Path};

use anyhow::{Context as _, bail};
use csv::{ReaderBuilder, StringRecord};

use super::{Import, in_words};
use crate::{
    cli::context::Context,
    daemon::directory::{Change, Clerk, DirectoryError, Fields},
    desk::directory::columns::{self, Column},
    store::open,
};

/// Mistakes that are shown of a file; the first few say what is wrong with the others.
const SHOWN: usize = 10;
/// Larger than any directory that this is for.
const FILE_BYTES: u64 = 256 << 20;

/// What a file's kind of record is.
pub struct Kind {
    /// in the plural
    pub what: &'static str,
    pub columns: &'static [Column],
    /// one of these must be a column of the file
    pub keys: &'static [&'static str],
    pub put: Put,
}

/// Writes one line.
pub type Put = fn(&mut Clerk<'_>, &Fields) -> Result<Change, DirectoryError>;

#[derive(Debug, Default)]
struct Counted {
    new: u64,
    changed: u64,
    same: u64,
    mistakes: Vec<String>,
    wrong: u64,
}

pub fn run(context: &Context, command: &Import, kind: &Kind) -> anyhow::Result<()> {
    let shown = command.file.display().to_string();
    let text = read(&command.file)?;
    let table = Table::parse(&shown, &text, kind)?;
    let mut desk = context.desk()?;
    let (office, name, now) = (&desk.office, &desk.name, desk.now);
    let work = |tx: &rusqlite::Connection| -> anyhow::Result<Counted> {
        let counted = table.put(&mut Clerk::new(tx, office, name, now).forced(command.force), kind)?;
        if counted.wrong > 0 {
            let more = counted.wrong.saturating_sub(counted.mistakes.len() as u64);
            let more = if more > 0 { format!("\n… and {more} more") } else { String::new() };
            bail!("{}{more}\nnothing was written", counted.mistakes.join("\n"));
        }
        Ok(counted)
    };
    let counted = match command.dry_run {
        true => open::rehearsal(&mut desk.db, work)?,
        false => open::transaction(&mut desk.db, work)?,
    };
    let Counted { new, changed, same, .. } = counted;
    let note = if command.dry_run { " (dry run: nothing was written)" } else { "" };
    say!("{}: {new} new, {changed} changed, {same} the same{note}", kind.what);
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<String> {
    let shown = path.display();
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => crate::cli::streams::input().take(FILE_BYTES + 1).read_to_end(&mut bytes),
        false => std::fs::File::open(path).and_then(|file| file.take(FILE_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.with_context(|| format!("cannot read {shown}"))?;
    if bytes.len() as u64 > FILE_BYTES {
        bail!("{shown}: more than {} MB: divide it", FILE_BYTES >> 20);
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(e) => {
            let line = bytes[..e.valid_up_to()].iter().filter(|byte| **byte == b'\n').count() + 1;
            bail!("{shown}: line {line} is not UTF-8: save it as \"CSV UTF-8\"")
        }
    }
}

/// A file, with the meaning of its header.
struct Table<'a> {
    shown: &'a str,
    text: &'a str,
    columns: Vec<&'static str>,
    reader: csv::Reader<&'a [u8]>,
}

impl<'a> Table<'a> {
    fn parse(shown: &'a str, text: &'a str, kind: &Kind) -> anyhow::Result<Table<'a>> {
        // Excel's own hint stands before the header. Taken away without its line end, so that lines count as they stand.
        let text = without_hint(text);
        let delimiter = delimiter(text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default());
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(text.as_bytes());
        let header = reader.headers().with_context(|| format!("{shown}: the header line"))?.clone();
        let allowed = columns::names(kind.columns);
        let mut known: Vec<&'static str> = Vec::new();
        for word in &header {
            let Some(column) = columns::find(kind.columns, word) else {
                bail!("{shown}: line 1: unknown column \"{}\" (allowed: {allowed})", word.trim());
            };
            if known.contains(&column) {
                bail!("{shown}: line 1: the column {column} stands there twice");
            }
            known.push(column);
        }
        if !kind.keys.iter().any(|key| known.contains(key)) {
            bail!("{shown}: line 1: there must be a column {} (allowed: {allowed})", kind.keys.join(" or "));
        }
        Ok(Table { shown, text, columns: known, reader })
    }

    fn put(self, clerk: &mut Clerk<'_>, kind: &Kind) -> anyhow::Result<Counted> {
        let Table { shown, text, columns, mut reader } = self;
        let mut counted = Counted::default();
        let mut record = StringRecord::new();
        while reader.read_record(&mut record).with_context(|| format!("cannot read {shown}"))? {
            let line = record.position().map_or(0, |at| line_of(at, text));
            if record.iter().all(|value| value.trim().is_empty()) {
                continue;
            }
            let mistake = match put_line(clerk, kind, &columns, &record) {
                Ok(Change::New) => {
                    counted.new += 1;
                    continue;
                }
                Ok(Change::Changed) => {
                    counted.changed += 1;
                    continue;
                }
                Ok(Change::Same) => {
                    counted.same += 1;
                    continue;
                }
                Err(DirectoryError::Wrong { field, message }) => {
                    let column = field.map(|field| format!(", column {field}")).unwrap_or_default();
                    format!("{shown}: line {line}{column}: {message}")
                }
                Err(e @ DirectoryError::Store(_)) => return Err(in_words(e)),
            };
            counted.wrong += 1;
            if counted.mistakes.len() < SHOWN {
                counted.mistakes.push(mistake);
            }
        }
        Ok(counted)
    }
}

/// The line on which a record begins: its position is before the empty lines that were skipped.
fn line_of(at: &csv::Position, text: &str) -> u64 {
    let rest = usize::try_from(at.byte()).ok().and_then(|byte| text.get(byte..)).unwrap_or_default();
    at.line()
        + rest.bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| *byte == b'\n').count() as u64
}

fn put_line(
    clerk: &mut Clerk<'_>,
    kind: &Kind,
    columns: &[&'static str],
    record: &StringRecord,
) -> Result<Change, DirectoryError> {
    let beyond = record.iter().skip(columns.len()).any(|value| !value.trim().is_empty());
    if beyond || record.len() < columns.len() {
        let message = format!("{} values for {} columns", record.len(), columns.len());
        return Err(DirectoryError::Wrong { field: None, message });
    }
    let fields: Vec<(&'static str, String)> =
        columns.iter().zip(record).map(|(column, value)| (*column, value.to_owned())).collect();
    (kind.put)(clerk, &fields)
}

/// Without `sep=;`.
fn without_hint(text: &str) -> &str {
    let line = text.lines().next().unwrap_or_default();
    if line.len() == "sep=;".len() && line.to_lowercase().starts_with("sep=") { &text[line.len()..] } else { text }
}

/// What separates the values of a file: Excel writes semicolons where the comma is the decimal point.
fn delimiter(header: &str) -> u8 {
    let mut quoted = false;
    let (mut commas, mut semicolons, mut tabs) = (0, 0, 0);
    for c in header.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => commas += 1,
            ';' if !quoted => semicolons += 1,
            '\t' if !quoted => tabs += 1,
            _ => {}
        }
    }
    match () {
        () if tabs > commas && tabs > semicolons => b'\t',
        () if semicolons > commas => b';',
        () => b',',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_seen_in_the_header() {
        assert_eq!(delimiter("name,domains"), b',');
        assert_eq!(delimiter("name;domains"), b';');
        assert_eq!(delimiter("name\tdomains"), b'\t');
        assert_eq!(delimiter("\"a,b\";c"), b';');
        assert_eq!(delimiter("address"), b',');
    }

    #[test]
    fn excels_hint_is_no_header() {
        assert_eq!(without_hint("sep=;\r\nname;domains\r\n"), "\r\nname;domains\r\n");
        assert_eq!(without_hint("name;domains\n"), "name;domains\n");
    }
}
