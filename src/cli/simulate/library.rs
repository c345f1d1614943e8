//! Where scenarios lie: files and folders that are named, a policy's own, and those that come with the program.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use super::{
    desk::{InMemory, StoryDesk},
    played::Played,
    scenario::{self, Files, Told},
    settings::{Changes, Place, Settings},
    story::play,
};
use crate::desk::policy::{self, RuleFile};

/// The folder of a policy's scenarios, beside its policy.toml.
const FOLDER: &str = "scenarios";

/// A scenario that is to be played.
pub struct Found {
    pub shown: String,
    pub text: String,
    pub place: Place,
    pub files: Files,
}

/// Policies that were read once, for all their stories.
#[derive(Default)]
pub struct Policies(BTreeMap<Place, Settings>);

impl Policies {
    pub(super) fn get(&mut self, place: &Place) -> anyhow::Result<&Settings> {
        // Looked up twice because what is read may fail.
        if !self.0.contains_key(place) {
            let mut settings = Settings::load(place)?;
            // To compile them takes longer than a story: policies with the same cues share them.
            let cues = &mut settings.office.desk.policy.cues;
            let known =
                self.0.values().map(|other| &other.office.desk.policy.cues).find(|known| known.are_those_of(cues));
            if let Some(known) = known {
                *cues = known.clone();
            }
            self.0.insert(place.clone(), settings);
        }
        self.0.get(place).context("a policy that was read")
    }

    /// Plays a scenario in memory.
    pub fn play(&mut self, found: Found) -> anyhow::Result<Played> {
        let place = found.place.clone();
        let told = self.understand(found)?;
        let settings = self.get(&place)?;
        let mut desk = InMemory::begin(&told, settings.database()?);
        let played = play(&told, &mut desk, &mut Ok)?;
        settings.give_back(desk.lend()?);
        Ok(played)
    }

    /// Reads a scenario, to be played on whatever desk.
    pub fn understand(&mut self, found: Found) -> anyhow::Result<Told> {
        let settings = self.get(&found.place)?;
        let zone = settings.office.desk.policy.zone;
        Ok(settings.tell(scenario::understand(&found.shown, &found.text, zone, found.files)?))
    }
}

/// The scenarios of a policy: those in its own folder, and those that come with the program.
pub fn of_policy(place: &Place) -> anyhow::Result<Vec<Found>> {
    let mut found = Vec::new();
    let mut names = Vec::new();
    if let Some(rules) = &place.rules {
        let folder = rules.join(&place.policy).join(FOLDER);
        if folder.is_dir() {
            for path in toml_files(&folder)? {
                names.extend(path.file_name().map(|name| name.to_string_lossy().into_owned()));
                found.push(of_file(&path, place, Some(&place.policy))?);
            }
        }
    }
    // As everywhere under rules/, a file of the same name replaces one that comes with the program.
    found.extend(built_in(&place.policy).into_iter().filter(|(name, _)| !names.contains(name)).map(|(_, file)| {
        let folder = format!("{}/{FOLDER}", place.policy);
        // Own templates have words of their own, which these stories can't know.
        let changes = changes_of(&file.shown, &file.text);
        let place = Place { templates: None, changes, ..place.clone() };
        Found { shown: file.shown, text: file.text, place, files: beside(folder) }
    }));
    Ok(found)
}

/// The built-in scenarios of a policy, by their names.
fn built_in(policy: &str) -> Vec<(String, RuleFile)> {
    let names = policy::built_in_files(&format!("{policy}/{FOLDER}"));
    let tomls = names.into_iter().filter(|name| name.ends_with(".toml"));
    tomls.filter_map(|name| policy::built_in(&format!("{policy}/{FOLDER}/{name}")).map(|file| (name, file))).collect()
}

/// The built-in files of a folder.
fn beside(folder: String) -> Files {
    Box::new(move |name| policy::built_in(&format!("{folder}/{name}")).map(|file| file.text.into_bytes()))
}

/// The scenarios of a file or folder that was named, against `policy`, where that is named, too. A policy's folder has its
/// scenarios below it.
pub fn of_path(path: &Path, usual: &Place, policy: Option<&str>) -> anyhow::Result<Vec<Found>> {
    if !path.is_dir() {
        return Ok(vec![of_file(path, usual, policy)?]);
    }
    let below = path.join(FOLDER);
    let folder = if below.is_dir() { &below } else { path };
    let files = toml_files(folder)?;
    anyhow::ensure!(!files.is_empty(), "{}: there is no scenario (NAME.toml) in this folder", folder.display());
    files.iter().map(|file| of_file(file, usual, policy)).collect()
}

fn of_file(path: &Path, usual: &Place, policy: Option<&str>) -> anyhow::Result<Found> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let mut place = place_of(path).unwrap_or_else(|| usual.clone());
    place.templates.clone_from(&usual.templates);
    place.changes = changes_of(&shown, &text);
    let named = scenario::policy_of(&text).and_then(|policy| policy.name().map(str::to_owned));
    if let Some(policy) = policy.map(str::to_owned).or(named) {
        place.policy = policy;
    }
    anyhow::ensure!(
        !place.policy.is_empty(),
        "{shown}: which policy is it told against? Put policy = \"NAME\" into it, or give --policy NAME"
    );
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let files: Files = Box::new(move |name| {
        let is_plain = Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if is_plain { fs::read(folder.join(name)).ok() } else { None }
    });
    Ok(Found { shown, text, place, files })
}

/// What a scenario has other than its policy.
fn changes_of(shown: &str, text: &str) -> Option<Changes> {
    let text = scenario::policy_of(text)?.changes()?;
    Some(Changes { shown: format!("{shown}: [policy]"), text })
}

/// The policy in whose folder a scenario lies: `RULES/POLICY/scenarios/NAME.toml`.
fn place_of(path: &Path) -> Option<Place> {
    let path = path.canonicalize().ok()?;
    let scenarios = path.parent().filter(|folder| folder.file_name().is_some_and(|name| name == FOLDER))?;
    let folder = scenarios.parent().filter(|folder| folder.join("policy.toml").is_file())?;
    let policy = folder.file_name()?.to_str()?.to_owned();
    Some(Place { policy, rules: folder.parent().map(Path::to_owned), ..Place::default() })
}

fn toml_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let list = || -> io::Result<Vec<PathBuf>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.extension().is_some_and(|e| e == "toml") && path.is_file() {
                all.push(path);
            }
        }
        all.sort();
        Ok(all)
    };
    list().with_context(|| format!("cannot read the folder {}", folder.display()))
}
