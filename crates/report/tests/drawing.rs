//! Drawings: blocks do not overlap, text fits into its box, equal graphs give equal bytes.

#![allow(clippy::unwrap_used, reason = "what fails in a helper fails its test")]

use factory::Factory;
use report::drawing;

/// The value of an attribute of an SVG element.
fn number(element: &str, attribute: &str) -> f64 {
    let rest = element.split_once(&format!(" {attribute}=\"")).unwrap().1;
    rest.split_once('"').unwrap().0.parse().unwrap()
}

#[test]
fn every_ready_model_is_drawn() {
    let factory = Factory::builtin();
    for name in factory::models::names() {
        let model = factory.build_ready(name).unwrap();
        let svg = drawing(&model.graph, &model.name, None).unwrap();
        assert_eq!(svg, drawing(&model.graph, &model.name, None).unwrap());
        let boxes: Vec<&str> =
            svg.lines().filter(|line| line.starts_with("<rect") && line.contains("rx=")).collect();
        assert!(boxes.len() > 3 && boxes.len() <= 26, "{name}: {} boxes", boxes.len());
    }
}

#[test]
fn blocks_do_not_overlap_and_contain_their_text() {
    let factory = Factory::builtin();
    for name in factory::models::names() {
        for depth in [1, 2, 9] {
            let model = factory.build_ready(name).unwrap();
            let svg = drawing(&model.graph, &model.name, Some(depth)).unwrap();
            let mut frames: Vec<[f64; 4]> = Vec::new();
            for line in svg.lines() {
                if line.starts_with("<rect") && line.contains("rx=") {
                    frames.push(["x", "y", "width", "height"].map(|attribute| number(line, attribute)));
                }
            }
            for (i, [x, y, w, h]) in frames.iter().enumerate() {
                let apart = frames[..i]
                    .iter()
                    .all(|[a, b, c, d]| x + w <= *a || a + c <= *x || y + h <= *b || b + d <= *y);
                assert!(apart, "{name} at depth {depth}: box {i} overlaps another");
            }
            // A line of text follows its box, and fits into it in the widest monospaced font.
            let mut frame = None;
            for line in svg.lines().take_while(|line| !line.contains("stroke-width=\"3\"")) {
                if line.starts_with("<rect") && line.contains("rx=") {
                    frame = Some(["x", "y", "width", "height"].map(|attribute| number(line, attribute)));
                }
                if let (true, Some([x, y, w, h])) = (line.starts_with("<text"), frame) {
                    let text = line.split_once('>').unwrap().1.split_once('<').unwrap().0;
                    let width = 0.602 * 12.0 * text.chars().count() as f64;
                    assert!(number(line, "x") >= x && number(line, "x") + width <= x + w, "{name}: {text}");
                    assert!(number(line, "y") > y && number(line, "y") < y + h, "{name}: {text}");
                }
            }
        }
    }
}

/// The title is untrusted text, and XML does not allow control characters, not even escaped.
#[test]
fn a_drawing_is_well_formed_whatever_its_title() {
    let model = Factory::builtin().build_ready(factory::models::names().next().unwrap()).unwrap();
    let titles =
        ["\u{0}\u{1b}[2J\u{7}", "a\nb\tc", "\u{202e}reversed", "\u{ffff}\u{fffe}", "</title><script>&\"'"];
    for title in titles {
        let svg = drawing(&model.graph, title, Some(1)).unwrap();
        let is_allowed =
            |c: char| c == '\n' || !(c.is_control() || matches!(c, '\u{202e}' | '\u{fffe}' | '\u{ffff}'));
        assert!(svg.chars().all(is_allowed), "{title:?}");
        assert!(!svg.contains("<script>") && svg.matches("</title>").count() == 1, "{title:?}");
    }
    let long = drawing(&model.graph, &"x".repeat(100_000), Some(1)).unwrap();
    assert!(long.len() < 100_000);
}
