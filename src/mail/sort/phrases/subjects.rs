//! What robots that answer write at the beginning of a subject, in lower case. Each stands before a colon or in
//! brackets, or is the whole subject: `Automatic reply: …`, `[Automatyczna odpowiedź] …`, `… (Automatic Response)`.

#[rustfmt::skip]
pub const ANSWERS: &[&str] = &[
    // English
    "automatic reply", "automated reply", "automatic response", "automated response", "automatic e-mail response",
    "automatic email response", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response",
    "autoresponse", "auto responder", "auto-responder", "autoresponder", "auto-responder message", "auto",
    "out of office", "out-of-office", "out of the office", "out of office autoreply", "out of office auto-reply",
    "out of office auto reply", "out of office reply", "out-of-office reply", "out of office message",
    "out of office notification", "out of office response", "out of office notice", "out of office alert", "ooo",
    "vacation reply", "vacation message", "vacation response", "vacation notice", "vacation auto-reply",
    "vacation autoreply", "vacation autoresponse", "on vacation", "on leave", "on annual leave", "annual leave",
    "away from the office", "away from office", "away from my mail", "away from my email", "away message", "away notice",
    "absence notification", "absence notice", "absent from office", "i am out of the office", "i am out of office",
    "i am away", "i'm out of the office", "holiday message", "automatic notification of absence",
    // German
    "automatische antwort", "automatische rückantwort", "automatische rückmeldung", "automatische e-mail-antwort",
    "automatische antwort auf ihre e-mail", "automatische abwesenheitsnotiz", "automatische abwesenheitsmeldung",
    "automatische abwesenheitsnachricht", "automatische eingangsbestätigung", "automatisch generierte antwort",
    "automatisch erzeugte antwort", "autoantwort", "abwesenheitsnotiz", "abwesenheitsnachricht",
    "abwesenheitsmeldung", "abwesenheitsbenachrichtigung", "abwesenheitsagent", "abwesenheitsassistent", "abwesenheit",
    "abwesend", "urlaubsbenachrichtigung", "urlaubsmeldung", "urlaubsnotiz", "urlaubsabwesenheit", "im urlaub",
    "nicht im büro", "nicht im haus", "außer haus", "ausser haus", "bin im urlaub", "ich bin im urlaub",
    // French
    "réponse automatique", "reponse automatique", "réponse automatisée", "réponse d'absence", "absence du bureau",
    "absent du bureau", "absente du bureau", "absent(e) du bureau", "message d'absence", "avis d'absence",
    "notification d'absence", "absence", "absent", "en congé", "en congés", "en vacances",
    // Italian
    "risposta automatica", "risponditore automatico", "messaggio automatico", "fuori sede", "fuori ufficio",
    "non al computer", "risposta non al computer", "assente", "assenza", "assenza dall'ufficio",
    "notifica di assenza", "in ferie",
    // Spanish, Catalan, Galician, Basque
    "respuesta automática", "respuesta automatica", "contestación automática", "contestador automático",
    "autorespuesta", "auto respuesta", "fuera de la oficina", "fuera de oficina", "ausencia", "aviso de ausencia",
    "mensaje de ausencia", "ausente de la oficina", "de vacaciones", "resposta automàtica", "fora de l'oficina",
    "erantzun automatikoa",
    // Portuguese
    "resposta automática", "resposta automatica", "resposta automática de ausência", "fora do escritório",
    "fora do escritorio", "ausência do escritório", "ausente do escritório", "ausência", "mensagem de ausência",
    "mensagem automática", "de férias", "em férias",
    // Dutch
    "automatisch antwoord", "automatische reactie", "automatisch bericht", "automatische beantwoording", "afwezigheidsbericht",
    "afwezigheidsmelding", "afwezigheidsassistent", "afwezigheid", "afwezig", "niet aanwezig", "niet op kantoor",
    "buiten kantoor", "met vakantie", "op vakantie",
    // Danish, Norwegian, Swedish, Icelandic, Finnish
    "autosvar", "automatisk svar", "automatiskt svar", "automatisk besvarelse", "fraværsbesked", "fraværsmeddelelse",
    "fraværsmelding", "fraværsassistent", "fravær", "fraværende", "ikke til stede", "ikke på kontoret",
    "ikke tilstede", "ute av kontoret", "frånvaro", "frånvaromeddelande", "frånvarobesked", "frånvarande",
    "inte på kontoret", "ej på kontoret", "på semester", "på ferie", "sjálfvirkt svar", "automaattinen vastaus",
    "automaattivastaus", "automaattinen vastausviesti", "poissaoloilmoitus", "poissaoloviesti", "poissaolo", "poissa",
    "poissa toimistosta", "lomavastaus", "lomalla",
    // Estonian, Latvian, Lithuanian
    "automaatvastus", "automaatne vastus", "automātiskā atbilde", "automātiska atbilde", "automatinis atsakymas",
    "automatinis atsakiklis",
    // Polish, Czech, Slovak
    "automatyczna odpowiedź", "automatyczna odpowiedz", "odpowiedź automatyczna", "odpowiedz automatyczna",
    "autoodpowiedź", "autoodpowiedz", "nieobecność", "nieobecność w biurze", "nieobecny", "poza biurem",
    "informacja o nieobecności", "zawiadomienie o nieobecności", "urlop", "automatická odpověď", "automatická odpoveď",
    "automaticka odpoved", "mimo kancelář", "mimo kancelárie", "nepřítomnost", "nepřítomnost v kanceláři",
    "oznámení o nepřítomnosti", "neprítomnosť", "neprítomný", "dovolená",
    // Hungarian, Romanian
    "automatikus válasz", "automatikus valasz", "automata válasz", "automatikus válaszüzenet", "házon kívül",
    "irodán kívül", "távolléti üzenet", "távollét", "szabadságon", "răspuns automat", "raspuns automat",
    "mesaj automat", "absență", "în afara biroului", "absent din birou", "în concediu",
    // Slovene, Croatian, Bosnian, Serbian, Macedonian, Albanian
    "samodejni odgovor", "samodejno sporočilo", "odsotnost", "odsoten", "automatski odgovor", "automatska poruka",
    "izvan ureda", "van ureda", "odsutnost", "odsutan", "аутоматски одговор", "аутоматска порука", "одсуство",
    "автоматски одговор", "përgjigje automatike",
    // Bulgarian, Russian, Ukrainian, Belarusian, Kazakh
    "автоматичен отговор", "автоматично съобщение", "автоматичен имейл", "автоотговор", "извън офиса", "отсъствие",
    "отсъствам", "в отпуск", "автоматический ответ", "автоматическое уведомление", "автоответ", "автоответчик",
    "нет на месте", "отсутствие", "отсутствую", "вне офиса", "отсутствие на рабочем месте", "в отпуске",
    "автоматична відповідь", "автовідповідь", "поза офісом", "відсутність", "у відпустці", "аўтаматычны адказ",
    "автоматты жауап",
    // Greek, Turkish, Hebrew, Arabic, Persian, Hindi
    "αυτόματη απάντηση", "αυτόματο μήνυμα", "αυτόματη απόκριση", "απουσία", "απουσία από το γραφείο",
    "εκτός γραφείου", "otomatik yanıt", "otomatik yanit", "otomatik cevap", "otomatik mesaj", "ofis dışında",
    "ofis dışı", "ofis disi", "izindeyim", "yıllık izin", "תשובה אוטומטית", "מענה אוטומטי", "הודעה אוטומטית",
    "מחוץ למשרד", "رد تلقائي", "الرد التلقائي", "خارج المكتب", "پاسخ خودکار", "स्वचालित उत्तर", "स्वतः उत्तर",
    // Japanese, Chinese, Korean, Vietnamese, Thai, Indonesian, Malay
    "自動応答", "自動返信", "自動返信メール", "自動応答メール", "自動回答", "自動送信", "不在通知", "不在のお知らせ",
    "不在連絡", "不在", "休暇のお知らせ", "自动回复", "自动答复", "自动应答", "自動回覆", "自動答覆", "自動回復", "外出",
    "外出通知", "不在办公室", "不在辦公室", "休假通知", "休假中", "자동 회신", "자동회신", "자동 응답", "자동응답",
    "자동 답장", "부재 중", "부재중", "부재 알림", "부재중 알림", "trả lời tự động", "thư trả lời tự động", "vắng mặt",
    "ตอบกลับอัตโนมัติ", "การตอบกลับอัตโนมัติ", "ข้อความตอบกลับอัตโนมัติ", "balasan otomatis", "jawaban otomatis",
    "di luar kantor", "balasan automatik", "jawapan automatik",
];

/// Whole subjects of robots that confirm what they received; they say nothing about a robot on their own.
#[rustfmt::skip]
pub const RECEIPTS: &[&str] = &[
    "thank you for your e-mail", "thank you for your email", "thank you for your message", "thanks for your email",
    "thank you for contacting us", "thank you for contacting", "thanks for contacting us", "thank you for your inquiry",
    "thank you for your enquiry", "we have received your message", "we have received your email",
    "we received your message", "your message has been received", "your email has been received", "your inquiry",
    "your request has been received", "we have received your request", "message received", "e-mail received",
    "request received", "ticket received", "vielen dank für ihre nachricht", "vielen dank für ihre e-mail",
    "vielen dank für ihre anfrage", "danke für ihre nachricht", "ihre nachricht an uns", "eingangsbestätigung",
    "empfangsbestätigung", "ihre anfrage", "merci pour votre message", "accusé de réception",
    "nous avons bien reçu votre message", "gracias por su mensaje", "hemos recibido su mensaje", "acuse de recibo",
    "grazie per il tuo messaggio", "grazie per il suo messaggio", "conferma di ricezione", "obrigado pelo seu contato",
    "recebemos sua mensagem", "recebemos seu e-mail", "bedankt voor uw bericht", "bedankt voor uw e-mail",
    "ontvangstbevestiging", "tack för ditt mejl", "tack för ditt meddelande", "tak for din henvendelse",
    "takk for din henvendelse", "kiitos viestistäsi", "dziękujemy za wiadomość", "potwierdzenie otrzymania",
    "děkujeme za vaši zprávu", "köszönjük megkeresését", "vă mulțumim pentru mesaj", "благодарим ви за съобщението",
    "спасибо за обращение", "ваше обращение принято", "ваше сообщение получено", "ευχαριστούμε για το μήνυμά σας",
    "mesajınız için teşekkürler", "お問い合わせありがとうございます", "お問い合わせを受け付けました", "受付完了のお知らせ",
    "您的邮件已收到", "邮件已收到", "문의가 접수되었습니다",
];
