//! The desk's planned works, between the core and the store: what staff do to them, what falls due by itself, and what
//! each reader is told; [`list`] is the calendar as staff read it, [`page`] one of them.

pub mod list;
pub mod page;

use chrono::{DateTime, NaiveDate, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::{
    office::Office,
    staff::{Command, StaffError},
};
use crate::{
    desk::{
        case::CaseId,
        directory::{Service, mention::Readers},
        hours::Zone,
        lifecycle::Refusal,
        notice::NoticeKind,
        policy::works::{Approval, Recurring},
        topic::Topic,
        works::{
            Affected, DeskWorks, Impact, Named, NamedPlace, Place, State, Window, WorksId, WorksState,
            act::{Act, By, Done, act},
            approval::wanted_approval,
            news::{self, News},
            plan::{Draft, MOST_AFFECTED, plan, propose},
            public,
            reminder::{self, Reminded},
            said::{self, Telling},
            silence::{self, Asked},
            tell::{self, Coming, Snapshot},
        },
    },
    mail::calendar::Answer,
    store::{
        StoreError,
        broadcasts::{self, Broadcast, NewBroadcast, Reader},
        contacts, meta,
        outbox::StoredNotice,
        services, subscriptions,
        works::{self as own_works, desk as works},
        works_answers::{self, WorksAnswer},
    },
};

/// Reminders that one job runs.
const AT_ONCE: u32 = 20;
/// Occurrences of a rule that may stand in the calendar at once.
const OCCURRENCES: usize = 60;
/// Works that an answer lists.
const LISTED: u32 = 50;

impl Command<'_> {
    fn by<'b>(&'b self, force: Option<&'b str>) -> By<'b> {
        By { name: self.name, now: self.now, force, staff: &self.office.desk.staff }
    }

    pub fn plan_works(&self, tx: &Connection, draft: Draft, force: Option<&str>) -> Result<DeskWorks, StaffError> {
        let policy = &self.office.desk.policy;
        let done = plan(draft, &self.by(force), policy)?;
        self.works_name_nobody(tx, None, &done)?;
        self.follow_works(tx, done, &[])
    }

    pub fn act_on_works(
        &self,
        tx: &Connection,
        id: WorksId,
        what: &Act<'_>,
        force: Option<&str>,
    ) -> Result<DeskWorks, StaffError> {
        let works = find(tx, id)?;
        let done = act(&works, what, &self.by(force), &self.office.desk.policy)?;
        self.works_name_nobody(tx, Some(&works), &done)?;
        self.follow_works(tx, done, &works.affected)
    }

    /// Refuses what is new for others to read, if it names a customer. Of works that touch a single customer nobody else reads.
    fn works_name_nobody(&self, tx: &Connection, before: Option<&DeskWorks>, done: &Done) -> Result<(), StaffError> {
        let mut services = Vec::new();
        let mut readers = Readers::OtherCustomers;
        for one in public::touched(before, &done.works) {
            match one.place {
                Place::Service { id, .. } => services.push(id),
                // They stand on the status page.
                Place::Platform(_) => readers = Readers::Everybody,
            }
        }
        if readers == Readers::OtherCustomers && services::organisations_of(tx, &services)?.len() < 2 {
            return Ok(());
        }
        self.names_nobody(tx, &public::new_texts(before, done), readers)
    }

    fn follow_works(&self, tx: &Connection, done: Done, before: &[Affected]) -> Result<DeskWorks, StaffError> {
        let cause = format!("staff:{}", meta::next_act(tx)?);
        Ok(follow(tx, self.office, done, (Some(self.name), before), &cause, self.now)?)
    }

    /// The places that people name; `impact` is that of those for which they say none.
    pub fn places(&self, tx: &Connection, named: &Named, impact: Impact) -> Result<Vec<Affected>, StaffError> {
        if named.services.len() + named.platforms.len() > MOST_AFFECTED {
            return Err(Refusal(format!("works name {MOST_AFFECTED} services at most: name their platform")).into());
        }
        let impact_of = |one: &NamedPlace| one.impact.or(named.impact).unwrap_or(impact);
        let mut all = Vec::new();
        for one in &named.services {
            let name = &one.name;
            let found = services::by_ids(tx, std::slice::from_ref(name))?;
            if found.is_empty() {
                may_be_name(name)?;
                return Err(
                    Refusal(format!("there is no service \"{name}\"; `casepost service list` shows all")).into()
                );
            }
            for service in found {
                let shown = [service.service_id, service.circuit_id, service.order_number].into_iter().flatten().next();
                let place = Place::Service { id: service.id, name: shown.unwrap_or_else(|| name.clone()) };
                all.push(Affected { place, impact: impact_of(one) });
            }
        }
        let known = &self.office.desk.policy.platforms;
        for one in &named.platforms {
            let key = &one.name.to_lowercase();
            if !known.contains_key(key) {
                may_be_name(key)?;
                let known = known.keys().cloned().collect::<Vec<_>>().join(", ");
                let why = format!("there is no platform \"{key}\" ([platforms] of the policy has: {known})");
                return Err(Refusal(why).into());
            }
            all.push(Affected { place: Place::Platform(key.clone()), impact: impact_of(one) });
        }
        Ok(all)
    }

    /// The places in place of those that works touch; none: these stay.
    pub fn other_places(
        &self,
        tx: &Connection,
        works: &DeskWorks,
        named: &Named,
    ) -> Result<Option<Vec<Affected>>, StaffError> {
        match (named.is_empty(), named.impact) {
            (true, None) => Ok(None),
            // The same places, with another impact.
            (true, Some(impact)) => {
                Ok(Some(works.affected.iter().map(|one| Affected { impact, ..one.clone() }).collect()))
            }
            (false, _) => self.places(tx, named, works.impact()).map(Some),
        }
    }
}

/// What stands behind the last `=` of a name that nobody knows was meant as an impact.
fn may_be_name(name: &str) -> Result<(), Refusal> {
    let Some((_, impact)) = name.rsplit_once('=') else { return Ok(()) };
    let known = Impact::ALL.map(Impact::as_str).join(", ");
    Err(Refusal(format!("\"{impact}\" is no impact (known: {known})")))
}

pub fn find(db: &Connection, id: WorksId) -> Result<DeskWorks, StaffError> {
    works::by_id(db, id)?.ok_or(StaffError::NoSuchWorks(id))
}

/// Nothing is wanted of anybody before they are announced, so that staff are not told when they are planned.
pub fn is_settled(works: &DeskWorks, office: &Office) -> bool {
    wanted_approval(works, &office.desk.policy) == Approval::Nobody
}

/// Writes works, and says what is to be said of it: to customers, and to staff.
fn follow(
    tx: &Connection,
    office: &Office,
    done: Done,
    (actor, before): (Option<&str>, &[Affected]),
    cause: &str,
    now: DateTime<Utc>,
) -> Result<DeskWorks, StoreError> {
    let told = done.told().map(str::to_owned);
    let Done { mut works, line, act, said } = done;
    let kept = told.as_ref().map_or(line.clone(), |text| format!("{line}: {text}"));
    works.id = works::put(tx, &works, (actor.unwrap_or_default(), &kept), now)?;
    if let Some(said) = &said {
        let data = tell::to_all(&works, said);
        let cause = format!("works:{}:{}", works.id.0, said.sequence);
        let (topic, kind) = (Topic::Works(works.id.0), said.telling.notice());
        let broadcast = NewBroadcast { topic, kind, cause: &cause, decided_at: now, data: &data };
        broadcasts::add(tx, &broadcast, customers(tx, &works, before)?)?;
    }
    let is_new_and_settled = works.state == State::Planned && before.is_empty() && is_settled(&works, office);
    if !is_new_and_settled {
        let news = News { act, what: &line, told: told.as_deref(), actor, insists: false };
        tell_staff(tx, office, &works, &news, cause, now)?;
    }
    Ok(works)
}

/// Who is told: of what is touched, and of what was.
fn customers(tx: &Connection, works: &DeskWorks, before: &[Affected]) -> Result<Vec<Reader>, StoreError> {
    let mut readers = works::readers(tx, works.affected.iter().chain(before))?;
    let platform = |one: &Affected| match &one.place {
        Place::Platform(key) => Some(key.clone()),
        Place::Service { .. } => None,
    };
    let platforms: Vec<String> = works.affected.iter().chain(before).filter_map(platform).collect();
    // What touches single services only is these customers' own. Subscribers come behind: who is told as a customer is not
    // told twice.
    if !platforms.is_empty() {
        readers.extend(subscriptions::of_platforms(tx, &platforms)?);
    }
    Ok(readers)
}

fn tell_staff(
    tx: &Connection,
    office: &Office,
    works: &DeskWorks,
    news: &News<'_>,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let data = news::to_staff(works, news, &office.desk.policy, now);
    let (topic, kind) = (Topic::Works(works.id.0), NoticeKind::StaffWorks);
    let cause = format!("{cause}:works");
    let broadcast = NewBroadcast { topic, kind, cause: &cause, decided_at: now, data: &data };
    let staff = office.desk.staff.iter().filter(|person| !office.desk.is_own(&person.address.email));
    let reader = |address| Reader { address, organisation: None, case: None, subscription: None };
    broadcasts::add(tx, &broadcast, staff.map(|person| reader(person.address.clone())))?;
    Ok(())
}

/// What this reader is told beside what all are told; none: nothing any more.
pub fn told(
    tx: &Connection,
    office: &Office,
    id: i64,
    broadcast: &Broadcast,
    reader: &Reader,
) -> Result<Option<Map<String, Value>>, StoreError> {
    let Some(telling) = Telling::of_notice(broadcast.kind) else { return Ok(Some(Map::new())) };
    // What has no snapshot says the same to all.
    let Some(snapshot) = tell::snapshot(&broadcast.data) else { return Ok(Some(Map::new())) };
    let works = WorksId(id);
    let Some(standing) = works::standing(tx, works)? else { return Ok(None) };
    if said::is_overtaken(standing, telling, snapshot.sequence) {
        return Ok(None);
    }
    let contact = contacts::by_email(tx, &reader.address.email)?;
    let zone = contact.as_ref().and_then(|contact| contact.zone).unwrap_or(office.desk.policy.zone);
    let (mut services, mut account) = (vec![], None);
    if let Some(organisation) = reader.organisation {
        services = concerned(tx, organisation, &snapshot)?;
        account = works::account(tx, organisation)?;
    }
    // A customer's services say more than their platform.
    let platforms =
        if reader.subscription.is_some() && services.is_empty() { platforms(office, &snapshot) } else { vec![] };
    // Emergency works can't be moved: nobody is asked.
    let asks = !broadcast.data.contains_key("emergency") && contact.as_ref().is_some_and(|contact| contact.invitations);
    let name = contact.as_ref().and_then(|contact| contact.name.as_deref()).or(reader.address.name.as_deref());
    let desk = &office.desk;
    let own = tell::to_reader(
        telling,
        works,
        &snapshot,
        &tell::Reader {
            name,
            zone: Zone::Named(zone),
            services: &services,
            platforms: &platforms,
            account: account.as_deref().unwrap_or(&reader.address.email),
            provider: desk.sender.display(),
            domain: desk.domain(),
            organizer: desk.works_sender(),
            invited: asks.then_some(&reader.address),
            decided_at: broadcast.decided_at,
        },
    );
    Ok(own)
}

/// The organisation's services that are or were touched.
fn concerned(tx: &Connection, organisation: i64, snapshot: &Snapshot) -> Result<Vec<Service>, StoreError> {
    let places = || snapshot.places.iter().chain(&snapshot.no_longer);
    let ids: Vec<i64> = places().filter_map(|spot| spot.service).collect();
    let platforms: Vec<&str> = places().filter_map(|spot| spot.platform.as_deref()).collect();
    works::services_of(tx, organisation, &ids, &platforms)
}

fn platforms(office: &Office, snapshot: &Snapshot) -> Vec<(String, String)> {
    let keys = snapshot.places.iter().chain(&snapshot.no_longer).filter_map(|spot| spot.platform.as_ref());
    let title = |key: &String| office.desk.policy.platforms.get(key).unwrap_or(key).clone();
    keys.map(|key| (key.clone(), title(key))).collect()
}

/// Is a notice about works overtaken by what has happened since it was decided?
pub(super) fn is_overtaken(tx: &Connection, notice: &StoredNotice) -> Result<bool, StoreError> {
    let (Some(Topic::Works(id)), Some(telling)) = (notice.topic, Telling::of_notice(notice.kind)) else {
        return Ok(false);
    };
    let Some(standing) = works::standing(tx, WorksId(id))? else { return Ok(false) };
    Ok(tell::sequence(&notice.data).is_some_and(|sequence| said::is_overtaken(standing, telling, sequence)))
}

/// Reminds customers of what begins soon, asks staff about works of which nobody says anything, and puts the policy's recurring works into the calendar. Says how many.
pub(super) fn run_due(tx: &Connection, office: &Office, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let mut done = 0;
    for works in works::due(tx, now, AT_ONCE)? {
        let cause = format!("clock:works:{}:{}", works.id.0, works.remind_at.unwrap_or(now).timestamp_millis());
        match reminder::is_due(&works, &office.desk.policy, now) {
            Reminded::Done(reminded) => {
                let before = works.affected.clone();
                follow(tx, office, *reminded, (None, &before), &cause, now)?;
            }
            Reminded::NotApproved(works) => {
                let line = "nobody has approved them: customers are not reminded, and know nothing of them";
                works::put(tx, &works, ("", line), now)?;
                tell_staff(tx, office, &works, &News::of_clock("not approved", line), &cause, now)?;
            }
            Reminded::Over(works) => {
                works::put(tx, &works, ("", "customers were not reminded: it was too late for it"), now)?;
            }
        }
        done += 1;
    }
    for works in works::to_ask(tx, now, AT_ONCE)? {
        let cause = format!("asked:works:{}:{}", works.id.0, works.ask_at.unwrap_or(now).timestamp_millis());
        let Asked { works, act, what } = silence::ask(&works, now, &office.desk.policy);
        let how = if works.state.is_public() { "asked" } else { "told" };
        works::put(tx, &works, ("", &format!("staff are {how}: {what}")), now)?;
        tell_staff(tx, office, &works, &News::insisting(act, &what), &cause, now)?;
        done += 1;
    }
    for Proposal { rule, occurrence, platforms, due } in proposals(tx, office, now)? {
        if due > now {
            continue;
        }
        let works = propose(rule, occurrence, platforms, now, &office.desk.policy);
        let line = format!("in the calendar by the policy's rule \"{}\"", rule.name);
        let settled = works.state == State::Announced;
        let works = DeskWorks { id: works::put(tx, &works, ("", &line), now)?, ..works };
        if !settled {
            let cause = format!("proposed:{}:{}", rule.name, occurrence.0);
            tell_staff(tx, office, &works, &News::of_clock("proposed", &line), &cause, now)?;
        }
        done += 1;
    }
    Ok(done)
}

/// When the next of what [`run_due`] does falls due.
pub(super) fn next_due(
    db: &Connection,
    office: &Office,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let proposed = proposals(db, office, now)?.into_iter().map(|proposal| proposal.due);
    Ok(works::next_due(db)?.into_iter().chain(proposed).min())
}

/// The next works of a rule that are not in the calendar yet.
struct Proposal<'a> {
    rule: &'a Recurring,
    occurrence: (NaiveDate, Window),
    platforms: Vec<String>,
    due: DateTime<Utc>,
}

/// Of each rule whose platforms have services: works that touch nobody need no calendar.
fn proposals<'a>(db: &Connection, office: &'a Office, now: DateTime<Utc>) -> Result<Vec<Proposal<'a>>, StoreError> {
    let policy = &office.desk.policy;
    let mut all = Vec::new();
    for rule in &policy.works.recurring {
        let platforms: Vec<String> = match rule.platforms.is_empty() {
            true => policy.platforms.keys().cloned().collect(),
            false => rule.platforms.clone(),
        };
        if !works::anything_on(db, &platforms.iter().map(String::as_str).collect::<Vec<_>>())? {
            continue;
        }
        let last = works::last_occurrence(db, &rule.name)?;
        let mut next = rule.next_after(now);
        for _ in 0..OCCURRENCES {
            next = match next {
                Some((date, window)) if last.is_some_and(|last| date <= last) => rule.next_after(window.starts_at),
                found => {
                    next = found;
                    break;
                }
            };
        }
        if let Some(occurrence) = next.filter(|(date, _)| last.is_none_or(|last| *date > last)) {
            all.push(Proposal { rule, due: occurrence.1.starts_at - rule.ahead, occurrence, platforms });
        }
    }
    Ok(all)
}

/// What planned works are coming for an organisation: the desk's of which customers know, and its own.
pub fn coming(db: &Connection, organisation: i64, now: DateTime<Utc>) -> Result<Vec<Coming>, StoreError> {
    let all = services::of_organisation(db, organisation)?;
    let ids: Vec<i64> = all.iter().map(|service| service.id).collect();
    let filter = works::Filter {
        services: Some(ids),
        coming_after: Some(now),
        public: true,
        limit: LISTED,
        ..works::Filter::default()
    };
    let mut coming = Vec::new();
    for works in works::list(db, &filter)? {
        let touches = |service: &&Service| {
            works.affected.iter().any(|one| match &one.place {
                Place::Service { id, .. } => *id == service.id,
                Place::Platform(key) => Some(key) == service.platform.as_ref(),
            })
        };
        coming.push(Coming {
            works: Some(works.id),
            windows: works.windows.iter().filter(|window| window.ends_at > now).copied().collect(),
            description: Some(works.description.clone()),
            services: all.iter().filter(touches).map(tell::service_in_words).collect(),
        });
    }
    let theirs = own_works::Filter { organisation: Some(organisation), limit: LISTED, ..own_works::Filter::default() };
    for works in own_works::list(db, &theirs)? {
        let known = works.windows.iter().filter_map(|w| Some(Window { starts_at: w.starts_at?, ends_at: w.ends_at? }));
        let windows: Vec<Window> = known.filter(|window| window.ends_at > now).collect();
        if windows.is_empty() || works.state == WorksState::Cancelled {
            continue;
        }
        let services = works.services.iter().map(|touched| touched.name.clone()).collect();
        coming.push(Coming { works: None, windows, description: None, services });
    }
    coming.sort_by_key(|works| works.windows.first().map(|window| window.starts_at));
    Ok(coming)
}

/// A mail with which somebody's calendar answered.
#[derive(Debug, Clone, Copy)]
pub struct AnsweringMail<'a> {
    /// under which it is kept
    pub id: i64,
    /// who sent it: they were told of the works
    pub writer: &'a str,
    /// on which it stands; a decline has opened it
    pub case: Option<CaseId>,
}

/// Writes down what somebody answered about these works. The mail and its case are in the store already.
pub fn answered(
    tx: &Connection,
    works: i64,
    answer: &Answer,
    mail: &AnsweringMail<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // One that was never sent would stand against all later answers.
    let last = works::by_id(tx, WorksId(works))?.map(|works| works.sequence.saturating_sub(1));
    let sequence = answer.sequence.map(|said| last.map_or(said, |last| said.min(last)));
    if let Some(case) = mail.case {
        works::link_case(tx, WorksId(works), case)?;
    }
    works_answers::add(
        tx,
        &WorksAnswer {
            mail: mail.id,
            works,
            email: mail.writer.to_owned(),
            window: answer.window().filter(|id| id.works == works).map(|id| id.window),
            said: answer.said,
            at: now,
            sequence,
            comment: answer.comment.clone(),
        },
    )
}
