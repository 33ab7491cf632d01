//! What dropping something next to a neighbour does to a list.

use kanban_core::Slot;
use std::fmt::Display;

/// The list after `moving` was put into the slot; `None` if the neighbour is not in the list.
pub fn dropped<I: Display>(list: &[&str], moving: &str, slot: &Slot<I>) -> Option<Vec<String>> {
    let rest: Vec<&str> = list.iter().copied().filter(|id| *id != moving).collect();
    let find = |anchor: &I| {
        let anchor = anchor.to_string();
        // Next to itself is where it stands.
        let list = if anchor == moving { list } else { &rest };
        list.iter().position(|id| *id == anchor).map(|index| (index, anchor == moving))
    };
    let index = match slot {
        Slot::First => 0,
        Slot::Last => rest.len(),
        Slot::Before(anchor) => find(anchor)?.0,
        Slot::After(anchor) => match find(anchor)? {
            (index, true) => index,
            (index, false) => index + 1,
        },
    };
    let mut list: Vec<String> = rest.into_iter().map(str::to_owned).collect();
    list.insert(index, moving.to_owned());
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drop_counts_the_list_without_what_moves() {
        let list = ["a", "b", "c"];
        let drop = |slot| dropped(&list, "a", &slot).map(|l| l.concat());
        assert_eq!(drop(Slot::Last).as_deref(), Some("bca"));
        assert_eq!(drop(Slot::After("b")).as_deref(), Some("bac"));
        assert_eq!(drop(Slot::Before("b")).as_deref(), Some("abc"));
        assert_eq!(drop(Slot::After("a")).as_deref(), Some("abc"));
        assert_eq!(drop(Slot::Before("x")), None);
    }
}
