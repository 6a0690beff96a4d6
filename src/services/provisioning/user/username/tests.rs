//! The search for a free number.

use super::*;

/// The number found when these are taken, and how often the database was asked.
fn find(low: u32, taken: impl Fn(u32) -> bool) -> (u32, u32) {
    let mut search = Search::new(low);
    let mut looks = 0;
    while !search.is_narrow() {
        let probes = search.probes();
        assert!(probes.len() <= PROBES as usize, "{} names in one look", probes.len());
        search.narrow(&probes, &probes.iter().copied().filter(|number| taken(*number)).collect());
        looks += 1;
    }
    (search.free, looks)
}

#[test]
fn without_gaps_the_first_free_number_is_found_in_a_few_looks() {
    for count in [0, 1, 2, 3, 7, 64, 65, 1_000, 4_097, 50_000, 400_000] {
        let (free, looks) = find(0, |number| number < count);
        assert_eq!(free, count);
        assert!(looks <= 5, "{looks} looks for {count}");
    }
    assert_eq!(find(1, |_| false), (1, 1), "a reserved word itself is not to be had");
}

#[test]
fn among_gaps_what_is_found_is_free() {
    for period in 2..40 {
        let taken = |number: u32| number % period != period - 1 && number < 5_000;
        assert!(!taken(find(0, taken).0));
    }
}
