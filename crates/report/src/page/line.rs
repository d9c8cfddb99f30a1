//! Lines through many points, reduced to those that can be seen.

use super::number::place;

/// Number of columns with one mean each, for dense lines.
const MEANS: f64 = 160.0;

/// Number of columns of which a line keeps the extremes: more than a chart has pixels.
const COLUMNS: f64 = 800.0;

/// The `d` of an SVG path through points in a box of 1000 by 1000, y upwards; `None` is a gap.
///
/// Of points in one column of pixels, the first, the lowest, the highest and the last are kept, so that the
/// reduced line covers the same pixels.
pub(super) fn path(points: impl Iterator<Item = Option<(f64, f64)>>) -> String {
    let mut path = String::new();
    for run in runs(points).iter().filter(|run| 1 < run.len()) {
        for (i, &(x, y)) in thin(run).iter().enumerate() {
            path.push(if i == 0 { 'M' } else { 'L' });
            path += &format!("{} {}", place(1000.0 * x), place(1000.0 * (1.0 - y)));
        }
    }
    path
}

/// The `d` of an SVG path with a dot for each point between two gaps.
pub(super) fn dots(points: impl Iterator<Item = Option<(f64, f64)>>) -> String {
    let runs = runs(points);
    every_dot(runs.into_iter().filter(|run| run.len() == 1).flatten().map(Some))
}

/// The `d` of an SVG path with a dot for each point.
pub(super) fn every_dot(points: impl Iterator<Item = Option<(f64, f64)>>) -> String {
    // A line of length 0 is drawn as its round ends.
    let dot = |(x, y)| format!("M{} {}h0", place(1000.0 * x), place(1000.0 * (1.0 - y)));
    points.flatten().map(dot).collect()
}

/// Whether there are so many points that their extremes form a band, so that their mean is drawn, too.
pub(super) fn is_dense(points: usize) -> bool {
    3.0 * COLUMNS < points as f64
}

/// The means of the points over columns much wider than a pixel; gaps are kept.
pub(super) fn means(points: impl Iterator<Item = Option<(f64, f64)>>) -> Vec<Option<(f64, f64)>> {
    let column = |&(x, _): &(f64, f64)| (x * MEANS).floor();
    let mut means = Vec::new();
    for run in runs(points) {
        for points in run.chunk_by(|a, b| column(a).total_cmp(&column(b)).is_eq()) {
            let n = points.len() as f64;
            let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
            means.push(Some((x / n, y / n)));
        }
        means.push(None);
    }
    means
}

/// The points between gaps.
fn runs(points: impl Iterator<Item = Option<(f64, f64)>>) -> Vec<Vec<(f64, f64)>> {
    let mut runs = vec![Vec::new()];
    for point in points {
        match point {
            Some(point) => runs.last_mut().expect("there is always a run").push(point),
            None => runs.push(Vec::new()),
        }
    }
    runs
}

fn thin(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let column = |&(x, _): &(f64, f64)| (x * COLUMNS).floor();
    let mut kept = Vec::new();
    for points in points.chunk_by(|a, b| column(a).total_cmp(&column(b)).is_eq()) {
        let by = |&i: &usize, &j: &usize| points[i].1.total_cmp(&points[j].1);
        let least = (0..points.len()).min_by(by).unwrap_or(0);
        let largest = (0..points.len()).max_by(by).unwrap_or(0);
        let mut indices = vec![0, least, largest, points.len() - 1];
        indices.sort_unstable();
        indices.dedup();
        kept.extend(indices.into_iter().map(|i| points[i]));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{dots, path};

    #[test]
    fn gaps() {
        let points = [Some((0.0, 0.0)), Some((0.5, 1.0)), None, None, Some((0.75, 0.5)), None];
        assert_eq!(path(points.into_iter()), "M0 1000L500 0");
        assert_eq!(dots(points.into_iter()), "M750 500h0");
    }

    #[test]
    fn extremes_survive() {
        let n = 100_000;
        let y = |i: u32| if i == 54_321 { 1.0 } else { 0.25 + 0.1 * f64::from(i % 7) / 7.0 };
        let path = path((0..n).map(|i| Some((f64::from(i) / f64::from(n), y(i)))));
        let points = path.matches(['M', 'L']).count();
        assert!(points <= 4 * 800, "{points} points");
        assert!(path.contains(" 0L"), "the peak is lost");
    }
}
