//! Makes a failing input smaller: removes chunks, then single bytes, as long as it fails the same way.

use std::time::{Duration, Instant};

/// Limits on the effort of a reduction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    pub(crate) attempts: usize,
    pub(crate) time: Duration,
}

/// Returns the smallest input found for which `fails` is true. It must be true for `input`.
pub(crate) fn reduce(input: &[u8], budget: Budget, mut fails: impl FnMut(&[u8]) -> bool) -> Vec<u8> {
    let start = Instant::now();
    let mut attempts = 0;
    let mut smallest = input.to_vec();
    let mut try_it = |candidate: &[u8]| {
        attempts += 1;
        let is_over = attempts > budget.attempts || start.elapsed() > budget.time;
        if is_over { None } else { Some(fails(candidate)) }
    };
    let mut size = smallest.len().div_ceil(2).max(1);
    loop {
        let mut has_shrunk = false;
        let mut from = 0;
        while from < smallest.len() {
            let to = smallest.len().min(from + size);
            let candidate = [&smallest[..from], &smallest[to..]].concat();
            match try_it(&candidate) {
                None => return smallest,
                Some(true) => {
                    smallest = candidate;
                    has_shrunk = true;
                }
                Some(false) => from = to,
            }
        }
        if size > 1 {
            size = size.div_ceil(2);
        } else if !has_shrunk {
            return smallest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BUDGET: Budget = Budget { attempts: 10_000, time: Duration::from_secs(60) };

    #[test]
    fn only_the_failing_part_is_left() {
        let input: Vec<u8> = (0..200).collect();
        let needs = |bytes: &[u8]| bytes.contains(&17) && bytes.contains(&150);
        assert_eq!(reduce(&input, BUDGET, needs), [17, 150]);
        assert!(reduce(&input, BUDGET, |_| true).is_empty());
    }

    #[test]
    fn a_budget_ends_the_reduction() {
        let budget = Budget { attempts: 1, ..BUDGET };
        assert_eq!(reduce(&[0; 64], budget, |_| true).len(), 32);
    }
}
