//! Samples on standard input.

use std::io::{BufRead, BufReader, Write};

use expect_test::expect;

use crate::models::{ACTIVITY, CAUSAL, DENOISER, EXCITED, series};
use crate::place::{Place, lines};

/// The printed predictions on a file, without the origin.
fn of_file(place: &Place, file: &str) -> Vec<String> {
    let table = place.prints(&format!(". {file}"), "");
    table.lines().map(|line| line.split_once(',').unwrap().1.to_owned()).collect()
}

/// Equal lines, but for rounding.
#[track_caller]
fn close(found: &[String], expected: &[String]) {
    assert_eq!(found.len(), expected.len());
    for (found_line, expected_line) in found.iter().zip(expected) {
        let [found, expected] = [found_line, expected_line].map(|line| line.split(',').collect::<Vec<_>>());
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            let close = match (found.parse::<f32>(), expected.parse::<f32>()) {
                (Ok(found), Ok(expected)) => (found - expected).abs() <= 1e-5 * (1.0 + expected.abs()),
                _ => *found == expected,
            };
            assert!(close, "{found_line}, not {expected_line}");
        }
    }
}

/// A stream says what the file says: of causal networks, of those that look ahead and have strides, of
/// those that see the whole input; however many samples at once, and however short.
#[test]
fn equals_the_file() {
    let stepped: &[(usize, &[&str])] = &[(150, &["", " --step 7"]), (23, &[""])];
    let plain: &[(usize, &[&str])] = &[(150, &[""])];
    for (config, channels, runs) in
        [(CAUSAL, 2, plain), (DENOISER, 1, stepped), (EXCITED, 2, stepped), (ACTIVITY, 2, plain)]
    {
        let place = Place::new(config);
        for (samples, steps) in runs {
            let whole = series(channels, *samples);
            place.input("in.safetensors", &whole);
            let expected = of_file(&place, "in.safetensors");
            for step in *steps {
                let found = place.prints(&format!(". -{step}"), &lines(&whole, ",").concat());
                close(&found.lines().map(str::to_owned).collect::<Vec<_>>(), &expected);
            }
        }
    }
}

/// Each line in gives its line out before the next one is written.
#[test]
fn a_line_in_a_line_out() {
    let place = Place::new(CAUSAL);
    let whole = series(2, 60);
    place.input("in.safetensors", &whole);
    let expected = of_file(&place, "in.safetensors");
    let mut child = place.start(". -");
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    // The header comes with the first prediction.
    let mut found = Vec::new();
    for line in lines(&whole, "\t") {
        input.write_all(line.as_bytes()).unwrap();
        if found.is_empty() {
            found.push(output.next().unwrap().unwrap());
        }
        found.push(output.next().unwrap().unwrap());
    }
    drop(input);
    assert!(output.next().is_none());
    assert!(child.wait().unwrap().success());
    close(&found, &expected);
}

/// Of windows there is a line when one is full, every so many samples.
#[test]
fn windows_as_they_fill() {
    let place = Place::new(ACTIVITY);
    let mut child = place.start(". - --step 10");
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    let whole = lines(&series(2, 75), " ");
    let (mut read, mut written) = (Vec::new(), 0);
    for full in [40, 50, 60, 70] {
        input.write_all(whole[written..full].concat().as_bytes()).unwrap();
        written = full;
        if read.is_empty() {
            let header = output.next().unwrap().unwrap();
            assert_eq!(header, "start,class,p_up,\"p_down, slowly\",p_flat");
        }
        let line = output.next().unwrap().unwrap();
        read.push(line.split_once(',').unwrap().0.to_owned());
    }
    input.write_all(whole[written..].concat().as_bytes()).unwrap();
    drop(input);
    assert!(output.next().is_none());
    assert_eq!(read, ["0", "10", "20", "30"]);
    assert!(child.wait().unwrap().success());
}

/// Predictions before a bad line are written; then the stream ends.
#[test]
fn a_bad_line() {
    let place = Place::new(CAUSAL);
    let (code, out, err) = place.run(". -", "1,2\n3 4\n5\n6,7\n");
    assert_eq!((code, out.lines().count()), (3, 3));
    expect![[r#"
        error: standard input: line 3: expected 2 values, one per channel, found 1
    "#]]
    .assert_eq(&err);
}

#[test]
fn empty_input() {
    Place::new(CAUSAL).fails(
        ". -",
        "",
        &expect![[r#"
        error: standard input: line 1: expected at least one sample, found none
    "#]],
    );
}

/// A reader that has gone is not an error.
#[test]
fn quiet_ends() {
    let place = Place::new(CAUSAL);
    let mut child = place.start(". -");
    let mut input = child.stdin.take().unwrap();
    drop(child.stdout.take());
    // The command may be gone already.
    let _ = input.write_all(lines(&series(2, 50), ",").concat().as_bytes());
    drop(input);
    assert!(child.wait().unwrap().success());
}
