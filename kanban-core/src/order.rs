//! Sorting and ordered collections that every type shares, for the sake of WebAssembly.
//!
//! The sort of the standard library is six kilobytes of it for every type and comparison, and so is
//! `collect` into a `BTreeMap` or `BTreeSet`, which sorts first.

use std::cmp::Ordering;

/// So many at most are sorted faster in place than by their numbers.
const FEW: usize = 16;

/// What `collect` makes, one element after another.
pub(crate) fn gathered<C: Default + Extend<T>, T>(elements: impl IntoIterator<Item = T>) -> C {
    let mut gathered = C::default();
    gathered.extend(elements);
    gathered
}

/// Sorts, and keeps what is equal in the order that it had.
pub(crate) fn sort_by<T>(elements: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if elements.len() > FEW {
        let by_number = |one: usize, other: usize| match (elements.get(one), elements.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        };
        let places = places(elements.len(), &by_number);
        return arrange(places, &mut |one, other| elements.swap(one, other));
    }
    for end in 1..elements.len() {
        for at in (0..end).rev() {
            match elements.get(at..at + 2) {
                Some([one, next]) if compare(one, next).is_gt() => elements.swap(at, at + 1),
                _ => break,
            }
        }
    }
}

/// Sorts by a key that is made once for each.
pub(crate) fn sort_by_cached_key<T, K: Ord>(elements: &mut [T], key: impl Fn(&T) -> K) {
    let keys: Vec<K> = elements.iter().map(key).collect();
    let places = places(keys.len(), &|one, other| keys.get(one).cmp(&keys.get(other)));
    arrange(places, &mut |one, other| elements.swap(one, other));
}

/// The place of each of `count` elements in their order.
fn places(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|one, other| compare(*one, *other));
    let mut places = vec![0; count];
    for (place, element) in order.into_iter().enumerate() {
        if let Some(of_element) = places.get_mut(element) {
            *of_element = place;
        }
    }
    places
}

/// Brings each element to its place.
fn arrange(mut places: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for at in 0..places.len() {
        while let Some(&place) = places.get(at).filter(|place| **place != at) {
            swap(at, place);
            places.swap(at, place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(crate::fixed_seed(300))]

        #[test]
        fn what_is_sorted_here_is_as_the_standard_library_sorts_it(keys in prop::collection::vec(0..20_u8, 0..60)) {
            let mut sorted: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let (mut expected, mut cached) = (sorted.clone(), sorted.clone());
            expected.sort_by_key(|(key, _)| *key);
            sort_by(&mut sorted, |one, other| one.0.cmp(&other.0));
            sort_by_cached_key(&mut cached, |(key, _)| *key);
            prop_assert_eq!(&sorted, &expected);
            prop_assert_eq!(&cached, &expected);
        }
    }
}
