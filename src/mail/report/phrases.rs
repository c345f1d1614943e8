//! What mail systems write above a mail that they return, in lower case and with single blanks.

/// How subjects of failure begin.
#[rustfmt::skip]
pub(super) const FAILED_SUBJECTS: &[&str] = &[
    "undeliverable", "undelivered", "undeliverd", "undelivrable", "returned mail", "returned to sender",
    "returned email", "return mail",
    "mail delivery fail", "mail delivery error", "mail delivery problem", "mail delivery status",
    "mail could not be delivered", "mail undeliverable",
    "mail system error", "mail failure", "mail returned", "message undeliverable", "message could not be delivered",
    "message not delivered",
    "message delivery fail", "message status - undeliverable", "message you sent blocked", "message returned",
    "message delivery status",
    "delivery failure", "delivery failed", "delivery has failed", "delivery status notification",
    "delivery unsuccessful",
    "deliver error", "failure notice", "failed mail", "failed delivery", "failed message", "failure delivery",
    "failed to deliver", "failure to deliver",
    "non-delivery", "nondeliverable", "non delivery", "nondelivery", "non-deliverable", "not delivered",
    "unable to deliver", "unable to delivery", "could not deliver", "could not send message", "cannot send message",
    "unzustellbar", "nicht zustellbar", "zustellung fehlgeschlagen", "fehler bei der zustellung", "zustellungsfehler",
    "unzustellbare", "nachricht nicht zugestellt", "mail konnte nicht", "e-mail konnte nicht",
    "benachrichtigung zum übermittlungsstatus (fehl", "übermittlungsfehler", "fehlgeschlagene zustellung",
    "non remis", "message non remis", "message non délivré", "non délivré", "échec de la remise", "échec de remise",
    "échec de la distribution", "notification d'état de remise (échec", "non distribuable", "erreur de distribution",
    "mail non remis", "avis de non",
    "no se puede entregar", "no entregado", "no se ha podido entregar", "correo no entregado", "mensaje no entregado",
    "error de entrega", "error en la entrega", "notificación de estado de entrega (error", "imposible entregar",
    "no entregable", "mensaje devuelto", "correo devuelto",
    "non recapitabile", "non recapitato", "messaggio non", "mancata consegna", "impossibile recapitare",
    "notifica di mancato", "mancato recapito", "errore di consegna", "avviso di mancata",
    "não é possível entregar", "não entregue", "não foi possível entregar", "mensagem não entregue",
    "falha na entrega", "falha no envio", "email devolvido", "mensagem devolvida",
    "notificação de status de entrega (fal",
    "onbestelbaar", "niet bezorgd", "niet afgeleverd", "bezorging mislukt", "kan niet worden bezorgd",
    "kunde inte levereras", "går inte att leverera", "ej levererbart", "olevererbart", "kan ikke leveres",
    "kunne ikke leveres", "ikke leveret", "ikke levert", "mislykket levering", "leveringsfeil",
    "ei voi toimittaa", "toimitus epäonnistui", "viestiä ei voi", "lähetys epäonnistui", "ei toimitettu",
    "perillemeno epäonnistui",
    "nie można dostarczyć", "niedostarczalne", "niedostarczona", "nie dostarczono", "niedostarczenie",
    "zwrot wiadomości", "wiadomość niedostarczona", "zwrot poczty",
    "nelze doručit", "nedoručitelné", "nedoručitelná", "nedoručeno", "nedoručená", "nedoručiteľné",
    "nepodarilo sa doručiť", "nelivrabil", "mesaj nelivrat", "imposibil de livrat", "kézbesíthetetlen",
    "sikertelen kézbesítés", "nem kézbesíthető",
    "недоставлен", "не доставлен", "не удается доставить", "не удалось доставить", "недоставляемое",
    "невозможно доставить", "сообщение не доставлено", "письмо не доставлено", "ошибка доставки",
    "отчет о недоставке", "не може да бъде доставен", "недоставимо", "неуспешна доставка", "не вдалося доставити",
    "не доставлено",
    "teslim edilemedi", "teslim edilemez", "iletilemedi", "teslim edilemeyen", "δεν ήταν δυνατή η παράδοση",
    "δεν παραδόθηκε", "αποτυχία παράδοσης", "לא ניתן למסירה", "تعذر التسليم", "غير قابل للتسليم",
    "配信不能", "配信できません", "配信エラー", "配達できません", "送信エラー", "送信できません", "メールエラー", "メッセージを配信できません", "エラー通知", "エラーメール", "送信失敗",
    "配信失敗", "メール配信エラー", "メールを配信できません", "宛先不明", "不達",
    "无法送达", "未送达", "无法投递", "系统退信", "退信", "投递失败", "发送失败", "邮件发送失败", "未传递", "傳遞失敗", "無法傳遞", "無法傳送", "寄件失敗", "배달되지 않음",
    "배달할 수 없음", "전달할 수 없음", "전송 실패", "반송", "메일 전송 실패", "ส่งไม่ได้", "ไม่สามารถส่ง", "không gửi được",
    "tidak terkirim",
    "loop alert", "request to mailing list", "postfix smtp server: errors from",
    "there was an error sending your mail", "ndn:", "ndr:", "ndr ", "nondelivery report", "bounced mail",
    "mail bounced", "user unknown", "address not found", "your message was not delivered",
    "your message could not be delivered", "your message wasn't delivered",
    "your mail could not be delivered", "your email could not be delivered", "your email was not delivered",
    "your mail was not delivered", "rejected mail", "mail rejected", "email rejected", "email delivery failure",
    "e-mail delivery failure", "smtp mail failed", "smtp delivery failure",
    "permanent delivery failure", "spam mail rejected", "message was not delivered",
    "[postmaster] email delivery failure", "sendmail error",
];

#[rustfmt::skip]
pub(super) const DELAYED_SUBJECTS: &[&str] = &[
    "delayed", "delivery delayed", "delivery delay", "delay:", "delayed mail", "message delayed", "mail delayed",
    "warning: message", "warning: could not send", "warning: mail", "warning - delayed", "warning: delivery",
    "delivery status notification (delay", "your message is delayed", "mail delivery delayed",
    "delivery temporarily suspended", "mail delivery deferred",
    "verzögert", "zustellung verzögert", "zustellungsverzögerung",
    "benachrichtigung zum übermittlungsstatus (verzögerung", "retardé", "remise retardée", "message retardé",
    "retrasado", "entrega retrasada", "retraso", "ritardo", "ritardato", "recapito ritardato", "atrasado",
    "entrega atrasada", "atraso", "vertraagd", "fördröjd", "forsinket", "viivästy", "opóźnion", "opožděn",
    "oneskorené", "késleltetett", "întârziat", "задержка", "доставка отложена", "отложено", "забавено", "забавяне",
    "gecikti", "geciken", "καθυστέρηση",
    "配信遅延", "遅延", "配送が遅れ", "延迟", "延遲", "지연",
];

#[rustfmt::skip]
pub(super) const DELIVERED_SUBJECTS: &[&str] = &[
    "delivered:", "relayed:", "successful mail delivery report", "delivery status notification (success",
    "delivery status notification (relay", "delivery receipt", "delivery confirmation", "return receipt",
    "message status - delivered", "expanded:",
    "zugestellt:", "weitergeleitet:", "übermittelt:", "remis :", "remis:", "relayé :", "relayé:", "entregado:",
    "retransmitido:", "recapitato:", "inoltrato:", "consegnato:", "entregue:", "bezorgd:", "doorgestuurd:",
    "levererat:", "leveret:", "levert:", "toimitettu:", "dostarczono:", "doručeno:", "доставлено:", "配信済み", "配信されました",
    "已送达", "已传递", "배달됨",
];

/// What says that a mail did not arrive.
#[rustfmt::skip]
pub(super) const FAILED: &[&str] = &[
    "could not be delivered", "couldn't be delivered", "cannot be delivered", "can not be delivered",
    "can't be delivered", "was not delivered", "wasn't delivered", "were not delivered", "has not been delivered",
    "not been delivered", "did not reach the following", "could not be sent", "was undeliverable", "is undeliverable",
    "undeliverable to the following", "be undeliverable",
    "unable to deliver", "not able to deliver", "wasn't able to deliver", "was unable to deliver",
    "failed to deliver", "could not deliver", "couldn't deliver", "cannot deliver", "can't deliver",
    "delivery failed", "delivery has failed", "delivery to the following recipient", "delivery to these recipients",
    "delivery failure", "failed permanently", "failed to be delivered", "failed addresses", "failed recipient",
    "delivery to the recipients", "delivery attempt failed",
    "permanent fatal errors", "fatal delivery errors", "unsuccessful delivery attempts", "has failed delivery",
    "failed address:", "permanent error", "permanent delivery errors", "had delivery errors", "had delivery problems",
    "permanently failed", "had trouble delivering", "error delivering your mail",
    "error occurred while attempting to deliver", "error has occurred while attempting to deliver",
    "returned permanent errors", "fatal errors", "error sending your mail", "problem delivering",
    "problems delivering", "trouble delivering", "address(es) failed", "following address failed",
    "following addresses failed", "transcript of session", "transcript of the session",
    "rejected by a remote mail server", "your message was returned", "rejected your message",
    "rejected the following", "not a valid user here", "is not a valid user", "unknown user:", "user unknown",
    "no such user", "unknown recipient", "invalid recipient", "delivery userid", "account is disabled",
    "did not receive this message", "did not receive your message", "invalid user address", "no valid recipients",
    "isn't able to accept", "you do not have permission to post", "permission to post message",
    "may not exist, or you may not have permission", "message was blocked", "message has been blocked",
    "message you sent was blocked", "non-delivery", "duplicated message-id", "address not found", "message blocked",
    "message not delivered", "message bounced", "mailbox is full", "mailbox full", "exceeded the local limit",
    "out of attempts", "does not exist at", "will not be delivered", "not deliverable", "not be delivered",
    "konnte nicht zugestellt", "konnten nicht zugestellt", "nicht zugestellt werden", "nicht zustellbar",
    "zustellung ist fehlgeschlagen", "fehler bei der zustellung", "fehler beim zustellen", "zustellung an folgende",
    "konnte nicht an", "unzustellbar", "nicht ausgeliefert", "wurde nicht zugestellt", "zustellung fehlgeschlagen",
    "hat folgende empfänger nicht erreicht", "konnte die nachricht nicht",
    "n'a pas pu être remis", "n'a pas pu être délivré", "n'a pas pu être distribué", "n'ont pas pu être",
    "échec de la remise", "n'est pas parvenu", "n'a pas été remis", "n'a pas atteint", "impossible de remettre",
    "impossible de livrer", "n'a pas été délivré", "n'a pas pu être livré", "n'a pas été distribué",
    "la remise a échoué", "la remise du message", "pas pu être envoyé",
    "no se pudo entregar", "no se ha podido entregar", "no ha podido ser entregado", "no pudo ser entregado",
    "no se puede entregar", "no fue entregado", "no ha sido entregado", "error en la entrega", "no se entregó",
    "falló la entrega", "no se han podido entregar",
    "non è stato possibile recapitare", "non è stato recapitato", "non può essere recapitato",
    "impossibile recapitare", "recapito non riuscito", "non è stato consegnato", "non ha raggiunto",
    "non è stato possibile consegnare", "impossibile consegnare",
    "não foi possível entregar", "não pôde ser entregue", "não pode ser entregue", "não foi entregue",
    "falha na entrega", "a entrega falhou",
    "kon niet worden afgeleverd", "kon niet worden bezorgd", "niet worden bezorgd", "kan niet worden bezorgd",
    "bezorging is mislukt", "niet afgeleverd", "kunde inte levereras", "har inte levererats",
    "det gick inte att leverera", "leveransen misslyckades", "kunne ikke leveres", "blev ikke leveret",
    "ble ikke levert", "kan ikke leveres", "levering mislykkedes", "leveringen mislyktes", "ei voitu toimittaa",
    "toimitus epäonnistui", "toimittaminen epäonnistui", "ei saavuttanut",
    "nie może być dostarczona", "nie mogła zostać dostarczona", "nie można dostarczyć", "nie została dostarczona",
    "nie mogla byc dostarczona", "nie udało się dostarczyć", "dostarczenie nie powiodło", "nie moze byc dostarczona",
    "nepodařilo doručit", "nelze doručit", "nemohla být doručena", "nebyla doručena", "nepodarilo sa doručiť",
    "nu a putut fi livrat", "nu s-a putut livra", "nem kézbesíthető", "nem sikerült kézbesíteni",
    "kézbesítés sikertelen", "teslim edilemedi", "iletilemedi", "δεν ήταν δυνατή η παράδοση", "δεν παραδόθηκε",
    "не может быть доставлено", "не удалось доставить", "не было доставлено", "не доставлено", "невозможно доставить",
    "не удается доставить", "доставить не удалось", "не може да бъде доставен", "не беше доставен",
    "не може да бъде доставена", "не вдалося доставити", "не может быть отправлено",
    "配信できませんでした", "送信できませんでした", "配信されませんでした", "お届けできません", "届けられませんでした", "配送できませんでした", "送信に失敗", "配信に失敗", "配達できません",
    "配信できません", "送信できません",
    "无法送达", "未能送达", "投递失败", "无法投递", "发送失败", "被退回", "邮件无法", "無法傳遞", "無法送達", "傳送失敗", "배달할 수 없", "배달하지 못", "전달되지 않",
    "전달하지 못", "전송되지 못", "전송하지 못", "전송에 실패", "ไม่สามารถส่ง", "không thể gửi", "לא ניתן למסור", "تعذر تسليم",
    "tidak dapat dikirim", "gagal dikirim",
];

/// The same in words that others use, too: of parcels, of applications, of changes.
#[rustfmt::skip]
pub(super) const FAILED_PERHAPS: &[&str] = &[
    "was rejected by", "has been rejected", "were rejected", "was rejected", "has been returned", "being returned",
    "is being returned",
    "been returned to", "delivery of your message", "delivery of the message", "giving up", "given up",
    "no longer valid",
    "was not accepted", "did not accept", "refused to accept", "is over quota", "exceeded storage", "zurückgewiesen",
    "退回",
    "届きませんでした", "見つかりませんでした", "エラーのため", "nicht erreicht", "não chegou", "no llegó a",
];

/// Subjects that others write, too.
#[rustfmt::skip]
pub(super) const FAILED_SUBJECTS_PERHAPS: &[&str] = &[
    "rejected:", "your message to ", "status report", "permanent error", "permanent failure", "bounced", "bounce:",
    "error sending",
    "error delivering", "problem delivering", "problems delivering", "delivery report", "delivery notification",
    "delivery problem",
    "delivery error", "delivery rejected", "delivery incomplete", "message failed", "message rejected", "mail failed",
    "devolución",
];

/// What says that it may still arrive.
#[rustfmt::skip]
pub(super) const DELAYED: &[&str] = &[
    "will be retried", "still being retried", "will keep trying", "will continue to try", "will continue trying",
    "continue to be retried", "still trying", "will try again", "do not need to resend", "don't need to resend",
    "does not need to be resent", "no action is required on your part", "delay reason", "not need to resend",
    "this is a warning message only", "this is a warning only", "warning message only", "has not yet been delivered",
    "hasn't been delivered yet", "not been delivered yet", "not yet been delivered", "have not yet been",
    "delivery attempts will continue", "delivery is delayed", "delivery has been delayed",
    "delivery to the following recipients has been delayed", "delivery to the following recipient has been delayed",
    "has been delayed", "will retry", "will be attempted again", "is delayed", "message delayed", "mail delayed",
    "been delayed", "temporarily unable to deliver", "temporary problem delivering", "temporary failure delivering",
    "retry for", "has been queued", "transient non-fatal errors", "remains in queue", "remain in the queue",
    "delivery will continue", "keep trying to deliver", "will be re-attempted", "gmail will retry",
    "is still in the queue", "transient failure", "delivery incomplete",
    "erneut versucht", "weiterhin versucht", "wird verzögert", "verzögert sich", "hat sich verzögert",
    "noch nicht zugestellt", "muss nicht erneut", "müssen die nachricht nicht", "weitere zustellversuche",
    "noch nicht ausgeliefert", "nur eine warnung",
    "n'a pas encore été", "a été retardé", "est retardé", "retardée", "sera réessayé", "nouvelle tentative",
    "de nouvelles tentatives", "n'est pas nécessaire de renvoyer", "seguirá intentando", "se volverá a intentar",
    "aún no se ha entregado", "todavía no se ha", "se ha retrasado", "no es necesario que vuelva a enviar",
    "continuerà a tentare", "non è ancora stato", "è in ritardo", "verrà ritentato", "ainda não foi entregue",
    "continuará tentando", "está atrasada", "tentará novamente", "nog niet afgeleverd", "nog niet bezorgd",
    "vertraagd", "opnieuw geprobeerd", "har ännu inte", "fördröjd", "försenad", "forsinket",
    "ikke blevet leveret endnu", "ennå ikke", "viivästynyt", "ei ole vielä toimitettu", "opóźnion",
    "jeszcze nie została dostarczona", "kolejne próby", "opožděn", "dosud nebyla doručena", "még nem",
    "a fost întârziat", "gecikti", "yeniden denenecek", "еще не доставлено", "ещё не доставлено", "будут продолжены",
    "задерж", "повторные попытки", "все още не е доставен", "забавен", "будет повторять попытки",
    "попытки доставки будут",
    "まだ配信", "再送を試み", "引き続き配信", "遅延して", "配信が遅れ", "再度送信", "再試行", "尚未送达", "将继续尝试", "继续尝试", "延迟", "尚未傳遞", "繼續嘗試", "아직 배달",
    "지연되", "계속 시도",
];

/// What says that it is over, also where the text speaks of retries.
#[rustfmt::skip]
pub(super) const FINAL: &[&str] = &[
    "failed permanently", "permanent error", "permanent fatal", "permanent failure", "not going to try again",
    "given up", "giving up", "gave up", "no further attempts", "could not be delivered to one or more",
    "will not be retried", "won't try again", "will not try again", "has been returned", "is being returned",
    "expired", "endgültig", "definitiv", "définitiv",
];

/// What says that it arrived.
#[rustfmt::skip]
pub(super) const DELIVERED: &[&str] = &[
    "successfully delivered", "was delivered to the", "has been delivered to the", "was successfully",
    "delivered successfully", "successful delivery", "successful delivery notifications",
    "has been successfully relayed", "successfully relayed", "relayed to the following",
    "delivery to these recipients or groups is complete", "delivery complete",
    "is complete, but no delivery notification", "delivered to the following recipients",
    "message has been delivered",
    "erfolgreich zugestellt", "wurde zugestellt", "die zustellung an diese empfänger oder gruppen ist abgeschlossen",
    "a été remis", "a été délivré", "remise à ces destinataires ou groupes est effectuée", "se ha entregado",
    "fue entregado", "se entregó correctamente", "è stato recapitato", "è stato consegnato", "foi entregue",
    "is afgeleverd", "is bezorgd", "har levererats", "blev leveret", "er levert", "on toimitettu",
    "została dostarczona", "byla doručena", "успешно доставлено", "было доставлено", "беше доставен", "配信されました",
    "正常に配信", "配信が完了", "已送达", "已成功", "배달되었습니다",
];

/// What asks the writer to prove that they are one: no report, whatever it looks like.
#[rustfmt::skip]
pub(super) const CHALLENGE: &[&str] = &[
    "guest list", "click the link below to be added", "click on the following link to have your address added",
    "allowed list", "whitelisted", "waitlisted", "confirm that you are", "prove that you are", "prove you are",
    "verify your email address", "verify your address", "verify that you are", "confirm your message",
    "confirm your email", "confirm your address", "to ensure delivery of your email", "approved senders",
    "sender not pre-approved", "pending your confirmation", "awaiting your confirmation", "not a spammer",
    "spamarrest", "challenge-response", "challenge/response", "tmda", "is being held", "has been held until",
    "held for approval", "held until", "awaiting moderator approval", "awaits moderator",
    "one-time automated message", "anti-spam measure",
    "bestätigen sie ihre", "bitte bestätigen", "confirmez votre", "confirme su dirección", "confirma tu dirección",
    "confermare il", "confirme seu",
];

/// Answers and forwards of people, in lower case.
#[rustfmt::skip]
pub(super) const ANSWERS: &[&str] = &[
    "re:", "re :", "re[", "fw:", "fwd:", "fw :", "fwd :", "wg:", "aw:", "tr:", "tr :", "rv:", "enc:", "res:", "rif:",
    "r:", "i:", "sv:", "vs:", "vl:", "vb:", "vá:", "ynt:", "ilt:", "i̇lt:", "antw:", "doorst:", "odp:", "pd:", "fs:",
    "отв:", "отг:", "пересл:", "回复:", "回复：", "答复:", "答复：", "转发:", "转发：", "回覆:", "回覆：", "轉寄:", "轉寄：", "回信:", "转:",
    "전달:", "답장:", "re：", "fw：", "fwd：", "(fwd)", "[fwd", "ref:", "ref :", "továbbítás:", "σχετ:", "πρθ:", "bls:",
    "trs:", "תגובה:", "הועבר:", "رد:", "إعادة توجيه:",
];

/// A warning of a scanner about what came in is no report on what went out.
#[rustfmt::skip]
pub(super) const SCANNER_SUBJECTS: &[&str] = &[
    "virus", "[virus", "warning: virus", "quarantine", "spam digest", "spam summary", "spam report",
    "quarantine summary", "message quarantined", "virenwarnung", "virus alert", "virus found", "virus detected",
    "virus infected",
];
