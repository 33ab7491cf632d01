//! Texts that Markdown shows as they are.

use std::fmt::Write;

/// Punctuation that means something somewhere inside a line, in CommonMark or one of the usual
/// extensions (tables, strikethrough, footnotes, maths, attributes, superscript).
fn is_special(c: char) -> bool {
    matches!(
        c,
        '\\' | '`'
            | '*'
            | '_'
            | '['
            | ']'
            | '<'
            | '>'
            | '&'
            | '|'
            | '~'
            | '#'
            | '$'
            | '{'
            | '}'
            | '^'
    )
}

/// Punctuation that means something at the start of a line only.
fn is_special_at_start(c: char) -> bool {
    matches!(c, '-' | '+' | '=' | ':')
}

/// The text as one line, without blanks around it; empty if there is nothing to see.
///
/// Line breaks and other control characters become blanks.
pub(super) fn line(text: &str) -> String {
    let blank = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let plain: String = text.chars().map(|c| if blank(c) { ' ' } else { c }).collect();
    let plain = plain.trim();
    let mut escaped = String::with_capacity(plain.len());
    // The mark of a numbered list is up to nine digits and one of `.` and `)`.
    let number_end = plain.find(|c: char| !c.is_ascii_digit());
    for (at, c) in plain.char_indices() {
        let at_start = at == 0 && is_special_at_start(c);
        let after_number = at > 0 && Some(at) == number_end && matches!(c, '.' | ')');
        if at_start || after_number || is_special(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The text as paragraphs, which blank lines separate; other line breaks stay.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.replace("\r\n", "\n").split(['\n', '\r']).map(line) {
        match paragraphs.last_mut() {
            _ if line.is_empty() => {}
            // A backslash, because editors strip the two blanks that mean the same.
            Some(paragraph) if goes_on => {
                paragraph.push_str("\\\n");
                paragraph.push_str(&line);
            }
            _ => paragraphs.push(line.clone()),
        }
        goes_on = !line.is_empty();
    }
    paragraphs
}

/// The target of a link, to stand between `<` and `>`, unless it is one that nobody should click.
pub(super) fn address(url: &str) -> Option<String> {
    let url = url.trim();
    let has_scheme = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme))
    };
    if !["http://", "https://", "mailto:"].into_iter().any(has_scheme) {
        return None;
    }
    let mut escaped = String::with_capacity(url.len());
    for c in url.chars() {
        match c {
            // Otherwise `&copy=1` would become `©=1`.
            '&' => escaped.push_str("\\&"),
            '<' | '>' | '\\' | '"' | '`' | '|' => percent(&mut escaped, c),
            c if c.is_control() || c.is_whitespace() => percent(&mut escaped, c),
            c => escaped.push(c),
        }
    }
    Some(escaped)
}

/// Writes a character as an address holds one that it must not hold.
fn percent(escaped: &mut String, c: char) {
    for byte in c.encode_utf8(&mut [0; 4]).bytes() {
        // Writing to a string does not fail.
        let _ = write!(escaped, "%{byte:02X}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_stays_readable() {
        for text in ["Write docs (v2.0), 50% done!", "日本語: リリース", "a - b + c = d", "1.5 h"]
        {
            assert_eq!(line(text), text.replace("1.5", "1\\.5"));
        }
    }

    #[test]
    fn an_address_is_a_link_only_where_a_click_is_harmless() {
        for url in ["javascript:alert(1)", "data:text/html,x", "file:///etc", " vbscript:x", "docs"]
        {
            assert_eq!(address(url), None);
        }
        assert_eq!(
            address(" HTTPS://a.b/?c&copy=(1)> x").unwrap(),
            "HTTPS://a.b/?c\\&copy=(1)%3E%20x"
        );
    }

    #[test]
    fn line_breaks_of_every_system_are_line_breaks() {
        assert_eq!(paragraphs("a\r\nb\rc\n\n \t\nd\n"), ["a\\\nb\\\nc", "d"]);
    }
}
