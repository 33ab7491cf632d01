//! Medians of interleaved rounds, as Markdown and as raw lines.

use crate::Outcome;
use std::collections::BTreeMap;

/// Rows in the order of their first appearance; the columns' values of every round.
#[derive(Default)]
pub struct Table {
    columns: Vec<&'static str>,
    order: Vec<String>,
    rows: BTreeMap<String, Vec<Vec<f64>>>,
    failures: BTreeMap<String, String>,
}

impl Table {
    pub fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), ..Self::default() }
    }

    /// Adds a round of a row, or why there is none.
    pub fn add(&mut self, row: &str, round: Outcome<Vec<f64>>) {
        if !self.order.iter().any(|known| known == row) {
            self.order.push(row.to_owned());
        }
        match round {
            Ok(values) => {
                let fields: Vec<String> =
                    values.iter().map(|value| format!("{value:.4}")).collect();
                println!("raw,{},{}", row.replace(" | ", ","), fields.join(","));
                self.rows.entry(row.to_owned()).or_default().push(values);
            }
            Err(error) => {
                println!("raw,{},failed: {error}", row.replace(" | ", ","));
                self.failures.insert(row.to_owned(), error.to_string());
            }
        }
    }

    /// Prints the medians, with the lowest and highest of all rounds.
    pub fn print(&self, first: &str) {
        println!("\n| {first} | {} |", self.columns.join(" | "));
        let bars = first.matches(" | ").count() + 1 + self.columns.len();
        println!("|{}", "---|".repeat(bars));
        for row in &self.order {
            let rounds = self.rows.get(row).map(Vec::as_slice).unwrap_or_default();
            let cells: Vec<String> =
                (0..self.columns.len()).map(|column| cell(rounds, column)).collect();
            let failure = self.failures.get(row).map(|error| format!(" ({error})"));
            println!("| {row}{} | {} |", failure.unwrap_or_default(), cells.join(" | "));
        }
        println!();
    }
}

fn cell(rounds: &[Vec<f64>], column: usize) -> String {
    let mut values: Vec<f64> =
        rounds.iter().filter_map(|round| round.get(column)).copied().collect();
    values.sort_by(f64::total_cmp);
    match (values.first(), values.get(values.len() / 2), values.last()) {
        (Some(low), Some(median), Some(high)) if values.len() > 1 => {
            format!("{} ({}–{})", short(*median), short(*low), short(*high))
        }
        (Some(only), ..) => short(*only),
        _ => "–".to_owned(),
    }
}

fn short(value: f64) -> String {
    match value.abs() {
        1e6.. => format!("{:.2} M", value / 1e6),
        1e4.. => format!("{:.1} k", value / 1e3),
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}
