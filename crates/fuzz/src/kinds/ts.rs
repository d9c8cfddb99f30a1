//! `.ts` files of UEA and UCR.

use std::path::Path;

use anyhow::{Context, Result};
use data::File;
use graph::Shape;

use super::recordings::{Scratch, inputs, tasks};
use super::tables::{GZIP, gzip, mutated};
use super::{Kind, base};
use crate::corpus::root;
use crate::outcome::Outcome;
use crate::random::Random;

struct Series {
    scratch: Scratch,
    bases: Vec<Vec<u8>>,
}

pub(crate) fn new(scratch: &Path) -> Result<Box<dyn Kind>> {
    let gait = "@problemName gait\n@timeStamps false\n@missing false\n@univariate false\n@dimensions 2\n\
                @equalLength true\n@seriesLength 4\n@classLabel true walk run\n@data\n\
                1,2,3,4:5,6,7,8:walk\n0.5,-1,2e2,1:1,1,1,1:run\n4,3,2,1:8,7,6,5:walk\n";
    let regression = "# a comment\n@problemName x\n@targetlabel true\n@data\n1,2,3,4:5,6,7,8:0.25\n\
                      4,3,2,1:1,2,3,4:-7\n";
    let path = root().join("benches/data/BasicMotions_TRAIN.ts");
    let motions = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    // A few rows of real data, cut to four samples.
    let mut rows = String::new();
    for line in motions.lines().take(30) {
        if line.starts_with(['@', '#']) || !line.contains(':') {
            rows += &format!("{line}\n");
        } else {
            let parts: Vec<String> =
                line.split(':').map(|part| part.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
            rows += &format!("{}\n", parts.join(":"));
        }
    }
    let bases: Vec<Vec<u8>> = vec![gait.into(), regression.into(), rows.into_bytes(), gzip(gait.as_bytes())];
    Ok(Box::new(Series { scratch: Scratch::new(scratch), bases }))
}

impl Kind for Series {
    fn bases(&self) -> &[Vec<u8>] {
        &self.bases
    }

    fn mutate(&self, random: &mut Random) -> Vec<u8> {
        let start = base(random, &self.bases);
        mutated(random, start, &self.bases)
    }

    fn run(&self, input: &[u8]) -> Outcome {
        let mut outcome = Outcome::new();
        let name = if input.starts_with(&GZIP) { "case.ts.gz" } else { "case.ts" };
        let path = self.scratch.write(name, input);
        for channels in [2, 6] {
            let shape = Shape::new(channels, [4]);
            inputs(&mut outcome, &path, &shape);
            tasks(&mut outcome, &path, &File::default(), &shape);
        }
        outcome
    }
}
