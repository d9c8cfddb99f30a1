//! The drawing as SVG.

use std::fmt::Write;

use graph::Cost;

use super::blocks::{Blocks, short};
use super::kind::Kind;
use super::layout::{FONT, INSET, LINE, Layout, text_width};

/// Around the drawing.
const MARGIN: f64 = 24.0;
/// Of the title with the line below it.
const HEAD: f64 = 56.0;

pub(super) fn write(title: &str, cost: &Cost, blocks: &Blocks, layout: &Layout) -> String {
    let subtitle = format!("{} parameters, {} MACs", short(cost.trainable), short(cost.macs));
    let (width, height) = layout.size;
    let width = width.max(1.4 * text_width(title)).max(text_width(&subtitle)).max(360.0);
    let (legend, below) = legend(blocks, width);
    let (all, down) = (width + 2.0 * MARGIN, HEAD + height + below + 3.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{all:.0}\" height=\"{down:.0}\" \
         viewBox=\"0 0 {all:.0} {down:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" \
         font-size=\"{FONT}\" fill=\"#263238\">\n<title>{}</title>\n\
         <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
         orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"#607d8b\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n",
        escaped(title)
    );
    // Left of the middle there is nothing but blocks, so the rest is centred as one.
    let shift = MARGIN + (width - layout.size.0) / 2.0;
    let mut push = |text: String| {
        svg.push_str(&text);
        svg.push('\n');
    };
    let (x, y) = (MARGIN, MARGIN + 12.0);
    push(format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"16\" font-weight=\"bold\">{}</text>",
        escaped(title)
    ));
    push(format!("<text x=\"{x}\" y=\"{}\" fill=\"#607d8b\">{subtitle}</text>", y + 20.0));
    push(format!("<g transform=\"translate({shift:.1} {:.1})\">", MARGIN + HEAD));
    push("<g fill=\"none\" stroke=\"#607d8b\" stroke-width=\"1.3\">".to_owned());
    for line in &layout.lines {
        push(format!("<path d=\"{}\" marker-end=\"url(#head)\"/>", path(&line.points, line.curved)));
    }
    push("</g>".to_owned());
    for (block, frame) in blocks.blocks.iter().zip(&layout.frames) {
        let (fill, outline) = block.kind.colours();
        let (x, y) = (frame.x, frame.y);
        push(format!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" rx=\"5\" fill=\"{fill}\" stroke=\"{outline}\"/>",
            frame.width, frame.height
        ));
        for (i, kind) in block.kinds.iter().enumerate().filter(|_| block.kinds.len() > 1) {
            let x = x + frame.width - 12.0 - 9.0 * (block.kinds.len() - i - 1) as f64;
            let (fill, outline) = kind.colours();
            push(format!(
                "<rect x=\"{x:.1}\" y=\"{:.1}\" width=\"7\" height=\"7\" fill=\"{fill}\" stroke=\"{outline}\"/>",
                y + 5.0
            ));
        }
        let x = x + INSET;
        push(format!(
            "<text x=\"{x:.1}\" y=\"{:.1}\" font-weight=\"bold\">{}</text>",
            y + LINE + 2.0,
            escaped(&block.name)
        ));
        for (i, line) in block.lines.iter().enumerate() {
            let y = y + LINE * (i + 2) as f64 + 2.0;
            push(format!("<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(line)));
        }
    }
    // A white rim first, so that lines do not cross the text.
    for rim in ["stroke=\"#ffffff\" stroke-width=\"3\"", ""] {
        push(format!("<g fill=\"#546e7a\" font-size=\"11\" {rim}>"));
        for label in &layout.labels {
            push(format!("<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", label.x, label.y, escaped(&label.text)));
        }
        push("</g>".to_owned());
    }
    push("</g>".to_owned());
    push(format!(
        "<g transform=\"translate({MARGIN} {:.1})\">\n{legend}</g>\n</svg>",
        HEAD + height + 2.0 * MARGIN
    ));
    svg
}

/// The legend of the kinds that occur, in lines of `width`, and its height.
fn legend(blocks: &Blocks, width: f64) -> (String, f64) {
    let (mut text, mut x, mut y) = (String::new(), 0.0, 0.0);
    let used = |kind: &Kind| blocks.blocks.iter().any(|block| block.kinds.contains(kind));
    for kind in Kind::ALL.into_iter().filter(used) {
        let needed = 22.0 + text_width(kind.name());
        if x > 0.0 && x + needed > width {
            (x, y) = (0.0, y + 20.0);
        }
        let (fill, outline) = kind.colours();
        let name = kind.name();
        let _ = writeln!(
            text,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"12\" height=\"12\" fill=\"{fill}\" stroke=\"{outline}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
            x + 18.0,
            y + 10.5
        );
        x += needed + 18.0;
    }
    (text, y + 20.0)
}

fn path(points: &[(f64, f64)], curved: bool) -> String {
    let mut path = String::new();
    match points {
        [(x, y), (to_x, to_y)] if curved => {
            let (stub, mid) = (y + 24.0, (y + 24.0 + to_y) / 2.0);
            let _ = write!(
                path,
                "M{x:.1} {y:.1}V{stub:.1}C{x:.1} {mid:.1} {to_x:.1} {stub:.1} {to_x:.1} {to_y:.1}"
            );
        }
        _ => {
            for (i, (x, y)) in points.iter().enumerate() {
                let _ = write!(path, "{}{x:.1} {y:.1}", if i == 0 { "M" } else { "L" });
            }
        }
    }
    path
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
