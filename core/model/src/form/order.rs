//! In which order questions are computed, so that each sees the final values of those it depends on.

use std::collections::BTreeSet;

/// An order in which every question comes after those it depends on, or a circle, each question before the next.
///
/// `needs[n]` holds the indices that question `n` depends on. Ties are settled by the order of the form.
pub(super) fn order(needs: &[BTreeSet<usize>]) -> Result<Vec<usize>, Vec<usize>> {
    let mut missing: Vec<usize> = needs.iter().map(BTreeSet::len).collect();
    let mut ready: BTreeSet<usize> = (0..needs.len()).filter(|index| missing[*index] == 0).collect();
    let dependents = turned(needs);
    let mut ordered = Vec::with_capacity(needs.len());
    while let Some(next) = ready.pop_first() {
        ordered.push(next);
        for dependent in &dependents[next] {
            missing[*dependent] -= 1;
            if missing[*dependent] == 0 {
                ready.insert(*dependent);
            }
        }
    }
    if ordered.len() == needs.len() { Ok(ordered) } else { Err(circle(needs, &missing)) }
}

/// Who depends on each question.
fn turned(needs: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let mut dependents = vec![Vec::new(); needs.len()];
    for (index, needed) in needs.iter().enumerate() {
        for other in needed {
            dependents[*other].push(index);
        }
    }
    dependents
}

/// Walks from one question that never became ready to one it waits for, until it meets itself.
fn circle(needs: &[BTreeSet<usize>], missing: &[usize]) -> Vec<usize> {
    let waits = |index: &usize| missing[*index] > 0;
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..needs.len()).find(waits);
    while let Some(index) = next {
        if let Some(start) = path.iter().position(|seen| *seen == index) {
            return path.split_off(start);
        }
        path.push(index);
        next = needs[index].iter().copied().find(waits);
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_comes_first() {
        check(&[&[2], &[], &[1]], Ok(vec![1, 2, 0]));
        check(&[&[], &[], &[]], Ok(vec![0, 1, 2]));
        check(&[], Ok(vec![]));
    }

    #[test]
    fn a_circle_is_named_without_those_who_only_wait_for_it() {
        check(&[&[0]], Err(vec![0]));
        check(&[&[1], &[2], &[1], &[]], Err(vec![1, 2]));
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack() {
        let needs: Vec<BTreeSet<usize>> = (0..100_000).map(|index| (index + 1..100_000).take(1).collect()).collect();
        assert_eq!(order(&needs).unwrap()[0], 99_999);
    }

    fn check(needs: &[&[usize]], expected: Result<Vec<usize>, Vec<usize>>) {
        let needs: Vec<BTreeSet<usize>> = needs.iter().map(|needed| needed.iter().copied().collect()).collect();
        assert_eq!(order(&needs), expected);
    }
}
