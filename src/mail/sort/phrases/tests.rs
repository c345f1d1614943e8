use super::*;
use crate::mail::sort::{Surroundings, sort};

fn read(from: &str, subject: &str, header: &str, text: &str) -> Incoming {
    Incoming {
        from: Some(crate::mail::address::Address::bare(from)),
        subject: subject.to_owned(),
        text: text.to_owned(),
        in_reply_to: header.split_whitespace().filter(|word| word.contains('@')).map(str::to_owned).collect(),
        headers: header
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect(),
        ..Incoming::default()
    }
}

fn kind(subject: &str, header: &str, text: &str) -> Kind {
    let mail = read("ada@books.example", subject, header, text);
    let around = Surroundings { own_addresses: &[], authserv_id: None, signed_by_us: false };
    sort(&mail, &mail.said().reply, &around).kind
}

#[test]
fn answers_of_robots_are_known_by_their_subject_in_many_languages() {
    for subject in [
        "Automatic reply: [1-0123456789] Line down",
        "Out of Office AutoReply: Re: Line down",
        "AUTO: Re: Line down",
        "Automatische Antwort: [1-0123456789] Leitung",
        "Abwesenheitsnotiz: Re: Leitung",
        "Réponse automatique : Re: Ligne",
        "Risposta automatica: R: Re: linea",
        "Respuesta automática: RE: línea",
        "Resposta automática: RES: linha",
        "Automatisch antwoord: RE: lijn",
        "Autosvar: SV: linje",
        "Automaattinen vastaus: VS: linja",
        "Automatyczna odpowiedź: Odp: linia",
        "[Automatyczna odpowiedź] Re: linia",
        "Automatická odpověď: RE: linka",
        "Automatikus válasz: RE: vonal",
        "Răspuns automat: RE: linie",
        "Автоматичен отговор: RE: линия",
        "Автоматический ответ: RE: линия",
        "Αυτόματη απάντηση: ΑΠ: γραμμή",
        "Otomatik yanıt: YNT: hat",
        "自動応答: RE: 回線",
        "【自動返信】Re: 回線について",
        "不在通知: RE: 回線",
        "自动回复: 回复: 线路",
        "자동 회신: RE: 회선",
        "Re: Line down (Automatic Response)",
    ] {
        assert_eq!(kind(subject, "In-Reply-To: x@desk.example", "-"), Kind::AutoReply, "{subject}");
    }
}

#[test]
fn answers_of_robots_without_a_telling_subject_are_known_by_several_things_that_they_say() {
    for (subject, text) in [
        (
            "Re: Line down",
            "Hello,\n\nI am currently out of the office and will return on 5 May. In urgent cases please call Bob.",
        ),
        ("Re: Line down", "This is an automated response to your mail.\n\nI am on vacation."),
        (
            "AW: Leitung",
            "Guten Tag,\n\nich bin im Urlaub und ab dem 5. Mai wieder im Büro. In dringenden Fällen hilft Bob.",
        ),
        ("Re: ligne", "Bonjour,\n\nJe suis absent du bureau jusqu'au 5 mai. En cas d'urgence, appelez Bob."),
        ("Re: linea", "Estoy fuera de la oficina hasta el 5 de mayo. En caso de urgencia llame a Bob."),
        (
            "Re: linia",
            "Dzień dobry,\n\nprzebywam na urlopie, wracam 5 maja. W pilnych sprawach proszę o kontakt z Bobem.",
        ),
        ("Re: линия", "Здравейте,\n\nв отпуск съм до 5 май, ще се върна на 6. При спешни случаи пишете на Боб."),
        ("Re: 回線", "ただいま休暇中です。5月5日から出社いたします。緊急の場合は Bob までご連絡ください。"),
        ("Out of office", "I am away until Monday. For urgent matters call Bob."),
    ] {
        assert_eq!(kind(subject, "In-Reply-To: x@desk.example", text), Kind::AutoReply, "{text}");
    }
}

#[test]
fn people_who_write_of_holidays_and_of_automatic_mails_stay_people() {
    for (subject, text) in [
        ("Line down", "I'll be out of office tomorrow, please call my colleague about the broken line."),
        ("Re: Line down", "I am out of the office until Monday. Could you call Bob instead?"),
        ("Re: Line down", "I'm away next week, so please send the engineer before Friday."),
        ("Out of office replies do not work", "Our users can't set an automatic reply since Monday."),
        ("Out of office: please set up for Bob", "Bob is ill. Please put a note into his mailbox."),
        ("Automatic reply to customers is broken", "Since the update nobody gets one."),
        ("Re: Automatic reply: Line down", "Thanks, then I will wait until you are back."),
        ("Fwd: Automatic reply: Line down", "See below. Is that address still right?"),
        (
            "Vacation of our technician",
            "Our technician is on vacation until 5 May. During my absence, too, the site is closed.",
        ),
        ("Leitung gestört", "Ich bin bis Freitag im Büro erreichbar, bei dringenden Fragen mobil."),
        ("Mails from you", "We keep getting mails that say \"this is an automated message\" and never an answer."),
        ("Thank you for your message", "It helped. One thing is still open: the second line is down."),
        ("Line down", "Please do not reply to this address, I don't read it. Call me on 0123."),
        ("Re: Line down", "This is an automatic door of the type X2, and it does not open."),
        ("Absence: Mr Smith", "Mr Smith will not take part in the meeting."),
    ] {
        assert_eq!(kind(subject, "", text), Kind::Person, "{subject}: {text}");
    }
}

#[test]
fn a_mail_of_a_persons_program_with_a_quotation_is_a_persons() {
    let text = "I am out of the office and will be back on Monday. In urgent cases call Bob.\n\n> Which tray?\n";
    let header = "In-Reply-To: x@desk.example\nUser-Agent: Mozilla Thunderbird";
    assert_eq!(kind("Re: Printer", header, text), Kind::Person);
}

#[test]
fn a_robot_by_its_header_answers_when_its_words_are_an_answers() {
    assert_eq!(
        kind("Thank you for your e-mail", "Precedence: bulk", "I will reply as soon as possible."),
        Kind::AutoReply
    );
    assert_eq!(kind("Automatic reply: x", "Auto-Submitted: auto-generated", "-"), Kind::AutoReply);
    assert_eq!(kind("Disk full on srv1", "Precedence: bulk", "It is full."), Kind::AutoGenerated);
}

#[test]
fn challenges_are_answers_of_robots() {
    for text in [
        "Your message is being held. Please click the link below to confirm that you are human.",
        "I apologize for this automatic reply to your email. To control spam, I now allow incoming messages only from \
         senders I have approved beforehand. Please fill out the short request form: https://filter.example/1",
        "Votre message est en attente. Cliquez ici pour vous authentifier.",
    ] {
        assert_eq!(kind("Re: Line down", "", text), Kind::AutoReply, "{text}");
    }
    assert_eq!(kind("Spam", "", "Why has my message been held by your filter?"), Kind::Person);
}

#[test]
fn what_says_that_nobody_wrote_it_opens_a_case_that_is_not_answered() {
    assert_eq!(kind("Disk full", "", "This is an automated message from srv1. Disk full."), Kind::AutoGenerated);
    assert_eq!(kind("Fwd: Disk full", "", "This is an automated message from srv1. Disk full."), Kind::Person);
}

#[test]
fn a_long_text_of_one_line_is_looked_at_only_at_its_beginning() {
    let text = format!("{} I am out of the office. In urgent cases call Bob. I will return.", "x ".repeat(100_000));
    assert_eq!(kind("Re: x", "In-Reply-To: x@desk.example", &text), Kind::Person);
}
