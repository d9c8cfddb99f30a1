//! The values of a chart under the pointer, without a script.
//!
//! A chart is divided into upright bands; the one under the pointer shows a rule, a dot on each curve
//! and a small table.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::chart::{Axes, Chart};
use super::colour;
use super::number::{place, significant};

/// With more places than this, a chart is divided evenly.
const BANDS: usize = 60;

/// With fewer places than this, dense curves could not be read.
const FEW: usize = 12;

/// A band: where it begins and ends, and what it speaks of, as fractions of the chart's width.
struct Band {
    from: f64,
    to: f64,
    centre: f64,
    points: Vec<Point>,
}

/// A point of curve `series`: its values and its place.
struct Point {
    series: usize,
    value: (f64, f64),
    at: (f64, f64),
}

/// The bands of a chart.
pub(super) fn bands(chart: &Chart, axes: &Axes) -> Markup {
    let bands = divide(points(chart, axes));
    html! {
        div.bands aria-hidden="true" {
            @for band in &bands { (render(band, chart)) }
        }
    }
}

fn render(band: &Band, chart: &Chart) -> Markup {
    // Places may lie closer than a pixel.
    let width = (band.to - band.from).max(1e-4);
    let across = |at: f64| place(100.0 * (at - band.from) / width);
    let x = band.points.first().map_or(0.0, |point| point.value.0);
    html! {
        div style={ "left:" (place(100.0 * band.from)) "%;width:" (place(100.0 * width)) "%" } {
            i.rule style={ "left:" (across(band.centre)) "%" } {}
            @for Point { series, at: (x, y), .. } in &band.points {
                i class={ "dot " (colour::line(*series)) }
                    style={ "left:" (across(*x)) "%;top:" (place(100.0 * (1.0 - y))) "%" } {}
            }
            div class=(if band.centre < 0.5 { "tip" } else { "tip before" }) {
                b { (chart.x) " " (significant(x, 6)) }
                @for Point { series, value: (_, y), .. } in &band.points {
                    span class={ "key " (colour::line(*series)) } {
                        i {} (chart.series[*series].name) b { (significant(*y, 4)) }
                    }
                }
            }
        }
    }
}

/// Every point that is drawn, in order of place.
fn points(chart: &Chart, axes: &Axes) -> Vec<Point> {
    let series = chart.series.iter().enumerate();
    let points = series.flat_map(|(series, curve)| {
        curve.points.iter().filter_map(move |&value| Some(Point { series, value, at: axes.at(&value)? }))
    });
    let mut points: Vec<Point> = points.collect();
    points.sort_by(|a, b| a.at.0.total_cmp(&b.at.0).then(a.series.cmp(&b.series)));
    points
}

/// Bands around their centres; of each curve a band has the point nearest to its own.
fn divide(points: Vec<Point>) -> Vec<Band> {
    let (centres, even) = centres(&points);
    let between: Vec<f64> = centres.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect();
    let ends = between.iter().copied().chain([1.0]);
    let starts = [0.0].into_iter().chain(between.iter().copied());
    let mut bands: Vec<Band> = (starts.zip(ends).zip(&centres))
        .map(|((from, to), &centre)| Band { from, to, centre, points: Vec::new() })
        .collect();
    for point in points {
        let i = between.partition_point(|&end| end <= point.at.0);
        let Some(band) = bands.get_mut(i) else { continue };
        let centre = band.centre;
        let distance = |point: &Point| (point.at.0 - centre).abs();
        match band.points.iter_mut().find(|other| other.series == point.series) {
            Some(other) if distance(&point) < distance(other) => *other = point,
            Some(_) => {}
            None => band.points.push(point),
        }
    }
    bands.retain(|band| !band.points.is_empty());
    for band in bands.iter_mut().filter(|_| even) {
        band.points.sort_by_key(|point| point.series);
        band.centre = band.points[0].at.0;
    }
    bands
}

/// The places of the points, or of those curves that have few, as validation has beside training; where
/// these are too few to read the others by, or too many, even places. And whether they are even.
fn centres(points: &[Point]) -> (Vec<f64>, bool) {
    let places = |series: &dyn Fn(usize) -> bool| -> Vec<f64> {
        // Places are not negative, so their bits are in their order.
        let shown = points.iter().filter(|point| series(point.series));
        let bits: BTreeSet<u64> = shown.map(|point| point.at.0.abs().to_bits()).collect();
        bits.into_iter().map(f64::from_bits).collect()
    };
    let all = places(&|_| true);
    if all.len() <= BANDS {
        return (all, false);
    }
    let is_sparse = |series| points.iter().filter(|point| point.series == series).count() <= BANDS;
    let last = points.iter().map(|point| point.series).max().unwrap_or(0);
    let sparse: Vec<bool> = (0..=last).map(is_sparse).collect();
    let few = places(&|series| sparse[series]);
    if (FEW..=BANDS).contains(&few.len()) {
        return (few, false);
    }
    ((0..BANDS).map(|i| (i as f64 + 0.5) / BANDS as f64).collect(), true)
}
