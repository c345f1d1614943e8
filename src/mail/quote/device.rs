//! "Sent from my iPhone", in the languages and by the programs that write it: no word of the writer's.

use super::line::{self, bare};

/// How such lines begin.
#[rustfmt::skip]
const BEGINS: &[&str] = &[
    "sent from", "sent via", "sent with", "sent by", "sent using", "sent wirelessly", "sent on", "sent through", "sent while", "typed on", "typed with", "get outlook", "get yahoo mail", "download outlook", "via mobile",
    "please excuse", "excuse brevity", "von meinem", "von unterwegs", "gesendet", "versendet", "verschickt", "geschrieben mit", "diese nachricht wurde von meinem", "diese mail wurde von meinem", "laden sie outlook", "holen sie sich outlook", "outlook für", "envoyé", "provenance :", "télécharger outlook", "téléchargez outlook", "obtenez outlook",
    "obtenir outlook", "courriel envoyé", "message envoyé", "enviado", "enviada", "enviat", "mandado desde", "obtener outlook", "obtén outlook", "descargar outlook", "obter outlook", "obter o outlook", "obtenha o outlook", "baixe o outlook", "inviato", "inviata",
    "ottieni outlook", "scarica outlook", "verzonden", "verstuurd", "download outlook", "outlook voor", "skickat", "skickades", "hämta outlook", "skaffa outlook", "sendt", "hent outlook", "få outlook", "lähetetty", "hanki outlook", "lataa outlook", "sent úr",
    "wysłane", "wysłano", "pobierz outlook", "pobierz aplikację outlook", "odesláno", "odesláno z", "odoslané", "získejte outlook", "získať outlook", "získajte outlook", "elküldve", "küldve", "töltse le az outlook", "az outlook", "trimis", "obțineți outlook", "descărcați outlook", "poslano", "poslato", "dobite outlook", "preuzmite outlook",
    "послато", "изпратено", "изпратено от", "изтеглете outlook", "вземете outlook", "отправлено", "отправил", "скачайте outlook", "скачать outlook", "получить outlook", "надіслано", "відправлено", "отримати outlook", "завантажте outlook", "даслана",
    "στάλθηκε", "εστάλη", "αποκτήστε το outlook", "λήψη του outlook", "gönderildi", "outlook'u edinin", "saadetud", "hankige outlook", "nosūtīts", "iegūt outlook", "išsiųsta", "gaukite", "gửi từ", "được gửi từ", "tải outlook", "tải xuống outlook", "dikirim", "dapatkan outlook",
    "ส่งจาก", "ดาวน์โหลด outlook", "รับ outlook", "发自我的", "发自", "從我的", "从我的", "發自我的", "發自", "传送自", "傳送自", "傳自", "获取 outlook", "下載 outlook", "取得 outlook", "下载适用于", "나의", "أُرسلت", "أرسلت", "أُرسل", "تم الإرسال", "أرسل من", "احصل على outlook", "نزّل outlook", "נשלח", "קבל את outlook", "הורד את outlook", "فرستاده شده", "ارسال شده",
    "ارسال‌شده", "envoyé de", "bidalia",
];

/// How others end.
#[rustfmt::skip]
const ENDS: &[&str] = &[
    "から送信", "から送信されました", "より送信", "からの送信", "で送信", "から送られました", "に送信しました", "에서 보냄", "에서 보냈습니다", "에서 전송됨", "에서 작성함", "发送", "發送", "传送", "傳送", "の入手", "を入手", "を入手する", "'dan gönderildi", "gönderildi", "gönderilmiştir", "gesendet", "gesendet.", "verstuurd", "verzonden",
    "versendet", "küldve", "lähetetty", "edinin", "を使用して送信", "iphone'umdan gönderildi", "다운로드", "받기",
];

/// What it was sent with.
#[rustfmt::skip]
const DEVICES: &[&str] = &[
    "iphon", "ipad", "ipod", "android", "blackberry", "samsung", "galaxy", "htc", "nokia", "windows phone", "windows mobile", "windows 10", "windows 11", "windows", "huawei", "xiaomi", "redmi", "oneplus", "pixel", "motorola", "lg ", "sony", "xperia", "oppo", "vivo", "honor", "outlook", "hotmail", "mailbox", "yahoo", "gmail", "proton", "tutanota", "tuta", "sparrow",
    "acompli", "spark", "airmail", "newton", "k-9", "k9", "fairemail", "bluemail", "blue mail", "aqua mail", "edison", "mailbird", "em client", "thunderbird", "superhuman", "missive", "front", "zoho", "gmx", "web.de", "1&1", "ionos", "t-online", "telekom", "telcel", "verizon", "at&t", "t-mobile", "orange", "vodafone", "libero", "mail.ru", "yandex", "myma", "mymail", "myoffice",
    "mail app", "mail for", "mail für", "mail pour", "mail para", "mail per", "mail voor", "mail från", "mail til", "posta per", "courrier", "correo para", "почт", "пошт", "поща", "smartphone", "smart phone", "mobile", "mobil", "móvil", "móbil", "movil", "mã³vil", "cellulare", "telefon", "teléfono", "téléphone", "telefono", "phone", "telefoon", "puhelim", "τηλέφωνο", "κινητό", "телефон", "смартфон", "мобил", "мобіл",
    "tablet", "handheld", "device", "gerät", "appareil", "dispositivo", "toestel", "apparaat", "enhet", "enhed", "laitteesta", "устройств", "пристро", "zařízení", "zariaden", "urządzen", "eszköz", "スマートフォン", "携帯", "手机", "手機", "휴대폰", "스마트폰", "الهاتف", "هاتف", "הטלפון", "גלקסי", "การใช้งาน", "โทรศัพท์", "mac", "macbook", "app", "e-mail", "qq", "网易", "foxmail", "naver", "네이버", "ymail", "mail",
];

/// Is the line what a telephone or a program added?
pub(super) fn is_device_line(raw: &str) -> bool {
    let line = bare(raw);
    if line.is_empty() || line.len() > 200 {
        return false;
    }
    let text = line::folded(line);
    let text = text
        .trim_matches(|c: char| line::is_frame(c) || matches!(c, '(' | ')' | '[' | ']' | '.' | '!' | '"' | '\u{3002}'));
    let begins = BEGINS.iter().find(|begin| text.starts_with(*begin));
    if begins.is_none() && !ENDS.iter().any(|end| text.ends_with(end)) {
        return false;
    }
    // "Sent from my desk, is much easier than my mobile phone." is a sentence.
    let words = text.split_whitespace().count();
    if words > 16 || text.contains(", ") || text.contains("? ") {
        return begins.is_some_and(|begin| begin.contains("excuse") && words <= 16);
    }
    if begins.is_some_and(|begin| matches!(*begin, "sent from" | "sent via" | "please excuse" | "excuse brevity"))
        && words <= 7
    {
        return true;
    }
    DEVICES.iter().any(|device| text.contains(device))
}
