//! The content of pages, and what they never contain.

#![allow(clippy::unwrap_used, reason = "a test that cannot prepare its data has failed")]

mod checked;
mod results;
mod runs;

use checked::check;
use expect_test::expect;
use graph::Array;
use report::{
    Baseline, Chart, Confusion, Details, Errors, Example, ExamplePrediction, Figure, Input, Journal, Outcome,
    Page, Series, Table,
};

/// The first `<svg>` of a page, one element per line.
fn drawing(html: &str) -> String {
    let start = html.find("<svg").unwrap();
    let end = html[start..].find("</svg>").unwrap();
    html[start..start + end].replace('<', "\n<").trim_start().to_owned()
}

fn chart(log_y: bool, points: &[(f64, f64)]) -> Page {
    let series = vec![Series { name: "train".into(), points: points.to_vec() }];
    let chart = Chart { title: "Loss".into(), x: "step".into(), y: "nats".into(), log_y, series };
    Page { curves: vec![chart], ..Page::default() }
}

fn of(example: Example) -> Page {
    Page { title: "examples".into(), examples: vec![example], ..Page::default() }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn a_small_chart() {
    let html = check(&chart(false, &[(0.0, 2.0), (50.0, 1.0), (100.0, 0.5)]));
    expect![[r#"
        <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="Loss over step. train: from 2 to 0.5, minimum 0.5, maximum 2">
        <path class="grid" d="M0 1000H1000M0 666.67H1000M0 333.33H1000M0 0H1000">
        </path>
        <path class="line s0" d="M0 0L500 666.67L1000 1000">
        <title>train
        </title>
        </path>"#]].assert_eq(&drawing(&html));
    for label in [">0.5<", ">1<", ">2<", ">100<", "nats", "step"] {
        assert!(html.contains(label), "{label} is missing");
    }
}

#[test]
fn curves_of_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = Journal::create(folder.path()).unwrap();
    journal.write(1, [("train/loss", 2.0)]).unwrap();
    journal.write(2, [("valid/loss", 3.0)]).unwrap();
    journal.write(3, [("train/loss", 1.0), ("valid/loss", f64::NAN)]).unwrap();
    let entries = Journal::entries(folder.path()).unwrap();
    assert_eq!(Series::of(&entries, "train/loss", "train").points, [(1.0, 2.0), (3.0, 1.0)]);
    let valid = Series::of(&entries, "valid/loss", "validation").points;
    assert_eq!(valid.len(), 2);
    assert!(valid[1].1.is_nan());
}

#[test]
fn values_that_are_not_finite_are_gaps() {
    let wild = [(0.0, 1.0), (1.0, f64::NAN), (2.0, f64::MAX), (3.0, 2.0), (f64::INFINITY, 1.0), (4.0, 3.0)];
    let html = check(&chart(false, &wild));
    expect![[r#"
        <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="Loss over step. train: from 1 to 3, minimum 1, maximum 1.798e308">
        <path class="grid" d="M0 1000H1000M0 750H1000M0 500H1000M0 250H1000M0 0H1000">
        </path>
        <path class="line s0" d="">
        <title>train
        </title>
        </path>
        <path class="line dots s0" d="M0 1000h0M750 500h0M1000 0h0">
        <title>train
        </title>
        </path>"#]].assert_eq(&drawing(&html));
    // Zero has no place on a logarithmic axis.
    let html = check(&chart(true, &[(0.0, 1.0), (1.0, 0.0), (2.0, 100.0)]));
    expect![[r#"
        <svg viewBox="0 0 1000 1000" preserveAspectRatio="none" role="img" aria-label="Loss over step. train: from 1 to 100, minimum 0, maximum 100">
        <path class="grid" d="M0 1000H1000M0 761.44H1000M0 500H1000M0 261.44H1000M0 0H1000">
        </path>
        <path class="line s0" d="">
        <title>train
        </title>
        </path>
        <path class="line dots s0" d="M0 1000h0M1000 0h0">
        <title>train
        </title>
        </path>"#]].assert_eq(&drawing(&html));
    for points in [&[][..], &[(0.0, f64::NAN)], &[(f64::NAN, 0.0)]] {
        assert!(check(&chart(true, points)).contains("No values to draw."));
        assert!(check(&chart(false, points)).contains("No values to draw."));
    }
    for points in [
        &[(5.0, 5.0)][..],
        &[(0.0, 1.0), (f64::MIN_POSITIVE, 1.0), (1.0, 1.0)],
        &[(0.0, -1e300), (1.0, 1e300)],
    ] {
        assert!(check(&chart(false, points)).contains("class=\"line"));
    }
}

#[test]
fn many_points_make_a_small_page() {
    let points: Vec<(f64, f64)> = (0..100_000).map(|i| (f64::from(i), f64::from(i % 97))).collect();
    let size = check(&chart(false, &points)).len();
    assert!(size < 120_000, "{size} bytes");
}

#[test]
fn strings_are_escaped() {
    let evil = || "<img src=x onerror=\"alert('&')\">".to_owned();
    let table = Table { title: evil(), columns: vec![evil(); 2], rows: vec![vec![evil(); 3]], note: evil() };
    let mut confusion = Confusion::new(vec![evil(); 2]);
    confusion.add(0, 1);
    let series = vec![Series { name: evil(), points: vec![(0.0, 1.0), (1.0, 2.0)] }];
    let values = Array::from_fn([1, 4], |_| 1.0);
    let input = Input::Series { values, channels: vec![evil()], sampling_rate: None };
    let prediction = ExamplePrediction::Labels {
        classes: vec![evil()],
        truth: Some(vec![Some(0); 4]),
        predicted: vec![0; 4],
    };
    let html = check(&Page {
        title: evil(),
        summary: evil(),
        figures: vec![Figure { name: evil(), value: evil(), note: evil() }],
        curves: vec![Chart { title: evil(), x: evil(), y: evil(), log_y: false, series }],
        outcome: Some(Outcome::Classes(confusion.clone())),
        evaluated: evil(),
        details: Details {
            groups: [(evil(), Outcome::Classes(confusion.clone()))].into(),
            baselines: vec![Baseline { name: evil(), outcome: Outcome::Classes(confusion) }],
            ..Details::default()
        },
        data: vec![evil()],
        notes: vec![evil()],
        comparisons: vec![table.clone()],
        examples: vec![Example { title: evil(), note: evil(), input, prediction }],
        model: table,
        command: evil(),
        config: format!("{0}: {0} # {0}", evil()),
    });
    assert!(!html.contains("<img") && !html.contains("src=x onerror=\"alert"));
    assert!(html.contains("&lt;img src=x onerror=&quot;alert('&amp;')&quot;&gt;"));
}

/// Untrusted text can neither move a cursor nor change the direction of the text around it.
#[test]
fn hidden_characters_are_shown() {
    let mut confusion = Confusion::new(names(&["a\u{202e}b", "\u{1b}[2J"]));
    confusion.add(0, 1);
    let page = Page {
        title: "\u{202e}title\u{0}".into(),
        outcome: Some(Outcome::Classes(confusion)),
        config: "a: 1\n# \u{2066}comment\n\tb: 2".into(),
        ..Page::default()
    };
    let html = check(&page);
    assert!(
        html.contains(r"\u{202e}title\u{0}") && html.contains(r"a\u{202e}b") && html.contains(r"\u{1b}[2J")
    );
    assert!(html.chars().all(|c| !c.is_control() || c == '\n' || c == '\t'));
    assert!(!html.contains(['\u{202e}', '\u{2066}']));
}

#[test]
fn an_empty_page_reports_missing_parts() {
    let html = check(&Page::default());
    for text in [
        "No curves",
        "Not evaluated: there is no labeled test or validation data.",
        "No example predictions.",
    ] {
        assert!(html.contains(text), "{text}");
    }
    for section in ["id=\"comparison\"", "id=\"model\"", "id=\"reproduce\""] {
        assert!(!html.contains(section), "{section} is there");
    }
    for outcome in [Outcome::Classes(Confusion::new(names(&["a"]))), Outcome::Values(Errors::new())] {
        let html = check(&Page { outcome: Some(outcome), ..Page::default() });
        assert!(html.contains("data was evaluated."));
    }
}

#[test]
fn outcomes() {
    let mut confusion = Confusion::new(names(&["rest", "walk", "never"]));
    for (truth, predicted) in [(0, 0), (0, 0), (0, 1), (1, 1)] {
        confusion.add(truth, predicted);
    }
    let html = check(&Page { outcome: Some(Outcome::Classes(confusion)), ..Page::default() });
    assert!(html.contains("rest predicted as walk: 1 of 3 (33.3%)"));
    assert!(html.contains("accuracy 75.0%"));
    assert!(html.contains("title=\"undefined\""));

    let class = |i| format!("class {i:02} with a name of forty characters");
    let mut many = Confusion::new((0..50).map(class).collect());
    (0..50).for_each(|i| many.add(i, (i * i) % 50));
    let html = check(&Page { outcome: Some(Outcome::Classes(many)), ..Page::default() });
    assert!(html.contains("Most frequent mistakes"));
    // Heads of a row and a column of the matrix, and of a row of the table.
    assert_eq!(html.matches("<span>class 49 with a name of forty characters</span></th>").count(), 3);

    let mut errors = Errors::new();
    errors.add(Some(&[2.0]), &[0.0], &[0.2]);
    let html = check(&Page { outcome: Some(Outcome::Values(errors)), ..Page::default() });
    assert!(html.contains("+20.00 dB"));
}

#[test]
fn every_kind_of_example() {
    let series = || Input::Series {
        values: Array::from_fn([2, 100], |i| if i == 5 { f32::NAN } else { (i % 13) as f32 }),
        channels: names(&["first"]),
        sampling_rate: Some(50.0),
    };
    let picture = || Input::Image { values: Array::from_fn([3, 4, 4], |i| i as f32 / 48.0) };
    let class = || ExamplePrediction::Class {
        classes: names(&["rest", "walk"]),
        truth: Some(2),
        probabilities: vec![0.25, 0.7, 0.05, f32::NAN],
    };
    let labels = |n: usize| ExamplePrediction::Labels {
        classes: names(&["background", "walk"]),
        truth: Some((0..n).map(|i| Some(i * 3 / n)).collect()),
        predicted: vec![1; n],
    };
    let values = |shape: &[usize]| ExamplePrediction::Values {
        truth: Some(Array::from_fn(shape, |i| i as f32)),
        predicted: Array::from_fn(shape, |i| -(i as f32)),
    };
    let tags = || ExamplePrediction::Tags {
        labels: names(&["bag", "slope", "rain"]),
        truth: Some(vec![true, false, false]),
        probabilities: vec![0.25, 0.75, 0.0],
    };
    let numbers = || ExamplePrediction::Numbers {
        outputs: names(&["rate"]),
        truth: Some(vec![71.0, f64::NAN]),
        predicted: vec![78.25, 0.5],
    };
    let cases: [(Input, ExamplePrediction, &[&str]); 10] = [
        (series(), tags(), &["1 of 3 correct", "75.0%", "rain"]),
        (picture(), tags(), &["1 of 3 correct"]),
        (series(), numbers(), &["78.25", "+7.25", "output 1", ">–<"]),
        (picture(), numbers(), &["+7.25"]),
        (series(), class(), &["✗ wrong", "70.0%", "class 2", "first", "channel 1", "time in s"]),
        (
            series(),
            labels(100),
            &["33.0% agree", "truth: background from 0% to 34%", "class=\"differs\"", "k2"],
        ),
        (series(), values(&[2, 100]), &["input, truth, prediction over time", "s1 under"]),
        (picture(), class(), &["alt=\"the input image\"", "class=\"sharp\" width=\"4\""]),
        (picture(), labels(16), &["alt=\"truth\"", "alt=\"prediction\"", "agree"]),
        (picture(), values(&[3, 4, 4]), &["alt=\"input\"", "<figcaption>prediction</figcaption>"]),
    ];
    for (input, prediction, expected) in cases {
        let html =
            check(&of(Example { title: "window 12".into(), note: "typical".into(), input, prediction }));
        for text in ["window 12"].iter().chain(expected) {
            assert!(html.contains(text), "{text} is missing");
        }
    }
}

#[test]
fn unsupported_shapes_are_reported() {
    let empty =
        || ExamplePrediction::Class { classes: Vec::new(), truth: Some(0), probabilities: Vec::new() };
    let labels = || ExamplePrediction::Labels {
        classes: Vec::new(),
        truth: Some(vec![Some(0); 3]),
        predicted: vec![7; 5],
    };
    let flat = Array::from_fn([8], |_| 1.0);
    let series = |values| Input::Series { values, channels: Vec::new(), sampling_rate: Some(f64::NAN) };
    let cases = [
        (series(flat.clone()), empty(), "expected a signal of shape [channels, samples], found [8]"),
        (
            Input::Image { values: flat },
            empty(),
            "expected an image of shape [1 or 3, height, width], found [8]",
        ),
        (series(Array::from_fn([1, 0], |_| 1.0)), labels(), "found [1, 0]"),
        (Input::Image { values: Array::from_fn([1, 2, 2], |_| 1.0) }, labels(), "No mask"),
        (series(Array::from_fn([1, 9], |_| f32::INFINITY)), labels(), ">samples<"),
    ];
    for (input, prediction, expected) in cases {
        let html = check(&of(Example { title: String::new(), note: String::new(), input, prediction }));
        assert!(html.contains(expected), "{expected}");
    }
}

#[test]
fn the_config_is_shown_unchanged() {
    let config = "name: activity\ninput: { channels: 6 }  # two sensors\nlist:\n  - \"a: b\"\n# end\n";
    let html = check(&Page { config: config.to_owned(), ..Page::default() });
    let code = html.split("<code>").nth(1).unwrap().split("</code>").next().unwrap();
    let mut text = String::new();
    for piece in code.split('<') {
        text += piece.split_once('>').map_or(piece, |(_, text)| text);
    }
    assert_eq!(text.replace("&quot;", "\""), config);
}

#[test]
fn pages_are_written_atomically() {
    let folder = tempfile::tempdir().unwrap();
    let page = Page { title: "run".into(), ..Page::default() };
    page.write(folder.path().join("report.html")).unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("report.html")).unwrap(), page.html());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "a temporary file is left");
    let error = page.write("no/such/report.html").unwrap_err();
    expect!["no/such/report.html: no such folder"].assert_eq(&error.to_string());
}
