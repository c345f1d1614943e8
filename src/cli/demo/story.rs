//! The story: what customers, robots, strangers and staff do in four weeks, and what has to come of it.

use super::{
    samples::{ADA, BRUNO, CHARLES, EVE, LUCIA, Letter, MEI, Person, TOM, YAMADA, bounce, html, plain, quoting},
    stage::Stage,
};
use crate::{
    daemon::staff::PhoneRequest,
    desk::{
        case::Status,
        lifecycle::{Act, Requesters, Tell, Then},
        notice::NoticeKind,
        priority::Priority,
        reference::Reference,
    },
    mail::{address::Address, incoming::Incoming},
};

/// The cases that the story comes back to.
struct Cases {
    printing: Reference,
    japanese: Reference,
    portal: Reference,
    bakery: Reference,
}

pub async fn tell(stage: &mut Stage) -> anyhow::Result<()> {
    let cases = new_cases(stage).await?;
    robots(stage, &cases).await?;
    same_subject(stage).await?;
    threads(stage, &cases).await?;
    strangers(stage, &cases).await?;
    duplicate(stage, &cases).await?;
    resolved_and_closed(stage, &cases).await?;
    undelivered(stage).await?;
    silence(stage, &cases).await?;
    seven_days(stage, &cases).await?;
    the_end(stage, &cases).await
}

async fn new_cases(stage: &mut Stage) -> anyhow::Result<Cases> {
    stage.until(2, "09:12").await?;
    let ada = write(
        stage,
        ADA,
        "Invoices do not print",
        "Hello,\n\nsince this morning our invoices do not print any more.\n\nAda\n",
    );
    stage.mail("Ada Byron writes: \"Invoices do not print\"", &plain(&ada)).await?;
    let printing = stage.newest()?.reference;
    acknowledged(stage, printing)?;

    stage.until(2, "09:14").await?;
    let twin = plain(&ada);
    stage.mail("the same mail arrives a second time, by way of an alias", &twin).await?;
    let cases = stage.cases()?;
    stage.check("one mail, delivered twice, is one case", cases == 1);

    stage.until(2, "09:20").await?;
    let mail = write(
        stage,
        YAMADA,
        "プリンターが動きません",
        "お世話になっております。\n昨日から**「プリンター」**が動きません。\nご確認をお願いいたします。\n山田\n",
    );
    stage.mail("山田太郎 writes in Japanese", &plain(&mail)).await?;
    let japanese = stage.newest()?.reference;
    acknowledged(stage, japanese)?;
    let subject = stage.last_mail(japanese)?.subject;
    stage.check("the acknowledgement carries the Japanese subject", subject.contains("プリンターが動きません"));

    stage.until(2, "09:31").await?;
    let mail = write(stage, LUCIA, "Portal shows a blank page", "");
    let page = "<html><body><p>Hi,</p><p>the <b>portal</b> shows a <i>blank page</i>.</p><img src=\"http://tracker.example/x.gif\"></body></html>";
    stage.mail("Lucía Verde writes an HTML mail", &html(&mail, page)).await?;
    let portal = stage.newest()?.reference;
    acknowledged(stage, portal)?;

    stage.until(2, "09:40").await?;
    let mail = write(stage, BRUNO, "help", "The till does not start.\n");
    stage.mail("Bruno writes: \"help\"", &plain(&mail)).await?;
    let bakery = stage.newest()?.reference;
    acknowledged(stage, bakery)?;
    Ok(Cases { printing, japanese, portal, bakery })
}

async fn robots(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(2, "09:42").await?;
    let seen = stage.last_mail(cases.printing)?;
    let mail = Letter {
        answers: Some(&seen),
        extra: "Auto-Submitted: auto-replied\r\n",
        ..write(stage, ADA, "Out of office: Invoices do not print", "I am away until noon.\n")
    };
    stage.mail("Ada's out-of-office answers the acknowledgement", &plain(&mail)).await?;
    let sent = stage.notices(cases.printing)?;
    stage.check("an out-of-office gets no answer", sent == [NoticeKind::Acknowledgement]);

    stage.until(2, "10:02").await?;
    let monitor = Person { name: "Monitoring", email: "monitor@aurora-books.example", zone: "+0000" };
    let mail =
        Letter { extra: "Auto-Submitted: auto-generated\r\n", ..write(stage, monitor, "disk full on db3", "95 %\n") };
    stage.mail("a monitoring system reports: \"disk full on db3\"", &plain(&mail)).await?;
    let machine = stage.newest()?.reference;
    let sent = stage.notices(machine)?;
    stage.check("a machine's report opens a case and is not answered", sent.is_empty());

    stage.until(2, "10:11").await?;
    let list = Person { name: "Weekly", email: "news@printer-news.example", zone: "+0000" };
    let extra = "List-Id: <weekly.printer-news.example>\r\nPrecedence: list\r\n";
    let before = stage.cases()?;
    let mail = Letter { extra, ..write(stage, list, "Ten printers you must see", "…\n") };
    stage.mail("a mailing list sends its weekly issue", &plain(&mail)).await?;
    let after = stage.cases()?;
    stage.check("a mailing list opens no case", before == after);

    stage.until(2, "10:15").await?;
    let spammer = Person { name: "Prize", email: "win@lottery.example", zone: "+0000" };
    let mail = Letter { extra: "X-Spam-Flag: YES\r\n", ..write(stage, spammer, "You have won", "Click here\n") };
    stage.mail("spam, marked by the mail server", &plain(&mail)).await?;
    let spam = stage.newest()?.reference;
    let sent = stage.notices(spam)?;
    stage.check("spam is not answered", sent.is_empty());
    stage.staff("Frida marks it as spam", spam, &Act::Spam).await?;
    stage.check_status(spam, Status::Closed)
}

async fn same_subject(stage: &mut Stage) -> anyhow::Result<()> {
    stage.until(2, "10:20").await?;
    let before = stage.cases()?;
    let mail = write(stage, MEI, "help", "Our card reader shows an error.\n");
    stage.mail("Mei, of another company, writes: \"help\", too", &plain(&mail)).await?;
    let after = stage.cases()?;
    stage.check("the same subject of two customers is two cases", after == before + 1);
    let reference = stage.newest()?.reference;
    acknowledged(stage, reference)
}

async fn threads(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(2, "11:00").await?;
    stage.staff("Frida reviews Ada's case", cases.printing, &Act::Priority(Priority::P3)).await?;
    let priority = stage.case(cases.printing)?.priority;
    stage.check("only staff raise a priority", priority == Priority::P3);
    stage.until(2, "13:02").await?;
    let (before, seen) = (stage.cases()?, stage.last_mail(cases.printing)?);
    let text = quoting(&seen, "It is only tray 2, tray 1 works.");
    let mail = Letter { answers: Some(&seen), ..write(stage, ADA, reply(&seen), text) };
    stage.mail("Ada answers the acknowledgement, quoting it", &plain(&mail)).await?;
    let (after, on_case) = (stage.cases()?, stage.mails_on(cases.printing)?);
    stage.check("a reply joins its case", before == after && on_case == 3);
    stage.until(3, "09:00").await?;
    let ask = Act::Reply { text: "Which model is your till, please?", cc: &[], then: Then::Await };
    stage.staff("Frida asks Bruno something and awaits his answer", cases.bakery, &ask).await?;
    stage.check_status(cases.bakery, Status::AwaitingCustomer)
}

async fn strangers(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(3, "09:30").await?;
    let seen = stage.last_mail(cases.portal)?;
    let (before, sent_before) = (stage.cases()?, stage.notices(cases.portal)?.len());
    let mail = Letter {
        answers: Some(&seen),
        ..write(stage, TOM, "FW: Portal shows a blank page", "Lucía asked me: our proxy logs say 502.\n\nTom\n")
    };
    stage.mail("Tom, to whom Lucía forwarded the desk's mail, answers it", &plain(&mail)).await?;
    let (after, sent) = (stage.cases()?, stage.notices(cases.portal)?.len());
    stage.check("a colleague's reply to a forwarded mail joins the case", before == after);
    stage.check("and brings no mail to the colleague", sent == sent_before);

    stage.until(3, "10:00").await?;
    let subject = format!("[{}] send me the contract", cases.printing);
    let mail = write(stage, EVE, subject, "Please send me the contract of this case.\n");
    let on_case = stage.mails_on(cases.printing)?;
    stage.mail("Eve, a stranger, puts the reference of Ada's case into a subject", &plain(&mail)).await?;
    let eve = stage.newest()?.reference;
    let untouched = stage.mails_on(cases.printing)? == on_case;
    let linked = stage.links(eve)?.iter().any(|l| l.how == "named" && l.reference == cases.printing);
    stage.check("a stranger gets into no case; staff see the link", untouched && linked);
    Ok(())
}

async fn duplicate(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(3, "11:00").await?;
    let mail = write(stage, CHARLES, "Tray 2 broken?", "Our invoices do not come out. Charles\n");
    stage.mail("Charles, Ada's colleague, reports the same", &plain(&mail)).await?;
    let twin = stage.newest()?.reference;
    let main = stage.case(cases.printing)?;
    stage
        .staff(
            "Frida merges it into Ada's case",
            twin,
            &Act::Merge { main: &main, tell: Tell::Customer, requesters: Requesters::ByDomain },
        )
        .await?;
    stage.until(3, "11:20").await?;
    let seen = stage.last_mail(twin)?;
    let on_main = stage.mails_on(cases.printing)?;
    let mail = Letter { answers: Some(&seen), ..write(stage, CHARLES, reply(&seen), "All right.\n") };
    stage.mail("Charles answers on the duplicate", &plain(&mail)).await?;
    let joined = stage.mails_on(cases.printing)? == on_main + 1;
    stage.check("mail on a duplicate goes to its main case", joined);
    Ok(())
}

async fn resolved_and_closed(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(3, "14:00").await?;
    let done = Act::Reply { text: "We have replaced the driver of tray 2.", cc: &[], then: Then::Resolve };
    stage.staff("Frida resolves Ada's case", cases.printing, &done).await?;
    stage.until(3, "15:00").await?;
    let close = Act::Close { text: Some("電源ケーブルを交換しました。"), tell: Tell::Customer };
    stage.staff("Frida closes the Japanese case", cases.japanese, &close).await?;
    stage.until(3, "15:05").await?;
    let close = Act::Close { text: Some("The proxy is repaired."), tell: Tell::Customer };
    stage.staff("Frida closes the portal's case", cases.portal, &close).await?;
    stage.until(4, "10:00").await?;
    let seen = stage.last_mail(cases.printing)?;
    let mail = Letter { answers: Some(&seen), ..write(stage, ADA, reply(&seen), quoting(&seen, "Confirmed.")) };
    stage.mail("Ada answers: \"Confirmed.\"", &plain(&mail)).await?;
    stage.check_status(cases.printing, Status::Closed)
}

async fn undelivered(stage: &mut Stage) -> anyhow::Result<()> {
    stage.until(4, "11:00").await?;
    let request = PhoneRequest {
        requester: Address::new(Some("Grace Hill"), "grace@hillside.example"),
        subject: "Router blinks red".to_owned(),
        priority: Priority::P2,
        continues: None,
        tell: Tell::Customer,
    };
    let case = stage.telephone("Grace Hill telephones; Frida opens a case for her at P2", request).await?;
    stage.until(4, "11:01").await?;
    let (before, seen) = (stage.cases()?, stage.last_mail(case)?);
    let at = stage.now();
    stage.mail("the acknowledgement bounces", &bounce(&seen, "grace@hillside.example", at)).await?;
    let (after, sent) = (stage.cases()?, stage.notices(case)?);
    stage.check(
        "a bounce is recorded on its case and answered by nothing",
        before == after && sent == [NoticeKind::OpenedByPhone],
    );
    Ok(())
}

async fn silence(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(5, "09:30").await?;
    let warned = stage.notices(cases.bakery)?.contains(&NoticeKind::NoResponseWarning);
    stage.check("Bruno, silent for two business days, is warned", warned);
    stage.check_status(cases.bakery, Status::AwaitingCustomer)?;
    stage.until(6, "09:30").await?;
    stage.check_status(cases.bakery, Status::ClosedNoResponse)
}

async fn seven_days(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(8, "12:00").await?;
    let seen = stage.last_mail(cases.japanese)?;
    let mail =
        Letter { answers: Some(&seen), ..write(stage, YAMADA, reply(&seen), "また動かなくなりました。\n") };
    stage.mail("day 5 after the closing: 山田太郎 answers", &plain(&mail)).await?;
    stage.check_status(cases.japanese, Status::Reopened)?;

    stage.until(9, "09:00").await?;
    let seen = stage.last_mail(cases.printing)?;
    let mail = Letter { answers: Some(&seen), ..write(stage, ADA, reply(&seen), "Thank you very much!\n") };
    stage.mail("Ada says thank you on her closed case", &plain(&mail)).await?;
    stage.check_status(cases.printing, Status::Closed)?;

    stage.until(12, "16:00").await?;
    let old_mail = stage.last_mail(cases.portal)?;
    let mail =
        Letter { answers: Some(&old_mail), ..write(stage, LUCIA, reply(&old_mail), "The portal is blank again.\n") };
    stage.mail("day 9 after the closing: Lucía answers", &plain(&mail)).await?;
    let linked = stage.newest()?.reference;
    stage.remember(linked);
    let continues = stage.links(linked)?.iter().any(|l| l.how == "continues" && l.reference == cases.portal);
    let continued = stage.links(cases.portal)?.iter().any(|l| l.how == "continued-by" && l.reference == linked);
    stage.check("a linked case is opened, and both show it", continues && continued);
    let told = stage.last_mail(linked)?.text;
    let both = told.contains(&linked.to_string()) && told.contains(&cases.portal.to_string());
    stage.check("its acknowledgement names both", both);

    stage.until(15, "10:00").await?;
    let (before, on_case) = (stage.cases()?, stage.mails_on(linked)?);
    let mail = Letter {
        answers: Some(&old_mail),
        ..write(stage, LUCIA, reply(&old_mail), "It is the proxy again, says Tom.\n")
    };
    stage.mail("day 12: Lucía answers the old mail once more", &plain(&mail)).await?;
    let (after, now_on_case) = (stage.cases()?, stage.mails_on(linked)?);
    stage.check("it joins the linked case; there is no third one", before == after && now_on_case == on_case + 1);
    Ok(())
}

async fn the_end(stage: &mut Stage, cases: &Cases) -> anyhow::Result<()> {
    stage.until(16, "10:00").await?;
    let done = Act::Reply { text: "プリンターを交換いたしました。", cc: &[], then: Then::Resolve };
    stage.staff("Frida resolves the Japanese case", cases.japanese, &done).await?;
    stage.until(23, "11:00").await?;
    stage.check_status(cases.japanese, Status::Closed)?;
    stage.until(27, "09:00").await?;
    let seen = stage.last_mail(cases.bakery)?;
    let mail =
        Letter { answers: Some(&seen), ..write(stage, BRUNO, reply(&seen), "Sorry, I was ill. It is a K-200.\n") };
    stage.mail("Bruno is back, three weeks later", &plain(&mail)).await?;
    let back = stage.newest()?.reference;
    let continues = stage.links(back)?.iter().any(|l| l.how == "continues" && l.reference == cases.bakery);
    stage.check("he gets a new case that goes on with the old one", continues);
    Ok(())
}

fn acknowledged(stage: &mut Stage, case: Reference) -> anyhow::Result<()> {
    let (sent, priority) = (stage.notices(case)?, stage.case(case)?.priority);
    stage.check(
        &format!("{case} is a new P4 case with one acknowledgement"),
        sent == [NoticeKind::Acknowledgement] && priority == Priority::P4,
    );
    Ok(())
}

fn write<'a>(stage: &Stage, from: Person, subject: impl Into<String>, text: impl Into<String>) -> Letter<'a> {
    Letter { from, at: stage.now(), subject: subject.into(), text: text.into(), answers: None, extra: "" }
}

fn reply(to: &Incoming) -> String {
    format!("Re: {}", to.subject)
}
