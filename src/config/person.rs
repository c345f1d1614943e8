//! How people and their addresses are written: `Name <address>`.

/// One line of text, without blanks around it. The error is the end of a sentence that names what it is for.
pub fn line(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err("must be one line of text".to_owned());
    }
    Ok(text.to_owned())
}

/// A mail address alone, without a name and without blanks around it.
pub fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let halves = text.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if halves.is_none() || text.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;".contains(c)) {
        return Err(format!("\"{text}\" is no mail address"));
    }
    Ok(text.to_owned())
}

/// A name and an address. A bare address is named by what stands before its @.
pub fn person(text: &str) -> Result<(String, String), String> {
    let (name, mail) = match text.rsplit_once('<') {
        Some((name, rest)) => (name.trim(), rest.trim_end().trim_end_matches('>')),
        None => (text.split('@').next().unwrap_or(text), text),
    };
    let wrong = |_| format!("\"{}\": write 'Name <address>'", text.trim());
    let mail = address(mail).map_err(wrong)?;
    let name = if name.is_empty() { mail.split('@').next().unwrap_or(&mail) } else { name };
    Ok((line(name).map_err(wrong)?, mail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_a_name_and_an_address_and_a_bare_address_names_itself() {
        let tom = |name: &str| Ok((name.to_owned(), "tom@tom.example".to_owned()));
        assert_eq!(person(" Tom Miller <tom@tom.example> "), tom("Tom Miller"));
        assert_eq!(person("tom@tom.example"), tom("tom"));
        assert_eq!(person("<tom@tom.example>"), tom("tom"));
        for wrong in ["Tom", "Tom <tom>", "Tom tom@tom.example", "", "To\nm <tom@tom.example>"] {
            assert!(person(wrong).unwrap_err().contains("Name <address>"), "{wrong}");
        }
    }
}
