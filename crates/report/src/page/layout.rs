//! The frame of the page: head, contents, sections.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{Figure, Page, chart, color, example, results, table};

/// Nothing is fetched; images are part of the page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// Number of lines up to which the config is shown unfolded.
const LONG: usize = 60;

/// The document of a run.
pub(super) fn document(page: &Page) -> Markup {
    let header = Header { title: &page.title, summary: &page.summary, figures: &page.figures };
    frame(&header, &sections(page))
}

/// The top of a page.
pub(super) struct Header<'a> {
    pub(super) title: &'a str,
    pub(super) summary: &'a str,
    pub(super) figures: &'a [Figure],
}

/// A document with sections.
pub(super) fn frame(page: &Header<'_>, sections: &[Section]) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { (page.title) }
                style { (PreEscaped(include_str!("style.css"))) (PreEscaped(color::rules())) }
            }
            body {
                nav aria-label="Contents" {
                    a.home href="#top" { (page.title) }
                    @for section in sections { a href={ "#" (section.id) } { (section.title) } }
                }
                main #top {
                    header {
                        h1 { (page.title) }
                        @if !page.summary.is_empty() { p { (page.summary) } }
                    }
                    (tiles(page.figures))
                    @for section in sections {
                        section id=(section.id) aria-label=(section.title) {
                            h2 { (section.title) }
                            (section.content)
                        }
                    }
                }
            }
        }
    }
}

/// A section of a page.
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) content: Markup,
}

/// The sections in order. Readers expect curves, results and examples, so these say if they are missing;
/// other empty sections are omitted.
fn sections(page: &Page) -> Vec<Section> {
    let mut sections = vec![
        Section { id: "curves", title: "Training", content: curves(page) },
        Section { id: "results", title: "Results", content: outcome(page) },
    ];
    let mut add = |id, title, present: bool, content: Markup| {
        if present {
            sections.push(Section { id, title, content });
        }
    };
    let comparisons = html! { div.stack { @for table in &page.comparisons { (table::render(table)) } } };
    add("comparison", "Comparison", !page.comparisons.is_empty(), comparisons);
    add("examples", "Examples", true, examples(page));
    add("data", "Data", !(page.data.is_empty() && page.notes.is_empty()), data(page));
    add("model", "Model", !page.model.rows.is_empty(), table::render(&page.model));
    add(
        "reproduce",
        "Reproduce",
        !(page.command.is_empty() && page.config.is_empty()),
        reproduce(&page.command, &page.config),
    );
    sections
}

fn tiles(figures: &[Figure]) -> Markup {
    html! {
        @if !figures.is_empty() {
            dl.tiles {
                @for Figure { name, value, note } in figures {
                    div {
                        dt { (name) }
                        dd.value { (value) }
                        @if !note.is_empty() { dd { (note) } }
                    }
                }
            }
        }
    }
}

fn curves(page: &Page) -> Markup {
    html! {
        @if page.curves.is_empty() { p.empty { "No curves: the journal of the run is empty." } }
        div.curves { @for chart in &page.curves { (chart::render(chart)) } }
    }
}

fn outcome(page: &Page) -> Markup {
    match &page.outcome {
        Some(outcome) => html! {
            @if !page.evaluated.is_empty() { p.note.under-title { "Evaluated on " (page.evaluated) "." } }
            div.stack { (results::render(outcome, &page.details)) }
        },
        None => html! { p.empty { "Not evaluated: there is no labeled test or validation data." } },
    }
}

/// The splits, and what was concluded about their files.
fn data(page: &Page) -> Markup {
    html! {
        div.card.lines {
            @if !page.data.is_empty() { ul { @for line in &page.data { li { (line) } } } }
            @if !page.notes.is_empty() {
                p.note { "Notes on the files" }
                ul { @for note in &page.notes { li { (note) } } }
            }
        }
    }
}

fn examples(page: &Page) -> Markup {
    html! {
        @if page.examples.is_empty() { p.empty { "No example predictions." } }
        div.examples { @for example in &page.examples { (example::render(example)) } }
    }
}

/// The command and the config of a run.
pub(super) fn reproduce(command: &str, config: &str) -> Markup {
    let short = config.lines().count() <= LONG;
    html! {
        div.stack {
            @if !command.is_empty() {
                figure.card {
                    figcaption { "Command" }
                    pre tabindex="0" aria-label="Command" { code { (command) } }
                }
            }
            @if !config.is_empty() {
                details.card open[short] {
                    summary { "Config" }
                    pre tabindex="0" aria-label="Config" { code { @for line in config.lines() { (yaml(line)) "\n" } } }
                }
            }
        }
    }
}

/// A line of YAML with its key and its comment marked.
fn yaml(line: &str) -> Markup {
    let comment = if line.trim_start().starts_with('#') { Some(0) } else { line.find(" #") };
    let (text, comment) = line.split_at(comment.unwrap_or(line.len()));
    let end = if text.ends_with(':') { Some(text.len() - 1) } else { None };
    let end = text.find(": ").or(end).unwrap_or(0);
    let is_key = !text[..end].contains(['"', '{', '[']);
    let (key, value) = text.split_at(if is_key { end } else { 0 });
    html! {
        @if !key.is_empty() { span.yaml-key { (key) } }
        (value)
        @if !comment.is_empty() { span.yaml-comment { (comment) } }
    }
}
