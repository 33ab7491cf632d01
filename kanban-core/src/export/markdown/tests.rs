//! What an independent parser finds in the document.

use super::*;
use crate::ids::LinkId;
use crate::query::Scope;
use crate::query::samples::{archived, assigned, board, card, checklist, comment, label};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

#[test]
fn a_board_reads_like_a_document() {
    let mut docs = assigned("docs", &["ana", "ben"]);
    docs.title = "Write docs".into();
    docs.description = "For customers.\nIn plain words.\n\nSoon.".into();
    docs.labels = [label("red")].into();
    docs.due = Some(DateOrTime::parse("2026-05-01").unwrap());
    docs.checklists = vec![checklist("Steps", &["Ask", "Write"])];
    docs.comments = vec![comment("c1", Some("ana"), "Nearly."), comment("c2", None, "Good!")];
    let link = |id: &str, url: &str, name: &str| Link {
        id: LinkId::parse(id).unwrap(),
        url: url.into(),
        name: name.into(),
    };
    docs.links = vec![
        link("l1", "https://a.example/?b&c", "Draft"),
        link("l2", "javascript:alert(1)", "Click"),
    ];
    let done = Card { done: true, ..card("ship", "Ship") };
    let mut view = board(&[
        ("todo", vec![docs, card("b", ""), archived(card("old", "Old"))]),
        ("done", vec![done]),
        ("later", vec![]),
    ]);
    view.description = "Spring release".into();

    let options = MarkdownOptions::new().filter(Filter::new().scope(Scope::BoardAndShelf));
    let expected = "\
# Release

Spring release

## todo

- [ ] Write docs

  Due: 2026-05-01 · Labels: Red · Assigned to: Ana, Ben · \
Links: [Draft](<https://a.example/?b\\&c>), Click (javascript:alert(1))

  For customers.\\
  In plain words.

  Soon.

  - Steps
    - [ ] Ask
    - [x] Write

  > Ana, 2026-05-01 12:00 UTC:
  >
  > Nearly.

  > Somebody, 2026-05-01 12:00 UTC:
  >
  > Good!
- [ ] (untitled)

## done

- [x] Ship

## later

## Archived

- [ ] Old

  Column: todo
";
    assert_eq!(to_markdown(&view, &options), expected);
}

#[test]
fn what_is_not_asked_for_is_left_out() {
    let mut full = card("a", "A");
    full.description = "Text".into();
    full.checklists = vec![checklist("Steps", &["Ask"])];
    full.comments = vec![comment("c1", None, "Hm.")];
    let mut view = board(&[("todo", vec![full]), ("done", vec![card("b", "B")])]);
    view.description = "About".into();
    let bare = MarkdownOptions::new().descriptions(false).checklists(false).comments(false);
    let todo = Filter::new().column("todo".parse().unwrap());
    assert_eq!(to_markdown(&view, &bare.filter(todo)), "# Release\n\n## todo\n\n- [ ] A\n");
}

#[test]
fn options_are_read_from_json_with_defaults() {
    let options: MarkdownOptions = serde_json::from_str(r#"{"comments":false}"#).unwrap();
    assert_eq!(options, MarkdownOptions::new().comments(false));
}

proptest! {
    #![proptest_config(crate::fixed_seed(1500))]

    #[test]
    fn no_text_makes_structure(texts in vec(hostile(), 16)) {
        let [
            name, about, column, title, description, list, item, other, remark, tag, who, url, link,
            untouched, second, last,
        ] = &texts.try_into().unwrap();
        let mut full = card("a", title);
        full.description = description.clone();
        full.labels = [label("red")].into();
        full.assignees = ["ana".parse().unwrap()].into();
        full.checklists = vec![checklist(list, &[item, other])];
        full.comments = vec![comment("c1", Some("ana"), remark), comment("c2", None, second)];
        full.links = vec![Link {
            id: LinkId::parse("l").unwrap(),
            url: format!("https://{url}"),
            name: link.clone(),
        }];
        let next = Card { done: true, ..card("b", untouched) };
        let mut view = board(&[("todo", vec![full, next]), ("done", vec![card("c", last)])]);
        view.name = name.clone();
        view.description = about.clone();
        let mut first = (*view.columns[0].column).clone();
        first.name = column.clone();
        view.columns[0].column = Arc::new(first);
        view.labels[2] = Arc::new(crate::Label { name: tag.clone(), ..(*view.labels[2]).clone() });
        view.members[0] = Arc::new(crate::Member { name: who.clone(), ..(*view.members[0]).clone() });

        let shown = |text: &str| match seen(text) {
            text if text.is_empty() => NAMELESS.to_owned(),
            text => text,
        };
        let link = match seen(link) {
            text if text.is_empty() => seen(&format!("https://{url}")),
            text => text,
        };
        let mut expected = vec![format!("h1 {}", shown(name))];
        expected.extend(paragraphs_of("", about));
        expected.push(format!("h2 {}", shown(column)));
        expected.push(format!("item [ ] {}", shown(title)));
        let facts = format!("Labels: {} · Assigned to: {} · Links: {link}", shown(tag), shown(who));
        expected.push(format!("item {}", seen(&facts)));
        expected.extend(paragraphs_of("item ", description));
        expected.push(format!("item item {}", shown(list)));
        expected.push(format!("item item item [ ] {}", shown(item)));
        expected.push(format!("item item item [x] {}", shown(other)));
        for (author, text) in [(shown(who), remark), ("Somebody".into(), second)] {
            expected.push(format!("item quote {author}, 2026-05-01 12:00 UTC:"));
            expected.extend(paragraphs_of("item quote ", text));
        }
        expected.push(format!("item [x] {}", shown(untouched)));
        expected.push("h2 done".into());
        expected.push(format!("item [ ] {}", shown(last)));

        let text = to_markdown(&view, &MarkdownOptions::new());
        prop_assert_eq!(outline(&text), expected, "{}", text);
    }
}

/// Texts out of everything that Markdown and its extensions give a meaning.
fn hostile() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "word",
        "Wort",
        "日本",
        "é",
        " ",
        " ",
        "    ",
        "\t",
        "\n",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "\u{0}",
        "\u{2028}",
        "\u{3000}",
        "\u{A0}",
        "#",
        "# ",
        "## x",
        "- ",
        "* ",
        "+ ",
        "1. ",
        "12) ",
        "- [x] ",
        "[ ] ",
        "[a](b)",
        "![",
        "](",
        "[a]: b",
        "[^1]",
        "[^1]: ",
        "[[w]]",
        "]",
        "**",
        "*",
        "_",
        "__",
        "~~",
        "~",
        "^",
        "`",
        "```",
        "~~~",
        "```\n",
        "===",
        "---",
        "***",
        "- - -",
        "___",
        "+++",
        "> ",
        ">",
        "<b>",
        "</b>",
        "<!--",
        "-->",
        "<http://x.y>",
        "<script>",
        "&amp;",
        "&lt",
        "&#35;",
        "|",
        "|-|-|",
        "a|b\n-|-",
        "a|b\n|-|-|",
        "\\",
        "\\\n",
        "$",
        "$$",
        "{#id}",
        "{.c}",
        ": ",
        "\n: ",
        "http://x.y",
        "!",
        "'",
        "\"",
        "%",
        "=",
        ".",
        "> [!NOTE]\n",
        "(",
        ")",
        "::: x",
        "👍🏽",
    ];
    let pieces = vec(select(PIECES), 0..9).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => pieces, 1 => "[ -~\n\r\t]{0,20}"]
}

/// A text as it should be seen: words on one line.
fn seen(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn paragraphs_of(place: &str, text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<String> = text.split('\n').map(seen).collect();
    let paragraphs = lines.split(|line| line.is_empty()).filter(|lines| !lines.is_empty());
    paragraphs.map(|lines| format!("{place}{}", lines.join(" "))).collect()
}

/// Headings, items and paragraphs as the parser finds them, with all its extensions but the one
/// that only changes how quotation marks look. Panics over anything else.
fn outline(text: &str) -> Vec<String> {
    let options = Options::all().difference(Options::ENABLE_SMART_PUNCTUATION);
    let (mut places, mut found, mut words) = (Vec::new(), Vec::new(), String::new());
    let flush = |places: &[&str], words: &mut String, found: &mut Vec<String>| {
        let text = seen(&std::mem::take(words));
        if !text.is_empty() {
            let place: String = places.iter().map(|place| format!("{place} ")).collect();
            found.push(format!("{place}{text}"));
        }
    };
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Text(text) => words.push_str(&text),
            Event::SoftBreak | Event::HardBreak => words.push(' '),
            Event::TaskListMarker(done) => words.push_str(&format!("{} ", checkbox(done))),
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(dest_url.starts_with("https://"), "{dest_url}");
            }
            Event::End(TagEnd::Link) => {}
            Event::Start(tag) => {
                flush(&places, &mut words, &mut found);
                match tag {
                    Tag::Heading { level: HeadingLevel::H1, id: None, .. } => places.push("h1"),
                    Tag::Heading { level: HeadingLevel::H2, id: None, .. } => places.push("h2"),
                    Tag::Item => places.push("item"),
                    Tag::BlockQuote(None) => places.push("quote"),
                    Tag::Paragraph | Tag::List(None) => {}
                    other => panic!("{other:?} in {text:?}"),
                }
            }
            Event::End(tag) => {
                flush(&places, &mut words, &mut found);
                if !matches!(tag, TagEnd::Paragraph | TagEnd::List(_)) {
                    places.pop();
                }
            }
            other => panic!("{other:?} in {text:?}"),
        }
    }
    found
}

#[test]
fn a_moment_is_written_as_jiff_writes_it() {
    for seconds in [0, 1_777_000_000, -1, -62_200_000_000, -70_000_000_000, 253_000_000_000] {
        let at = jiff::Timestamp::from_second(seconds).unwrap();
        let expected = at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        assert_eq!(moment(Timestamp::from_unix_seconds(seconds)), expected);
    }
}
