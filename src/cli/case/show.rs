//! `casepost case show`: all there is about a case, in the order in which it happened.

use std::io::Write;

use chrono::{DateTime, Duration, Utc};
use clap::Args;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{attention, goes_up, json as as_json, plan, reference, rfo};
use crate::{
    cli::{
        context::Context,
        paint::{Ink, Paint, fit, plain},
    },
    daemon::staff,
    desk::{
        case::{Case, CaseId},
        hours::{Zone, say, say_short},
        lifecycle::{Clock, What, named_fields},
        notice::written,
        reference::Reference,
        service_desk::ServiceDesk,
        sla::{Promise, Standing},
    },
    mail::incoming::{self, Incoming},
    store::{
        StoreError, asked, attentions, cases, clocks, contacts, history, macd, mails, outbox, problems, promises, rfos,
        suppliers, tasks, their_references, work_times, works,
    },
};

#[derive(Debug, Args)]
pub struct Show {
    /// The case: 1-0123456789, or 10123456789 as on the telephone
    #[arg(value_parser = reference)]
    reference: Reference,
    /// The mails with all of their text, quotes included, why each was taken for what it is, and mails to staff
    #[arg(long)]
    full: bool,
    /// One object instead of a page
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let desk = context.service_desk(&config)?;
    let case = staff::find(&db, command.reference)?;
    let mut out = crate::cli::streams::out();
    if command.json {
        let object = object(&db, &desk, &case, context.now(&db)?)?;
        writeln!(out, "{}", serde_json::to_string_pretty(&object)?)?;
        return Ok(());
    }
    let now = context.now(&db)?;
    let page = Page { now, db: &db, desk: &desk, case: &case, zone: Zone::Named(desk.policy.zone), full: command.full };
    page.write(&mut out)
}

/// A line of a case's history as its page shows it; none for what the page shows by the mails themselves.
pub(in crate::cli) fn in_words(
    db: &Connection,
    desk: &ServiceDesk,
    case: &Case,
    line: &history::Line,
) -> Result<Option<String>, StoreError> {
    let now = line.at;
    let page = Page { now, db, desk, case, zone: Zone::Named(desk.policy.zone), full: true };
    Ok(page
        .line(line)?
        .map(|event| format!("{} {}", event.head.trim_start_matches("* "), event.body).trim().to_owned()))
}

struct Page<'a> {
    now: DateTime<Utc>,
    db: &'a Connection,
    desk: &'a ServiceDesk,
    case: &'a Case,
    zone: Zone,
    full: bool,
}

/// Something that happened, ready to be shown.
struct Event {
    at: DateTime<Utc>,
    head: String,
    body: String,
}

impl Page<'_> {
    fn write(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let paint = Paint::stdout();
        let case = self.case;
        let subject = if case.subject.is_empty() { "(no subject)" } else { &case.subject };
        writeln!(
            out,
            "{}  {}",
            paint.ink(Ink::Bold, &case.reference.to_string()),
            paint.ink(Ink::Bold, &plain(subject))
        )?;
        for (name, value) in self.facts()? {
            writeln!(out, "  {} {}", paint.ink(Ink::Dim, &format!("{name:<12}")), plain(&value))?;
        }
        let mut apart = true;
        for event in self.events()? {
            let body = plain(event.body.trim_end());
            if apart || !body.is_empty() {
                writeln!(out)?;
            }
            writeln!(out, "{} {}", paint.ink(Ink::Dim, &say_short(event.at, &self.zone)), plain(&event.head))?;
            body.lines().try_for_each(|line| writeln!(out, "    {line}"))?;
            apart = !body.is_empty();
        }
        Ok(())
    }

    fn facts(&self) -> Result<Vec<(&'static str, String)>, StoreError> {
        let case = self.case;
        let mut facts = vec![("status", self.status())];
        let review = case.reviewed_at.map_or_else(
            || if case.status.is_closed() { String::new() } else { " (not reviewed yet)".to_owned() },
            |_| String::new(),
        );
        facts.push(("priority", format!("{}{review}", case.priority)));
        facts.push(("requester", written(&case.requester)));
        if let Some(organisation) = contacts::known_of(self.db, &case.requester.email)?.organisation {
            facts.push(("organisation", organisation.name));
        }
        if let Some(theirs) = their_references::of_case(self.db, case.id)? {
            facts.push(("they call it", theirs));
        }
        if case.reply_to.email != case.requester.email {
            facts.push(("replies to", written(&case.reply_to)));
        }
        let people = cases::participants(self.db, case.id)?;
        if !people.is_empty() {
            facts.push(("in copy", people.iter().map(written).collect::<Vec<_>>().join(", ")));
        }
        let assignee = case.assignee.as_deref().map_or("nobody", |email| self.desk.staff_name(email));
        facts.push(("assigned to", assignee.to_owned()));
        facts.push(("opened", say(case.opened_at, &self.zone)));
        if let Some(at) = case.closed_at {
            facts.push(("closed", say(at, &self.zone)));
        }
        for link in cases::links(self.db, case.id)? {
            facts.push(("link", format!("{} {}", link.how.replace('-', " "), link.reference)));
        }
        for problem in problems::of_case(self.db, case.id)? {
            let cause = problem.cause.as_deref().map(|cause| format!(", cause: {cause}")).unwrap_or_default();
            facts.push(("problem", format!("{} {} ({}{cause})", problem.id, problem.title, problem.status.as_str())));
        }
        for rfo in rfos::of_case(self.db, case.id)? {
            facts.push(("report", rfo::line(&rfo, &self.zone)));
        }
        for request in attentions::of_case(self.db, case.id)? {
            facts.push(("attention", attention::line(&request, &self.zone)));
        }
        for task in tasks::of_case(self.db, case.id)? {
            facts.push(("task", plan::line(&task, &self.zone)));
        }
        facts.extend(goes_up::facts(self.db, self.desk, case, self.now)?);
        facts.extend(self.asked()?);
        facts.extend(self.requested()?);
        if let Some(etr) = case.etr {
            facts.push(("solved by", format!("{} (estimated)", say(etr, &self.zone))));
        }
        facts.extend(self.promises()?);
        // What is promised stands above.
        let clocks = clocks::of_case(self.db, case.id)?;
        for clock in clocks.into_iter().filter(|c| !matches!(c.clock, Clock::Promises | Clock::Etr)) {
            facts
                .push(("clock", format!("{}: {}", clock.clock.as_str().replace('-', " "), say(clock.due, &self.zone))));
        }
        if case.spam {
            facts.push(("spam", "marked as spam: gets no automatic mail".to_owned()));
        }
        Ok(facts)
    }

    /// What it is beside a case: a change request, work, a matter of suppliers, works of the customer.
    fn requested(&self) -> Result<Vec<(&'static str, String)>, StoreError> {
        let (id, zone) = (self.case.id, &self.zone);
        let mut facts = Vec::new();
        if let Some(macd) = macd::of_case(self.db, id)? {
            let kind = macd.kind.map(|kind| format!("{}, ", kind.as_str())).unwrap_or_default();
            let by = macd.decided_by.map(|by| format!(" by {by}")).unwrap_or_default();
            facts.push(("change", format!("{kind}{}: {}{by}", macd.class.as_str(), macd.state.as_str())));
            let promised = [("response by", macd.respond_by), ("done by", macd.done_by)];
            facts.extend(promised.into_iter().filter_map(|(name, at)| Some((name, say(at?, zone)))));
        }
        let times = work_times::of_case(self.db, id)?;
        if times.iter().any(|time| time.removed.is_none()) {
            facts.push(("work time", super::time::total(&times)));
        }
        for supplier in suppliers::of_case(self.db, id)?.into_iter().filter(|supplier| supplier.closed_at.is_none()) {
            let expected = supplier.delays_until.or(supplier.expected_by);
            let expected = expected.map(|at| format!(", expected by {}", say(at, zone))).unwrap_or_default();
            facts.push(("at supplier", format!("{} as {}{expected}", supplier.name, supplier.their_reference)));
        }
        if let Some(works) = works::of_case(self.db, id)? {
            let window = works.windows.first().copied().unwrap_or_default();
            let at = |at: Option<_>| at.map_or("?".to_owned(), |at| say(at, zone));
            let late = if works.late { ", announced late" } else { "" };
            let (start, end) = (at(window.starts_at), at(window.ends_at));
            facts.push(("works", format!("{start} to {end}, {}{late}", works.state.as_str())));
        }
        Ok(facts)
    }

    /// What the customer was promised and still waits for, and what was missed; with --full all of it.
    fn promises(&self) -> Result<Vec<(&'static str, String)>, StoreError> {
        let (all, paused) = promises::of_case(self.db, self.case)?;
        let shown = all.iter().filter(|p| self.full || p.is_live() || p.standing() == Standing::Missed);
        Ok(shown.map(|promise| ("promised", self.promise(promise, paused))).collect())
    }

    fn promise(&self, promise: &Promise, paused: bool) -> String {
        let due = say(promise.due_at, &self.zone);
        let name = promise.kind.as_str().replace('-', " ");
        let how = match (promise.standing(), promise.met_at) {
            (Standing::Open, _) if paused => "paused".to_owned(),
            (Standing::Open, _) if promise.due_at < self.now => format!("by {due}: overdue"),
            (Standing::Open, _) => format!("by {due}, in {}", for_a_while(promise.due_at - self.now)),
            (Standing::Missed, Some(met_at)) => format!("by {due}: missed, came {}", say(met_at, &self.zone)),
            (Standing::Missed, None) => format!("by {due}: missed"),
            (Standing::Met, _) => format!("by {due}: met"),
            (Standing::Dropped, _) => format!("by {due}: not needed any more"),
        };
        format!("{name} {how}")
    }

    /// What its mails ask for and tell.
    fn asked(&self) -> Result<Vec<(&'static str, String)>, StoreError> {
        let mut facts = Vec::new();
        let mut requests: Vec<String> = Vec::new();
        for heard in asked::requests(self.db, self.case.id)? {
            let words = heard.request.replace('-', " ");
            if !requests.contains(&words) {
                requests.push(words);
            }
        }
        if !requests.is_empty() {
            facts.push(("asks for", requests.join(", ")));
        }
        for field in asked::fields(self.db, self.case.id)?.into_iter().filter(|f| self.full || f.name != "description")
        {
            let doubt = field.doubt.map(|why| format!(" ({why})")).unwrap_or_default();
            facts.push(("says", format!("{}: {}{doubt}", field.name.replace('-', " "), field.value)));
        }
        let wanted = asked::wanted(self.db, self.case.id)?;
        if !wanted.is_empty() {
            facts.push(("missing", named_fields(&wanted)));
        }
        Ok(facts)
    }

    fn status(&self) -> String {
        match self.case.hold_until {
            Some(until) => format!("{} until {}", self.case.status, say(until, &self.zone)),
            None => self.case.status.to_string(),
        }
    }

    /// Mails in, mails out and history, in the order of time. What happened in one moment: first the mail, then what
    /// it did, then what was said.
    fn events(&self) -> Result<Vec<Event>, StoreError> {
        let id = self.case.id;
        let mut events = Vec::new();
        for mail in mails::of_case(self.db, id)? {
            events.push((mail.read_at, 0, self.mail(&mail)?));
        }
        for line in history::of_case(self.db, id)? {
            if let Some(event) = self.line(&line)? {
                events.push((line.at, 1, event));
            }
        }
        for notice in outbox::of_case(self.db, id)?.into_iter().filter(|n| self.full || !n.kind.is_for_staff()) {
            events.push((notice.decided_at, 2, self.notice(&notice)?));
        }
        events.sort_by_key(|(at, rank, _)| (*at, *rank));
        Ok(events.into_iter().map(|(_, _, event)| event).collect())
    }

    fn mail(&self, mail: &mails::StoredMail) -> Result<Event, StoreError> {
        let raw = mails::raw(self.db, mail.id)?;
        let read = incoming::read(&raw).ok();
        let body = |read: &Incoming| if self.full { read.text.clone() } else { read.said().reply };
        let mut body = read.as_ref().map(body).unwrap_or_default();
        for file in read.iter().flat_map(|m| &m.attachments).filter(|a| !a.inline) {
            body.push_str(&format!("\n[attachment: {}, {}, {} bytes]", file.name, file.content_type, file.size_bytes));
        }
        if mail.truncated {
            body.push_str("\n[larger than max_size: only its beginning was read; the mail is still in the mailbox]");
        }
        if self.full {
            body.push_str(&format!("\n[{} {}: {}]", mail.kind, mail.disposition, mail.why.join("; ")));
        }
        for evidence in mail.evidence.iter().filter(|e| self.full || !e.holds) {
            let holds = if evidence.holds { "holds" } else { "does not hold" };
            body.push_str(&format!("\n[cites {} by {}: {holds}, {}]", evidence.case, evidence.what, evidence.why));
        }
        let who = written(&mail.sender);
        let stranger = if mail.standing.as_deref() == Some("stranger") { " (no participant)" } else { "" };
        let of_staff = mail.standing.as_deref() == Some("staff");
        // Of a person's mail it says what was made of it, of a robot's why it is taken for one.
        let became = mail.why.last().filter(|_| mail.kind == "person");
        let became = became.map_or("kept as a note, not sent to the customer", String::as_str);
        let note = if of_staff { format!(" to the desk, as one of staff: {became}") } else { String::new() };
        let what = match (mail.kind.as_str(), mail.verified) {
            ("person", _) => String::new(),
            (kind, true) => format!(", {kind}"),
            (kind, false) => format!(", {kind}, unverified"),
        };
        Ok(Event {
            at: mail.read_at,
            head: format!("< {who}{stranger} wrote{note}{what}"),
            body: body.trim().to_owned(),
        })
    }

    fn notice(&self, notice: &outbox::StoredNotice) -> Result<Event, StoreError> {
        let to: Vec<&str> = notice.recipients.all().map(|a| a.email.as_str()).collect();
        let mut states = Vec::new();
        for delivery in outbox::deliveries(self.db, notice.id)? {
            let answer = match delivery.state {
                outbox::State::Accepted => String::new(),
                _ => delivery.answer.map(|a| format!(" ({})", fit(&a, 120))).unwrap_or_default(),
            };
            states.push(format!("{}{answer}", delivery.state.as_str()));
        }
        states.dedup();
        let head = format!("> {} to {}: {} [notice {}]", notice.kind, to.join(", "), states.join(", "), notice.id);
        let body = notice.data.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok(Event { at: notice.decided_at, head, body })
    }

    fn line(&self, line: &history::Line) -> Result<Option<Event>, StoreError> {
        let (head, body) = match &line.what {
            // The mails themselves tell these.
            What::Wrote { .. } | What::Recorded { .. } | What::Replied { .. } | What::Warned { .. } => return Ok(None),
            What::Opened { by } => (format!("opened by {by}"), String::new()),
            What::Status { from, to, why } => (format!("{from} -> {to}: {why}"), String::new()),
            What::Priority { from, to } if from == to => (format!("priority {to} confirmed"), String::new()),
            What::Priority { from, to } => (format!("priority {from} -> {to}"), String::new()),
            What::Assigned { to, why } => {
                let why = why.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
                (format!("assigned to {}{why}", to.as_deref().unwrap_or("nobody")), String::new())
            }
            What::Note { text } => ("note".to_owned(), text.clone()),
            What::Linked { to, kind } => {
                (format!("{} {}", kind.as_str().replace('-', " "), self.named(*to)?), String::new())
            }
            What::ClockRan { clock } => (format!("clock: {}", clock.as_str().replace('-', " ")), String::new()),
            What::NotDelivered { notice, recipient, reason } => {
                (format!("{notice} did not reach {recipient}"), reason.clone())
            }
            What::Remark { text } => (text.clone(), String::new()),
            What::Updated { incident, kind, text, etr } => {
                let etr = etr.map(|at| format!(", expected to be solved {}", say_short(at, &self.zone)));
                (format!("{} {incident}{}", kind.in_words(), etr.unwrap_or_default()), text.clone())
            }
            What::Escalated { from, to, title, why } => {
                (format!("escalated from level {from} to {to} ({title})"), why.clone())
            }
        };
        Ok(Some(Event { at: line.at, head: format!("* {}: {head}", line.actor), body }))
    }

    fn named(&self, id: CaseId) -> Result<String, StoreError> {
        Ok(cases::by_id(self.db, id)?.reference.to_string())
    }
}

/// `2 d 3 h`, `3 h 15 min`, `15 min`
fn for_a_while(time: Duration) -> String {
    let (days, hours, minutes) = (time.num_days(), time.num_hours() % 24, time.num_minutes() % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, hours) => format!("{hours} h {minutes} min"),
        (days, hours) => format!("{days} d {hours} h"),
    }
}

fn object(db: &Connection, desk: &ServiceDesk, case: &Case, now: DateTime<Utc>) -> anyhow::Result<Value> {
    let mut object = as_json::case(db, case, now)?;
    object["escalation"] = goes_up::object(db, desk, case, now)?;
    object["organisation"] = json!(contacts::known_of(db, &case.requester.email)?.organisation.map(|o| o.name));
    object["their_reference"] = json!(their_references::of_case(db, case.id)?);
    object["participants"] = json!(cases::participants(db, case.id)?);
    object["clocks"] = clocks::of_case(db, case.id)?
        .iter()
        .map(|c| json!({ "clock": c.clock.as_str(), "due": as_json::time(c.due) }))
        .collect();
    object["history"] = history::of_case(db, case.id)?
        .iter()
        .map(|l| json!({ "at": as_json::time(l.at), "actor": l.actor, "event": l.what }))
        .collect();
    object["requests"] = asked::requests(db, case.id)?
        .iter()
        .map(|r| {
            json!({ "at": as_json::time(r.at), "request": r.request, "writer": r.writer, "standing": r.standing,
                "rule": r.rule })
        })
        .collect();
    object["fields"] = asked::fields(db, case.id)?
        .iter()
        .map(|f| json!({ "name": f.name, "value": f.value, "place": f.place, "rule": f.rule, "doubt": f.doubt }))
        .collect();
    object["missing"] = asked::wanted(db, case.id)?.iter().map(|name| json!(name.as_str())).collect();
    object["change_request"] = macd::of_case(db, case.id)?.map_or(Value::Null, |macd| {
        json!({ "kind": macd.kind.map(|kind| kind.as_str()), "class": macd.class.as_str(), "state": macd.state.as_str(),
            "decided_by": macd.decided_by, "decided_at": macd.decided_at.map(as_json::time),
            "estimate_minutes": macd.estimate_minutes, "respond_by": macd.respond_by.map(as_json::time),
            "done_by": macd.done_by.map(as_json::time) })
    });
    object["work_times"] = work_times::of_case(db, case.id)?
        .iter()
        .map(|time| {
            json!({ "number": time.number, "at": as_json::time(time.entered_at), "who": time.who,
                "minutes": time.minutes, "billed_minutes": time.billed_minutes, "price": time.price, "note": time.note,
                "removed_by": time.removed.as_ref().map(|removed| &removed.by) })
        })
        .collect();
    object["suppliers"] = suppliers::of_case(db, case.id)?
        .iter()
        .map(|s| {
            json!({ "name": s.name, "their_reference": s.their_reference, "domain": s.domain,
                "opened_at": as_json::time(s.opened_at), "first_response_by": s.first_response_by.map(as_json::time),
                "expected_by": s.expected_by.map(as_json::time), "delays_until": s.delays_until.map(as_json::time),
                "closed_at": s.closed_at.map(as_json::time) })
        })
        .collect();
    object["at_supplier"] = json!(case.at_supplier);
    object["problems"] = problems::of_case(db, case.id)?.iter().map(|p| json!(p.id.to_string())).collect();
    object["attention"] = attentions::of_case(db, case.id)?.iter().map(attention::object).collect();
    object["plan"] = tasks::of_case(db, case.id)?.iter().map(plan::object).collect();
    object["reports"] = rfos::of_case(db, case.id)?.iter().map(rfo::request_object).collect();
    let mut all = Vec::new();
    for mail in mails::of_case(db, case.id)? {
        let read = incoming::read(&mails::raw(db, mail.id)?).unwrap_or_default();
        all.push(json!({
            "message_id": mail.message_id, "kind": mail.kind, "disposition": mail.disposition, "mailbox": mail.mailbox,
            "from": mail.sender.email, "from_name": mail.sender.name, "standing": mail.standing, "subject": mail.subject,
            "received_at": as_json::time(mail.received_at), "read_at": as_json::time(mail.read_at),
            "verified": mail.verified, "truncated": mail.truncated, "why": mail.why, "evidence": mail.evidence,
            "text": read.text, "reply": read.said().reply,
        }));
    }
    object["mails"] = json!(all);
    let mut notices = Vec::new();
    for notice in outbox::of_case(db, case.id)? {
        let deliveries: Vec<Value> = outbox::deliveries(db, notice.id)?
            .iter()
            .map(|d| json!({ "recipient": d.recipient, "state": d.state.as_str(), "attempts": d.attempts, "answer": d.answer }))
            .collect();
        let letter = notice.letter.as_ref();
        notices.push(json!({
            "number": notice.id, "notice": notice.kind.as_str(), "decided_at": as_json::time(notice.decided_at),
            "message_id": letter.map(|l| l.message_id.clone()), "subject": letter.map(|l| l.subject.clone()),
            "deliveries": deliveries,
        }));
    }
    object["notices"] = json!(notices);
    Ok(object)
}
