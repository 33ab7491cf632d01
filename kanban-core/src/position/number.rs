//! Numbers written in base 62 so that comparing the strings compares the numbers.
//!
//! The first digit says how long the integer is, so a number ends by itself and can stand in front
//! of other text: values 11 to 50 are the integers -20 to 19, values 51 to 61 announce 1 to 11
//! further digits of a larger integer, and 10 down to 0 announce 1 to 11 digits of a smaller one.
//! Every integer has exactly one spelling: the block of one further digit starts at 20, the block
//! of two at 82, and so on. A fraction of up to six digits may follow, without a trailing zero.

/// The greatest integer that can be written: the end of the block of eleven digits.
pub(crate) const INTEGER_MAX: i128 = 19 + 62 * (UNITS * 62_i128.pow(5) - 1) / 61;
/// The least integer that can be written. There is one more number on the negative side, as in
/// two's complement.
pub(crate) const INTEGER_MIN: i128 = -INTEGER_MAX - 1;

/// Numbers are counted in units of the last fraction digit: 62^6 of them make one.
const UNITS: i128 = 62_i128.pow(FRACTION_DIGITS_MAX as u32);
const FRACTION_DIGITS_MAX: usize = 6;

const FIRST_AFTER_ONE_DIGIT: i128 = 20;
const LAST_BEFORE_ONE_DIGIT: i128 = -21;

/// Writes an integer so that string order is numeric order; beyond the range it writes the nearest
/// end of it.
///
/// Every `i64` is in range. The string has 1 to 12 characters; -20 to 19 take one.
pub(crate) fn encode_integer(value: i128) -> String {
    let value = value.clamp(INTEGER_MIN, INTEGER_MAX);
    let (head, digits, count) = if value >= FIRST_AFTER_ONE_DIGIT {
        let (rest, count, _) = block_of(value - FIRST_AFTER_ONE_DIGIT);
        (50 + count, rest, count)
    } else if value <= LAST_BEFORE_ONE_DIGIT {
        let (rest, count, size) = block_of(LAST_BEFORE_ONE_DIGIT - value);
        (11 - count, size - 1 - rest, count)
    } else {
        (value + 31, 0, 0)
    };
    let mut text = String::with_capacity(12);
    text.push(digit(head));
    push_digits(&mut text, digits, count);
    text
}

/// Reads the integer at the start of `text`: its value and how many bytes it takes; `None` if there
/// is none.
pub(crate) fn decode_integer_prefix(text: &str) -> Option<(i128, usize)> {
    let (head, rest) = text.as_bytes().split_first()?;
    let head = digit_value(*head)?;
    let count = match head {
        0..=10 => 11 - head,
        11..=50 => return Some((head - 31, 1)),
        _ => head - 50,
    };
    let length = usize::try_from(count).ok()?;
    let digits = read_digits(rest.get(..length)?)?;
    let (mut start, mut size) = (0, 62);
    for _ in 1..count {
        start += size;
        size *= 62;
    }
    let value = if head > 50 {
        FIRST_AFTER_ONE_DIGIT + start + digits
    } else {
        LAST_BEFORE_ONE_DIGIT - start - (size - 1 - digits)
    };
    Some((value, 1 + length))
}

/// The block of digit strings that `rest` falls into: what is left of it there, the digits per
/// string, the strings.
fn block_of(mut rest: i128) -> (i128, i128, i128) {
    let (mut count, mut size) = (1, 62);
    while rest >= size {
        rest -= size;
        size *= 62;
        count += 1;
    }
    (rest, count, size)
}

/// An integer with up to six base 62 fraction digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Number(i128);

impl Number {
    pub(crate) const ZERO: Number = Number(0);
    pub(crate) const MIN: Number = Number(INTEGER_MIN * UNITS);
    pub(crate) const MAX: Number = Number((INTEGER_MAX + 1) * UNITS - 1);

    /// Reads a whole string as one number; `None` if it is not the one spelling of one.
    pub(crate) fn read(text: &str) -> Option<Number> {
        let (integer, length) = decode_integer_prefix(text)?;
        let fraction = text.as_bytes().get(length..)?;
        if fraction.len() > FRACTION_DIGITS_MAX || fraction.last() == Some(&b'0') {
            return None;
        }
        let missing = FRACTION_DIGITS_MAX - fraction.len();
        let fraction = (0..missing).fold(read_digits(fraction)?, |value, _| value * 62);
        Some(Number(integer * UNITS + fraction))
    }

    /// Writes the number, in at most 18 characters.
    pub(crate) fn write(self) -> String {
        let mut text = encode_integer(self.0.div_euclid(UNITS));
        let (mut fraction, mut count) = (self.0.rem_euclid(UNITS), FRACTION_DIGITS_MAX as i128);
        while count > 0 && fraction % 62 == 0 {
            fraction /= 62;
            count -= 1;
        }
        push_digits(&mut text, fraction, count);
        text
    }

    /// The number `steps` above, an integer whatever this one is; `None` beyond the range.
    pub(crate) fn integer_above(self, steps: i128) -> Option<Number> {
        let integer = self.0.div_euclid(UNITS) + steps;
        (integer <= INTEGER_MAX).then_some(Number(integer * UNITS))
    }

    /// A number above this one and below `high`: the next integer, else [between](Number::between)
    /// the two.
    pub(crate) fn next_after(self, high: Option<Number>) -> Option<Number> {
        match self.integer_above(1) {
            Some(next) if high.is_none_or(|high| next < high) => Some(next),
            _ => shortest_between(self.0, high.map_or(Number::MAX.0 + 1, |high| high.0)),
        }
    }

    /// A number below this one and above `low`: the next integer, else [between](Number::between)
    /// the two.
    pub(crate) fn next_before(self, low: Option<Number>) -> Option<Number> {
        let next = Number((self.0 - 1).div_euclid(UNITS) * UNITS);
        if next >= Number::MIN && low.is_none_or(|low| next > low) {
            return Some(next);
        }
        shortest_between(low.map_or(Number::MIN.0 - 1, |low| low.0), self.0)
    }

    /// A number strictly between two bounds, `None` if that takes more than six fraction digits.
    ///
    /// The shortest there is, and of those the middle one. With one bound it is the integer next to
    /// that bound, with none it is zero.
    pub(crate) fn between(low: Option<Number>, high: Option<Number>) -> Option<Number> {
        match (low, high) {
            (None, None) => Some(Number::ZERO),
            (Some(low), None) => low.next_after(None),
            (None, Some(high)) => high.next_before(None),
            (Some(low), Some(high)) => shortest_between(low.0, high.0),
        }
    }
}

/// The shortest number strictly between two, both in units; of equally short ones the middle.
fn shortest_between(low: i128, high: i128) -> Option<Number> {
    let mut unit = UNITS;
    for fraction_digits in 0..=FRACTION_DIGITS_MAX {
        let (first, last) = (low.div_euclid(unit) + 1, (high - 1).div_euclid(unit));
        if first <= last {
            let middle = first + (last - first) / 2;
            let picked =
                if fraction_digits == 0 { short_integer(first, middle, last) } else { middle };
            return Some(Number(picked * unit));
        }
        unit /= 62;
    }
    None
}

/// `middle`, unless the range reaches to shorter integers: nothing in it is shorter than the one
/// nearest to zero.
fn short_integer(first: i128, middle: i128, last: i128) -> i128 {
    let shortest = 0.clamp(first, last);
    if encode_integer(middle).len() > encode_integer(shortest).len() { shortest } else { middle }
}

/// Whether `byte` is one of the 62 digits, which are in the order of their ASCII codes.
pub(crate) fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

fn digit_value(byte: u8) -> Option<i128> {
    match byte {
        b'0'..=b'9' => Some(i128::from(byte - b'0')),
        b'A'..=b'Z' => Some(i128::from(byte - b'A') + 10),
        b'a'..=b'z' => Some(i128::from(byte - b'a') + 36),
        _ => None,
    }
}

/// The digit of a value from 0 to 61.
pub(crate) fn digit(value: i128) -> char {
    // The remainder keeps the conversion in range: no caller has a value beyond 61.
    let value = value.rem_euclid(62) as u8;
    char::from(match value {
        0..=9 => b'0' + value,
        10..=35 => b'A' + (value - 10),
        _ => b'a' + (value - 36),
    })
}

/// Appends the last `count` digits of `value`, leading zeros included.
pub(crate) fn push_digits(text: &mut String, value: i128, count: i128) {
    let mut unit = (1..count).fold(1, |unit, _| unit * 62);
    for _ in 0..count {
        text.push(digit(value / unit));
        unit = (unit / 62).max(1);
    }
}

fn read_digits(digits: &[u8]) -> Option<i128> {
    digits.iter().try_fold(0, |value, byte| Some(value * 62 + digit_value(*byte)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_integers_written_one_after_the_other_are_in_string_order() {
        let written: Vec<String> = (-300_000..300_000).map(encode_integer).collect();
        assert!(written.is_sorted_by(|lower, higher| lower < higher));
        assert!(
            written
                .iter()
                .zip(-300_000..)
                .all(|(text, value)| decode_integer_prefix(text) == Some((value, text.len())))
        );
    }

    #[test]
    fn these_spellings_never_change() {
        let spellings = [
            (INTEGER_MIN, "000000000000"),
            (i64::MIN.into(), "0q1fsE0SvsFC"),
            (-3927, "8zzz"),
            (-3926, "900"),
            (-83, "9zz"),
            (-82, "A0"),
            (-21, "Az"),
            (-20, "B"),
            (0, "V"),
            (19, "o"),
            (20, "p0"),
            (81, "pz"),
            (82, "q00"),
            (i64::MAX.into(), "z9yK7lzX47kn"),
            (INTEGER_MAX, "zzzzzzzzzzzz"),
        ];
        for (value, text) in spellings {
            assert_eq!(encode_integer(value), text, "{value}");
        }
    }

    #[test]
    fn an_integer_beyond_the_range_is_written_as_the_end_of_it() {
        assert_eq!(encode_integer(INTEGER_MAX + 1), "zzzzzzzzzzzz");
        assert_eq!(encode_integer(i128::MIN), "000000000000");
    }

    #[test]
    fn an_integer_is_read_from_the_front_of_other_text() {
        assert_eq!(decode_integer_prefix("V2col/key"), Some((0, 1)));
        assert_eq!(decode_integer_prefix("p12"), Some((21, 2)));
        assert_eq!(decode_integer_prefix(""), None);
        assert_eq!(decode_integer_prefix("p"), None);
        assert_eq!(decode_integer_prefix("z0000000000é"), None);
    }

    #[test]
    fn a_number_has_one_spelling() {
        for other in ["", "V0", "VV0", "V1234567", "V-", "V.", "q0", "é"] {
            assert_eq!(Number::read(other), None, "{other}");
        }
    }

    #[test]
    fn a_number_between_two_is_the_shortest_and_in_the_middle() {
        let between =
            |low, high| Number::between(Number::read(low), Number::read(high)).map(Number::write);
        assert_eq!(between("V", "Z").as_deref(), Some("X"));
        assert_eq!(between("V", "W").as_deref(), Some("VV"));
        assert_eq!(between("900", "q00").as_deref(), Some("V"));
        assert_eq!(between("q00", "r000").as_deref(), Some("qV0"));
        assert_eq!(between("V000001", "V000002"), None);
        assert_eq!(between("zzzzzzzzzzzzzzzzzz", "zzzzzzzzzzzzzzzzzz"), None);
        assert_eq!(Number::MAX.next_after(None), None);
        assert_eq!(Number::MIN.next_before(None), None);
    }

    fn numbers() -> impl Strategy<Value = Number> {
        let whole = prop_oneof![
            -100_i128..100,
            INTEGER_MIN..INTEGER_MIN + 3,
            INTEGER_MAX - 3..INTEGER_MAX,
            INTEGER_MIN..INTEGER_MAX
        ];
        let fraction = prop_oneof![Just(0), Just(1), Just(UNITS - 1), 0..UNITS];
        (whole, fraction).prop_map(|(whole, fraction)| Number(whole * UNITS + fraction))
    }

    proptest! {
        #![proptest_config(crate::fixed_seed(2000))]

        #[test]
        fn string_order_is_numeric_order(one in numbers(), other in numbers()) {
            prop_assert_eq!(one.write().cmp(&other.write()), one.cmp(&other));
            prop_assert_eq!(Number::read(&one.write()), Some(one));
            prop_assert_eq!(Number::read(&Number::MAX.write()), Some(Number::MAX));
        }

        #[test]
        fn a_step_lands_on_its_side_of_the_bounds(one in numbers(), other in numbers()) {
            let (low, high) = (one.min(other), one.max(other));
            let after = low.next_after(Some(high));
            let before = high.next_before(Some(low));
            for found in [after, before, Number::between(Some(low), Some(high))] {
                prop_assert_eq!(found.is_some(), high.0 - low.0 > 1);
                prop_assert!(found.is_none_or(|found| low < found && found < high));
            }
            let (after, before) = (low.next_after(None), low.next_before(None));
            prop_assert_eq!(after.is_some(), low < Number::MAX);
            prop_assert_eq!(before.is_some(), low > Number::MIN);
            prop_assert!(after.is_none_or(|found| low < found && found <= Number::MAX));
            prop_assert!(before.is_none_or(|found| Number::MIN <= found && found < low));
        }
    }
}
