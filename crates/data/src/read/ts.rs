//! `.ts` files of the UEA/UCR archive. After `@data`, each line is a recording: its channels are separated by
//! `:`, their samples by `,`, and a class or number is at the end.

use super::names::Names;
use super::text::{Line, lines};
use super::{Request, Wanted, origin};
use crate::classes;
use crate::error::{expected, quoted};
use crate::labels::is_missing;
use crate::{DataError, Memory, Recording, Target, Values};

/// The declarations before `@data`.
#[derive(Default)]
struct Header {
    /// The labels after `@classLabel true`.
    classes: Vec<String>,
    /// Whether each recording ends with a class or number.
    has_target: bool,
    dimensions: Option<usize>,
    length: Option<usize>,
}

pub(super) fn read(request: &Request<'_>) -> Result<Memory, DataError> {
    check_keys(request)?;
    let bytes = request.text()?;
    let mut lines = lines(&bytes);
    let header = header(request, &mut lines)?;
    let mut names = match &header.classes[..] {
        [] => Names::default(),
        classes => Names::declared(classes, &request.labels),
    };
    let mut recordings = Vec::new();
    while let Some((row, line)) = next(request, &mut lines)? {
        recordings.push(recording(request, &header, &mut names, row, line)?);
    }
    if recordings.is_empty() {
        return Err(request.refuse(expected("at least one recording after `@data`", "none")));
    }
    Ok(names.with(request.select(recordings)?))
}

/// Refuses keys of the config that have no effect on `.ts` files.
fn check_keys(request: &Request<'_>) -> Result<(), DataError> {
    request.check_keys(&["channels"], ".ts files")?;
    match &request.file.group {
        Some(group) if request.group_of_path().is_none() && request.prediction.is_none() => {
            let found = quoted(&group.to_string());
            let message = format!("`group`: {}", expected("`file` or `folder` for .ts files", found));
            Err(request.refuse(message))
        }
        Some(_) | None => Ok(()),
    }
}

/// Returns the next line and its number, except for empty lines and comments. Comments may be in any encoding.
fn next<'b>(
    request: &Request<'_>,
    lines: &mut impl Iterator<Item = Line<'b>>,
) -> Result<Option<(usize, &'b str)>, DataError> {
    for Line { number, bytes, .. } in lines {
        if bytes.trim_ascii_start().starts_with(b"#") {
            continue;
        }
        let line = request.utf8(number, bytes)?.trim();
        if !line.is_empty() {
            return Ok(Some((number, line)));
        }
    }
    Ok(None)
}

fn header<'b>(
    request: &Request<'_>,
    lines: &mut impl Iterator<Item = Line<'b>>,
) -> Result<Header, DataError> {
    let mut header = Header::default();
    while let Some((row, line)) = next(request, lines)? {
        let refuse = |message: &str| Err(request.refuse_at(format!("row {row}"), message));
        let mut words = line.split_whitespace();
        let key = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        let is_true = words.first().is_some_and(|word| word.eq_ignore_ascii_case("true"));
        let number = || {
            let word = words.first().copied().unwrap_or_default();
            match word.parse() {
                Ok(number @ 1..) => Ok(Some(number)),
                _ => {
                    let message = expected(format!("a positive integer after `{key}`"), quoted(word));
                    Err(request.refuse_at(format!("row {row}"), message))
                }
            }
        };
        match key.to_ascii_lowercase().as_str() {
            "@data" => return Ok(header),
            "@timestamps" if is_true => return refuse("timestamps are not supported"),
            "@dimensions" | "@dimension" => header.dimensions = number()?,
            "@serieslength" => header.length = number()?,
            "@classlabel" if is_true => {
                header.has_target = true;
                header.classes = words[1..].iter().map(|&word| word.to_owned()).collect();
                if let Err(error) = classes::check(&header.classes) {
                    return refuse(error.message());
                }
            }
            "@targetlabel" if is_true => header.has_target = true,
            key if key.starts_with('@') => {}
            _ => return refuse("expected a line `@data` before the data"),
        }
    }
    Err(request.refuse(expected("a line `@data`", "none")))
}

fn recording(
    request: &Request<'_>,
    header: &Header,
    names: &mut Names,
    row: usize,
    line: &str,
) -> Result<Recording, DataError> {
    let refuse = |message: String| request.refuse_at(format!("row {row}"), message);
    let (channels, label) = if header.has_target {
        let parts = line.rsplit_once(':');
        let (channels, label) =
            parts.ok_or_else(|| refuse(expected("channels and a target separated by `:`", "no `:`")))?;
        (channels, Some(label.trim()))
    } else {
        (line, None)
    };
    let input = series(request, row, channels)?;
    let (count, samples) = (input.shape()[0], input.shape()[1]);
    if let Some(declared) = header.dimensions
        && declared != count
    {
        return Err(refuse(expected(format!("{declared} channels as in `@dimensions`"), count)));
    }
    if let Some(declared) = header.length
        && declared != samples
        && !request.any_length
    {
        return Err(refuse(expected(format!("{declared} samples as in `@seriesLength`"), samples)));
    }
    request.budget.charge_recording(input.data().len()).map_err(|message| request.refuse(message))?;
    let target = target(request, names, label).map_err(refuse)?;
    let mut recording = Recording::new(format!("{}: row {row}", origin(request.path)), input, target);
    recording.group = request.group_of_path();
    Ok(recording)
}

/// Returns the channels of a line, `[C, T]`.
fn series(request: &Request<'_>, row: usize, channels: &str) -> Result<Values, DataError> {
    let mut values = Vec::new();
    let (mut count, mut samples) = (0, 0);
    for channel in channels.split(':') {
        let before = values.len();
        for (i, text) in channel.split(',').enumerate() {
            let text = text.trim();
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => values.push(value),
                _ if request.reads_missing && is_missing(text) => values.push(f64::NAN),
                _ => {
                    let place = format!("row {row}, channel {}, sample {}", count + 1, i + 1);
                    return Err(request.refuse_at(place, expected("a finite number", quoted(text))));
                }
            }
        }
        count += 1;
        let found = values.len() - before;
        if count == 1 {
            samples = found;
        }
        if found != samples {
            let message = expected(format!("{samples} samples as in channel 1"), found);
            return Err(request.refuse_at(format!("row {row}, channel {count}"), message));
        }
    }
    Ok(Values::new([count, samples], values).expect("as many values as samples in each channel"))
}

fn target(request: &Request<'_>, names: &mut Names, label: Option<&str>) -> Result<Target, String> {
    match (request.wanted, label) {
        (Wanted::Classes, Some(label)) => match names.label(label, &request.labels)? {
            Some(class) => Ok(Target::Class(class)),
            None => Err(request.labels.unknown_class(label)),
        },
        (Wanted::Numbers, Some(label)) => match label.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Target::Numbers(vec![number])),
            _ if request.reads_missing && is_missing(label) => Ok(Target::Numbers(vec![f64::NAN])),
            _ => Err(expected("a finite number as target", quoted(label))),
        },
        (Wanted::Classes | Wanted::Labels | Wanted::Numbers | Wanted::Signal | Wanted::Nothing, _) => {
            Ok(Target::None)
        }
    }
}
