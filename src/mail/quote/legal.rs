//! What companies, lists and virus scanners append to every mail: confidentiality notices, how to unsubscribe.

use super::line;

/// A paragraph with one of these is no word of the writer's.
#[rustfmt::skip]
const SURE: &[&str] = &[
    "not the intended recipient", "not the named addressee", "not the intended addressee", "confidentiality notice", "solely for the use of the individual", "intended solely for the", "intended only for the use of", "intended only for the person", "legally privileged", "privileged and confidential", "privileged or confidential",
    "received this e-mail in error", "received this email in error", "received this message in error", "received this communication in error", "confidential and may be privileged", "contains confidential information", "may contain confidential", "please consider the environment", "think before you print", "checked for viruses by", "scanned for viruses by", "virus-free. www", "virenfrei. www", "sans virus. www", "libre de virus. www",
    "you received this message because you are subscribed to", "you are receiving this because", "to unsubscribe from this group", "to unsubscribe from this list", "registered in england", "this e-mail and any attachments", "this email and any attachments", "this email and any files transmitted", "this e-mail and any files transmitted", "views expressed in this email",
    "diese e-mail enthält vertrauliche", "diese nachricht enthält vertrauliche", "nicht der richtige adressat", "nicht der vorgesehene empfänger", "nicht der beabsichtigte empfänger", "irrtümlich erhalten", "diese e-mail wurde von avast", "denken sie an die umwelt", "bitte prüfen sie der umwelt zuliebe", "denken sie bitte an die umwelt", "auf viren geprüft",
    "ce message et toutes les pièces jointes", "ce message et ses pièces jointes", "ce courriel et ses pièces jointes", "ce courriel et toute pièce jointe", "destinataire de ce message", "n'êtes pas le destinataire", "reçu ce message par erreur", "avant d'imprimer", "pensez à l'environnement", "l'absence de virus dans ce courrier",
    "este mensaje y sus archivos adjuntos", "este mensaje y, en su caso", "este correo electrónico y", "no es usted el destinatario", "ha recibido este mensaje por error", "información confidencial", "antes de imprimir", "este correo electrónico ha sido comprobado", "esta mensagem e seus anexos", "esta mensagem, incluindo", "recebeu esta mensagem por engano", "informação confidencial", "informações confidenciais",
    "il presente messaggio e gli eventuali allegati", "questo messaggio e i suoi allegati", "ricevuto questo messaggio per errore", "destinatario del messaggio", "informazioni riservate", "pensa all'ambiente", "dit bericht kan informatie bevatten", "dit e-mailbericht", "niet voor u is bestemd", "vertrouwelijke informatie", "denk aan het milieu", "detta meddelande kan innehålla konfidentiell", "denna e-post kan innehålla", "denne e-mail kan indeholde fortrolige", "denne e-posten kan inneholde",
    "tämä viesti on tarkoitettu", "ta wiadomość jest przeznaczona", "niniejsza wiadomość", "wiadomość zawiera informacje poufne", "tento e-mail a jakékoli", "tato zpráva je určena", "táto správa je určená", "ez az üzenet bizalmas", "acest mesaj este confidențial", "acest e-mail", "това съобщение е поверително", "това електронно съобщение", "поверителна информация", "настоящее сообщение", "данное сообщение и вложения", "конфиденциальную информацию",
    "конфіденційну інформацію", "το παρόν μήνυμα", "εμπιστευτικές πληροφορίες", "bu e-posta ve ekleri", "bu e-posta mesajı", "bu mesaj ve ekleri", "本メールには機密", "本メールに含まれる", "このメールには機密", "本邮件及其附件", "本郵件及其附件", "이 메일은 기밀", "본 메일은", "본 메일에는",
];

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
    SURE.iter().any(|phrase| text.contains(phrase)) && (text.chars().count() >= 60 || text.contains("www."))
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
