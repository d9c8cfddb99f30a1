//! Several seeds, such as `1-5` or `1,3,8`.

use std::fmt;
use std::str::FromStr;

use graph::quoted;

/// Upper bound of the number of seeds.
const MOST: usize = 10_000;

/// The seeds of several runs, in order and without repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seeds {
    text: String,
    pub(crate) seeds: Vec<u64>,
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refused = || format!("expected seeds such as 1-5 or 1,3,8, found {}", quoted(text));
        let mut seeds: Vec<u64> = Vec::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let (Ok(first), Ok(last)) = (first.parse::<u64>(), last.parse::<u64>()) else {
                return Err(refused());
            };
            if first > last || last - first >= MOST as u64 {
                return Err(refused());
            }
            for seed in first..=last {
                if seeds.contains(&seed) {
                    return Err(format!("the seed {seed} is repeated"));
                }
                seeds.push(seed);
            }
        }
        if seeds.len() > MOST {
            Err(format!("expected at most {MOST} seeds"))
        } else {
            Ok(Self { text: text.to_owned(), seeds })
        }
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_are_ranges_and_numbers() {
        let seeds = |text: &str| text.parse::<Seeds>().map(|seeds| seeds.seeds);
        assert_eq!(seeds("1-3"), Ok(vec![1, 2, 3]));
        assert_eq!(seeds("7,0-1"), Ok(vec![7, 0, 1]));
        assert_eq!(seeds("5"), Ok(vec![5]));
        assert_eq!(seeds("1-3,2"), Err("the seed 2 is repeated".to_owned()));
        for wrong in ["", "3-1", "a", "1-", "1,,2", "0-18446744073709551615", "-1"] {
            assert_eq!(seeds(wrong), Err(format!("expected seeds such as 1-5 or 1,3,8, found `{wrong}`")));
        }
    }
}
