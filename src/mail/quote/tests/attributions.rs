//! The lines that mail programs write above what is answered, in many languages.

use super::*;

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
        "On Wednesday,\nNovember 2, 2026 at 9:12 AM, Support <support@desk.example> wrote:",
        // German
        "Am Mo., 2. Nov. 2026 um 09:12 Uhr schrieb Support <\nsupport@desk.example>:",
        "Am 02.11.2026 um 09:12 schrieb Support <support@desk.example>:",
        "Am 02.11.26 um 09:12 schrieb Support:",
        "Am Montag, 2. November 2026, 09:12:33 CET schrieb Support:",
        "Support <support@desk.example> schrieb am Mo., 2. Nov. 2026, 09:12:",
        "Support <support@desk.example> hat am 02.11.2026 09:12 CET geschrieben:",
        "Zitat von Support <support@desk.example>:",
        "---- Am Mo, 02 Nov 2026 09:12:33 +0100 Support <support@desk.example> schrieb ----",
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
fn a_header_with_marks_below_a_ruler_ends_the_words() {
    let header = "> Od: Support <support@desk.example>\n> Komu: ada@customer.example\n> Datum: 02.11.2026 09:12\n> Předmět: tray\n>";
    assert_eq!(reply(&format!("Tray 2.\n\n______________________________\n{header}\nWhich tray?\n")), "Tray 2.");
    assert_eq!(reply(&format!("Tray 2.\n\n------------------------------\n\n{header}\n> Which tray?\n")), "Tray 2.");
}
