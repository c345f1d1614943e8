//! Reading rules, templates, staff and keys anew while the daemon runs. What is bad is not taken: the old stays, and the
//! log and `casepost status` say why.

use std::path::{Path, PathBuf};

use tracing::{info, warn};

use super::{
    office::{CurrentOffice, Office},
    service_manager,
    time::Time,
    trouble,
};
use crate::{
    config::Config,
    desk::trouble::{Area, Nature},
    store::{StoreError, writer::Writer},
};

#[derive(Clone)]
pub struct Reload {
    pub config_path: PathBuf,
    pub at_start: Config,
    pub office: CurrentOffice,
    pub writer: Writer,
    pub time: Time,
}

impl Reload {
    pub async fn now(&self) -> Result<(), StoreError> {
        service_manager::reloading();
        let path = self.config_path.clone();
        let read = tokio::task::spawn_blocking(move || read(&path)).await.unwrap_or_else(|e| Err(e.to_string()));
        let refused = match read {
            Ok((config, office)) => {
                self.office.replace(office);
                info!(config = %self.config_path.display(), "rules, templates and staff are read anew");
                for part in self.at_start.differences_that_need_a_restart(&config) {
                    warn!(part, "this has changed, too, but is only read at a start: restart casepost for it");
                }
                None
            }
            Err(why) => Some(format!("the old rules, templates and staff stay: {why}")),
        };
        service_manager::reloaded();
        let (office, now) = (self.office.get(), self.time.now());
        self.writer
            .run(move |tx| match &refused {
                Some(why) => trouble::met(tx, &office, &Area::Reload, Nature::NeedsPerson, why, now),
                None => trouble::over(tx, &office, &Area::Reload, now),
            })
            .await
    }
}

fn read(path: &Path) -> Result<(Config, Office), String> {
    let config = Config::load(path).map_err(|e| e.to_string())?;
    let office = Office::load(&config).map_err(|e| e.to_string())?;
    match office.templates.check().first() {
        Some(why) => Err(why.to_string()),
        None => Ok((config, office)),
    }
}
