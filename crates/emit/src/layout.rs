//! Expressions and statements as rustfmt lays them out, in the style of this project.

/// The longest line.
const WIDTH: usize = 110;
/// The longest element of a list that stands with others on a line.
const SHORT: usize = 10;

/// An expression that can be broken into lines.
#[derive(Clone)]
pub(crate) enum Expression {
    Text(String),
    Call { head: String, arguments: Vec<Self> },
    Struct { name: String, fields: Vec<String>, base: Option<Box<Self>> },
    List { borrowed: bool, items: Vec<Self> },
}

impl Expression {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().to_owned())
    }

    pub(crate) fn call(head: impl Into<String>, arguments: impl IntoIterator<Item = Self>) -> Self {
        Self::Call { head: head.into(), arguments: arguments.into_iter().collect() }
    }

    /// On one line.
    pub(crate) fn flat(&self) -> String {
        let join = |items: &[Self]| items.iter().map(Self::flat).collect::<Vec<_>>().join(", ");
        match self {
            Self::Text(text) => text.clone(),
            Self::Call { head, arguments } => format!("{head}({})", join(arguments)),
            Self::Struct { name, fields, base } => {
                let base = base.iter().map(|base| format!("..{}", base.flat()));
                let fields: Vec<String> = fields.iter().cloned().chain(base).collect();
                format!("{name} {{ {} }}", fields.join(", "))
            }
            Self::List { borrowed, items } => format!("{}[{}]", ampersand(*borrowed), join(items)),
        }
    }

    /// On one line after `before` columns and before `after`, or on several.
    fn lay_out(&self, indent: usize, before: usize, after: usize) -> String {
        let flat = self.flat();
        if before + flat.chars().count() + after <= WIDTH {
            return flat;
        }
        let inner = indent + 4;
        let (pad, end) = (" ".repeat(inner), " ".repeat(indent));
        match self {
            Self::Text(text) => text.clone(),
            // An argument that stands alone opens on the line of its call.
            Self::Call { head, arguments }
                if matches!(arguments.as_slice(), [Self::List { .. } | Self::Struct { .. }]) =>
            {
                format!("{head}({})", arguments[0].lay_out(indent, before + head.len() + 1, after + 1))
            }
            Self::Call { head, arguments } => {
                let line = |argument: &Self| format!("{pad}{},\n", argument.lay_out(inner, inner, 1));
                format!("{head}(\n{}{end})", arguments.iter().map(line).collect::<String>())
            }
            Self::Struct { name, fields, base } => {
                let fields: String = fields.iter().map(|field| format!("{pad}{field},\n")).collect();
                let base = base.iter().map(|base| format!("{pad}..{}\n", base.lay_out(inner, inner + 2, 0)));
                format!("{name} {{\n{fields}{}{end}}}", base.collect::<String>())
            }
            Self::List { borrowed, items } => {
                let items: Vec<String> = items.iter().map(|item| item.lay_out(inner, inner, 1)).collect();
                let lines = if items.iter().all(|item| item.len() <= SHORT) {
                    filled(&items, inner)
                } else {
                    items.iter().map(|item| format!("{pad}{item},\n")).collect()
                };
                format!("{}[\n{lines}{end}]", ampersand(*borrowed))
            }
        }
    }
}

/// `before = expression` and `after`, with `before =` on a line of its own where that saves lines.
pub(crate) fn assignment(indent: usize, before: &str, expression: &Expression, after: &str) -> String {
    let pad = " ".repeat(indent);
    let start = indent + before.len() + 3;
    let flat = expression.flat().chars().count() + after.len();
    // rustfmt leaves room for two more after a struct.
    let is_struct = matches!(expression, Expression::Call { arguments, .. } if matches!(arguments.last(), Some(Expression::Struct { .. })));
    let spare = if is_struct { 2 } else { 0 };
    if start + flat + spare > WIDTH && indent + 4 + flat <= WIDTH {
        return format!("{pad}{before} =\n{pad}    {}{after}\n", expression.flat());
    }
    format!("{pad}{before} = {}{after}\n", expression.lay_out(indent, start, after.len() + spare))
}

/// An expression and what follows it, as a line or several.
pub(crate) fn statement(indent: usize, expression: &Expression, after: &str) -> String {
    format!("{}{}{after}\n", " ".repeat(indent), expression.lay_out(indent, indent, after.len()))
}

/// The first line of a function, or several.
pub(crate) fn signature(name: &str, parameters: &[String], result: &str) -> String {
    let flat = format!("fn {name}({}) -> {result} {{\n", parameters.join(", "));
    if flat.len() <= WIDTH + 1 {
        return flat;
    }
    let lines: String = parameters.iter().map(|parameter| format!("    {parameter},\n")).collect();
    format!("fn {name}(\n{lines}) -> {result} {{\n")
}

/// The import of these names, which are sorted.
pub(crate) fn import(krate: &str, names: &[&str]) -> String {
    let flat = match names {
        [name] => format!("use {krate}::{name};\n"),
        names => format!("use {krate}::{{{}}};\n", names.join(", ")),
    };
    if flat.len() < WIDTH {
        return flat;
    }
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    format!("use {krate}::{{\n{}}};\n", filled(&names, 4))
}

/// Items on as few lines as they fit, each followed by a comma.
fn filled(items: &[String], indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut lines: Vec<String> = Vec::new();
    for item in items {
        match lines.last_mut() {
            Some(line) if line.chars().count() + item.chars().count() + 2 <= WIDTH => {
                line.push_str(&format!(" {item},"));
            }
            _ => lines.push(format!("{pad}{item},")),
        }
    }
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn ampersand(borrowed: bool) -> &'static str {
    if borrowed { "&" } else { "" }
}
