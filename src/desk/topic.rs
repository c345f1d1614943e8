//! What a mail is about that many get: works, or an incident. The mails of one topic to one reader make a thread.

use std::{fmt, str::FromStr};

use super::case::CaseId;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// planned works, by their number
    Works(i64),
    /// planned works altogether, as staff have them listed
    AllWorks,
    /// a major network incident, by its parent case
    Incident(CaseId),
}

/// `works:12`, `works:all`, `incident:7`; so it is kept.
impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Topic::Works(id) => write!(f, "works:{id}"),
            Topic::AllWorks => f.write_str("works:all"),
            Topic::Incident(case) => write!(f, "incident:{}", case.0),
        }
    }
}

impl FromStr for Topic {
    type Err = ();

    fn from_str(text: &str) -> Result<Topic, ()> {
        if text == "works:all" {
            return Ok(Topic::AllWorks);
        }
        let (what, id) = text.split_once(':').ok_or(())?;
        // `parse` also takes a sign, and zeros in front: what is no text of ours is refused.
        let id: i64 = id.parse().map_err(drop)?;
        let topic = match what {
            "works" => Topic::Works(id),
            "incident" => Topic::Incident(CaseId(id)),
            _ => return Err(()),
        };
        if id >= 0 && topic.to_string() == text { Ok(topic) } else { Err(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_comes_back_from_its_text_and_nothing_else_does() {
        for topic in [Topic::Works(12), Topic::AllWorks, Topic::Incident(CaseId(7))] {
            assert_eq!(topic.to_string().parse(), Ok(topic));
        }
        for text in ["", "works", "works:", "works:+1", "works:01", "works:-1", "case:7", "works:1:2", "incident:x"] {
            assert_eq!(text.parse::<Topic>(), Err(()), "{text}");
        }
    }
}
