//! What everybody at work needs: the desk, its keys and its templates, read from the configuration once.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    config::{Config, ConfigError, StaffConfig},
    desk::{
        hours::Calendar,
        policy::{self, Policy, PolicyError, RuleFile},
        service_desk::ServiceDesk,
        staff_member::StaffMember,
    },
    mail::{
        address::Address,
        template::{TemplateError, TemplateFile, Templates},
        token::{Keyring, KeyringError},
    },
};

#[derive(Debug, Clone)]
pub struct Office {
    pub desk: ServiceDesk,
    pub keyring: Keyring,
    pub templates: Arc<Templates>,
    /// where the pages of the status page's forms are, without a slash at its end
    pub web_url: Option<String>,
}

/// The office as it is now: whoever works takes it for one piece of work, and may find another one for the next.
#[derive(Clone)]
pub struct CurrentOffice(Arc<RwLock<Arc<Office>>>);

impl CurrentOffice {
    pub fn new(office: Office) -> CurrentOffice {
        CurrentOffice(Arc::new(RwLock::new(Arc::new(office))))
    }

    pub fn get(&self) -> Arc<Office> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub fn replace(&self, office: Office) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(office);
    }
}

#[derive(Debug, thiserror::Error)]
pub enum OfficeError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Policy(#[from] PolicyError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error("cannot read the signing key {path}: {why}; `casepost init` makes one")]
    Key { path: String, why: String },
    #[error("{path}: {why}")]
    Keyring { path: String, why: KeyringError },
    #[error("cannot read {path}: {why}")]
    Read { path: String, why: String },
}

impl Office {
    /// Reads policy, templates and key of a configuration.
    pub fn load(config: &Config) -> Result<Office, OfficeError> {
        Office::with_key(config, keyring(&config.desk.key_file)?)
    }

    /// Reads policy and templates of a configuration.
    pub fn with_key(config: &Config, keyring: Keyring) -> Result<Office, OfficeError> {
        Office::of_desk(config, keyring, service_desk(config)?)
    }

    /// The same with other keys of the policy: `changes` is a policy that extends the configured one.
    pub fn with_changes(config: &Config, keyring: Keyring, changes: &RuleFile) -> Result<Office, OfficeError> {
        Office::of_desk(config, keyring, desk_by(config, policy(config, Some(changes))?))
    }

    fn of_desk(config: &Config, keyring: Keyring, desk: ServiceDesk) -> Result<Office, OfficeError> {
        desk.policy.cues.check().map_err(PolicyError::from)?;
        let templates = Arc::new(templates(config, &desk.policy)?);
        Ok(Office { desk, keyring, templates, web_url: config.web.url.clone() })
    }
}

impl Office {
    /// A desk that nobody has configured, to try mails on: the base policy, no staff, a key that everybody knows.
    pub fn to_try() -> Result<Office, OfficeError> {
        let sender = Address::new(Some("Support"), "support@desk.example");
        let desk = ServiceDesk {
            planned_works: None,
            own_addresses: vec![sender.email.clone()],
            sender,
            staff: vec![],
            policy: Policy::load("base", &policy::built_in)?,
            answer_within: chrono::Duration::days(3),
        };
        let keyring = Keyring::parse(&Keyring::generate("k1", [0; 32]))
            .map_err(|why| OfficeError::Keyring { path: "the key to try with".to_owned(), why })?;
        Ok(Office { desk, keyring, templates: Arc::new(Templates::new(vec![])?), web_url: None })
    }
}

pub fn service_desk(config: &Config) -> Result<ServiceDesk, OfficeError> {
    Ok(desk_by(config, policy(config, None)?))
}

fn desk_by(config: &Config, policy: Policy) -> ServiceDesk {
    let sender = Address::new(Some(&config.desk.name), &config.desk.address);
    let staff = staff(&config.staff, &policy);
    ServiceDesk {
        sender,
        planned_works: config.desk.planned_works.clone(),
        own_addresses: config.own_addresses(),
        staff,
        policy,
        answer_within: config.answer_within,
    }
}

/// The people of a configuration as the core knows them.
pub fn staff(people: &[StaffConfig], policy: &Policy) -> Vec<StaffMember> {
    people.iter().map(|person| staff_member(person, policy)).collect()
}

fn staff_member(person: &StaffConfig, policy: &Policy) -> StaffMember {
    let zone = person.zone.unwrap_or(policy.zone);
    // The configuration took only hours that make a calendar.
    let shift = person.shift.clone().and_then(|week| Calendar::new(zone, week, BTreeSet::new()).ok());
    StaffMember {
        address: Address::new(Some(&person.name), &person.address),
        lead: person.lead,
        rights: person.rights.clone(),
        products: person.products.clone(),
        shift,
        telephone: person.telephone.clone(),
    }
}

/// The folder's name of a policy that is in no folder: the changes to another one.
const CHANGED: &str = "changed";

fn policy(config: &Config, changes: Option<&RuleFile>) -> Result<Policy, OfficeError> {
    let own = config.rules.clone();
    if let Some(folder) = own.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(OfficeError::Read {
            path: folder.display().to_string(),
            why: "rules names it, but there is no such folder".to_owned(),
        });
    }
    let files = move |name: &str| -> Option<RuleFile> {
        if let Some(changes) = changes.filter(|_| name.strip_suffix("/policy.toml") == Some(CHANGED)) {
            return Some(changes.clone());
        }
        let laid_over = own.as_ref().and_then(|folder| {
            let path = folder.join(name);
            Some(RuleFile { text: fs::read_to_string(&path).ok()?, shown: path.display().to_string() })
        });
        laid_over.or_else(|| policy::built_in(name))
    };
    Ok(Policy::load(if changes.is_some() { CHANGED } else { &config.policy }, &files)?)
}

/// The built-in templates, over them those of the policies from the most general one to the most special, over them those
/// of the configured folder.
pub fn templates(config: &Config, policy: &Policy) -> Result<Templates, OfficeError> {
    let mut files = Vec::new();
    for name in policy.lineage.iter().rev() {
        files.extend(policy::built_in_templates(name));
        let own = config.rules.as_ref().map(|rules| rules.join(name).join("templates"));
        if let Some(folder) = own.filter(|folder| folder.is_dir()) {
            read_folder(&folder, Path::new(""), &mut files)?;
        }
    }
    if let Some(folder) = &config.templates {
        read_folder(folder, Path::new(""), &mut files)?;
    }
    Ok(Templates::new(files)?)
}

/// All files below a folder of templates, in the order of their names.
fn read_folder(root: &Path, below: &Path, files: &mut Vec<TemplateFile>) -> Result<(), OfficeError> {
    let folder = root.join(below);
    let failed = |path: &Path, why: &std::io::Error| OfficeError::Read {
        path: path.display().to_string(),
        why: why.to_string(),
    };
    let entries = fs::read_dir(&folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut names: Vec<_> = entries.map_err(|e| failed(&folder, &e))?.into_iter().map(|e| e.file_name()).collect();
    names.sort();
    for name in names {
        let (path, name) = (folder.join(&name), below.join(&name));
        if path.is_dir() {
            read_folder(root, &name, files)?;
        } else {
            let text = read_file(&path).map_err(|e| failed(&path, &e))?;
            let name = name.to_string_lossy().replace('\\', "/");
            files.push(TemplateFile { name, shown: path.display().to_string(), text });
        }
    }
    Ok(())
}

/// A pipe or a device might never end.
fn read_file(path: &Path) -> io::Result<String> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is neither a file nor a folder: take it out of the templates"));
    }
    String::from_utf8(fs::read(path)?).map_err(|e| {
        let line = 1 + e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        io::Error::other(format!("line {line} is not in UTF-8: save the file in it"))
    })
}

pub fn keyring(path: &PathBuf) -> Result<Keyring, OfficeError> {
    let shown = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|e| OfficeError::Key { path: shown.clone(), why: e.to_string() })?;
    Keyring::parse(&text).map_err(|why| OfficeError::Keyring { path: shown, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_that_is_no_file_or_not_in_utf_8_is_told_and_never_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("en/parts")).unwrap();
        let part = folder.path().join("en/parts/works-facts.md");
        let refused = || read_folder(folder.path(), Path::new(""), &mut vec![]).unwrap_err().to_string();
        fs::write(&part, b"- {{works}}\n\nf\xfcr\n").unwrap();
        let why = refused();
        assert!(why.contains("works-facts.md: line 3 is not in UTF-8"), "{why}");
        fs::remove_file(&part).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&part).status().unwrap().success());
        let why = refused();
        assert!(why.contains("works-facts.md: it is neither a file nor a folder"), "{why}");
    }
}
