use super::*;
use crate::mail::address::Address;

/// What is left of a mail without HTML.
fn reply(text: &str) -> String {
    said(text, None).reply
}

/// What is left of a mail that is HTML alone.
fn reply_in_html(html: &str) -> String {
    let text = mail_parser::decoders::html::html_to_text(html);
    said(&text, Some(html)).reply
}

const QUOTED: &str = "> Which tray?\n> Regards\n";

#[test]
fn attributions_of_mail_programs_in_many_languages_go() {
    #[rustfmt::skip]
    let attributions = [
        // English
        "On Mon, Nov 2, 2026 at 9:12 AM Support <support@desk.example> wrote:",
        "On Mon, 2 Nov 2026 09:12:33 +0100, Support <support@desk.example> wrote:",
        "On Nov 2, 2026, at 9:12 AM, Support <support@desk.example> wrote:",
        "On 2 Nov 2026, at 09:12, Support of the Northlight Company of Elsewhere\n<support@desk.example> wrote:",
        "On 2 November 2026 at 09:12:33, Support (support@desk.example) wrote:",
        "On 2026-11-02 09:12, Support wrote:",
        "On 02/11/2026 09:12, Support wrote:",
        "Support <support@desk.example> writes:",
        "Support <support@desk.example> wrote on 2 Nov 2026 at 09:12:",
        "Quoting Support <support@desk.example>:",
        "On Mon, Nov 2, 2026 at 9:12 AM, Support\n<\nsupport@desk.example> wrote:",
        "---- On Mon, 02 Nov 2026 09:12:33 +0100 Support <support@desk.example> wrote ----",
        "At 09:12 02/11/2026, Support wrote:",
        "2026-11-02 9:12 GMT+01:00 Support <support@desk.example>:",
        // German
        "Am Mo., 2. Nov. 2026 um 09:12 Uhr schrieb Support <\nsupport@desk.example>:",
        "Am 02.11.2026 um 09:12 schrieb Support <support@desk.example>:",
        "Am 02.11.26 um 09:12 schrieb Support:",
        "Am Montag, 2. November 2026, 09:12:33 CET schrieb Support:",
        "Support <support@desk.example> schrieb am Mo., 2. Nov. 2026, 09:12:",
        "Support <support@desk.example> hat am 02.11.2026 09:12 CET geschrieben:",
        "Zitat von Support <support@desk.example>:",
        // French
        "Le lun. 2 nov. 2026 à 09:12, Support <support@desk.example> a écrit :",
        "Le 02/11/2026 à 09:12, Support a écrit\u{a0}:",
        "Le 2 nov. 2026 à 09:12, Support <support@desk.example> a écrit\n:",
        // Spanish, Catalan, Galician, Portuguese, Italian, Romanian
        "El lun, 2 nov 2026 a las 9:12, Support (<support@desk.example>) escribió:",
        "El 2 de noviembre de 2026, 9:12, Support <support@desk.example> escribió:",
        "El 02/11/2026 a las 9:12, Support escribió:",
        "Missatge de Support <support@desk.example> del dia dl., 2 de nov. 2026 a les 9:12:",
        "El dia 2 nov 2026, a les 9:12, Support <support@desk.example> va escriure:",
        "O Luns, 2 de novembro de 2026 ás 9:12, Support <support@desk.example> escribiu:",
        "Em seg., 2 de nov. de 2026 às 09:12, Support <support@desk.example> escreveu:",
        "Em 02/11/2026 09:12, Support escreveu:",
        "Il giorno lun 2 nov 2026 alle ore 09:12 Support <support@desk.example>\nha scritto:",
        "Il 02/11/2026 09:12, Support ha scritto:",
        "În lun., 2 nov. 2026 la 09:12, Support <support@desk.example> a scris:",
        "Pe 02.11.2026 09:12, Support a scris:",
        // Dutch, Afrikaans, Danish, Norwegian, Swedish, Icelandic, Finnish
        "Op ma 2 nov. 2026 om 09:12 schreef Support <support@desk.example>:",
        "Op 2 nov. 2026, om 09:12 heeft Support <support@desk.example> het volgende geschreven:",
        "Op Ma. 2 Nov. 2026 om 09:12 het Support <support@desk.example> geskryf:",
        "Den man. 2. nov. 2026 kl. 09.12 skrev Support <support@desk.example>:",
        "man. 2. nov. 2026 kl. 09:12 skrev Support <support@desk.example>:",
        "2. nov. 2026 kl. 09:12 skrev Support <support@desk.example>:",
        "Den mån 2 nov. 2026 kl 09:12 skrev Support <support@desk.example>:",
        "2 nov. 2026 kl. 09:12 skrev Support <support@desk.example>:",
        "Den 2026-11-02 kl. 09:12, skrev Support:",
        "Þann mán., 2. nóv. 2026 kl. 09:12 skrifaði Support <support@desk.example>:",
        "ma 2. marrask. 2026 klo 9.12 Support (support@desk.example) kirjoitti:",
        "Support kirjoitti 2.11.2026 klo 9.12:",
        // Polish, Czech, Slovak, Hungarian, Slovenian, Croatian, Serbian
        "pon., 2 lis 2026 o 09:12 Support <support@desk.example> napisał(a):",
        "W dniu 2 listopada 2026 09:12 użytkownik Support\n<support@desk.example> napisał:",
        "W dniu 02.11.2026 o 09:12, Support pisze:",
        "Dnia 2 listopada 2026 09:12 Support <support@desk.example> napisał(a):",
        "po 2. 11. 2026 v 9:12 odesílatel Support <support@desk.example> napsal:",
        "Dne 02.11.2026 v 9:12 Support napsal(a):",
        "po 2. 11. 2026 o 9:12 Support <support@desk.example> napísal(a):",
        "Dňa 02.11.2026 o 9:12 Support napísal(a):",
        "Support <support@desk.example> ezt írta (időpont: 2026. nov. 2., H,\n9:12):",
        "2026. 11. 02. 9:12 keltezéssel, Support írta:",
        "V V pon., 2. nov. 2026 ob 09:12 je oseba Support <support@desk.example>\nnapisala:",
        "Dana pon, 2. stu 2026. u 09:12 Support <support@desk.example> napisao\nje:",
        "пон, 2. нов 2026. у 09:12 Support <support@desk.example> је написао/ла:",
        // Bulgarian, Russian, Ukrainian, Greek, Turkish
        "На пн, 2.11.2026 г. в 9:12 Support <support@desk.example> написа:",
        "На 2.11.26 г. в 9:12, Support написа:",
        "пн, 2 нояб. 2026 г. в 09:12, Support <support@desk.example>:",
        "2 нояб. 2026 г., в 09:12, Support <support@desk.example> написал(а):",
        "02.11.2026 09:12, Support пишет:",
        "02.11.2026, 09:12, \"Support\" <support@desk.example>:",
        "Понедельник, 2 ноября 2026, 9:12 +03:00 от Support <support@desk.example>:",
        "пн, 2 лист. 2026 р. о 09:12 Support <support@desk.example> пише:",
        "Στις Δευ 2 Νοε 2026 στις 9:12 π.μ., ο χρήστης Support <support@desk.example>\nέγραψε:",
        "Support <support@desk.example>, 2 Kas 2026 Pzt, 09:12 tarihinde şunu yazdı:",
        // Estonian, Latvian, Lithuanian
        "Kontakt Support (<support@desk.example>) kirjutas kuupäeval E, 2. november\n2026 kell 09:12:",
        "pirmd., 2026. g. 2. nov., plkst. 09:12 — lietotājs Support (<support@desk.example>)\nrakstīja:",
        "2026-11-02, pr, 09:12 Support <support@desk.example> rašė:",
        // Vietnamese, Indonesian, Thai
        "Vào Th 2, 2 thg 11, 2026 vào lúc 09:12 Support <support@desk.example> đã\nviết:",
        "Pada tanggal Sen, 2 Nov 2026 pukul 09.12 Support <support@desk.example>\nmenulis:",
        "ในวันที่ จ. 2 พ.ย. 2026 เวลา 09:12 Support <support@desk.example> เขียนว่า:",
        // Arabic, Hebrew, Persian
        "في الاثنين، 2 نوفمبر 2026 في 9:12 ص تمت كتابة ما يلي بواسطة Support <support@desk.example>:",
        "\u{202b}בתאריך יום ב׳, 2 בנוב׳ 2026 ב-9:12 מאת \u{202a}Support\u{202c}\u{200f} <\u{202a}support@desk.example\u{202c}\u{200f}>:\u{202c}",
        "در تاریخ دوشنبه ۲ نوامبر ۲۰۲۶،\u{200f} ۹:۱۲ Support <support@desk.example> نوشت:",
        // Japanese, Chinese, Korean
        "2026年11月2日(月) 9:12 Support <support@desk.example>:",
        "2026年11月2日(月) 9:12 Support <support@desk.example>のメール:",
        "2026/11/02 9:12、Support <support@desk.example>のメール\u{ff1a}",
        "On 2026/11/02 9:12, Support wrote:",
        "Support <support@desk.example> 于2026年11月2日周一 09:12写道\u{ff1a}",
        "在 2026年11月2日，09:12，Support <support@desk.example> 写道\u{ff1a}",
        "在 2026-11-02 09:12:33，\"Support\" <support@desk.example> 写道\u{ff1a}",
        "Support <support@desk.example> 於 2026年11月2日 週一 上午9:12寫道\u{ff1a}",
        "2026년 11월 2일 (월) 오전 9:12, Support <support@desk.example>님이 작성:",
        "2026. 11. 2. 오전 9:12, Support <support@desk.example> 작성:",
    ];
    for attribution in attributions {
        for (program, text) in [
            ("marks below", format!("Tray 2.\n\n{attribution}\n\n{QUOTED}")),
            ("marks right below", format!("Tray 2.\n{attribution}\n{QUOTED}")),
            ("answer below", format!("{attribution}\n{QUOTED}\nTray 2.\n")),
            ("no marks", format!("Tray 2.\n\n{attribution}\n\nWhich tray?\n\nRegards\n")),
        ] {
            assert_eq!(reply(&text), "Tray 2.", "{program}: {attribution}");
        }
    }
}

#[test]
fn headers_that_outlook_prints_go_in_many_languages() {
    #[rustfmt::skip]
    let headers = [
        "From: Support <support@desk.example>\nSent: Monday, 2 November 2026 09:12\nTo: Ada\nSubject: RE: Tray",
        "*From:* Support <support@desk.example>\n*Sent:* Monday, 2 November 2026 09:12\n*To:* Ada\n*Subject:* RE: Tray",
        "*From: *Support <support@desk.example>\n*Date: *Monday, 2 November 2026 09:12\n*To: *Ada\n*Subject: *RE: Tray",
        "From: Support [mailto:support@desk.example]\nSent: 02 November 2026 09:12\nTo: Ada; Bob; Some Other Person With a Long Name;\n Another One\nCc: Eve\nSubject: RE: Tray\nImportance: High",
        "Date: Mon, 2 Nov 2026 09:12:33 +0000\nFrom: support@desk.example\nTo: ada@customer.example\nSubject: Tray",
        "Von: Support <support@desk.example>\nGesendet: Montag, 2. November 2026 09:12\nAn: Ada\nBetreff: AW: Tray",
        "Von:        Support <support@desk.example>\nAn:        Ada\nDatum:        02.11.2026 09:12\nBetreff:        Tray",
        "De : Support <support@desk.example>\nEnvoyé : lundi 2 novembre 2026 09:12\nÀ : Ada\nObjet : RE: Tray",
        "De: Support <support@desk.example>\nEnviado el: lunes, 2 de noviembre de 2026 9:12\nPara: Ada\nAsunto: RE: Tray",
        "De: Support <support@desk.example>\nEnviada em: segunda-feira, 2 de novembro de 2026 09:12\nPara: Ada\nAssunto: RES: Tray",
        "Da: Support <support@desk.example>\nInviato: lunedì 2 novembre 2026 09:12\nA: Ada\nOggetto: R: Tray",
        "Van: Support <support@desk.example>\nVerzonden: maandag 2 november 2026 09:12\nAan: Ada\nOnderwerp: RE: Tray",
        "Fra: Support <support@desk.example>\nSendt: 2. november 2026 09:12\nTil: Ada\nEmne: SV: Tray",
        "Från: Support <support@desk.example>\nSkickat: den 2 november 2026 09:12\nTill: Ada\nÄmne: SV: Tray",
        "Lähettäjä: Support <support@desk.example>\nLähetetty: maanantai 2. marraskuuta 2026 9.12\nVastaanottaja: Ada\nAihe: VS: Tray",
        "Od: Support <support@desk.example>\nWysłano: poniedziałek, 2 listopada 2026 09:12\nDo: Ada\nTemat: ODP: Tray",
        "Od: Support <support@desk.example>\nOdesláno: pondělí 2. listopadu 2026 9:12\nKomu: Ada\nPředmět: RE: Tray",
        "Feladó: Support <support@desk.example>\nElküldve: 2026. november 2., hétfő 9:12\nCímzett: Ada\nTárgy: RE: Tray",
        "De la: Support <support@desk.example>\nTrimis: luni, 2 noiembrie 2026 09:12\nCătre: Ada\nSubiect: RE: Tray",
        "От: Support <support@desk.example>\nИзпратено: понеделник, 2 ноември 2026 г. 9:12\nДо: Ada\nОтносно: RE: Tray",
        "От: Support <support@desk.example>\nОтправлено: 2 ноября 2026 г. 9:12\nКому: Ada\nТема: RE: Tray",
        "Від: Support <support@desk.example>\nНадіслано: 2 листопада 2026 р. 9:12\nКому: Ada\nТема: RE: Tray",
        "Από: Support <support@desk.example>\nΣτάλθηκε: Δευτέρα, 2 Νοεμβρίου 2026 9:12\nΠρος: Ada\nΘέμα: RE: Tray",
        "Kimden: Support <support@desk.example>\nGönderildi: 2 Kasım 2026 Pazartesi 09:12\nKime: Ada\nKonu: RE: Tray",
        "Saatja: Support <support@desk.example>\nSaadetud: 2. november 2026 9:12\nAdressaat: Ada\nTeema: RE: Tray",
        "差出人: Support <support@desk.example>\n送信日時: 2026年11月2日 9:12\n宛先: Ada\n件名: RE: Tray",
        "发件人: Support <support@desk.example>\n发送时间: 2026年11月2日 9:12\n收件人: Ada\n主题: 回复: Tray",
        "寄件者: Support <support@desk.example>\n寄件日期: 2026年11月2日 上午 09:12\n收件者: Ada\n主旨: RE: Tray",
        "보낸 사람: Support <support@desk.example>\n보낸 날짜: 2026년 11월 2일 월요일 오전 9:12\n받는 사람: Ada\n제목: RE: Tray",
        "من: Support <support@desk.example>\nتاريخ الإرسال: 2 نوفمبر 2026\nإلى: Ada\nالموضوع: RE: Tray",
        "מאת: Support <support@desk.example>\nנשלח: 2 נובמבר 2026\nאל: Ada\nנושא: RE: Tray",
    ];
    for header in headers {
        for ruler in [
            "",
            "________________________________\n",
            "-----Original Message-----\n",
            "\n  ------------------------------\n\n",
        ] {
            let text = format!("Tray 2.\n\n{ruler}{header}\n\nWhich tray?\n\nRegards\n");
            assert_eq!(reply(&text), "Tray 2.", "{ruler}{header}");
        }
    }
}

#[test]
fn marks_above_the_mail_that_is_answered_go() {
    for mark in [
        "-----Original Message-----",
        "-------- Original Message --------",
        "---------- Original message ---------",
        "-----Ursprüngliche Nachricht-----",
        "-------- Ursprüngliche Nachricht --------",
        "-------- Message d'origine --------",
        "-------- Message d\u{2019}origine --------",
        "----- Messaggio originale -----",
        "-----Mensaje original-----",
        "----- Mensagem original -----",
        "-----Oorspronkelijk bericht-----",
        "-----Oprindelig meddelelse-----",
        "-----Ursprungligt meddelande-----",
        "-----Alkuperäinen viesti-----",
        "-----Oryginalna wiadomość-----",
        "-----Původní zpráva-----",
        "-----Eredeti üzenet-----",
        "-----Оригинално съобщение-----",
        "-------- Исходное сообщение --------",
        "-------- 元のメッセージ --------",
        "------------------ 原始邮件 ------------------",
        "------------------ Original ------------------",
        "-----원본 메시지-----",
        "##- Please type your reply above this line -##",
        "--- Reply above this line ---",
        "=-=-= Bitte antworten Sie oberhalb dieser Zeile =-=-=",
        "--- Répondez au-dessus de cette ligne ---",
    ] {
        assert_eq!(reply(&format!("Tray 2.\n\n{mark}\nWhich tray?\n")), "Tray 2.", "{mark}");
    }
}

#[test]
fn answers_between_quoted_lines_keep_them() {
    let text = "Hello,\n\nOn 2 Nov 2026, Support wrote:\n> Which tray?\n\nTray 2.\n\n> Since when?\n\nSince Monday.\n\n> Regards\n> Support\n";
    assert_eq!(reply(text), "Hello,\n\n> Which tray?\n\nTray 2.\n\n> Since when?\n\nSince Monday.");
    let picked = "Hello,\n\n> Which tray?\nTray 2.\n> Since when?\nSince Monday.\n";
    assert_eq!(reply(picked), picked.trim_end());
    let in_the_midst = "> Hello Ada,\n> which tray?\nTray 2.\n> Regards\n";
    assert_eq!(reply(in_the_midst), "> Hello Ada,\n> which tray?\nTray 2.");
}

#[test]
fn an_answer_below_the_quotation_is_found_and_a_name_there_is_none() {
    assert_eq!(
        reply("Hello Ada,\n\nOn 2 Nov 2026, Support wrote:\n> Which tray?\n\nTray 2.\n"),
        "Hello Ada,\n\nTray 2."
    );
    assert_eq!(
        reply("Tray 2.\n\nOn 2 Nov 2026, Support wrote:\n> Which tray?\n\nRegards, Ada\n"),
        "Tray 2.\n\nRegards, Ada"
    );
    assert_eq!(reply("> Which tray?\nTray 2.\n-- \nAda\n"), "Tray 2.");
}

#[test]
fn lines_with_a_mark_that_the_writer_put_there_stay() {
    for text in ["It fails with\n\n> error: no route\n\nWhat now?", "$ cat trays\n> none\nWhat is wrong?"] {
        assert_eq!(reply(text), text);
    }
}

#[test]
fn words_that_point_to_what_is_below_keep_it() {
    let text = "Hello,\n\nthe notice of the carrier was:\n\nFrom: noc@carrier.example\nTo: ada@customer.example\nSubject: works\n\nDown at 22:00.\n\nWhat does it mean?";
    let found = said(text, None);
    assert_eq!(found.reply, text);
    assert!(found.forwarded.is_some_and(|forwarded| !forwarded.marked));
}

#[test]
fn warnings_of_a_gateway_are_no_words_of_the_writer() {
    let text = "CAUTION: This email originated from outside of the organisation. Do not\nclick links.\n\nIt is down.";
    assert_eq!(reply(text), "It is down.");
    assert_eq!(reply("Caution is needed with tray 2.\n\nIt burns."), "Caution is needed with tray 2.\n\nIt burns.");
}

#[test]
fn words_before_an_attribution_in_its_line_are_the_writers() {
    assert_eq!(
        reply("Tray 2. On Mon, Nov 2, 2026 at 9:12 AM, support@desk.example wrote:\n> Which tray?\n"),
        "Tray 2."
    );
    assert_eq!(
        reply("Tray 2. Am 02.11.2026 um 09:12 schrieb Support <support@desk.example>:\n> Which tray?\n"),
        "Tray 2."
    );
}

#[test]
fn ordinary_sentences_are_no_attribution() {
    for text in [
        "On Tuesday she wrote:\n\"all is well\"\nOn Monday I wrote a mail.\nOn our side:\nnothing works.",
        "Am Montag schrieb der Server nichts mehr in die Datei:\nmail.log\nWas tun?",
        "We changed the address of our office in Paris on 2.11.2026, and then she wrote:\n\"wrong\"\nWhat now?",
        "Our list of sites:\n\nBerlin: 2 lines\nParis: 1 line\n\nAll of them are down.",
        "The log says\n2026-11-02 09:12:33 error: no route to host:\n10.0.0.1\nPlease look.",
    ] {
        assert_eq!(reply(text), text);
    }
}

#[test]
fn forms_works_and_invitations_are_no_header() {
    for text in [
        "We plan works:\n\nFrom: 2026-11-02 22:00\nTo: 2026-11-03 02:00\n\nIs that all right?",
        "A new message from the form:\n\nFrom: Ada <ada@customer.example>\nTelephone: 030 123456\nSubject: line down\nMessage: It is down.\n",
        "The interview:\n\nDate: Tuesday, 3 November 2026\nTime: 07:00\nAddress: 130 Fox St\n\nSee you",
        "Line down.\nSubject: L-100\nDate: today\n",
    ] {
        assert_eq!(reply(text), text.trim_end());
    }
}

#[test]
fn rulers_tables_and_lists_stay() {
    for text in [
        "First.\n\n----\nSecond.",
        "| line | state |\n| 1 | up |\n| 2 | down |",
        "Steps:\n- unplug\n- wait\n- plug in",
        "Please enter it here:\n\n------------ Answer Here ------------\n\nIt is down.",
        "What we did:\n--> one\n--> two",
        ">From here on it fails.\nWhy?",
    ] {
        assert_eq!(reply(text), text);
    }
}

#[test]
fn signatures_are_parted_off() {
    for (text, own, signature) in [
        ("It is down.\n\n-- \nAda Lovelace\nExample Ltd\n", "It is down.", "-- \nAda Lovelace\nExample Ltd"),
        ("It is down.\n--\nAda\n", "It is down.", "--\nAda"),
        ("It is down.\n\n\u{2014}\nAda\n", "It is down.", "\u{2014}\nAda"),
        ("It is down.\n\n-Ada\n", "It is down.", "-Ada"),
        ("It is down.\n\nSent from my iPhone\n", "It is down.", "Sent from my iPhone"),
        ("It is down.\n\n-- \nAda\n\nOn 2 Nov 2026, Support wrote:\n> What?\n", "It is down.", "-- \nAda"),
        ("It is down.\n\nOn 2 Nov 2026, Support wrote:\n> What?\n\n-- \nAda\n", "It is down.", "-- \nAda"),
        (
            "It is down.\n\nKind regards,\nAda Lovelace\n\nNetwork Engineer\nExample Ltd\nTel: +44 20 1234 5678\nwww.customer.example\n",
            "It is down.\n\nKind regards,\nAda Lovelace",
            "Network Engineer\nExample Ltd\nTel: +44 20 1234 5678\nwww.customer.example",
        ),
        (
            "Es geht nicht.\n\nMit freundlichen Grüßen\nErika Mustermann\nMuster GmbH\nMusterweg 1, 12345 Berlin\nTelefon: 030 1234567\n",
            "Es geht nicht.\n\nMit freundlichen Grüßen\nErika Mustermann",
            "Muster GmbH\nMusterweg 1, 12345 Berlin\nTelefon: 030 1234567",
        ),
        (
            "It is down.\n\nThis e-mail and any attachments are confidential. If you are not the intended recipient, please delete it.\n",
            "It is down.",
            "This e-mail and any attachments are confidential. If you are not the intended recipient, please delete it.",
        ),
        (
            "直りません。\n\nよろしくお願いいたします。\n\n----------------------\n田中太郎\n株式会社例\nTEL: 03-1234-5678\n----------------------\n",
            "直りません。\n\nよろしくお願いいたします。",
            "----------------------\n田中太郎\n株式会社例\nTEL: 03-1234-5678\n----------------------",
        ),
        (
            "Es geht nicht.\n\nViele Grüße / Best regards\nErika Mustermann | Muster GmbH\nTel. 030 1234567\n\nDiese E-Mail ist vertraulich. Sind Sie nicht der richtige Adressat, so löschen Sie sie bitte und sagen es dem Absender.\n\nMuster GmbH, HRB 1234",
            "Es geht nicht.\n\nViele Grüße / Best regards\nErika Mustermann | Muster GmbH",
            "Tel. 030 1234567\n\nDiese E-Mail ist vertraulich. Sind Sie nicht der richtige Adressat, so löschen Sie sie bitte und sagen es dem Absender.\n\nMuster GmbH, HRB 1234",
        ),
        (
            "It is down.\n\n_______________________________________________\nusers mailing list\nusers@lists.example\nhttps://lists.example/listinfo/users\n",
            "It is down.",
            "_______________________________________________\nusers mailing list\nusers@lists.example\nhttps://lists.example/listinfo/users",
        ),
    ] {
        let said = said(text, None);
        assert_eq!((said.reply.as_str(), said.signature.as_deref()), (own, Some(signature)), "{text}");
    }
}

#[test]
fn what_a_telephone_appends_is_known_in_many_languages() {
    for line in [
        "Sent from my iPhone",
        "Sent from my Galaxy",
        "Sent from my Verizon Wireless BlackBerry",
        "Sent from Yahoo Mail on Android",
        "Sent from Outlook for iOS",
        "Sent from Mail for Windows",
        "Get Outlook for iOS",
        "Get Outlook for Android<https://aka.example/x>",
        "Sent via Proton Mail for iOS",
        "Von meinem iPhone gesendet",
        "Gesendet von Outlook für Android",
        "Von meinem Samsung Galaxy Smartphone gesendet.",
        "Diese Nachricht wurde von meinem Android-Mobiltelefon mit WEB.DE Mail gesendet.",
        "Envoyé de mon iPhone",
        "Envoyé depuis mon appareil Samsung",
        "Obtenez Outlook pour iOS",
        "Enviado desde mi iPhone",
        "Enviado do meu iPhone",
        "Obter o Outlook para iOS",
        "Inviato da iPhone",
        "Inviato dal mio iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "Odoslané z iPhonu",
        "iPhone-omról küldve",
        "Trimis de pe iPhone-ul meu",
        "Poslano s mojeg iPhonea",
        "Изпратено от моя iPhone",
        "Отправлено с iPhone",
        "Надіслано з iPhone",
        "Στάλθηκε από το iPhone μου",
        "iPhone'umdan gönderildi",
        "Gửi từ iPhone của tôi",
        "Dikirim dari iPhone saya",
        "ส่งจาก iPhone ของฉัน",
        "iPhoneから送信",
        "发自我的 iPhone",
        "從我的 iPhone 傳送",
        "나의 iPhone에서 보냄",
        "تم الإرسال من الـ iPhone",
        "נשלח מה-iPhone שלי",
    ] {
        let said = said(&format!("It is down.\n\n{line}\n"), None);
        assert_eq!((said.reply.as_str(), said.signature.as_deref()), ("It is down.", Some(line)));
    }
}

#[test]
fn sentences_that_look_like_a_signature_stay() {
    for text in [
        "It is down.\n\nSent from my desk, is much easier than my mobile phone.",
        "It is down.\n\nI received this message in error.",
        "Please replace:\n\n- router",
        "It is down.\n\nRegards\nAda",
        "Thanks,\n\nit is down again.",
        "The lines are:\n\n--\nBerlin\nParis\n--\n\nPlease help.",
        "It is down.\n\nRegards,\nAda\n\nPS: circuit 12345678 only",
        "It is down.\n\nPlease delete the attachment, it is confidential, and it was sent by mistake.",
        "It is down.\n--\nThe second matter is that our other line in Berlin has been slow since the works of last week, could you have a look at it?",
        "It is down.\n\nThanks\nAda\n\nPS: please call me at +44 20 1234 5678 before you start with it, would you?",
    ] {
        let said = said(text, None);
        assert_eq!((said.reply.as_str(), said.signature), (text, None));
    }
}

#[test]
fn where_all_is_quoted_or_signature_all_is_kept() {
    for text in ["> only this", "-- \nAda", "On 2 Nov 2026, Support wrote:\n> Which tray?", "Sent from my iPhone", ""] {
        assert_eq!(said(text, None), Said { reply: text.to_owned(), ..Said::default() });
    }
}

#[test]
fn a_forwarded_mail_keeps_what_is_forwarded_and_tells_who_wrote_it() {
    let header = "From: Bob <Bob@elsewhere.example>\nDate: Mon, 2 Nov 2026 at 09:12\nSubject: line down\nTo: <ada@customer.example>\n\nIt is down.\n\n-- \nBob";
    for mark in [
        "---------- Forwarded message ---------",
        "---------- Forwarded message ----------",
        "Begin forwarded message:\n",
        "-------- Forwarded Message --------",
        "-------- Weitergeleitete Nachricht --------",
        "Anfang der weitergeleiteten Nachricht:\n",
        "---------- Message transféré ----------",
        "Début du message réexpédié :\n",
        "---------- Mensaje reenviado ----------",
        "---------- Препратено съобщение ----------",
        "---------- 転送メッセージ ----------",
        "---------- Mensagem encaminhada ---------",
        "-------- Messaggio Inoltrato --------",
        "---------- Doorgestuurd bericht ---------",
        "-------- Пересылаемое сообщение --------",
        "---------- 转发的邮件 ---------",
        "----- Forwarded by Ada Lovelace/Example on 02.11.2026 10:00 -----\n",
    ] {
        let text = format!("Please see to it.\n\n{mark}\n{header}");
        let said = said(&text, None);
        assert_eq!(said.reply, text);
        let found = said.forwarded.unwrap_or_default();
        assert_eq!(found.from, Some(Address::new(Some("Bob"), "bob@elsewhere.example")), "{mark}");
        assert_eq!(found.subject.as_deref(), Some("line down"));
        assert_eq!(found.date_text.as_deref(), Some("Mon, 2 Nov 2026 at 09:12"));
        assert!(found.marked);
        assert_eq!(forwarded(&text).map(|forwarded| forwarded.from), Some(found.from));
    }
}

#[test]
fn apple_quotes_what_it_forwards() {
    let text = "See below.\n\nBegin forwarded message:\n\n> From: Bob <bob@elsewhere.example>\n> Subject: line down\n> Date: 2 November 2026 at 09:12:33 GMT\n> To: ada@customer.example\n> \n> It is down.";
    let said = said(text, None);
    assert_eq!(said.reply, text);
    assert_eq!(
        said.forwarded.and_then(|forwarded| forwarded.from).map(|from| from.email).as_deref(),
        Some("bob@elsewhere.example")
    );
}

#[test]
fn outlook_forwards_as_it_answers_and_only_the_subject_tells() {
    let text = "FYI\n\nFrom: Bob <bob@elsewhere.example>\nSent: Monday, 2 November 2026 09:12\nTo: Ada\nSubject: line down\n\nIt is down.";
    let answered = said_under("RE: line down", text, None);
    assert_eq!(answered.reply, "FYI");
    assert_eq!(answered.forwarded.map(|forwarded| forwarded.marked), Some(false));
    for subject in [
        "FW: line down",
        "Fwd: line down",
        "WG: line down",
        "TR: line down",
        "RV: line down",
        "VS: line down",
        "转发: line down",
    ] {
        let handed_on = said_under(subject, text, None);
        assert_eq!(handed_on.reply, text, "{subject}");
        assert!(
            handed_on.forwarded.is_some_and(|forwarded| forwarded.marked
                && forwarded.from.is_some_and(|from| from.email == "bob@elsewhere.example"))
        );
    }
}

#[test]
fn a_forward_within_the_quotation_is_none() {
    let text = "Thanks.\n\nOn 2 Nov 2026, Support wrote:\n> See this.\n> ---------- Forwarded message ---------\n> From: Bob <bob@elsewhere.example>\n> Date: Monday\n> Subject: x\n> \n> It is down.\n";
    let said = said(text, None);
    assert_eq!((said.reply.as_str(), said.forwarded), ("Thanks.", None));
}

#[test]
fn the_structure_of_html_tells_what_is_quoted() {
    for (program, html) in [
        (
            "Gmail",
            r#"<div dir="ltr">Tray 2.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 2 Nov 2026 at 09:12, Support &lt;<a href="mailto:s@desk.example">s@desk.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>Which tray?</div></blockquote></div>"#,
        ),
        (
            "Thunderbird",
            r#"<p>Tray 2.</p><div class="moz-cite-prefix">Am 02.11.26 um 09:12 schrieb Support:<br></div><blockquote type="cite" cite="mid:x@desk.example">Which tray?</blockquote>"#,
        ),
        (
            "Apple Mail",
            r#"<html><head></head><body style="overflow-wrap: break-word;">Tray 2.<br><div><br><blockquote type="cite"><div>On 2 Nov 2026, at 09:12, Support &lt;s@desk.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>Which tray?</div></blockquote></div><br></body></html>"#,
        ),
        (
            "Outlook",
            r#"<div class="WordSection1"><p class="MsoNormal">Tray 2.<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Support &lt;s@desk.example&gt;<br><b>Gesendet:</b> Montag, 2. November 2026 09:12<br><b>An:</b> Ada<br><b>Betreff:</b> Tray</p></div></div><p class="MsoNormal">Which tray?</p></div>"#,
        ),
        (
            "Outlook on the web",
            r#"<div class="elementToProof">Tray 2.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Support<br><b>Sent:</b> Monday<br></font></div><div>Which tray?</div>"#,
        ),
        (
            "Yahoo",
            r#"<div class="ydp1yahoo-style-wrap">Tray 2.</div><div id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div>On Monday, 2 November 2026, Support wrote:</div><div>Which tray?</div></div>"#,
        ),
        (
            "Proton",
            r#"<div>Tray 2.</div><div class="protonmail_quote">On Monday, November 2nd, 2026 at 9:12 AM, Support wrote:<blockquote type="cite">Which tray?</blockquote></div>"#,
        ),
        (
            "Zimbra",
            r#"<div><div>Tray 2.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"Support"<br><b>To: </b>"Ada"</div><div>Which tray?</div></div>"#,
        ),
        (
            "web.de",
            r#"<div>Tray 2.<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div><b>Gesendet:</b> Montag</div>Which tray?</div></div>"#,
        ),
        (
            "QQ",
            r#"<div>Tray 2.</div><includetail><div>------------------ Original ------------------</div><div>Which tray?</div></includetail>"#,
        ),
        (
            "Windows Mail",
            r#"<div>Tray 2.</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;"><b>From:</b> Support<br><b>Sent:</b> Monday<br></div><div>Which tray?</div>"#,
        ),
        ("an element that is never closed", r#"<p>Tray 2.</p><blockquote><div>Which tray?<blockquote>older"#),
    ] {
        assert_eq!(reply_in_html(html), "Tray 2.", "{program}");
    }
}

#[test]
fn answers_between_quotations_of_html_are_found() {
    let html = "<blockquote type=cite>Which tray?</blockquote><p>Tray 2.</p><blockquote type=cite>Since when?</blockquote><p>Monday.</p><blockquote type=cite>Regards</blockquote>";
    assert_eq!(
        reply_in_html(html).split_whitespace().collect::<Vec<_>>().join(" "),
        "> Which tray? Tray 2. > Since when? Monday."
    );
    let below = "<div class=moz-cite-prefix>On 2 Nov 2026, Support wrote:</div><blockquote type=cite>Which tray?</blockquote><p>Tray 2.</p>";
    assert_eq!(reply_in_html(below), "Tray 2.");
}

#[test]
fn html_that_hands_on_is_kept_and_a_signature_in_it_is_known() {
    let html = r#"<div dir="ltr">See below.<br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: <b>Bob</b> &lt;<a href="mailto:bob@elsewhere.example">bob@elsewhere.example</a>&gt;<br>Date: Monday<br>Subject: line down<br></div>It is down.</div></div>"#;
    let text = mail_parser::decoders::html::html_to_text(html);
    let found = said(&text, Some(html));
    assert!(found.reply.contains("It is down."), "{found:?}");
    assert_eq!(
        found.forwarded.and_then(|forwarded| forwarded.from).map(|from| from.email).as_deref(),
        Some("bob@elsewhere.example")
    );
    let signed = r#"<div>It is down.</div><div class="gmail_signature">Ada<br>Example Ltd</div>"#;
    let text = mail_parser::decoders::html::html_to_text(signed);
    let found = said(&text, Some(signed));
    assert_eq!((found.reply.as_str(), found.signature.as_deref()), ("It is down.", Some("Ada\nExample Ltd")));
}

#[test]
fn a_plain_part_without_marks_is_cut_where_the_html_quotes() {
    let text = "Tray 2.\n\nHello Ada, could you tell us which tray it is that jams?\nRegards, Support\n";
    let html = r#"<div>Tray 2.</div><blockquote type="cite"><p>Hello Ada,<br>could you tell us which tray it is that jams?</p>Regards, Support</blockquote>"#;
    assert_eq!(said(text, Some(html)).reply, "Tray 2.");
    let indented = r#"<div>Tray 2.</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><p>Hello Ada,<br>could you tell us which tray it is that jams?</p>Regards, Support</blockquote>"#;
    assert_eq!(said(text, Some(indented)).reply, text.trim_end());
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Lines of which every mark of a mail program is made.
    fn line() -> impl Strategy<Value = String> {
        prop_oneof![
            4 => "[a-zA-Z .,äß年>|<()-]{0,40}",
            1 => Just("-- ".to_owned()),
            1 => Just("> quoted".to_owned()),
            1 => Just(">> (https://customer.example/a".to_owned()),
            1 => Just("On Mon, 2 Nov 2026 at 09:12, Support <s@desk.example> wrote:".to_owned()),
            1 => Just("words On Mon, 2 Nov 2026 Support <s@desk.example> wrote:".to_owned()),
            1 => Just("Am 2. Nov. 2026 schrieb Support".to_owned()),
            1 => Just("<s@desk.example>:".to_owned()),
            1 => Just("From: Support <s@desk.example>".to_owned()),
            1 => Just("Sent: Monday".to_owned()),
            1 => Just("Subject: tray".to_owned()),
            1 => Just("-----Original Message-----".to_owned()),
            1 => Just("---------- Forwarded message ---------".to_owned()),
            1 => Just("Sent from my iPhone".to_owned()),
            1 => Just("Regards,".to_owned()),
            1 => Just("Ada Lovelace".to_owned()),
            1 => Just("+44 20 1234 5678".to_owned()),
            1 => Just(String::new()),
        ]
    }

    fn tag() -> impl Strategy<Value = String> {
        prop_oneof![
            3 => "[a-zA-Z <>\"'=/ü-]{0,30}",
            1 => Just("<blockquote type=cite>".to_owned()),
            1 => Just("</blockquote>".to_owned()),
            1 => Just("<div class='gmail_quote'>".to_owned()),
            1 => Just("</div>".to_owned()),
            1 => Just("<!-- ".to_owned()),
            1 => Just("-->".to_owned()),
            1 => Just("<style>".to_owned()),
            1 => Just("<div id=divRplyFwdMsg>".to_owned()),
            1 => Just("<div style=\"border:none;border-top:solid #E1E1E1 1.0pt\">".to_owned()),
            1 => Just("<div class=gmail_signature".to_owned()),
            1 => Just("<br>".to_owned()),
        ]
    }

    fn is_made_of(reply: &str, text: &str) -> bool {
        let mut rest = text.chars().filter(|c| !c.is_whitespace());
        reply.chars().filter(|c| !c.is_whitespace()).all(|c| rest.any(|other| other == c))
    }

    proptest! {
        #[test]
        fn the_reply_is_made_of_what_is_in_the_text_and_no_longer(
            lines in prop::collection::vec(line(), 0..40),
            ending in prop_oneof![Just("\n"), Just("\r\n")],
        ) {
            let text = lines.join(ending);
            let said = said(&text, None);
            prop_assert!(is_made_of(&said.reply, &text), "{:?}", said.reply);
            prop_assert!(said.reply.len() <= text.len());
            prop_assert!(said.signature.unwrap_or_default().len() <= text.len());
            // Something is left of whatever has a text.
            prop_assert_eq!(said.reply.trim().is_empty(), text.trim().is_empty());
        }

        #[test]
        fn html_beside_a_text_adds_nothing_to_it(lines in prop::collection::vec(line(), 1..20), tags in prop::collection::vec(tag(), 0..60)) {
            let html = tags.concat();
            let text = format!("a text that no HTML here has\n{}", lines.join("\n"));
            for subject in ["Fwd: tray", "Re: tray"] {
                let beside = said_under(subject, &text, Some(&html));
                prop_assert!(is_made_of(&beside.reply, &text), "{:?}", beside.reply);
            }
        }

        #[test]
        fn html_alone_is_taken_apart(tags in prop::collection::vec(tag(), 0..60)) {
            let html = tags.concat();
            let text = mail_parser::decoders::html::html_to_text(&html);
            let said = said(&text, Some(&html));
            prop_assert_eq!(said.reply.trim().is_empty(), text.trim().is_empty());
        }

        #[test]
        fn any_text_is_taken_apart(text in any::<String>()) {
            let said = said(&text, None);
            prop_assert!(is_made_of(&said.reply, &text));
            prop_assert_eq!(said.forwarded.is_some(), forwarded(&text).is_some());
            let named = text.contains([':', '\u{ff1a}']);
            prop_assert!(named || !is_forward_subject(&text));
        }
    }
}
