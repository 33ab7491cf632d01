//! What may be a name.

use super::Problem;

/// Characters that the name of an account has.
const NAME_CHARACTERS: std::ops::RangeInclusive<usize> = 2..=32;

/// Characters that a password has at least; NIST SP 800-63B asks for eight, and for nothing about
/// which.
pub const PASSWORD_CHARACTERS_MIN: usize = 10;
/// Bytes that it has at most: hashing takes time for each.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// The name of an account: small letters, digits, and `.`, `-`, `_` between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// Reads a name. Capital letters become small ones, so that nobody can look like somebody else.
    ///
    /// # Errors
    /// [`Problem::Invalid`] says what a name is.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let name = text.trim().to_ascii_lowercase();
        let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let is_between = |c: char| is_letter(c) || matches!(c, '.' | '-' | '_');
        let is_name = NAME_CHARACTERS.contains(&name.len())
            && name.chars().all(is_between)
            && name.starts_with(is_letter)
            && name.ends_with(is_letter);
        if is_name {
            return Ok(Self(name));
        }
        Err(Problem::Invalid(
            "a name has 2 to 32 letters a to z and digits; . - and _ may stand between them".into(),
        ))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether people may have this password.
///
/// # Errors
/// [`Problem::Invalid`] says what one must have.
pub fn check_password(password: &str, name: &str) -> Result<(), Problem> {
    if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        let words = format!("a password has at least {PASSWORD_CHARACTERS_MIN} characters");
        return Err(Problem::Invalid(words));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        let words = format!("a password has at most {PASSWORD_BYTES_MAX} bytes");
        return Err(Problem::Invalid(words));
    }
    let mut characters = password.chars();
    let first = characters.next();
    if characters.all(|c| Some(c) == first) || password.eq_ignore_ascii_case(name) {
        return Err(Problem::Invalid("this is the first password that others would try".into()));
    }
    Ok(())
}

/// A text of people, cut off white space: of at most so many characters, without line breaks and other
/// control characters.
///
/// # Errors
/// [`Problem::Invalid`] says what it may be.
pub fn check_text(what: &str, text: &str, characters_max: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > characters_max || text.chars().any(char::is_control) {
        let words = format!("{what} has at most {characters_max} characters, on one line");
        return Err(Problem::Invalid(words));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_one_name_or_none() {
        assert_eq!(UserName::parse(" Ana ").unwrap(), UserName::parse("ana").unwrap());
        for wrong in ["", "a", "-ana", "ana-", "a na", "anä", "ana\u{200b}", "аna", &"a".repeat(33)]
        {
            assert!(UserName::parse(wrong).is_err(), "{wrong:?}");
        }
        for right in ["ana", "a1", "ana.b-c_d", &"a".repeat(32)] {
            assert!(UserName::parse(right).is_ok(), "{right:?}");
        }
    }

    #[test]
    fn a_password_is_long_enough_and_no_more_is_asked_of_it() {
        for wrong in ["", "short", "aaaaaaaaaaaaaaa", "ana-with-ten", &"é!".repeat(600)] {
            assert!(check_password(wrong, "ana-with-ten").is_err(), "{wrong:?}");
        }
        for right in ["correct horse", "пароль-пароль", "1234567890"] {
            assert!(check_password(right, "ana").is_ok(), "{right:?}");
        }
    }
}
