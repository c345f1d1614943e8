//! By what a calendar knows a window of planned works again: the UID `works-12-1@desk.example`.

use std::fmt;

/// The first part of a UID.
const WORKS: &str = "works-";
/// Longer than any UID of ours.
const LONGEST: usize = 320;

/// One window of works: their number, and which of the windows, counted from 1. A window keeps its number as long as the
/// works live, also when it is moved or taken away.
///
/// The domain is not of it: a desk that moves is still asked about what it wrote before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct WindowId {
    pub works: i64,
    pub window: u32,
}

impl WindowId {
    /// The UID in calendars, `domain` being the desk's.
    pub fn uid(self, domain: &str) -> String {
        format!("{self}@{domain}")
    }

    /// Which window a UID means. Whether it is one of this desk's, only its store knows: a UID is not signed.
    pub fn of_uid(uid: &str) -> Option<WindowId> {
        if uid.len() > LONGEST {
            return None;
        }
        let (local, _domain) = uid.trim().split_once('@')?;
        // Exchange writes UIDs as they came, others in capitals.
        let local = local.to_ascii_lowercase();
        let (works, window) = local.strip_prefix(WORKS)?.split_once('-')?;
        let id = WindowId { works: works.parse().ok()?, window: window.parse().ok()? };
        // `+12` and `012` are numbers, too, but not ours.
        (id.works > 0 && id.window > 0 && id.to_string() == local).then_some(id)
    }
}

impl fmt::Display for WindowId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{WORKS}{}-{}", self.works, self.window)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_uid_says_which_window_it_is() {
        let id = WindowId { works: 12, window: 2 };
        assert_eq!(id.uid("desk.example"), "works-12-2@desk.example");
        assert_eq!(WindowId::of_uid("WORKS-12-2@DESK.EXAMPLE"), Some(id));
        assert_eq!(WindowId::of_uid(" works-12-2@moved.example\r\n"), Some(id));
    }

    #[test]
    fn what_is_not_exactly_a_uid_of_ours_is_none() {
        for uid in [
            "",
            "@",
            "works-12-2",
            "works-12@d",
            "works-+12-2@d",
            "works-012-2@d",
            "works-0-1@d",
            "works-1-0@d",
            "works--1-1@d",
            "works-99999999999999999999-1@d",
            "works-1-2-3@d",
            "works-١-1@d",
            "040000008200E00074C5B7101A82E008@exchange",
        ] {
            assert_eq!(WindowId::of_uid(uid), None, "{uid}");
        }
    }

    proptest! {
        #[test]
        fn every_uid_is_understood_and_no_text_panics(works in 1..i64::MAX, window in 1..u32::MAX, text in any::<String>()) {
            let id = WindowId { works, window };
            prop_assert_eq!(WindowId::of_uid(&id.uid("desk.example")), Some(id));
            WindowId::of_uid(&text);
            WindowId::of_uid(&format!("works-{text}@d"));
        }
    }
}
