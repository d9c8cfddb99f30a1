//! A kind with one fault of every sort, for the tests of this tool.

use std::path::Path;

use anyhow::Result;

use super::Kind;
use crate::outcome::Outcome;
use crate::random::Random;

struct Planted {
    bases: Vec<Vec<u8>>,
}

/// The words that trigger the faults.
pub(crate) const FAULTS: [&str; 6] = ["PANIC", "ABORT", "MEMORY", "HANG", "LINES", "WRONG"];

pub(crate) fn new(_: &Path) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Planted { bases: vec![b"nothing".to_vec()] }))
}

/// The same with an input on which the process never ends.
pub(crate) fn endless(_: &Path) -> Result<Box<dyn Kind>> {
    Ok(Box::new(Planted { bases: vec![b"an ENDLESS case".to_vec()] }))
}

impl Kind for Planted {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let length = random.below(40);
        let before: String = (0..length).map(|_| "abc xyz".as_bytes()[random.below(7)] as char).collect();
        let fault = if random.one_in(3) { random.pick(&FAULTS) } else { "" };
        format!("{before}{fault}{before}").into_bytes()
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let text = String::from_utf8_lossy(input);
        if text.contains("PANIC") {
            panic!("planted");
        }
        if text.contains("ABORT") {
            std::process::abort();
        }
        if text.contains("MEMORY") {
            let memory = vec![1u8; 20_000_000];
            outcome.refuse(format!("expected less, found {}", std::hint::black_box(&memory).len()));
        }
        if text.contains("HANG") {
            let mut sum = 0u64;
            // Long enough on every machine on which the tests run.
            for i in 0..400_000_000u64 {
                sum = std::hint::black_box(sum ^ i);
            }
        }
        if text.contains("ENDLESS") {
            loop {
                std::hint::black_box(());
            }
        }
        if text.contains("LINES") {
            outcome.refuse("expected one line,\nfound two");
        }
        outcome.require(!text.contains("WRONG"), "no planted word");
        if text.contains("nothing") {
            outcome.accept();
        }
        outcome
    }
}
