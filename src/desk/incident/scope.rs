//! What an incident affects: platforms, single services, sites.
//!
//! A service is affected when it is named itself; or when its platform is and, where sites are named as well, its site is
//! one of them; or, where no platform is named, when its site is.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::desk::{
    directory::{Service, key, name_key},
    lifecycle::Refusal,
    policy::Policy,
};

/// Nobody names more by hand.
const MOST: usize = 200;
const LONGEST: usize = 100;
/// Sites that are named in the place of an unknown one.
const NEAR: usize = 3;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// keys of the policy's `[platforms]`, in lower case
    pub platforms: BTreeSet<String>,
    /// service IDs, circuit IDs or order numbers, as they are compared
    pub services: BTreeSet<String>,
    /// as staff wrote them
    pub sites: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" says nothing that could be affected: write platform:voice, service:FRA-1234 or site:Frankfurt")]
pub struct ScopeError(String);

impl Scope {
    /// Adds `platform:voice`, `service:FRA-1234`, `site:Frankfurt`.
    pub fn add(&mut self, word: &str) -> Result<(), ScopeError> {
        let wrong = || ScopeError(word.to_owned());
        let (kind, name) = word.split_once(':').ok_or_else(wrong)?;
        let name = name.trim();
        let fits = name.chars().count() <= LONGEST && !name.chars().any(char::is_control);
        if name.is_empty() || !fits || self.len() >= MOST {
            return Err(wrong());
        }
        match kind.trim().to_lowercase().as_str() {
            "platform" => self.platforms.insert(name.to_lowercase()),
            "service" | "circuit" => self.services.insert(key(name)),
            "site" => self.sites.insert(name.to_owned()),
            _ => return Err(wrong()),
        };
        Ok(())
    }

    fn len(&self) -> usize {
        self.platforms.len() + self.services.len() + self.sites.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of it, each as [`Scope::add`] takes it.
    pub fn words(&self) -> Vec<String> {
        let platforms = self.platforms.iter().map(|name| format!("platform:{name}"));
        let services = self.services.iter().map(|name| format!("service:{name}"));
        platforms.chain(services).chain(self.sites.iter().map(|name| format!("site:{name}"))).collect()
    }

    pub fn affects(&self, service: &Service) -> bool {
        let numbers = [&service.service_id, &service.circuit_id, &service.order_number];
        if numbers.into_iter().flatten().any(|number| self.services.contains(&key(number))) {
            return true;
        }
        let on_platform = service.platform.as_ref().is_some_and(|key| self.platforms.contains(key));
        let here = service.site.as_deref().map(name_key);
        let at_site = here.is_some_and(|here| self.sites.iter().any(|site| name_key(site) == here));
        match (self.platforms.is_empty(), self.sites.is_empty()) {
            (false, true) => on_platform,
            (false, false) => on_platform && at_site,
            (true, _) => at_site,
        }
    }

    /// Is the same thing affected by both? A platform at one site is another thing than the same at another site.
    pub fn overlaps(&self, other: &Scope) -> bool {
        let keys = |scope: &Scope| scope.sites.iter().map(|site| name_key(site)).collect::<BTreeSet<_>>();
        let share_a_site = !keys(self).is_disjoint(&keys(other));
        let at_one_place = match (self.platforms.is_empty(), other.platforms.is_empty()) {
            (false, false) => {
                let everywhere = self.sites.is_empty() || other.sites.is_empty();
                !self.platforms.is_disjoint(&other.platforms) && (everywhere || share_a_site)
            }
            _ => share_a_site,
        };
        at_one_place || !self.services.is_disjoint(&other.services)
    }

    /// What customers call the platforms.
    pub fn platform_titles(&self, policy: &Policy) -> Vec<String> {
        self.platforms.iter().map(|key| policy.platforms.get(key).unwrap_or(key).clone()).collect()
    }

    /// `Hosted voice, Frankfurt`. A single service's number is one customer's, and for no other's eyes.
    pub(super) fn in_words(&self, policy: &Policy) -> String {
        let mut words = self.platform_titles(policy);
        words.extend(self.sites.iter().cloned());
        if words.is_empty() { "Several services".to_owned() } else { words.join(", ") }
    }

    pub(super) fn check(&self, policy: &Policy) -> Result<(), Refusal> {
        if self.is_empty() {
            return Err(Refusal("say what is affected: --platform, --service or --site".to_owned()));
        }
        if let Some(platform) = self.platforms.iter().find(|name| !policy.platforms.contains_key(*name)) {
            let known: Vec<&str> = policy.platforms.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            return Err(Refusal(format!(
                "\"{platform}\" is no platform of this policy ([platforms]; known: {known}): use one of them, or name \
                 sites or services"
            )));
        }
        Ok(())
    }

    /// Its sites are those of services: a name that is mistyped would affect nobody, and stand on the status page.
    pub fn check_sites(&self, known: &[String]) -> Result<(), Refusal> {
        let is_known = |site: &String| known.iter().any(|one| name_key(one) == name_key(site));
        let Some(unknown) = self.sites.iter().find(|site| !is_known(site)) else { return Ok(()) };
        let distance = |one: &str| strsim::damerau_levenshtein(&name_key(one), &name_key(unknown));
        let mut near: Vec<(usize, &str)> = known.iter().map(|one| (distance(one), one.as_str())).collect();
        near.retain(|(distance, one)| *distance <= 1 + one.chars().count() / 3);
        near.sort_unstable();
        let near: Vec<&str> = near.into_iter().take(NEAR).map(|(_, one)| one).collect();
        let instead = match near.is_empty() {
            true => "see `casepost service list`".to_owned(),
            false => format!("did you mean {}?", near.join(", ")),
        };
        Err(Refusal(format!("no service in the directory is at \"{unknown}\": {instead}")))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words().join(", "))
    }
}

/// Words such as `platform:voice`, one a line.
impl FromStr for Scope {
    type Err = ScopeError;

    fn from_str(lines: &str) -> Result<Scope, ScopeError> {
        let mut scope = Scope::default();
        lines.lines().try_for_each(|line| scope.add(line))?;
        Ok(scope)
    }
}
