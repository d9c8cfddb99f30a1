//! The ready configs, embedded, by name.

/// The ready config of a name.
macro_rules! ready {
    ($name:literal) => {
        ($name, include_str!(concat!("../models/", $name, ".yaml")))
    };
}

const READY: [(&str, &str); 25] = [
    ready!("activity-efficientnetv2"),
    ready!("activity-mobileone"),
    ready!("activity-resnet"),
    ready!("activity-tcn"),
    ready!("digits-efficientnetv2"),
    ready!("digits-mobileone"),
    ready!("digits-resnet"),
    ready!("digits-tcn"),
    ready!("ecg-denoiser"),
    ready!("ecg-denoiser-tcn"),
    ready!("image-efficientnetv2"),
    ready!("image-mobileone"),
    ready!("image-resnet"),
    ready!("image-unet"),
    ready!("image-unet-mobileone"),
    ready!("image-unext"),
    ready!("sa-2-tcn-sm"),
    ready!("sd-2-tcn-sm"),
    ready!("segments-tcn"),
    ready!("segments-unet"),
    ready!("segments-unext"),
    ready!("ss-2-tcn-sm"),
    ready!("ss-3-tcn-sm"),
    ready!("ss-4-tcn-sm"),
    ready!("ss-5-tcn-sm"),
];

/// The names of the ready configs.
pub fn names() -> impl Iterator<Item = &'static str> {
    READY.iter().map(|(name, _)| *name)
}

/// The text of a ready config.
pub fn get(name: &str) -> Option<&'static str> {
    READY.iter().find(|(ready, _)| *ready == name).map(|(_, text)| *text)
}

/// Purpose of a ready model, from the comment at the head of its config.
///
/// ```
/// assert_eq!(
///     factory::models::description("digits-tcn").as_deref(),
///     Some("Ten handwritten digits of 8 by 8 pixels.")
/// );
/// ```
pub fn description(name: &str) -> Option<String> {
    let comments = get(name)?.lines().map_while(|line| line.strip_prefix("# "));
    let sentences: Vec<&str> = comments.filter(|line| !line.starts_with("yaml-language-server")).collect();
    Some(sentences.join(" "))
}

/// The names of the ready configs that match `pattern`; `*` stands for any characters.
pub fn like(pattern: &str) -> impl Iterator<Item = &'static str> {
    names().filter(move |name| crate::pattern::matches(pattern, name))
}
