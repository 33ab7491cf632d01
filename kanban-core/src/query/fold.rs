//! What two texts have in common that people take for the same text.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// A text without what a search should not depend on: case, width, and characters nobody sees.
///
/// Compatibility decomposition, full case folding, composition: `ＦＵＬＬ` is `full`, `ﾊﾟﾝ` is `パン`,
/// `STRASSE` is `straße`. Hiragana stays different from katakana, `e` from `é`, and one skin tone
/// from another. Runs of white space, line breaks included, become one blank.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        // Plain ASCII needs no tables; leaving them out nearly halves the time of a search.
        // Its last letter may carry an accent that follows; what follows never composes with an
        // ASCII character after it.
        let ascii = rest.bytes().take_while(u8::is_ascii).count();
        let plain = if ascii < rest.len() { ascii.saturating_sub(1) } else { ascii };
        let (plain, other) = rest.split_at(plain);
        push_with_single_blanks(&mut folded, plain);
        let end = other.bytes().skip(1).take_while(|byte| !byte.is_ascii()).count() + 1;
        let (other, after) = other.split_at(end.min(other.len()));
        if !other.is_empty() {
            push_with_single_blanks(&mut folded, &fold_by_tables(other));
        }
        rest = after;
    }
    folded.make_ascii_lowercase();
    folded
}

/// Decomposed, folded and composed. Decomposed first: folding a composed iota subscript would leave
/// its accents in another order.
fn fold_by_tables(text: &str) -> String {
    let decomposed: String = text.nfkd().filter(|c| !is_invisible(*c)).collect();
    UniCase::unicode(decomposed).to_folded_case().nfkc().collect()
}

fn push_with_single_blanks(text: &mut String, more: &str) {
    for (index, word) in more.split(char::is_whitespace).enumerate() {
        if index > 0 && !text.ends_with(' ') {
            text.push(' ');
        }
        text.push_str(word);
    }
}

/// Characters that say how their neighbours are drawn, broken or joined, and that people neither
/// see nor type on purpose: `❤️` is `❤` and a selector, `葛󠄀` is `葛` and another.
///
/// Skin tones and the tags that make the flag of Scotland are not among them.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{AD}'                      // soft hyphen
        | '\u{200B}'..='\u{200F}'     // zero-width space and (non-)joiners, direction marks
        | '\u{202A}'..='\u{202E}'     // direction embeddings
        | '\u{2060}'..='\u{2069}'     // word joiner, invisible operators, direction isolates
        | '\u{180B}'..='\u{180D}'     // variation selectors, here and below
        | '\u{FE00}'..='\u{FE0F}'
        | '\u{FEFF}'                  // byte order mark
        | '\u{E0100}'..='\u{E01EF}')
}

/// Whether `needle` occurs in `text`, both folded.
///
/// A thumb without a skin tone does not occur in one that has a tone, though its code does.
pub(crate) fn occurs(needle: &str, text: &str) -> bool {
    text.match_indices(needle).any(|(at, found)| {
        let after = text.get(at + found.len()..).and_then(|rest| rest.chars().next());
        !after.is_some_and(|c| matches!(c, '\u{1F3FB}'..='\u{1F3FF}'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn same(one: &str, other: &str) -> bool {
        fold(one) == fold(other)
    }

    #[test]
    fn case_does_not_matter_in_any_alphabet() {
        for (one, other) in [
            ("Release", "rELEASE"),
            ("Straße", "STRASSE"),
            ("STRAẞE", "strasse"),
            ("ΟΔΟΣ", "οδος"),
            ("ΟΔΟΣ", "οδοσ"),
            ("ПЛАН", "план"),
            ("ﬁnal", "FINAL"),
            ("ᾳ\u{301}", "ᾴ"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn width_and_composition_do_not_matter_and_other_kana_and_accents_do() {
        for (one, other) in [
            ("ﾊﾟｰﾃｨｰ", "パーティー"),
            ("ＡＢＣ１２３", "abc123"),
            ("リリース　計画", "ﾘﾘｰｽ 計画"),
            ("e\u{301}te\u{301}", "ÉTÉ"),
            ("か\u{3099}", "が"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [("はな", "ハナ"), ("か", "が"), ("ete", "été"), ("ı", "i")] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn what_nobody_sees_does_not_matter_and_a_skin_tone_does() {
        for (one, other) in [
            ("❤\u{FE0F}", "❤"),
            ("葛\u{E0100}城", "葛城"),
            ("Dampf\u{AD}schiff", "Dampfschiff"),
            ("re\u{200B}lease", "release"),
            ("\u{202A}left\u{202C}", "left"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        assert!(!same("👍🏻", "👍🏿"));
        assert!(!occurs(&fold("👍"), &fold("done 👍🏽")));
        assert!(occurs(&fold("👍"), &fold("👍🏽 👍")));
        assert!(occurs(&fold("👍🏽"), &fold("done 👍🏽")));
    }

    #[test]
    fn what_is_folded_once_stays_as_it_is() {
        for c in '\0'..=char::MAX {
            let once = fold(&c.to_string());
            assert_eq!(fold(&once), once, "{c:?}");
        }
    }

    proptest! {
        #![proptest_config(crate::fixed_seed(500))]

        #[test]
        fn a_text_is_found_however_it_is_cased(text in "\\PC{0,12}") {
            prop_assert!(same(&text, &text.nfd().collect::<String>()));
            prop_assert!(same(&text, &text.nfkc().collect::<String>()));
            prop_assert!(same(&text.to_lowercase(), &fold(&text.to_lowercase())));
        }

        #[test]
        fn a_text_folded_piece_by_piece_is_folded_as_a_whole(
            text in "([a-z A-Z]|[äéßＡﾊﾟが\u{301}\u{3099}\u{FE0F}\u{345}]|\\PC){0,16}",
        ) {
            let mut whole = String::new();
            push_with_single_blanks(&mut whole, &fold_by_tables(&text));
            prop_assert_eq!(fold(&text), whole);
        }
    }
}
