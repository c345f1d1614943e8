//! Whole mails in five languages, and what may go wrong with cue files.

use std::sync::LazyLock;

use chrono::DateTime;

use super::*;
use crate::desk::{
    policy::{Policy, built_in},
    subscription::{Target, targets},
};

#[test]
fn the_built_in_cues_compile_and_their_examples_hold() {
    for name in crate::desk::policy::built_in_names() {
        let cues = Policy::load(name, &built_in).unwrap().cues;
        cues.check_examples().unwrap_or_else(|why| panic!("{why}"));
        assert!(cues.count() >= 25, "{name}");
    }
}

static BASE: LazyLock<Cues> = LazyLock::new(|| Policy::load("base", &built_in).unwrap().cues);

/// A Tuesday, 10:05 in Berlin.
fn read(subject: &str, reply: &str) -> Asked {
    BASE.read(&WrittenMail {
        subject: Some(subject),
        reply,
        signature: None,
        text: reply,
        written_at: DateTime::parse_from_rfc3339("2026-11-03T10:05:00+01:00").unwrap(),
    })
}

/// What a mail asks for and tells, as `explain` shows it.
fn shown(subject: &str, reply: &str) -> (Vec<&'static str>, serde_json::Value) {
    let asked = read(subject, reply);
    let mut fields = asked.fields_object();
    fields.as_object_mut().unwrap().remove("description");
    (asked.request_words(), fields)
}

#[test]
fn whole_mails_of_troubles_are_understood_in_five_languages() {
    for (subject, reply, requests, fields) in [
        (
            "Leeds office offline",
            "Hello team,\n\nour circuit LDS/MAN/LE-20417 is down since 9:30 CET and nobody can call.\nThe router is at \
             192.0.2.17. Please call me on +44 20 7946 0123.\n\nKind regards\nAda",
            vec!["incident"],
            serde_json::json!({
                "circuit_id": "LDS/MAN/LE-20417", "start_time": "2026-11-03T09:30:00+01:00",
                "impact": "service-affecting", "ip_addresses": ["192.0.2.17"], "telephone_numbers": ["+44 20 7946 0123"],
            }),
        ),
        (
            "Störung Leitung",
            "Guten Tag,\n\nDienst-ID: DE-88123\nLeitungsnummer: BER/HAM/4711\nBeginn: heute, 8:15 Uhr\nAuswirkung: \
             starke Beeinträchtigung\nArt der Störung: sporadisch\n\nDie Leitung bricht immer wieder ab.\n\nMit freundlichen Grüßen\nErika",
            vec!["incident"],
            serde_json::json!({
                "service_id": "DE-88123", "circuit_id": "BER/HAM/4711", "start_time": "2026-11-03T08:15:00+01:00",
                "impact": "degradation", "persistence": "intermittent",
            }),
        ),
        (
            "Panne internet",
            "Bonjour,\n\nNous n'avons plus d'internet depuis ce matin 9h30.\n\nNuméro de client : 445566\nRéférence de service : \
             FR-20331\n\nCordialement,\nJean",
            vec!["incident"],
            serde_json::json!({
                "service_id": "FR-20331", "customer_number": "445566", "start_time": "2026-11-03T09:30:00+01:00",
                "impact": "service-affecting",
            }),
        ),
        (
            "Проблем с интернет",
            "Здравейте,\n\nID на услугата: BG-10077\nНачален час на проблема: днес 9:30 ч.\nВъздействие: засягащ услугата\n\n\
             Нямаме връзка в целия офис.\n\nПоздрави,\nИван",
            vec!["incident"],
            serde_json::json!({
                "service_id": "BG-10077", "start_time": "2026-11-03T09:30:00+01:00", "impact": "service-affecting",
            }),
        ),
        (
            "回線障害",
            "お世話になっております。\n\n回線番号：JP-55012\n発生日時：11月3日 9時30分\n影響：サービス影響あり\n\n\
             本日よりインターネットに接続できません。\nよろしくお願いいたします。",
            vec!["incident"],
            serde_json::json!({
                "circuit_id": "JP-55012", "start_time": "2026-11-03T09:30:00+01:00", "impact": "service-affecting",
            }),
        ),
    ] {
        assert_eq!(shown(subject, reply), (requests, fields), "{reply}");
    }
}

#[test]
fn whole_mails_of_other_matters_are_understood_in_five_languages() {
    for (reply, requests) in [
        (
            "Hello,\n\nplease escalate this case to the next level, it takes too long. We also need the RFO.",
            vec!["escalate", "rfo"],
        ),
        ("Hi,\nare there any planned works on our line in November?\nThanks, Ada", vec!["planned-works-question"]),
        ("Please unsubscribe me from these updates.\nAda", vec!["unsubscribe"]),
        ("We want to order an additional line for our office in Leeds. A standard change is fine.", vec!["add"]),
        (
            "Guten Tag,\nbitte senden Sie uns einen Störungsbericht und die Rechnung für Oktober.",
            vec!["incident-report", "billing"],
        ),
        ("Hallo,\nwir möchten diesen Fall eskalieren.\nViele Grüße", vec!["escalate"]),
        (
            "Hiermit kündigen wir an: wir führen am Freitag Wartungsarbeiten an der Stromversorgung durch.",
            vec!["own-planned-works"],
        ),
        ("Bonjour,\nmerci de modifier mon adresse mail.\nCordialement", vec!["change-address"]),
        ("Bonjour,\nnous souhaitons résilier notre ligne de Lyon.", vec!["delete"]),
        ("Y a-t-il une maintenance cette nuit ?", vec!["planned-works-question"]),
        ("Здравейте,\nмоля, изпратете доклад за инцидента.", vec!["incident-report"]),
        ("Моля, променете пренасочването на номера.", vec!["change"]),
        ("Искаме да говоря с вашия мениджър.", vec!["management-attention"]),
        ("お世話になっております。\n障害報告書を提出してください。", vec!["incident-report"]),
        ("来週の計画作業を教えてください。", vec!["planned-works-question"]),
        ("担当者が変更になりました。", vec!["change-address"]),
        ("Thank you very much!\nAda", vec![]),
        ("> Please escalate this case.\n\nWhat did he mean?", vec![]),
    ] {
        assert_eq!(read("", reply).request_words(), requests, "{reply}");
    }
}

#[test]
fn a_plain_wish_to_close_is_one_in_five_languages() {
    for reply in [
        "Hello,\n\nplease close this case.\n\nKind regards\nAda Lovelace",
        "It works again, thank you. You can close the ticket.",
        "Guten Tag,\n\nbitte schließen Sie das Ticket.\n\nMit freundlichen Grüßen\nErika Beispiel",
        "Das Problem ist gelöst, der Fall kann geschlossen werden. Vielen Dank!",
        "Bonjour,\nmerci de clôturer ce ticket.\nCordialement,\nJean",
        "Здравейте,\nмоля, затворете тикета.\nПоздрави, Иван",
        "お世話になっております。\n本件クローズしてください。\nよろしくお願いいたします。",
    ] {
        assert!(read("", reply).wish.close, "{reply}");
    }
}

#[test]
fn a_latin_word_of_a_language_without_blanks_is_none_inside_another_word() {
    assert!(read("", "The performance is fine again. Please close this case.").wish.close);
    for text in ["The performance of our line is poor.", "Mr Macdonald has the key.", "Over the arcade, at 5rfo7."] {
        let heard = read("", text).request_words();
        assert!(!heard.contains(&"rfo") && !heard.contains(&"change"), "{text}: {heard:?}");
    }
    for text in
        ["RFOをお送りください。", "至急、RFO(報告)をお願いします", "wi-fiがつながりません", "VPN がダウンしています"]
    {
        assert!(!read("", text).requests.is_empty(), "{text}");
    }
}

#[test]
fn the_beginning_is_a_time_and_nothing_else_in_five_languages() {
    for (reply, expected) in [
        ("Seit heute früh 8:15 Uhr ist unsere Leitung ausgefallen.", "2026-11-03T08:15:00+01:00"),
        ("Unsere Leitung ist seit heute 8:15 Uhr gestört.", "2026-11-03T08:15:00+01:00"),
        ("Since 8:30 our line IS-4711 is down.", "2026-11-03T08:30:00+01:00"),
        ("Since the upgrade it is slow, it has been down since 9:30 CET today.", "2026-11-03T09:30:00+01:00"),
        ("Depuis ce matin 8h15 notre ligne est coupée.", "2026-11-03T08:15:00+01:00"),
        ("От тази сутрин 8:15 ч. линията ни е прекъсната.", "2026-11-03T08:15:00+01:00"),
        ("今朝8時15分から回線がダウンしています。", "2026-11-03T08:15:00+01:00"),
        ("The line is down for 2 hours.", "2026-11-03T08:05:00+01:00"),
        ("Our line went down two hours ago.", "2026-11-03T08:05:00+01:00"),
        ("Since yesterday our line in Leeds is slow.", "yesterday"),
        ("Seit gestern ist die Leitung langsam.", "gestern"),
    ] {
        let found = read("", reply).fields.of(FieldName::StartTime).map(|f| f.value.clone()).collect::<Vec<_>>();
        assert_eq!(found, [expected], "{reply}");
    }
    for reply in ["Since the upgrade our line is slow.", "Seit dem Umbau ist die Leitung langsam."] {
        assert!(!read("", reply).fields.has(FieldName::StartTime), "{reply}");
    }
}

#[test]
fn the_header_of_a_mail_handed_on_tells_nothing_of_the_matter() {
    let asked = read(
        "Fwd: Line",
        "Dear team, I hope this mail finds you well.\nPlease have a look at this one.\n\n-------- Forwarded Message --------\n\
         Subject: Line\nDate: Mon, 2 Nov 2026 17:00:00 +0100\nFrom: Bob <bob@books.example>\nTo: Ada <ada@books.example>\n\n\
         Hi Ada,\nour line IS-4711 is down since 8:30 and nobody can work.\nBob",
    );
    let value = |name| asked.fields.of(name).map(|f| f.value.clone()).collect::<Vec<_>>();
    assert_eq!(value(FieldName::StartTime), ["2026-11-03T08:30:00+01:00"]);
    assert_eq!(value(FieldName::Description), ["our line IS-4711 is down since 8:30 and nobody can work."]);
}

#[test]
fn a_greeting_is_no_description() {
    let described = |reply: &str| read("", reply).fields.of(FieldName::Description).next().map(|f| f.value.clone());
    let text = "Good morning dear colleagues of the desk,\n\nI hope that you are doing well.\n\nThe phones in Leeds ring no more at all.";
    assert_eq!(described(text).unwrap(), "The phones in Leeds ring no more at all.");
    assert_eq!(described("Guten Morgen liebe Kolleginnen und Kollegen!\nVielen Dank für Ihre schnelle Hilfe."), None);
}

#[test]
fn a_label_of_one_service_takes_nothing_else_of_its_line() {
    let asked = read("", "Service ID: IS-9001, since 2026-11-02 07:00 UTC, 40 people affected, +49 30 555 0123");
    let ids: Vec<_> = asked.fields.of(FieldName::ServiceId).map(|f| f.value.as_str()).collect();
    assert_eq!(ids, ["IS-9001"]);
    let start = asked.fields.of(FieldName::StartTime).next().map(|f| f.value.as_str());
    assert_eq!(start, Some("2026-11-02T07:00:00Z"));
}

#[test]
fn only_troubles_are_asked_for_their_time_and_impact() {
    let required = [FieldName::ServiceId, FieldName::StartTime];
    for reply in [
        "Wir brauchen eine Faxnummer.",
        "Could you swap the SIM please?",
        "Please send us the invoice of October.",
        "Nous aimerions une copie du contrat.",
        "Искаме копие от договора.",
        "契約書の写しをお願いします。",
    ] {
        assert_eq!(missing(&read("", reply), &required), [], "{reply}");
    }
    for reply in
        ["Our line is down, please help.", "It beeps.", "Der Router blinkt rot.", "Unsere Leitung ist langsam."]
    {
        assert_eq!(missing(&read("", reply), &required), required, "{reply}");
    }
}

#[test]
fn what_says_more_or_less_than_a_wish_to_close_is_none() {
    for reply in [
        "Please close this case, but keep the router.",
        "Please close this case. The invoice goes to our new address.",
        "Please close the case tomorrow.",
        "Please close this case once the technician was here.",
        "I told them: \"please close the case\". They did nothing.",
        "Bitte schließen Sie das Ticket noch nicht.",
        "Bitte schließen Sie das Ticket. Die zweite Leitung ist weiterhin tot.",
        "Bitte das Ticket schließen. Wer bezahlt den Techniker?",
        "Merci de clôturer ce ticket dès que la facture est réglée.",
        "Merci de ne pas clôturer ce ticket.",
        "Моля, затворете тикета, ако всичко е наред.",
        "Моля, не затваряйте тикета.",
        "明日問題なければクローズしてください。",
        "クローズしてください。ただし、ルーターはまだ不安定です。",
        "クローズしないでください。",
    ] {
        assert!(!read("", reply).wish.close, "{reply}");
    }
}

#[test]
fn the_block_for_management_attention_tells_its_three_answers() {
    let (requests, fields) = shown(
        "",
        "***** Request Management Attention *****\n\
         Reason for requested management attention, including business impact of the problem that requires attention\n\
         Our shop can't sell.\n\
         Business or implementation milestone, critical date(s) (milestone date or resolve by date), along with the type of\n\
         business or implementation milestone\n2026-12-01, go-live\n\
         Name of the person requesting management attention, contact information: phone number, pager, email address\n\
         Ada Lovelace, +44 20 7946 0123\n***** Request Management Attention *****\n",
    );
    assert!(requests.contains(&"management-attention"), "{requests:?}");
    assert_eq!(fields["attention_reason"], "Our shop can't sell.");
    assert_eq!(fields["attention_contact"], "Ada Lovelace, +44 20 7946 0123");
    assert_eq!(fields["milestone_dates"], serde_json::json!(["2026-12-01"]));
}

#[test]
fn a_block_in_what_a_mail_quotes_is_kept_apart_and_an_empty_one_is_nothing() {
    let read = |reply: &str, quoted: &str| {
        BASE.read(&WrittenMail {
            subject: None,
            reply,
            signature: None,
            text: &format!("{reply}\n\n{quoted}"),
            written_at: DateTime::parse_from_rfc3339("2026-11-03T10:05:00+01:00").unwrap(),
        })
    };
    let full = "> *** Request Management Attention ***\n> Reason: 200 orders\n> wait.\n> *** Request Management Attention ***\n";
    let mut asked = read("Please see below.", full);
    assert!(!asked.hears(Request::ManagementAttention));
    let block = asked.quoted_attention.take().unwrap();
    assert_eq!(block.reason, "200 orders wait.");
    asked.take_attention(&block);
    assert!(asked.hears(Request::ManagementAttention));
    let empty = "> *** Request Management Attention ***\n> Reason\n> *** Request Management Attention ***\n";
    assert_eq!(read("Thank you.", empty).quoted_attention, None);
}

#[test]
fn the_start_of_ones_own_works_is_no_start_of_a_trouble() {
    let (requests, fields) = shown(
        "Planned works on our side",
        "We will carry out maintenance on our power supply.\n\nOCN: 445566\nService ID: AB-1234\nStart: 2026-12-04 22:00 CET\n\
         End: 2026-12-05 02:00 CET\nOwner of the service: Ada Lovelace",
    );
    assert_eq!(requests, ["own-planned-works"]);
    assert_eq!(
        fields,
        serde_json::json!({
            "service_id": "AB-1234", "customer_number": "445566", "works_start": "2026-12-04T22:00:00+01:00",
            "works_end": "2026-12-05T02:00:00+01:00", "service_owner": "Ada Lovelace",
        })
    );
}

fn own(text: &str) -> Result<(), TomlError> {
    let file = RuleFile { shown: "my/cues/en.toml".to_owned(), text: text.to_owned() };
    let cues = Cues::new(vec![("en".to_owned(), vec![built_in("base/cues/en.toml").unwrap(), file])]);
    cues.check().and_then(|()| cues.check_examples())
}

#[test]
fn each_mistake_in_a_cue_file_is_named_with_its_line() {
    for (text, expected) in [
        ("[cue.fax]\nrequest = \"fax\"\nlike = ['fax']\n", "line 2: request \"fax\" is unknown (known: incident, "),
        ("[cue.fax]\nrequest = \"add\"\nlike = ['fax', '{gone}']\n", "line 3: {gone} is no word"),
        ("[cue.fax]\nrequest = \"add\"\nlike = [\n 'fax',\n '(fax',\n]\n", "line 5: \"(fax\" is no usable regular"),
        (
            "[cue.fax]\nrequest = \"add\"\nlike = ['fax']\nexamples = ['a telex']\n",
            "line 4: cue \"fax\": this example is not",
        ),
        ("[cue.fax]\nrequest = \"add\"\n", "line 1: cue \"fax\" needs `like`"),
        ("[cue.fax]\nlike = ['fax']\n", "line 2: cue \"fax\" needs either `request`"),
        ("[cue.fax]\noff = true\n", "line 1: cue \"fax\" is switched off, but"),
        ("[cue.fax]\nfield = \"impact\"\nvalue = \"big\"\nlike = ['fax']\n", "line 2: value \"big\" is unknown"),
        ("[labels]\nshoe = ['shoe']\n", "line 2: field \"shoe\" is unknown"),
        ("[cue.fax]\nrequset = \"add\"\n", "line 2: unknown key \"requset\"; did you mean \"request\"?"),
        (
            "[words]\na = '{b}'\nb = '{a}'\n[cue.fax]\nrequest = \"add\"\nlike = ['{a}']\n",
            "line 6: its words are made of words",
        ),
        ("[cue.fax]\nrequest = \"add\"\nlike = ['(?:[^ ]{1,500} ){1,500}']\n", "line 3: "),
    ] {
        let error = own(text).unwrap_err().to_string();
        assert!(error.starts_with("my/cues/en.toml: ") && error.contains(expected), "{error}");
    }
    own("[cue.escalate]\noff = true\n[cue.fax]\nrequest = \"add\"\nlike = ['fax']\nexamples = ['Our fax']\n").unwrap();
}

#[test]
fn a_mail_of_a_megabyte_is_looked_at_to_its_first_64_kilobytes() {
    let bait = "please please close the a a a a a a a a ".repeat(30_000);
    assert!(!read("", &bait).wish.close);
    let field = "\nService ID: AB-1234\n";
    assert!(read("", &(field.to_owned() + &bait)).fields.has(FieldName::ServiceId));
    assert!(!read("", &(bait + field)).fields.has(FieldName::ServiceId), "it stands beyond what is looked at");
}

#[test]
fn a_mail_that_only_subscribes_or_leaves_is_told_from_one_with_another_matter() {
    for (subject, reply, subscribe, unsubscribe) in [
        ("subscribe platform:voice", "", true, false),
        ("Subscribe", "subscribe 1-0123456789\n\nKind regards\nAda", true, false),
        ("", "Please subscribe me to all updates. Thank you!", true, false),
        ("abonnieren platform:voice", "", true, false),
        ("Abonnement", "Guten Tag,\n\nalle abonnieren\n\nMit freundlichen Grüßen\nErika", true, false),
        ("s’abonner platform:voice", "Merci,\nJean", true, false),
        ("абонамент platform:voice", "Поздрави,\nИван", true, false),
        ("配信登録 platform:voice", "よろしくお願いいたします。", true, false),
        ("unsubscribe", "", false, true),
        ("", "unsubscribe platform:voice", false, true),
        ("alle abbestellen", "", false, true),
        ("", "tout désabonner", false, true),
        ("отписване от всички", "", false, true),
        ("", "すべて配信停止", false, true),
        ("Subscription", "subscribe platform:voice", true, false),
        ("Updates", "Please subscribe me to all updates.", true, false),
        ("Subscription", "unsubscribe all", false, true),
        ("Abo", "alle abonnieren", true, false),
        ("Abonnement", "tout désabonner", false, true),
        ("Известия", "абонамент platform:voice", true, false),
        ("配信", "配信登録 platform:voice", true, false),
        ("Update of the firmware", "subscribe all", false, false),
        // With a trouble, a question or both wishes it is work for a person.
        ("subscribe platform:voice", "And our line in Leeds is down since 9:30.", false, false),
        ("Line down", "subscribe all", false, false),
        ("", "subscribe all\nLine down", false, false),
        ("subscribe all", "Ada", true, false),
        ("Invoice 4711 of last month is wrong again", "subscribe all", false, false),
        ("subscribe all", "Could you tell me what that costs?", false, false),
        ("", "subscribe platform:voice, but not at night", false, false),
        ("", "subscribe platform:voice\nunsubscribe platform:teams", false, false),
        ("Our subscriber line", "The subscriber line is dead.", false, false),
    ] {
        let wish = read(subject, reply).wish;
        let heard = read(subject, reply).request_words();
        assert_eq!((wish.subscribe, wish.unsubscribe), (subscribe, unsubscribe), "{subject} / {reply}: {heard:?}");
        assert!(!wish.close && !wish.confirm, "{subject} / {reply}");
    }
}

/// What stands between quotation marks, in its order.
fn quotations(text: &str) -> Vec<String> {
    let (mut all, mut rest) = (vec![], text);
    while let Some((_, inside)) = rest.split_once(['„', '«', '「', '"']) {
        let Some((said, behind)) = inside.split_once(['“', '»', '」', '"']) else { break };
        all.push(said.trim_matches(['\u{a0}', ' ']).to_owned());
        rest = behind;
    }
    all
}

#[test]
fn the_words_by_which_mails_say_how_to_subscribe_or_leave_are_understood() {
    let templates = crate::mail::template::Templates::new(vec![]).unwrap();
    let platforms = [("voice".to_owned(), "Hosted voice".to_owned())].into();
    for language in ["en", "de", "fr", "bg", "ja"] {
        let render = |notice: &str, footer: serde_json::Value| {
            let mut data = crate::mail::template::sample::data(notice);
            data["footer"] = footer;
            templates.render(notice, language, &data).unwrap().text
        };
        let asked = render("subscribe-confirm", serde_json::Value::Null);
        let yes = quotations(&asked).into_iter().find(|word| crate::desk::directory::says_yes(word));
        assert!(yes.is_some(), "{language}: {asked}");

        let left = render("unsubscribed", serde_json::Value::Null);
        let [leave, again, ..] = &quotations(&left)[..] else { panic!("{language}: {left}") };
        assert!(read("", leave).wish.unsubscribe, "{language}: {leave}");
        assert!(read("", again).wish.subscribe, "{language}: {again}");
        assert_eq!(targets(leave, &platforms), [Target::All], "{language}: {leave}");
        assert_eq!(targets(again, &platforms), [Target::Platform("voice".to_owned())], "{language}: {again}");

        let help = render("subscribe-help", serde_json::Value::Null);
        let [_asked_for, voice, .., all, word] = &quotations(&help)[..] else { panic!("{language}: {help}") };
        assert_eq!(targets(voice, &platforms), [Target::Platform("voice".to_owned())], "{language}: {voice}");
        assert_eq!(targets(all, &platforms), [Target::All], "{language}: {all}");
        for command in [voice, all, word, &format!("{word} MNI-0007"), &format!("{word} 1-0123456789")] {
            assert!(read(command, "").wish.subscribe, "{language}: {command}");
        }

        let values = serde_json::json!({ "what": "Hosted voice", "command": "platform:voice" });
        let told = render("subscribed", crate::mail::wording::sentence("subscription.footer-mail", values));
        let command = quotations(&told).into_iter().find(|word| word.contains("platform:voice")).unwrap();
        assert!(read("", &command).wish.unsubscribe, "{language}: {command}");
        assert_eq!(targets(&command, &platforms), [Target::Platform("voice".to_owned())], "{language}: {command}");
    }
}
