//! What others than staff read of works in staff's own words.

use super::{
    Affected, DeskWorks,
    act::Done,
    said::{Said, Telling},
};
use crate::desk::directory::mention::Public;

/// The texts that are new with what was done; all of them where something else is touched, and others read them.
pub fn new_texts<'a>(before: Option<&DeskWorks>, done: &'a Done) -> Vec<Public<'a>> {
    let known = match before {
        Some(before) if to_be_touched(before) == to_be_touched(&done.works) => texts(before),
        _ => vec![],
    };
    let mut all = texts(&done.works);
    all.extend(done.said.as_ref().and_then(said));
    all.retain(|(_, text)| !known.iter().any(|(_, other)| other == text));
    all
}

/// The places whose customers read them.
pub fn touched<'a>(before: Option<&'a DeskWorks>, after: &'a DeskWorks) -> impl Iterator<Item = &'a Affected> {
    to_be_touched(after).iter().chain(before.map_or(&[][..], |before| &before.affected))
}

/// What waits for an approval counts as if it had it: whoever writes a text is there to mend it.
fn to_be_touched(works: &DeskWorks) -> &[Affected] {
    let waiting = works.pending.as_ref().and_then(|pending| pending.change.affected.as_deref());
    waiting.unwrap_or(&works.affected)
}

fn texts(works: &DeskWorks) -> Vec<Public<'_>> {
    let mut all = vec![("the description", works.description.as_str()), ("the reason", &works.reason)];
    all.extend(works.emergency.as_deref().map(|why| ("the reason of the emergency", why)));
    if let Some(pending) = &works.pending {
        all.extend(pending.change.description.as_deref().map(|what| ("the description", what)));
        all.extend(pending.change.reason.as_deref().map(|why| ("the reason", why)));
        all.extend(pending.text.as_deref().map(|text| ("the text", text)));
    }
    all
}

fn said(said: &Said) -> Option<Public<'_>> {
    let what = if said.telling == Telling::Cancelled { "the reason" } else { "the text" };
    Some((what, said.text.as_deref()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::{
        policy::{Policy, works::Approval},
        works::{
            Impact, Place,
            act::{Act, act},
            change::Change,
            plan::plan,
            sample::*,
        },
    };

    fn words(before: Option<&DeskWorks>, done: &Done) -> Vec<&'static str> {
        new_texts(before, done).into_iter().map(|(what, _)| what).collect()
    }

    #[test]
    fn only_what_is_new_is_looked_at_unless_others_come_to_read_it() {
        let base = policy("base");
        let planned = plan(draft(&[NIGHT]), &by("Tom"), &base).unwrap();
        assert_eq!(words(None, &planned), ["the description", "the reason"]);
        let works = announced(&base);
        let cancelled = act(&works, &Act::Cancel { reason: "not ready" }, &by("Tom"), &base).unwrap();
        assert_eq!(words(Some(&works), &cancelled), ["the reason"]);
        let noted = act(&works, &Act::Note { text: "Tom has the key" }, &by("Tom"), &base).unwrap();
        assert!(words(Some(&works), &noted).is_empty(), "staff alone read it");
        let seven = Affected { place: Place::Service { id: 7, name: "IS-7".to_owned() }, impact: Impact::Degraded };
        let change = Change { affected: Some(vec![seven]), ..Change::default() };
        let changed = act(&works, &Act::Change { change: &change, text: Some("less") }, &by("Tom"), &base).unwrap();
        assert_eq!(words(Some(&works), &changed), ["the description", "the reason", "the text"]);
        assert_eq!(touched(Some(&works), &changed.works).count(), 2, "whoever is touched no longer is told so");
    }

    #[test]
    fn what_waits_for_an_approval_is_looked_at_when_it_is_written() {
        let mut careful: Policy = policy("base");
        let works = announced(&careful);
        careful.works.approval = Approval::Another;
        let data = Affected { place: Place::Platform("data".to_owned()), impact: Impact::Outage };
        let change = Change { affected: Some(vec![data]), reason: Some("it is old".to_owned()), ..Change::default() };
        let waits = act(&works, &Act::Change { change: &change, text: Some("more") }, &by("Tom"), &careful).unwrap();
        assert!(words(Some(&works), &waits).ends_with(&["the reason", "the text"]));
        let approved = act(&waits.works, &Act::Approve, &by("Grace"), &careful).unwrap();
        assert!(words(Some(&waits.works), &approved).is_empty());
    }
}
