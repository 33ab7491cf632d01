//! A board as text: columns side by side, the first cards of each.

use kanban_core::{BoardView, Card};
use std::fmt::{self, Write};

const COLUMNS_PER_ROW: usize = 4;
const COLUMN_CHARS: usize = 24;
const CARDS_SHOWN: usize = 5;

/// Draws the board; `mark` goes in front of each card.
pub fn draw(out: &mut String, view: &BoardView, mark: impl Fn(&Card) -> String) -> fmt::Result {
    for row in view.columns.chunks(COLUMNS_PER_ROW) {
        writeln!(out)?;
        let drawn = row.iter().map(|column| {
            let note = if column.column.recovered { ", recovered" } else { "" };
            let mut lines = vec![
                format!("{} ({}{note})", column.column.name, column.cards.len()),
                "─".repeat(COLUMN_CHARS),
            ];
            let shown = column.cards.iter().take(CARDS_SHOWN);
            lines.extend(shown.map(|card| format!("{}{}", mark(card), card.title)));
            if column.cards.len() > CARDS_SHOWN {
                lines.push(format!("… and {} more", column.cards.len() - CARDS_SHOWN));
            }
            lines
        });
        let drawn: Vec<Vec<String>> = drawn.collect();
        let height = drawn.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..height {
            let cells = drawn.iter().map(|lines| {
                let text = lines.get(line).map_or("", |text| text);
                format!("{:COLUMN_CHARS$}", fit(text, COLUMN_CHARS))
            });
            writeln!(out, "{}", cells.collect::<Vec<_>>().join(" ").trim_end())?;
        }
    }
    Ok(())
}

/// The text, cut to at most `chars` characters.
pub fn fit(text: &str, chars: usize) -> String {
    if text.chars().count() <= chars {
        return text.to_owned();
    }
    let start: String = text.chars().take(chars.saturating_sub(1)).collect();
    format!("{}…", start.trim_end())
}

#[cfg(test)]
mod tests {
    use super::fit;

    #[test]
    fn a_long_title_is_cut_by_characters_not_by_bytes() {
        assert_eq!(fit("Für die Präsentation", 20), "Für die Präsentation");
        assert_eq!(fit("Für die Präsentation", 14), "Für die Präse…");
        assert_eq!(fit("Für die Präsentation", 5), "Für…");
    }
}
