//! What time it is: the system's, or the one that a drill says.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

#[derive(Debug, Clone, Default)]
pub enum Time {
    #[default]
    System,
    /// stands still until somebody moves it on
    Drill(Arc<Mutex<DateTime<Utc>>>),
}

impl Time {
    pub fn drill(at: DateTime<Utc>) -> Time {
        Time::Drill(Arc::new(Mutex::new(at)))
    }

    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Time::System => Utc::now(),
            Time::Drill(at) => *at.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    pub fn is_drill(&self) -> bool {
        matches!(self, Time::Drill(_))
    }
}
