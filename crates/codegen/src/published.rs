//! Published parameter counts with their sources; the generator refuses a preset that differs.

/// A published count: family, preset, input it was counted at, trainable parameters, source.
pub(crate) type Fact = (&'static str, &'static str, &'static [usize], u64, &'static str);

const IMAGE: &[usize] = &[3, 224, 224];

const TORCHVISION: &str = "torchvision 0.28, `num_params`";
const TIMM: &str = "timm 1.0.31, counted";
const HELIA: &str = "helia-edge 0.6.2, counted";

/// The published counts. The families' own tests check more, such as multiply-adds.
#[rustfmt::skip]
pub(crate) const FACTS: [Fact; 55] = [
    ("efficientnetv2", "efficientnetv2_s",     IMAGE,       21_458_488,  TIMM),
    ("efficientnetv2", "efficientnetv2_m",     IMAGE,       54_139_356,  TIMM),
    ("efficientnetv2", "efficientnetv2_l",     IMAGE,       118_515_272, TIMM),
    ("efficientnetv2", "efficientnetv2_xl",    IMAGE,       208_119_808, TIMM),
    ("efficientnetv2", "efficientnetv2_b0",    IMAGE,       7_139_704,   "Keras 3.15 and timm 1.0.31, counted"),
    ("efficientnetv2", "efficientnetv2_b1",    IMAGE,       8_141_052,   "Keras 3.15 and timm 1.0.31, counted"),
    ("efficientnetv2", "efficientnetv2_b2",    IMAGE,       10_096_086,  "Keras 3.15 and timm 1.0.31, counted"),
    ("efficientnetv2", "efficientnetv2_b3",    IMAGE,       14_358_406,  "Keras 3.15 and timm 1.0.31, counted"),
    ("efficientnetv2", "efficientnetv2_rw_t",  IMAGE,       13_649_388,  TIMM),
    ("efficientnetv2", "efficientnetv2_rw_s",  IMAGE,       23_941_296,  TIMM),
    ("efficientnetv2", "efficientnetv2_rw_m",  IMAGE,       53_236_442,  TIMM),
    ("efficientnetv2", "tf_efficientnetv2_s",  IMAGE,       21_458_488,  TIMM),
    ("efficientnetv2", "tf_efficientnetv2_m",  IMAGE,       54_139_356,  TIMM),
    ("efficientnetv2", "tf_efficientnetv2_l",  IMAGE,       118_515_272, TIMM),
    ("efficientnetv2", "tf_efficientnetv2_xl", IMAGE,       208_119_808, TIMM),
    ("efficientnetv2", "tf_efficientnetv2_b0", IMAGE,       7_139_704,   TIMM),
    ("efficientnetv2", "tf_efficientnetv2_b1", IMAGE,       8_141_052,   TIMM),
    ("efficientnetv2", "tf_efficientnetv2_b2", IMAGE,       10_096_086,  TIMM),
    ("efficientnetv2", "tf_efficientnetv2_b3", IMAGE,       14_358_406,  TIMM),
    ("efficientnetv2", "efficientnet_v2_s",    IMAGE,       21_458_488,  TORCHVISION),
    ("efficientnetv2", "efficientnet_v2_m",    IMAGE,       54_139_356,  TORCHVISION),
    ("efficientnetv2", "efficientnet_v2_l",    IMAGE,       118_515_272, TORCHVISION),
    ("mobileone",      "mobileone_s0",         IMAGE,       5_293_272,   "timm 1.0.31, counted; merged 2.1 M in arXiv 2206.04040, Table 3"),
    ("mobileone",      "mobileone_s1",         IMAGE,       4_825_192,   "timm 1.0.31, counted; merged 4.8 M in arXiv 2206.04040, Table 3"),
    ("mobileone",      "mobileone_s2",         IMAGE,       7_884_648,   "timm 1.0.31, counted; merged 7.8 M in arXiv 2206.04040, Table 3"),
    ("mobileone",      "mobileone_s3",         IMAGE,       10_170_600,  "timm 1.0.31, counted; merged 10.1 M in arXiv 2206.04040, Table 3"),
    ("mobileone",      "mobileone_s4",         IMAGE,       14_951_248,  "timm 1.0.31, counted; merged 14.8 M in arXiv 2206.04040, Table 3"),
    ("resnet",         "resnet10t",            IMAGE,       5_435_488,   TIMM),
    ("resnet",         "resnet14t",            IMAGE,       10_081_632,  TIMM),
    ("resnet",         "resnet18",             IMAGE,       11_689_512,  TORCHVISION),
    ("resnet",         "resnet18d",            IMAGE,       11_708_744,  TIMM),
    ("resnet",         "resnet26",             IMAGE,       15_995_176,  TIMM),
    ("resnet",         "resnet26d",            IMAGE,       16_014_408,  TIMM),
    ("resnet",         "resnet34",             IMAGE,       21_797_672,  TORCHVISION),
    ("resnet",         "resnet34d",            IMAGE,       21_816_904,  TIMM),
    ("resnet",         "resnet50",             IMAGE,       25_557_032,  TORCHVISION),
    ("resnet",         "resnet50d",            IMAGE,       25_576_264,  TIMM),
    ("resnet",         "resnet50t",            IMAGE,       25_573_728,  TIMM),
    ("resnet",         "resnet101",            IMAGE,       44_549_160,  TORCHVISION),
    ("resnet",         "resnet101d",           IMAGE,       44_568_392,  TIMM),
    ("resnet",         "resnet152",            IMAGE,       60_192_808,  TORCHVISION),
    ("resnet",         "resnet152d",           IMAGE,       60_212_040,  TIMM),
    ("resnet",         "resnet200d",           IMAGE,       64_693_064,  TIMM),
    ("resnet",         "seresnet50",           IMAGE,       28_088_024,  TIMM),
    ("resnet",         "resnetrs50",           IMAGE,       35_691_912,  TIMM),
    ("resnet",         "resnext50_32x4d",      IMAGE,       25_028_904,  TORCHVISION),
    ("resnet",         "resnext101_32x8d",     IMAGE,       88_791_336,  TORCHVISION),
    ("resnet",         "resnext101_64x4d",     IMAGE,       83_455_272,  TORCHVISION),
    ("resnet",         "wide_resnet50_2",      IMAGE,       68_883_240,  TORCHVISION),
    ("resnet",         "wide_resnet101_2",     IMAGE,       126_886_696, TORCHVISION),
    ("tcn",            "bai",                  &[1, 784],   66_910,      "authors' code (locuslab/TCN), counted for `[N, 1, 784]`; 70 K in arXiv 1803.01271, Table 1"),
    ("tcn",            "mb",                   &[1, 800],   2_649,       "helia-edge 0.6.2, documentation example, counted for `[N, 1, 800]`"),
    ("unet",           "unet",                 IMAGE,       31_037_698,  "milesial/Pytorch-UNet, counted"),
    ("unet",           "sleepkit",             &[1, 800],   34_306,      "helia-edge 0.6.2, documentation example, counted for `[N, 1, 800]`"),
    ("unext",          "helia_edge",           &[1, 800],   39_776,      HELIA),
];

/// The published count of a preset.
pub(crate) fn of(family: &str, preset: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.0 == family && fact.1 == preset)
}
