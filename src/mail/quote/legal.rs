//! What companies, lists and virus scanners append to every mail: confidentiality notices, how to unsubscribe.

use super::line;

/// A paragraph with one of these is no word of the writer's.
#[rustfmt::skip]
const SURE: &[&str] = &[
    "not the intended recipient", "not the named addressee", "not the intended addressee", "confidentiality notice", "solely for the use of the individual", "intended solely for the", "intended only for the use of", "intended only for the person", "legally privileged", "privileged and confidential", "privileged or confidential",
    "received this e-mail in error", "received this email in error", "received this message in error", "received this communication in error", "confidential and may be privileged", "please consider the environment", "think before you print", "checked for viruses by", "scanned for viruses by", "virus-free. www", "virenfrei. www", "sans virus. www", "libre de virus. www",
    "you received this message because you are subscribed to", "you are receiving this because", "to unsubscribe from this group", "to unsubscribe from this list", "registered in england", "this e-mail and any attachments", "this email and any attachments", "this email and any files transmitted", "this e-mail and any files transmitted", "views expressed in this email",
    "diese e-mail enthält vertrauliche", "nicht der richtige adressat", "nicht der vorgesehene empfänger", "nicht der beabsichtigte empfänger", "irrtümlich erhalten", "diese e-mail wurde von avast", "denken sie an die umwelt", "bitte prüfen sie der umwelt zuliebe", "denken sie bitte an die umwelt", "auf viren geprüft",
    "ce message et toutes les pièces jointes", "ce message et ses pièces jointes", "ce courriel et ses pièces jointes", "ce courriel et toute pièce jointe", "n'êtes pas le destinataire", "reçu ce message par erreur", "avant d'imprimer", "pensez à l'environnement", "l'absence de virus dans ce courrier",
    "este mensaje y sus archivos adjuntos", "este mensaje y, en su caso", "este correo electrónico y", "no es usted el destinatario", "ha recibido este mensaje por error", "antes de imprimir", "este correo electrónico ha sido comprobado", "esta mensagem e seus anexos", "esta mensagem, incluindo", "recebeu esta mensagem por engano", 
    "il presente messaggio e gli eventuali allegati", "questo messaggio e i suoi allegati", "ricevuto questo messaggio per errore", "pensa all'ambiente", "dit bericht kan informatie bevatten", "dit e-mailbericht", "niet voor u is bestemd", "denk aan het milieu", "detta meddelande kan innehålla konfidentiell", "denna e-post kan innehålla", "denne e-mail kan indeholde fortrolige", "denne e-posten kan inneholde",
    "tämä viesti on tarkoitettu", "ta wiadomość jest przeznaczona", "wiadomość zawiera informacje poufne", "tento e-mail a jakékoli", "tato zpráva je určena", "táto správa je určená", "ez az üzenet bizalmas", "acest mesaj este confidențial", "това съобщение е поверително", "това електронно съобщение", "данное сообщение и вложения", 
    "bu e-posta ve ekleri", "bu e-posta mesajı", "本メールには機密", "このメールには機密", "本邮件及其附件", "本郵件及其附件", "이 메일은 기밀", "본 메일에는",
];

/// A notice of any other wording says that it is secret, who may read it, and what to do otherwise.
#[rustfmt::skip]
const SECRET: &[&str] = &[
    "confidential", "privileged", "vertraulich", "confidentiel", "confidencial", "riservat", "vertrouwelijk", "konfidentiell", "sekretess", "fortrolig", "konfidens", "luottamuksel", "poufn", "důvěrn", "dôvern", "bizalmas", "confidenți", "zaupn", "povjerljiv", "poverljiv", "поверителн", "конфиденц", "конфіденц", "εμπιστευτ", "gizli",
    "konfidentsiaal", "konfidenci", "bảo mật", "rahasia", "機密", "机密", "保密", "기밀", "سري", "חסוי",
];

#[rustfmt::skip]
const READERS: &[&str] = &[
    "recipient", "addressee", "person named", "empfänger", "adressat", "destinatai", "destinat", "ontvanger", "geadresseerde", "mottagare", "modtager", "mottaker", "vastaanottaj", "adresat", "příjemc", "príjemc", "címzett", "получател", "адресат", "отримувач", "одержувач", "παραλήπτ", "alıcı", "naslovnik", "primatelj", "primal", "adressaat",
    "saaja", "adresāt", "gavėj", "người nhận", "penerima", "宛先", "受信", "受取", "收件人", "수신", "المستلم", "נמען",
];

#[rustfmt::skip]
const OTHERWISE: &[&str] = &[
    "error", "mistake", "delete", "destroy", "disseminat", "unauthori", "irrtüm", "versehentlich", "lösch", "vernicht", "unbefugt", "erreur", "détrui", "supprim", "por error", "elimin", "borr", "prohibi", "engano", "apag", "errore", "cancell", "vergissing", "verwijder", "misstag", "radera", "fejl", "slet", "feil", "virhe", "poista", "błęd", "usuń", "usun", "omyl", "smaž", "vymaž", "tévedés", "töröl", "eroare", "șterge",
    "pomot", "greško", "погреш", "изтри", "ошибк", "удал", "помилк", "видал", "λάθος", "διαγρά", "yanlış", "sil", "kustuta", "kļūd", "klaid", "nhầm", "kesalahan", "誤", "削除", "误", "删除", "錯", "刪除", "오류", "삭제", "خطأ", "טעות",
];

/// What mail gateways put above a mail that came from outside.
#[rustfmt::skip]
const BANNERS: &[&str] = &[
    "caution: this email originated", "caution: this message originated", "caution: external", "warning: this email originated", "warning: external", "external email", "external sender", "[external]", "this email originated from outside", "this message originated from outside", "this message was sent from outside", "this email was sent from outside", "some people who received this message don't often get email",
    "you don't often get email from", "achtung: diese e-mail stammt von außerhalb", "achtung: externe e-mail", "vorsicht: externe e-mail", "externe e-mail", "diese e-mail stammt von außerhalb", "diese e-mail kommt von außerhalb", "attention : ce message provient de l'extérieur", "attention: ce courriel provient de l'extérieur", "sie erhalten nicht oft eine e-mail von", "sie erhalten nicht häufig e-mails von", "vous n'obtenez pas souvent d'e-mail",
    "no suele recibir correo electrónico de", "внимание: това писмо е от външен", "внимание! это письмо от внешнего",
];

/// Is the paragraph such a warning?
pub(super) fn is_banner(paragraph: &[&str]) -> bool {
    let Some(first) = paragraph.first().filter(|_| paragraph.len() <= 8) else { return false };
    let text = line::folded(first[..first.floor_char_boundary(200)].trim_matches(line::is_frame));
    BANNERS.iter().any(|banner| text.starts_with(banner))
}

/// Longer ones are looked at only to here.
const LOOKED_AT: usize = 600;

/// Is this paragraph an appendix?
pub(super) fn is_legal(paragraph: &[&str]) -> bool {
    let mut text = String::new();
    for part in paragraph {
        let end = part.floor_char_boundary(LOOKED_AT.saturating_sub(text.len()));
        text.push_str(&part[..end]);
        text.push(' ');
        if text.len() >= LOOKED_AT {
            break;
        }
    }
    let text = line::folded(&text);
    // "I received this message in error." is a sentence: notices are long.
    let any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let length = text.chars().count();
    (length >= 60 || text.contains("www.")) && any(SURE)
        || length >= 100 && any(SECRET) && any(READERS) && any(OTHERWISE)
}

/// What a mailing list appends below a ruler.
pub(super) fn is_list_footer(lines: &[&str]) -> bool {
    let mut some = lines.iter().filter(|line| !line::is_blank(line));
    let Some(first) = some.next() else { return false };
    let ruler = line::is_ruler(first) && line::bare(first).len() >= 10;
    let rest: Vec<String> = some.take(9).map(|line| line::folded(&line[..line.floor_char_boundary(300)])).collect();
    let told = |word: &str| rest.iter().any(|line| line.contains(word));
    ruler
        && (1..=8).contains(&rest.len())
        && (told("mailing list")
            || told("mailman")
            || told("listinfo")
            || told("unsubscribe")
            || told("mailingliste")
            || told("liste de diffusion"))
}
