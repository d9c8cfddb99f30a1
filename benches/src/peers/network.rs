//! The compared networks.

use anyhow::{Context, Result};
use factory::Factory;
use graph::{Graph, Shape, Weights};
use model::Model;

/// A network to compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    /// Its name on the page.
    pub name: String,
    /// Name of a ready model, or the text of a config.
    config: String,
    /// Samples per run.
    pub batch: usize,
    /// Compared thread counts.
    pub threads: &'static [usize],
    /// Whether the page has the time of each of the engine's instructions.
    pub layers: bool,
    /// The property that grows from point to point, if it is a point of a curve.
    pub growth: Option<Growth>,
}

/// A property of a network and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Growth {
    /// The property.
    pub axis: Axis,
    /// Its value.
    pub value: usize,
}

/// A property that latency grows with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// Time steps.
    Length,
    /// Channels of the first block.
    Width,
    /// Samples per run.
    Batch,
}

impl Axis {
    /// All axes, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Length, Self::Width, Self::Batch];

    /// The name on the page.
    pub fn name(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Width => "width",
            Self::Batch => "batch",
        }
    }

    fn values(self) -> &'static [usize] {
        match self {
            Self::Length => &[60, 120, 240, 480, 960, 1920],
            Self::Width => &[8, 16, 32, 64, 128],
            Self::Batch => &[1, 4, 16, 64],
        }
    }
}

/// SleepKit's networks.
const SLEEPKIT: [&str; 6] =
    ["ss-2-tcn-sm", "ss-3-tcn-sm", "ss-4-tcn-sm", "ss-5-tcn-sm", "sd-2-tcn-sm", "sa-2-tcn-sm"];
/// Ready models for a series.
const READY: [&str; 4] = ["activity-tcn", "activity-efficientnetv2", "activity-mobileone", "activity-resnet"];
/// Presets for a series of six channels and 100 samples.
const SERIES: [&str; 2] = ["unet/micro", "unext/micro"];
/// Presets for an image, with its side, the number of classes and the compared thread counts.
const IMAGES: [(&str, usize, usize, &[usize]); 6] = [
    ("resnet/resnet18", 224, 1000, &[1, 2]),
    ("resnet/resnet50", 224, 1000, &[1, 2]),
    ("mobileone/mobileone_s1", 224, 1000, &[1, 2]),
    ("efficientnetv2/tf_efficientnetv2_b0", 224, 1000, &[1, 2]),
    ("unet/small", 256, 2, &[1]),
    ("unet/unet", 256, 2, &[1]),
];
/// The networks whose instructions are measured.
const LAYERS: [&str; 3] = ["ss-4-tcn-sm", "activity-efficientnetv2", "mobileone/mobileone_s1"];
/// Channels and dilation of each block of SS-4, whose growth is measured.
const BLOCKS: [(usize, usize); 5] = [(16, 1), (24, 2), (32, 4), (48, 8), (64, 16)];

impl Network {
    fn ready(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            config: name.to_owned(),
            batch: 1,
            threads: &[1],
            layers: LAYERS.contains(&name),
            growth: None,
        }
    }

    fn preset(name: &str, input: &str, classes: usize) -> Self {
        let (family, preset) = name.split_once('/').unwrap_or((name, ""));
        let config = format!(
            "name: network\ninput: {input}\nclasses: {classes}\narchitecture: {family}\npreset: {preset}\n"
        );
        Self { config, ..Self::ready(name) }
    }

    /// A point of a curve: SS-4 with one property changed.
    fn point(axis: Axis, value: usize) -> Self {
        let of = |wanted: Axis, otherwise: usize| if axis == wanted { value } else { otherwise };
        let (length, width, batch) = (of(Axis::Length, 240), of(Axis::Width, 16), of(Axis::Batch, 1));
        let mut config = format!(
            "name: network\ninput: {{ channels: 14, length: {length} }}\nclasses: 4\narchitecture: tcn\nparams:\n  \
             encoder: {{ kernel: 7, norm: batch }}\n  padding: same\n  head_kernel: 7\n  blocks:\n"
        );
        for (channels, dilation) in BLOCKS {
            let channels = channels * width / BLOCKS[0].0;
            config += &format!(
                "    - {{ channels: {channels}, depth: 2, kernel: 7, dilation: {dilation}, se_divisor: 4 }}\n"
            );
        }
        let name = format!("ss-4-{}-{value}", axis.name());
        Self { config, batch, growth: Some(Growth { axis, value }), ..Self::ready(&name) }
    }

    /// The model, with initial weights: their values do not affect the latency.
    ///
    /// # Errors
    /// If the network cannot be built.
    pub fn model(&self) -> Result<Model> {
        let factory = Factory::builtin();
        let is_text = self.config.contains('\n');
        let built = if is_text { factory.build(&self.config) } else { factory.build_ready(&self.config) };
        let graph = built.with_context(|| self.name.clone())?.graph;
        let weights = Weights::initial(&graph, 0);
        Ok(Model::new(graph, weights))
    }

    /// Whether its name contains the filter.
    fn matches(&self, filter: Option<&str>) -> bool {
        filter.is_none_or(|filter| self.name.contains(filter))
    }
}

/// Whether it is one of SleepKit's networks.
pub(super) fn is_sleepkit(name: &str) -> bool {
    SLEEPKIT.iter().any(|known| name.starts_with(known))
}

/// The input's shape, without the batch.
pub(super) fn input(graph: &Graph) -> Shape {
    graph.inputs().next().map_or_else(|| Shape::new(0, []), |(_, node)| node.shape.clone())
}

/// The networks with the thread counts to compare, or with this count where it is compared. Comparisons on more threads
/// come last, because they need a machine without other load.
pub fn comparisons(networks: &[Network], threads: Option<usize>) -> Vec<(Network, usize)> {
    let mut comparisons = Vec::new();
    for network in networks {
        for &count in network.threads {
            if threads.is_none_or(|threads| threads == count) {
                comparisons.push((network.clone(), count));
            }
        }
    }
    comparisons.sort_by_key(|(_, count)| *count);
    comparisons
}

/// The networks whose names contain the filter, in the order of the page; all of them without a filter.
pub fn networks(filter: Option<&str>) -> Vec<Network> {
    let mut networks: Vec<Network> = SLEEPKIT.map(Network::ready).to_vec();
    let config = "ss-4-tcn-sm".to_owned();
    networks.push(Network { config, batch: 64, ..Network::ready("ss-4-tcn-sm-batch-64") });
    networks.extend(READY.map(Network::ready));
    networks.extend(SERIES.map(|name| Network::preset(name, "{ channels: 6, length: 100 }", 4)));
    for (name, side, classes, threads) in IMAGES {
        let input = format!("{{ channels: 3, height: {side}, width: {side} }}");
        networks.push(Network { threads, ..Network::preset(name, &input, classes) });
    }
    for axis in Axis::ALL {
        networks.extend(axis.values().iter().map(|value| Network::point(axis, *value)));
    }
    networks.retain(|network| network.matches(filter));
    networks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_network_is_built() {
        let mut names = std::collections::BTreeSet::new();
        for network in networks(None) {
            let model = network.model().unwrap();
            assert_eq!(model.graph.inputs().count(), 1, "{}", network.name);
            assert!(names.insert(network.name));
        }
    }

    #[test]
    fn comparisons_on_more_threads_come_last() {
        let networks = networks(Some("unet/"));
        assert!(comparisons(&networks, Some(2)).is_empty());
        let networks = super::networks(Some("resnet/"));
        let names = |threads| -> Vec<String> {
            let comparisons = comparisons(&networks, threads).into_iter();
            comparisons.map(|(network, threads)| format!("{} {threads}", network.name)).collect()
        };
        assert_eq!(
            names(None),
            ["resnet/resnet18 1", "resnet/resnet50 1", "resnet/resnet18 2", "resnet/resnet50 2"]
        );
        assert_eq!(names(Some(2)), ["resnet/resnet18 2", "resnet/resnet50 2"]);
    }

    #[test]
    fn points_of_the_curves_meet_in_one_network() {
        let macs = |name: &str| networks(Some(name))[0].model().unwrap().graph.cost().unwrap().macs;
        assert_eq!(macs("ss-4-length-240"), macs("ss-4-width-16"));
        assert_eq!(macs("ss-4-length-240"), macs("ss-4-tcn-sm"));
        let ratio = macs("ss-4-length-480") as f64 / macs("ss-4-length-240") as f64;
        assert!((ratio - 2.0).abs() < 0.01, "{ratio}");
    }
}
