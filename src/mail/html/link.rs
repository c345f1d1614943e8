//! The targets of links: which are worth showing, and what they are behind the services that wrap them.

use percent_encoding::percent_decode_str;

/// A longer target is shown by its host alone.
const TARGET_BYTES: usize = 1000;
/// Wrappers around wrappers.
const WRAPPERS: usize = 3;

/// Parameters that say who clicked, not what is shown.
const TRACKING: [&str; 9] =
    ["utm_", "fbclid=", "gclid=", "mc_cid=", "mc_eid=", "mkt_tok=", "_hsenc=", "_hsmi=", "msclkid="];

/// What a link leads to, as far as people may want to follow it; empty where they may not.
pub fn target(href: &str) -> String {
    let mut target: String = href.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let lower = target.get(..target.len().min(8)).unwrap_or_default().to_ascii_lowercase();
    if lower.starts_with("mailto:") || lower.starts_with("tel:") {
        let address = target.split(['?', '&']).next().unwrap_or_default();
        return percent_decode_str(address).decode_utf8_lossy().into_owned();
    }
    if !["http://", "https://", "ftp://"].iter().any(|scheme| lower.starts_with(scheme)) {
        return String::new();
    }
    for _ in 0..WRAPPERS {
        match unwrapped(&target) {
            Some(inner) => target = inner,
            None => break,
        }
    }
    let target = without_tracking(&target);
    if target.len() > TARGET_BYTES {
        let scheme = target.split("://").next().unwrap_or_default();
        return format!("{scheme}://{}/…", host(&target));
    }
    target
}

/// Does the target say more than the link's text? A text that is an address itself says where it leads, and what counts
/// clicks on the way is noise.
pub fn tells_more(shown: &str, target: &str) -> bool {
    let shown = shown.trim();
    if shown.is_empty() || target.is_empty() {
        return false;
    }
    if let Some((scheme, address)) = target.split_once(':').filter(|(_, rest)| !rest.starts_with("//")) {
        let plain = |text: &str| -> String {
            let keeps = |c: &char| scheme.eq_ignore_ascii_case("mailto") && !c.is_whitespace() || c.is_alphanumeric();
            text.chars().filter(keeps).collect::<String>().to_lowercase()
        };
        return !address.is_empty() && !plain(shown).contains(&plain(address));
    }
    if bare(shown) == bare(target) {
        return false;
    }
    let is_address = !shown.contains(char::is_whitespace)
        && (shown.contains("://") || host(shown).contains('.'))
        && host(shown).chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    let is_cut = shown.ends_with('…') || shown.ends_with("...");
    !is_address || is_cut || host(shown) == host(target)
}

/// An address without what people leave out of it.
fn bare(address: &str) -> String {
    let address = address.trim().trim_matches(['<', '>', '[', ']', '(', ')']).to_lowercase();
    let address = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
    let address = percent_decode_str(address.strip_prefix("www.").unwrap_or(address)).decode_utf8_lossy();
    address.trim_end_matches(['/', '.', ',']).to_owned()
}

fn host(address: &str) -> String {
    let address = bare(address);
    address.split(['/', '?', '#', ':']).next().unwrap_or_default().to_owned()
}

/// The address within one of a service that checks or counts clicks.
fn unwrapped(address: &str) -> Option<String> {
    let host = host(address);
    let is = |name: &str| host == name || host.ends_with(&format!(".{name}"));
    let parameter = |name: &str| {
        let (_, query) = address.split_once('?')?;
        let value = query.split('&').find_map(|p| p.strip_prefix(name)?.strip_prefix('='))?;
        Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
    };
    let inner = if is("safelinks.protection.outlook.com") {
        parameter("url")
    } else if (is("google.com") || is("google.de")) && address.contains("/url?") {
        parameter("q").or_else(|| parameter("url"))
    } else if is("linkprotect.cudasvc.com") {
        parameter("a")
    } else if is("urldefense.com") || is("urldefense.us") {
        // Proofpoint, third version: `/v3/__ADDRESS__;…`, where `*` stands for signs that follow encoded.
        let (_, rest) = address.split_once("/v3/__")?;
        rest.rsplit_once("__;").map(|(inner, _)| inner.to_owned()).filter(|inner| !inner.contains('*'))
    } else if is("urldefense.proofpoint.com") {
        // The second one writes "-" for "%" and "_" for "/".
        let value = parameter("u").filter(|_| address.contains("/v2/"))?;
        let value = value.replace('-', "%").replace('_', "/");
        Some(percent_decode_str(&value).decode_utf8_lossy().into_owned())
    } else {
        None
    };
    inner.filter(|inner| inner.starts_with("http") && inner.contains("://") && !inner.contains(char::is_whitespace))
}

fn without_tracking(address: &str) -> String {
    let Some((page, query)) = address.split_once('?') else { return address.to_owned() };
    let (query, place) = query.split_once('#').map_or((query, None), |(query, place)| (query, Some(place)));
    let kept: Vec<&str> = query.split('&').filter(|p| !TRACKING.iter().any(|t| p.starts_with(t))).collect();
    let mut address = page.to_owned();
    if !kept.is_empty() {
        address = format!("{address}?{}", kept.join("&"));
    }
    place.map_or(address.clone(), |place| format!("{address}#{place}"))
}
