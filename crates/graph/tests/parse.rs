//! Graphs read from their text: the same graph again, or an error with line and column.

use expect_test::{Expect, expect};
use graph::random::{cells, problem};
use graph::{Graph, merge};

#[test]
fn text_and_graph_are_equal_for_random_graphs() {
    for cell in 0..cells().len() {
        let problem = problem(cell, 11);
        let merged = merge(&problem.graph, &problem.weights).graph;
        for graph in [problem.graph, merged] {
            let text = graph.text();
            let parsed: Graph = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert!(parsed == graph, "{text}");
            assert_eq!(parsed.text(), text);
        }
    }
}

#[test]
fn damaged_texts_are_errors_and_never_panics() {
    for cell in (0..cells().len()).step_by(9) {
        let text = problem(cell, 12).graph.text();
        for position in 0..text.len() {
            let (before, after) = text.split_at(position);
            for damage in [before.to_owned(), format!("{before}{}", &after[1..]), format!("{before}9{after}")]
            {
                if let Ok(graph) = damage.parse::<Graph>() {
                    graph.verify().unwrap_or_else(|error| panic!("{error}\n{damage}"));
                }
            }
        }
    }
}

/// Untrusted text in messages is escaped, truncated, and on one line.
#[test]
fn errors_are_one_line_whatever_the_text() {
    let long = "x".repeat(100_000);
    let texts = [
        "%0 = input \"a\u{1b}[2J\" : [N, 1, 2]".to_owned(),
        "%0 = input \"a\u{202e}b\" : [N, 1, 2]".to_owned(),
        format!("%0 = input \"{long}\" : [N, 1, 0]"),
        format!("%0 = input \"{long}!\" : [N, 1, 2]"),
        format!("%0 = {long} \"a\" : [N, 1, 2]"),
        format!("%0 = input \"a\" : [N, 1, 2]\n%1 = activation \"b\" (%0) {long} : [N, 1, 2]"),
        format!("%0 = input \"a\" : [N{}]", ", 1".repeat(10_000)),
        format!("%0 = \u{1b}[2J {long}"),
        "%0 = nop\u{7} \"a\" : [N, 1]".to_owned(),
    ];
    for text in texts {
        let error = format!("graph 1\n{text}\noutput \"y\" = %0").parse::<Graph>().unwrap_err().to_string();
        assert!(error.len() <= 500 && !error.chars().any(|c| c.is_control() || c == '\u{202e}'), "{error:?}");
    }
}

#[test]
fn names_may_be_of_any_language() {
    let graph = Graph::build(|g| {
        let x = g.input("signal/größe", [2, 8])?;
        g.output("ספק", x)
    });
    let graph = graph.expect("the names are letters");
    assert_eq!(graph.text().parse(), Ok(graph));
}

#[test]
fn spaces_and_blank_lines_are_skipped() {
    let text = "graph 1\n\n  %0  =  input \"x\":[N,4,20]\n\t%1 = max_pool \"pool\" ( %0 ) kernel=2 padding=[0, 1]+0 : [N, 4, 20]\r\noutput \"y\" = %1\n";
    let graph: Graph = text.parse().unwrap();
    assert_eq!(
        graph.text().lines().nth(2),
        Some("%1 = max_pool \"pool\" (%0) kernel=2 padding=1+0 : [N, 4, 20]")
    );
}

/// The error of each text, whose lines follow `graph 1`, an input `%0` and a convolution `%1`.
fn check(texts: &[&str], errors: &Expect) {
    let error = |text: &&str| {
        let head = "graph 1\n%0 = input \"x\" : [N, 4, 20]\n%1 = conv \"conv\" (%0) out=8 kernel=3 padding=same : [N, 8, 20]\n";
        let error = format!("{head}{text}").parse::<Graph>().expect_err("the text is damaged");
        format!("{error}\n")
    };
    errors.assert_eq(&texts.iter().map(error).collect::<String>());
}

#[test]
fn errors_of_the_form() {
    check(
        &[
            "",
            "%3 = reverse \"r\" (%1) : [N, 8, 20]",
            "%2 = reversed \"r\" (%1) : [N, 8, 20]",
            "%2 = reverse r (%1) : [N, 8, 20]",
            "%2 = reverse \"r (%1) : [N, 8, 20]",
            "%2 = reverse \"r\" (%2) : [N, 8, 20]",
            "%2 = reverse \"r\" (%99999999999999999999) : [N, 8, 20]",
            "%2 = reverse \"r\" (%1 : [N, 8, 20]",
            "%2 = reverse \"r\" (%1) bias : [N, 8, 20]",
            "%2 = reverse \"r\" (%1)",
            "%2 = reverse \"r\" (%1) : [N, 8, 20] and more",
            "%2 = conv \"c\" (%1) kernel=3 padding=same : [N, 8, 20]",
            "%2 = conv \"c\" (%1) out=eight kernel=3 padding=same : [N, 8, 20]",
            "%2 = conv \"c\" (%1) out=8 kernel=3 padding=round : [N, 8, 20]",
            "%2 = select \"s\" (%1) second : [N, 8]",
            "%2 = activation \"a\" (%1) rely : [N, 8, 20]",
            "output \"y\" (%1)",
            "outputs \"y\" = %1",
        ],
        &expect![[r#"
            line 3, column 63: expected at least one output, found none
            line 4, column 1: expected `%2`, found `%3 = reverse "r" (%1) : [N, 8, 20]`
            line 4, column 6: expected an operation, found `reversed`
            line 4, column 14: expected `"`, found `r (%1) : [N, 8, 20]`
            line 4, column 14: expected a second quote after the name, found the end of the line
            line 4, column 19: expected a value of an earlier line, found %2
            line 4, column 20: expected a whole number, found `99999999999999999999) : [N, 8, 20]`
            line 4, column 22: expected `)`, found `: [N, 8, 20]`
            line 4, column 23: expected `:`, found `bias : [N, 8, 20]`
            line 4, column 22: expected `:`, found the end of the line
            line 4, column 36: expected the end of the line, found `and more`
            line 4, column 20: expected `out=`, found `kernel=3 padding=same : [N, 8, 20]`
            line 4, column 24: expected a whole number, found `eight kernel=3 padding=same : [N, 8, 20]`
            line 4, column 43: expected same, symmetric, causal, valid or numbers, found `round : [N, 8, 20]`
            line 4, column 22: expected one of first, middle, last, found `second : [N, 8]`
            line 4, column 26: expected an activation, found `rely`; known activations: relu, relu6, leaky_relu, elu, selu, gelu, gelu_tanh, silu, hard_swish, sigmoid, hard_sigmoid, tanh, softplus, mish
            line 4, column 12: expected `=`, found `(%1)`
            line 4, column 1: expected `%2`, found `outputs "y" = %1`
        "#]],
    );
}

#[test]
fn errors_of_the_graph() {
    check(
        &[
            "%2 = conv \"conv\" (%1) out=8 kernel=3 padding=same : [N, 8, 20]",
            "%2 = conv \"c\" (%1) out=8 kernel=0 padding=same : [N, 8, 20]",
            "  %2 = add \"a\" (%0, %1) : [N, 8, 20]",
            "%2 = reverse \"r\" (%1) : [N, 8, 21]",
            "%2 = input \"z\" : [N, 4]",
            "output \"y\" = %1\noutput \"y\" = %0",
        ],
        &expect![[r#"
            line 4, column 6: conv: duplicate name; an earlier node has it
            line 4, column 6: c: conv of [N, 8, 20]: kernel: expected at least 1, found 0
            line 4, column 8: a: add of [N, 4, 20] and [N, 8, 20]: expected equal shapes, found [N, 4, 20] and [N, 8, 20]
            line 4, column 25: expected [N, 8, 20], which the operation computes, found [N, 8, 21]
            line 4, column 6: z: expected a series [N, C, T] or an image [N, C, H, W], found [N, 4]
            line 5, column 8: y: duplicate name; an earlier output has it
        "#]],
    );
}

#[test]
fn errors_of_the_version() {
    let error = |text: &str| text.parse::<Graph>().unwrap_err().to_string();
    assert_eq!(error(""), "line 1, column 1: expected `graph 1`, found the end of the line");
    assert_eq!(error("graph 2\n"), "line 1, column 1: expected `graph 1`, found `graph 2`");
    assert_eq!(error("graph 1\n"), "line 1, column 8: expected at least one output, found none");
}
