//! Times in the cells of a table.

use super::number::{Content, content};

const DAY: f64 = 86_400.0;

/// Returns the seconds that a cell stands for: a number, a date and time in ISO 8601, or a time of the day.
pub(super) fn seconds(cell: &str, decimal: char) -> Option<f64> {
    match content(cell, decimal) {
        Content::Number(number) => return Some(number),
        Content::Missing => return None,
        Content::Text => {}
    }
    let (date, time) = match cell.find(['T', 't', ' ']) {
        Some(place) => (Some(&cell[..place]), cell[place + 1..].trim()),
        None if cell.contains(':') => (None, cell),
        None => (Some(cell), "00:00"),
    };
    let days = match date {
        Some(date) => days(date)?,
        None => 0,
    };
    Some(days as f64 * DAY + clock(time)?)
}

/// Returns the number of days from 1970 to a date such as `2026-03-01`.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.split(['-', '/']);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let (year, month, day): (i64, i64, i64) = (digits(year)?, digits(month)?, digits(day)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // The year begins in March, so that February, which varies in length, is last.
    let years = if month > 2 { year } else { year - 1 };
    let month_from_march = (month + 9) % 12;
    let leap_days = years / 4 - years / 100 + years / 400;
    Some(365 * years + leap_days + (153 * month_from_march + 2) / 5 + day - 1 - 719_468)
}

/// Returns the seconds of a time such as `08:00:00.040`, with an optional offset from UTC.
fn clock(text: &str) -> Option<f64> {
    let (time, offset) = match text.find(['Z', 'z', '+', '-']) {
        Some(place) => (&text[..place], offset(&text[place..])?),
        None => (text, 0.0),
    };
    let mut parts = time.trim().split(':');
    let (hours, minutes) = (digits(parts.next()?)?, digits(parts.next()?)?);
    let seconds: f64 = match parts.next() {
        Some(seconds) if seconds.starts_with(|char: char| char.is_ascii_digit()) => {
            seconds.replacen(',', ".", 1).parse().ok()?
        }
        Some(_) => return None,
        None => 0.0,
    };
    if parts.next().is_some() || minutes > 59 || !(0.0..=60.999_999_999).contains(&seconds) {
        return None;
    }
    Some((hours * 3600 + minutes * 60) as f64 + seconds - offset)
}

/// Returns the seconds of an offset such as `Z`, `+01`, `+0130` or `-01:30`.
fn offset(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("z") {
        return Some(0.0);
    }
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    let numbers = text[1..].replace(':', "");
    let (hours, minutes) = match numbers.len() {
        2 => (digits(&numbers)?, 0),
        4 => (digits(numbers.get(..2)?)?, digits(numbers.get(2..)?)?),
        _ => return None,
    };
    Some(sign * (hours * 3600 + minutes * 60) as f64)
}

fn digits(text: &str) -> Option<i64> {
    let is_number = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

/// The spacing of the samples in a series of times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spacing {
    /// The usual number of seconds between neighboring samples with different times.
    step: f64,
    /// Whether neighboring samples usually have different times.
    pub(super) is_regular: bool,
    /// The unit of the times, in seconds.
    pub(super) unit: f64,
}

impl Spacing {
    /// Returns the median difference of neighboring times in the `parts` of a series. `None` if all times are equal.
    pub(super) fn of(parts: &[&[f64]]) -> Option<Self> {
        let differences = parts.iter().flat_map(|times| times.windows(2).map(|pair| pair[1] - pair[0]));
        let mut steps: Vec<f64> = differences.filter(|step| *step > 0.0).collect();
        let count: usize = parts.iter().map(|times| times.len()).sum();
        let is_regular = 2 * steps.len() + 2 * parts.len() > count;
        let first = parts.iter().find_map(|times| times.first())?;
        let middle = steps.len() / 2;
        if steps.is_empty() {
            return None;
        }
        let (_, step, _) = steps.select_nth_unstable_by(middle, f64::total_cmp);
        // Times since 1970 are in milliseconds, microseconds or nanoseconds if they would be thousands of years.
        let unit = match first.abs() {
            1e17.. => 1e-9,
            1e14.. => 1e-6,
            1e11.. => 1e-3,
            _ => 1.0,
        };
        Some(Self { step: *step, is_regular, unit })
    }

    /// Returns whether the usual distances differ by more than a tenth.
    pub(super) fn differs(&self, other: &Self) -> bool {
        (self.step - other.step).abs() > 0.1 * self.step.min(other.step)
    }

    /// Returns whether samples are missing between two neighboring times.
    pub(super) fn is_gap(&self, from: f64, to: f64) -> bool {
        to - from > 1.5 * self.step
    }

    /// Returns the number of samples per second.
    pub(super) fn rate(&self) -> f64 {
        let rate = 1.0 / (self.step * self.unit);
        // Without the rounding of times to a few digits.
        let rounded = (rate * 1000.0).round() / 1000.0;
        if rounded > 0.0 && (rounded - rate).abs() < 1e-4 * rate { rounded } else { rate }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_iso_8601() {
        for (cell, expected) in [
            ("1.5", Some(1.5)),
            ("1970-01-01", Some(0.0)),
            ("1970-01-02T00:00:00Z", Some(DAY)),
            ("1970-01-01T01:00:00+01:00", Some(0.0)),
            ("1969-12-31 23:00:00-0100", Some(0.0)),
            ("2024-02-29 12:30:15.250", Some(1_709_209_815.25)),
            ("2024-03-01T00:00:00", Some(1_709_251_200.0)),
            ("2026/03/01 08:00", Some(1_772_352_000.0)),
            ("0:01:00.5", Some(60.5)),
            ("08:00", Some(28_800.0)),
            ("2024-13-01", None),
            ("01.03.2024 08:00:00", None),
            ("2024-03-01T00:61:00", None),
            ("noon", None),
            ("", None),
            ("é:ü", None),
        ] {
            assert_eq!(seconds(cell, '.'), expected, "{cell}");
        }
    }

    #[test]
    fn the_spacing_is_the_usual_one() {
        let spacing = Spacing::of(&[&[0.0, 0.04, 0.08, 0.12, 0.5, 0.54]]).unwrap();
        assert!((spacing.rate() - 25.0).abs() < 1e-9);
        assert!(spacing.is_regular && spacing.is_gap(0.12, 0.5) && !spacing.is_gap(0.0, 0.05));
        let seconds = Spacing::of(&[&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0]]).unwrap();
        assert!(!seconds.is_regular && !seconds.is_gap(0.0, 1.0) && seconds.is_gap(0.0, 2.0));
        let milliseconds = Spacing::of(&[&[1.7e12, 1.7e12 + 40.0, 1.7e12 + 80.0]]).unwrap();
        assert!((milliseconds.rate() - 25.0).abs() < 1e-9);
        assert_eq!(Spacing::of(&[&[1.0, 1.0]]), None);
    }
}
