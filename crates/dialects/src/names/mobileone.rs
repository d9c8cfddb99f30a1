//! The names of other packages for the parameters of a config.

use ::mobileone::{Config, Place};
use graph::{BuildError, Conv, Shape};
use layers::Form;

use super::Names;
use crate::{Ambiq, Dialect, Keras, Rename};

impl Names for Config {
    fn renames(&self, input: &Shape, dialect: Dialect) -> Option<Result<Vec<Rename>, BuildError>> {
        match dialect {
            Dialect::Timm => Some(Ok(Vec::new())),
            Dialect::Apple => Some(apple(self)),
            _ => Some(keras(self, input.rank(), dialect.ambiq()?)),
        }
    }

    fn architecture(&self) -> &'static str {
        "mobileone"
    }
}

/// A module with parameters.
#[derive(Clone, Copy)]
enum Module {
    /// The convolution of a branch.
    Conv(Branch),
    /// The norm of a branch.
    Norm(Branch),
    /// The convolution that all branches merge into.
    Merged,
    /// The first convolution of squeeze-excite.
    Squeeze,
    /// The second convolution of squeeze-excite.
    Excite,
}

#[derive(Clone, Copy)]
enum Branch {
    /// With a k×k convolution.
    Large(usize),
    /// With a 1×1 convolution.
    Scale,
    /// With a norm only.
    Identity,
}

fn modules(place: &Place) -> Vec<Module> {
    let mut modules = Vec::new();
    match place.block.form {
        Form::Merged => modules.push(Module::Merged),
        Form::Branches => {
            let mut branches: Vec<Branch> = (0..place.block.branches).map(Branch::Large).collect();
            if place.has_scale() {
                branches.push(Branch::Scale);
            }
            for branch in branches {
                modules.extend([Module::Conv(branch), Module::Norm(branch)]);
            }
            if place.has_identity() {
                modules.push(Module::Norm(Branch::Identity));
            }
        }
    }
    if place.block.squeeze_excite.is_some() {
        modules.extend([Module::Squeeze, Module::Excite]);
    }
    modules
}

/// The name of a module here.
fn ours(place: &Place, module: Module) -> String {
    let block = match place.stage.checked_sub(1) {
        None => "stem".to_owned(),
        Some(stage) => format!("stages.{stage}.{}", place.index),
    };
    format!("{block}.{}", module.torch(TIMM))
}

impl Module {
    /// Its name here, which is timm's, or in Apple's code.
    fn torch(self, [large, scale, identity, squeeze, excite]: [&str; 5]) -> String {
        match self {
            Self::Conv(Branch::Large(i)) => format!("{large}.{i}.conv"),
            Self::Norm(Branch::Large(i)) => format!("{large}.{i}.bn"),
            Self::Conv(_) => format!("{scale}.conv"),
            Self::Norm(Branch::Scale) => format!("{scale}.bn"),
            Self::Norm(Branch::Identity) => identity.to_owned(),
            Self::Merged => "reparam_conv".to_owned(),
            Self::Squeeze => squeeze.to_owned(),
            Self::Excite => excite.to_owned(),
        }
    }

    fn parameters(self) -> &'static [&'static str] {
        match self {
            Self::Conv(_) => &["weight"],
            Self::Norm(_) => &["weight", "bias", "running_mean", "running_var"],
            Self::Merged | Self::Squeeze | Self::Excite => &["weight", "bias"],
        }
    }
}

const TIMM: [&str; 5] = ["conv_kxk", "conv_scale", "identity", "attn.fc1", "attn.fc2"];
const APPLE: [&str; 5] = ["rbr_conv", "rbr_scale", "rbr_skip", "se.reduce", "se.expand"];

/// The names of Apple's code (`github.com/apple/ml-mobileone`), such as
/// `stage1.0.rbr_conv.0.conv.weight`. An identity branch of a stem of stride 1 is named whether the
/// input has the stem's channels or not.
///
/// # Errors
/// Those of [`Config::validate`].
fn apple(config: &Config) -> Result<Vec<Rename>, BuildError> {
    config.validate()?;
    let mut renames = Vec::new();
    for place in config.plan() {
        let theirs = match place.stage {
            0 => "stage0".to_owned(),
            stage => format!("stage{stage}.{}", place.index),
        };
        for module in modules(&place) {
            let (theirs, ours) = (format!("{theirs}.{}", module.torch(APPLE)), ours(&place, module));
            for parameter in module.parameters() {
                renames.push(Rename::same(format!("{theirs}.{parameter}"), format!("{ours}.{parameter}")));
            }
        }
    }
    if config.classes.is_some() {
        for parameter in ["weight", "bias"] {
            renames.push(Rename::same(format!("linear.{parameter}"), format!("head.fc.{parameter}")));
        }
    }
    Ok(renames)
}

/// The names and layouts of Ambiq's Keras models, such as `M1_B1_D1_DW_branch1_conv/kernel`. `rank`
/// is 1 for series, 2 for images. An identity branch of the stem is named as by [`apple`].
///
/// # Errors
/// Those of [`Config::validate`], and a kernel of a series none of whose rows meets data.
fn keras(config: &Config, rank: usize, origin: Ambiq) -> Result<Vec<Rename>, BuildError> {
    config.validate()?;
    let (dot, squeeze, excite) = match origin {
        Ambiq::HeliaEdge => ("_", "se_sq", "se_ex"),
        Ambiq::SleepKit => (".", "se.sq.conv", "se.ex.conv"),
    };
    let mut keras = Keras::new(rank);
    for place in config.plan() {
        let block = match place.stage {
            0 => ["M0", "B0", "D0", "DW"].join(dot),
            stage => {
                let (pair, half) = (place.index / 2 + 1, if place.index % 2 == 0 { "DW" } else { "PW" });
                ["M1", &format!("B{stage}"), &format!("D{pair}"), half].join(dot)
            }
        };
        for module in modules(&place) {
            let (ours, conv) = (ours(&place, module), place.block.conv);
            let part = |branch: Branch, what: &str| [&block, branch.keras().as_str(), what].join(dot);
            match module {
                Module::Conv(branch) => kernel(&mut keras, &part(branch, "conv"), &ours, branch.conv(conv))?,
                Module::Norm(branch) => keras.batch_norm(&part(branch, "bn"), &ours),
                Module::Merged => keras.conv(&format!("{block}.conv"), &ours, Conv { bias: true, ..conv })?,
                Module::Squeeze => keras.pointwise(&format!("{block}{dot}{squeeze}"), &ours, true),
                Module::Excite => keras.pointwise(&format!("{block}{dot}{excite}"), &ours, true),
            }
        }
    }
    if config.classes.is_some() {
        keras.dense("top", "head.fc");
    }
    Ok(keras.renames())
}

impl Branch {
    fn keras(self) -> String {
        match self {
            Self::Large(i) => format!("branch{}", i + 1),
            Self::Scale => "scale".to_owned(),
            Self::Identity => "skip".to_owned(),
        }
    }

    /// The convolution of the branch, of a block whose convolution is `conv`.
    fn conv(self, conv: Conv) -> Conv {
        match self {
            Self::Large(_) => conv,
            Self::Scale | Self::Identity => Conv { groups: conv.groups, ..Conv::new(conv.out, 1) },
        }
    }
}

fn kernel(keras: &mut Keras, theirs: &str, ours: &str, conv: Conv) -> Result<(), BuildError> {
    if conv.groups > 1 { keras.depthwise(theirs, ours, conv) } else { keras.conv(theirs, ours, conv) }
}
