//! What is parted off below the words of the writer, and what only looks like it.

use super::*;

#[test]
fn warnings_of_a_gateway_are_no_words_of_the_writer() {
    let text = "CAUTION: This email originated from outside of the organisation. Do not\nclick links.\n\nIt is down.";
    assert_eq!(reply(text), "It is down.");
    assert_eq!(reply("Caution is needed with tray 2.\n\nIt burns."), "Caution is needed with tray 2.\n\nIt burns.");
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
        assert_eq!(said(text, None), Said { reply: text.to_owned(), nothing_new: true, ..Said::default() });
    }
}

#[test]
fn of_a_mail_that_only_quotes_nobody_is_taken_at_their_word() {
    assert_eq!(said("> Yes", None).own_words(), "");
    assert_eq!(said("Yes\n\n> Shall we?", None).own_words(), "Yes");
}
