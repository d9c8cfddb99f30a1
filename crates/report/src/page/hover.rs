//! The values of a chart under the pointer, without a script.
//!
//! A chart is divided into upright bands; the one under the pointer shows a rule, a dot on each curve
//! and a small table.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::axes::Axes;
use super::color;
use super::curves::Chart;
use super::number::{place, significant};

/// Largest number of positions that get a band each; beyond it, a chart is divided evenly.
const BANDS: usize = 60;

/// Smallest number of bands with which dense curves can be read.
const FEW: usize = 12;

/// A band of a chart, in fractions of its width, with the points that it shows.
struct Band {
    from: f64,
    to: f64,
    center: f64,
    points: Vec<Point>,
}

/// A point of curve `series`: its values and its position.
struct Point {
    series: usize,
    value: (f64, f64),
    at: (f64, f64),
}

/// Renders the bands of a chart.
pub(super) fn bands(chart: &Chart, axes: &Axes) -> Markup {
    let bands = divide(points(chart, axes));
    html! {
        div.bands aria-hidden="true" {
            @for band in &bands { (render(band, chart)) }
        }
    }
}

fn render(band: &Band, chart: &Chart) -> Markup {
    // Positions may lie closer than a pixel.
    let width = (band.to - band.from).max(1e-4);
    let across = |at: f64| place(100.0 * (at - band.from) / width);
    let x = band.points.first().map_or(0.0, |point| point.value.0);
    html! {
        div style={ "left:" (place(100.0 * band.from)) "%;width:" (place(100.0 * width)) "%" } {
            i.rule style={ "left:" (across(band.center)) "%" } {}
            @for Point { series, at: (x, y), .. } in &band.points {
                i class={ "dot " (color::line(*series)) }
                    style={ "left:" (across(*x)) "%;top:" (place(100.0 * (1.0 - y))) "%" } {}
            }
            div class=(if band.center < 0.5 { "tip" } else { "tip before" }) {
                b { (chart.x) " " (significant(x, 6)) }
                @for Point { series, value: (_, y), .. } in &band.points {
                    span class={ "key " (color::line(*series)) } {
                        i {} (chart.series[*series].name) b { (significant(*y, 4)) }
                    }
                }
            }
        }
    }
}

/// All points that are drawn, from left to right.
fn points(chart: &Chart, axes: &Axes) -> Vec<Point> {
    let series = chart.series.iter().enumerate();
    let points = series.flat_map(|(series, curve)| {
        curve.points.iter().filter_map(move |&value| Some(Point { series, value, at: axes.at(&value)? }))
    });
    let mut points: Vec<Point> = points.collect();
    points.sort_by(|a, b| a.at.0.total_cmp(&b.at.0).then(a.series.cmp(&b.series)));
    points
}

/// Bands around their centers. Of each curve, a band has the point nearest to its center.
fn divide(points: Vec<Point>) -> Vec<Band> {
    let (centers, even) = centers(&points);
    let between: Vec<f64> = centers.windows(2).map(|pair| (pair[0] + pair[1]) / 2.0).collect();
    let ends = between.iter().copied().chain([1.0]);
    let starts = [0.0].into_iter().chain(between.iter().copied());
    let mut bands: Vec<Band> = (starts.zip(ends).zip(&centers))
        .map(|((from, to), &center)| Band { from, to, center, points: Vec::new() })
        .collect();
    for point in points {
        let i = between.partition_point(|&end| end <= point.at.0);
        let Some(band) = bands.get_mut(i) else { continue };
        let center = band.center;
        let distance = |point: &Point| (point.at.0 - center).abs();
        match band.points.iter_mut().find(|other| other.series == point.series) {
            Some(other) if distance(&point) < distance(other) => *other = point,
            Some(_) => {}
            None => band.points.push(point),
        }
    }
    bands.retain(|band| !band.points.is_empty());
    if even {
        for band in &mut bands {
            band.points.sort_by_key(|point| point.series);
            band.center = band.points[0].at.0;
        }
    }
    bands
}

/// The centers of the bands, and whether they are evenly spaced: the positions of all points; or those of
/// curves with few points, such as validation beside training; or evenly spaced ones if these are too few
/// or too many.
fn centers(points: &[Point]) -> (Vec<f64>, bool) {
    let places = |series: &dyn Fn(usize) -> bool| -> Vec<f64> {
        // Positions are not negative, so their bits have the same order.
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
