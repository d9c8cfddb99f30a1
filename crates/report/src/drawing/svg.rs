//! The drawing as SVG.

use std::fmt::{Arguments, Write};

use graph::{Cost, printable};

use super::blocks::{Block, Blocks, short};
use super::kind::Kind;
use super::layout::{FONT, Frame, INSET, LINE, Label, Layout, text_width};

/// Margin around the drawing.
const MARGIN: f64 = 24.0;
/// Height of the title and the line below it.
const HEAD: f64 = 56.0;

pub(super) fn write(title: &str, cost: &Cost, blocks: &Blocks, layout: &Layout) -> String {
    let title = &printable(title);
    let subtitle = format!("{} parameters, {} MACs", short(cost.trainable), short(cost.macs));
    let (width, height) = layout.size;
    let width = width.max(1.4 * text_width(title)).max(text_width(&subtitle)).max(360.0);
    let (legend, legend_height) = legend(blocks, width);
    let mut svg = String::new();
    let size = (width + 2.0 * MARGIN, HEAD + height + legend_height + 3.0 * MARGIN);
    push_head(&mut svg, title, &subtitle, size);
    // The rest is centered as one, because only blocks lie to the left of the middle.
    let shift = MARGIN + (width - layout.size.0) / 2.0;
    push(&mut svg, format_args!("<g transform=\"translate({shift:.1} {:.1})\">", MARGIN + HEAD));
    push(&mut svg, format_args!("<g fill=\"none\" stroke=\"#607d8b\" stroke-width=\"1.3\">"));
    for line in &layout.lines {
        let path = path(&line.points, line.curved);
        push(&mut svg, format_args!("<path d=\"{path}\" marker-end=\"url(#head)\"/>"));
    }
    push(&mut svg, format_args!("</g>"));
    for (block, frame) in blocks.blocks.iter().zip(&layout.frames) {
        push_block(&mut svg, block, *frame);
    }
    // Labels first get a white outline, so that lines do not cross their text.
    for outline in ["stroke=\"#ffffff\" stroke-width=\"3\"", ""] {
        push(&mut svg, format_args!("<g fill=\"#546e7a\" font-size=\"11\" {outline}>"));
        for Label { x, y, text } in &layout.labels {
            push(&mut svg, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(text)));
        }
        push(&mut svg, format_args!("</g>"));
    }
    push(&mut svg, format_args!("</g>"));
    let y = HEAD + height + 2.0 * MARGIN;
    push(&mut svg, format_args!("<g transform=\"translate({MARGIN} {y:.1})\">\n{legend}</g>\n</svg>"));
    svg
}

fn push(svg: &mut String, line: Arguments<'_>) {
    writeln!(svg, "{line}").expect("strings can be written to");
}

fn push_head(svg: &mut String, title: &str, subtitle: &str, (width, height): (f64, f64)) {
    let title = escaped(title);
    push(
        svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" \
             font-size=\"{FONT}\" fill=\"#263238\">\n<title>{title}</title>\n\
             <defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"#607d8b\"/></marker></defs>\n\
             <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
        ),
    );
    let (x, y) = (MARGIN, MARGIN + 12.0);
    push(svg, format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"16\" font-weight=\"bold\">{title}</text>"));
    push(svg, format_args!("<text x=\"{x}\" y=\"{}\" fill=\"#607d8b\">{subtitle}</text>", y + 20.0));
}

fn push_block(svg: &mut String, block: &Block, frame: Frame) {
    let (fill, outline) = block.kind.colors();
    let Frame { x, y, width, height } = frame;
    push(
        svg,
        format_args!(
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"5\" fill=\"{fill}\" stroke=\"{outline}\"/>"
        ),
    );
    if block.kinds.len() > 1 {
        for (i, kind) in block.kinds.iter().enumerate() {
            let (x, y) = (x + width - 12.0 - 9.0 * (block.kinds.len() - i - 1) as f64, y + 5.0);
            let (fill, outline) = kind.colors();
            push(
                svg,
                format_args!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"7\" height=\"7\" fill=\"{fill}\" stroke=\"{outline}\"/>"
                ),
            );
        }
    }
    let (x, name) = (x + INSET, escaped(&block.name));
    push(
        svg,
        format_args!("<text x=\"{x:.1}\" y=\"{:.1}\" font-weight=\"bold\">{name}</text>", y + LINE + 2.0),
    );
    for (i, line) in block.lines.iter().enumerate() {
        let y = y + LINE * (i + 2) as f64 + 2.0;
        push(svg, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\">{}</text>", escaped(line)));
    }
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
        let (fill, outline) = kind.colors();
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
