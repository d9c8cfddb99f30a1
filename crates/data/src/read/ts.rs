//! `.ts` files of the UEA/UCR archive: after `@data` each line is a recording, channels separated by
//! `:`, samples by `,`, the class or a number last.

use graph::Array;

use super::names::Names;
use super::{Request, Wanted, shown};
use crate::{DataError, Memory, Recording, Target};

/// What the lines before `@data` say.
#[derive(Default)]
struct Header {
    /// The names after `@classLabel true`.
    classes: Vec<String>,
    /// Whether each recording ends with a class or number.
    has_target: bool,
    dimensions: Option<usize>,
    length: Option<usize>,
}

pub(super) fn read(request: &Request<'_>) -> Result<Memory, DataError> {
    let bytes = request.unpacked()?;
    let text = std::str::from_utf8(&bytes).map_err(|_| request.refuse("not UTF-8 text"))?;
    let lines = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim()));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let header = header(request, &mut lines)?;
    let mut names = match &header.classes[..] {
        [] => Names::default(),
        classes => Names::declared(classes.to_vec()),
    };
    let mut recordings = Vec::new();
    for (row, line) in lines {
        recordings.push(recording(request, &header, &mut names, row, line)?);
    }
    if recordings.is_empty() {
        return Err(request.refuse("no recording after `@data`; at least one is needed"));
    }
    Ok(names.with(request.select(recordings)?))
}

fn header<'a>(
    request: &Request<'_>,
    lines: &mut impl Iterator<Item = (usize, &'a str)>,
) -> Result<Header, DataError> {
    let mut header = Header::default();
    for (row, line) in lines {
        let refuse = |message: String| request.refuse_at(format!("row {row}"), message);
        let mut words = line.split_whitespace();
        let key = words.next().unwrap_or_default();
        let words: Vec<&str> = words.collect();
        let is_true = words.first().is_some_and(|word| word.eq_ignore_ascii_case("true"));
        let number = || {
            let word = words.first().copied().unwrap_or_default();
            let number = word.parse().ok().filter(|number| *number > 0);
            number.ok_or_else(|| refuse(format!("`{word}` after `{key}`; a number from 1 is needed")))
        };
        match key.to_ascii_lowercase().as_str() {
            "@data" => return Ok(header),
            "@timestamps" if is_true => {
                return Err(refuse("time stamps; evenly spaced samples without are needed".to_owned()));
            }
            "@dimensions" | "@dimension" => header.dimensions = Some(number()?),
            "@serieslength" => header.length = Some(number()?).filter(|_| !request.any_length),
            "@classlabel" if is_true => {
                header.has_target = true;
                header.classes = words[1..].iter().map(|&word| word.to_owned()).collect();
            }
            "@targetlabel" if is_true => header.has_target = true,
            key if key.starts_with('@') => {}
            _ => return Err(refuse("data before the line `@data`".to_owned())),
        }
    }
    Err(request.refuse("there is no line `@data`"))
}

fn recording(
    request: &Request<'_>,
    header: &Header,
    names: &mut Names,
    row: usize,
    line: &str,
) -> Result<Recording, DataError> {
    let refuse = |message: String| request.refuse_at(format!("row {row}"), message);
    let (channels, label) = match line.rsplit_once(':').filter(|_| header.has_target) {
        Some((channels, label)) => (channels, Some(label.trim())),
        None if header.has_target => {
            return Err(refuse("no `:`; channels and a class separated by `:` are needed".to_owned()));
        }
        None => (line, None),
    };
    let mut values = Vec::new();
    let (mut count, mut samples) = (0, 0);
    for channel in channels.split(':') {
        let before = values.len();
        for (i, text) in channel.split(',').enumerate() {
            match text.trim().parse::<f32>() {
                Ok(value) if value.is_finite() => values.push(value),
                _ => {
                    let place = format!("row {row}, channel {}, sample {}", count + 1, i + 1);
                    let message = format!("`{}`; a finite number is needed", text.trim());
                    return Err(request.refuse_at(place, message));
                }
            }
        }
        count += 1;
        let found = values.len() - before;
        if count == 1 {
            samples = found;
        }
        if found != samples {
            return Err(refuse(format!("channel {count} has {found} samples; channel 1 has {samples}")));
        }
    }
    if let Some(needed) = header.dimensions.filter(|needed| *needed != count) {
        return Err(refuse(format!("{count} channels; `@dimensions` says {needed}")));
    }
    if let Some(needed) = header.length.filter(|needed| *needed != samples) {
        return Err(refuse(format!("{samples} samples; `@seriesLength` says {needed}")));
    }
    let target = match (request.wanted, label) {
        (Wanted::Classes, Some(label)) => match names.index(label).filter(|_| !label.is_empty()) {
            Some(class) => Target::Class(class),
            None => {
                let known = crate::joined::listed(names.names());
                return Err(refuse(format!("the class `{label}` is unknown; known are {known}")));
            }
        },
        (Wanted::Numbers, Some(label)) => match label.parse::<f32>() {
            Ok(number) if number.is_finite() => Target::Numbers(vec![number]),
            _ => return Err(refuse(format!("the target `{label}`; a finite number is needed"))),
        },
        _ => Target::None,
    };
    let input = Array::new([count, samples], values).ok_or_else(|| refuse("no rectangle".to_owned()))?;
    Ok(Recording { origin: format!("{}: row {row}", shown(request.path)), input, target })
}
