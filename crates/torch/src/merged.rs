//! The form for inference: norms folded, branches merged, and verified to compute the same.

use graph::{Graph, NodeCost, Noise, Refusal, Shape};
use tch::nn::VarStore;
use tch::{Kind, Tensor};

use crate::error::{Fault, TorchError};
use crate::net::Net;
use crate::number::ints;

/// A net for inference, made by [`Net::merged`]. As a [`Net`], it is `Send` but not `Sync`.
#[derive(Debug)]
pub struct MergedNet {
    /// The merged net. Nothing in it is trainable unless it is unfrozen.
    pub net: Net,
    /// The store of its variables, for saving or moving them; the net keeps them alive by itself.
    pub store: VarStore,
    /// The nodes that could not be merged, and why.
    pub refusals: Vec<Refusal>,
    /// The largest difference between an output and the unmerged net's for a random input: norm of the
    /// difference over norm of the output. `None` if the nets were not compared because the graph is too large
    /// at the input size that it was built for and cannot run at a smaller one.
    pub difference: Option<f64>,
}

/// Samples of the random input.
const SAMPLES: usize = 2;
/// Maximum number of multiply-adds for one sample in a comparison. The largest networks in use need fewer at their
/// usual input size.
const MOST_MACS: u64 = 1 << 35;
/// Maximum number of elements of all values for one sample in a comparison.
const MOST_ELEMENTS: u64 = 1 << 28;

impl Net {
    /// The form for inference in a store of its own, on the same device and of the same kind:
    /// dropouts and weight norms removed, batch norms folded, parallel branches merged, as described at
    /// [`graph::merge`]. Both nets are run on a random input of the size that the graph was built for,
    /// and compared. If a graph needs more than 2^35 multiply-adds or 2^28 values at that size, each axis is halved
    /// until it needs fewer.
    ///
    /// # Errors
    /// If an output differs by more than rounding explains: 1e-3 of its norm (in half precision
    /// 1e-1), or, if that is more, 30 times the effect of rounding every weight of this net once.
    /// Merging is exact but for rounding, which a hundred layers in single precision bring to about
    /// 1e-5; a branch, tap or norm in the wrong place changes the output by several percent at least. A deep net
    /// fresh from its initialization, with statistics that no training has set, may be so badly
    /// conditioned that rounding decides its outputs. Values that are not finite are an error too.
    pub fn merged(&self) -> Result<MergedNet, TorchError> {
        let graph::Merged { graph, weights, refusals } = graph::merge(&self.graph, &self.weights());
        let kind = self.variables.kind().unwrap_or(Kind::Float);
        let mut store = VarStore::new(self.device());
        store.set_kind(kind);
        let mut net = Self::with_weights(&store.root(), graph, &weights)?;
        net.freeze("")?;
        let difference = tch::no_grad(|| self.compare(&net, kind))?;
        Ok(MergedNet { net, store, refusals, difference })
    }

    /// The largest relative difference of an output, or the first that is too large.
    fn compare(&self, merged: &Self, kind: Kind) -> Result<Option<f64>, TorchError> {
        let Some(sizes) = sizes_to_compare(&self.graph) else { return Ok(None) };
        let tolerance = if matches!(kind, Kind::Half | Kind::BFloat16) { 1e-1 } else { 1e-3 };
        let inputs = random_inputs(&self.graph, &sizes).and_then(|inputs| {
            let ours = |input: &Tensor| Ok(input.f_to_kind(kind)?.f_to_device(self.device())?);
            inputs.iter().map(ours).collect::<Result<Vec<_>, Fault>>()
        });
        let last = self.graph.node(self.graph.main_output().value);
        let inputs = inputs.map_err(|fault| fault.at(last))?;
        let (expected, found) = (self.run_all(&inputs, false)?, merged.run_all(&inputs, false)?);
        let difference = |i: usize, found: &[(String, Tensor)]| {
            let (found, expected): (&Tensor, &Tensor) = (&found[i].1, &expected[i].1);
            relative(found, expected).map_err(|fault| fault.at(last))
        };
        let mut largest = 0f64;
        let mut rounded = None;
        for (i, (output, _)) in expected.iter().enumerate() {
            let of_merged = difference(i, &found)?;
            let mut tolerance = tolerance;
            if of_merged > tolerance {
                let rounded = match &mut rounded {
                    Some(rounded) => rounded,
                    none => none.insert(self.rounded(kind)?.run_all(&inputs, false)?),
                };
                tolerance = tolerance.max(30.0 * difference(i, rounded)?);
            }
            // Not finite is not within.
            if of_merged.is_nan() || of_merged > tolerance {
                return Err(TorchError::Merged { output: output.clone(), difference: of_merged, tolerance });
            }
            largest = largest.max(of_merged);
        }
        Ok(Some(largest))
    }

    /// This net with every weight off by up to the distance to the next single.
    fn rounded(&self, kind: Kind) -> Result<Self, TorchError> {
        let mut weights = self.weights();
        let names: Vec<String> = weights.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names {
            let noise = Noise::of(&format!("rounded {name}"));
            let Some(mut array) = weights.remove(&name) else { continue };
            for (i, value) in array.data_mut().iter_mut().enumerate() {
                let sign = if noise.bits(i as u64).is_multiple_of(2) { 1.0 } else { -1.0 };
                *value *= 1.0 + sign * f32::EPSILON;
            }
            weights.insert(name, array);
        }
        let mut store = VarStore::new(self.device());
        store.set_kind(kind);
        Self::with_weights(&store.root(), self.graph.clone(), &weights)
    }
}

/// Returns input sizes at which a comparison takes reasonable time: those that the graph was built for, or smaller.
fn sizes_to_compare(graph: &Graph) -> Option<Vec<Shape>> {
    let mut sizes: Vec<Shape> = graph.inputs().map(|(_, node)| node.shape.clone()).collect();
    loop {
        if let Ok(cost) = graph.cost_at(&sizes) {
            let elements = |node: &NodeCost| node.shape.elements() as u64;
            let elements = cost.nodes.iter().map(elements).fold(0, u64::saturating_add);
            if cost.macs <= MOST_MACS && elements <= MOST_ELEMENTS {
                return Some(sizes);
            }
        }
        if sizes.iter().all(|shape| shape.space.iter().all(|size| *size == 1)) {
            return None;
        }
        for size in sizes.iter_mut().flat_map(|shape| &mut shape.space) {
            *size = size.div_ceil(2);
        }
    }
}

/// Reproducible normal noise of these sizes, with a third of the usual standard deviation, at which untrained nets
/// stay closer to linear.
fn random_inputs(graph: &Graph, sizes: &[Shape]) -> Result<Vec<Tensor>, Fault> {
    let input = |((_, node), size): ((_, &graph::Node), &Shape)| {
        let noise = Noise::of(&format!("merged {}", node.name));
        let count = SAMPLES * size.elements();
        let values: Vec<f64> = (0..count as u64).map(|i| 0.3 * noise.normal(i)).collect();
        let shape = ints([SAMPLES].into_iter().chain(size.dims()));
        Ok(Tensor::f_from_slice(&values)?.f_reshape(shape)?)
    };
    graph.inputs().zip(sizes).map(input).collect()
}

/// Norm of the difference over the norm of what was expected. An output of zeros is measured as
/// if its elements were a millionth.
fn relative(found: &Tensor, expected: &Tensor) -> Result<f64, Fault> {
    let norm = |x: &Tensor| Ok::<_, Fault>(f64::try_from(x.f_norm()?)?);
    let (found, expected) = (found.f_to_kind(Kind::Double)?, expected.f_to_kind(Kind::Double)?);
    let least = 1e-6 * (expected.numel() as f64).sqrt();
    let size = norm(&expected)?;
    // f64::max would pass over NaN.
    let size = if size < least { least } else { size };
    Ok(norm(&found.f_sub(&expected)?)? / size)
}
