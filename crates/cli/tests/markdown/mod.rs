//! Code blocks and commands of a Markdown page.

#![allow(dead_code, reason = "each test program uses a part")]

/// A block: its language, the rest of the line that opens it, and the text without the last line break.
pub(crate) type Block<'t> = (&'t str, &'t str, &'t str);

/// All blocks in their order.
pub(crate) fn all_blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let Some((opening, text)) = block.split_once('\n') else { continue };
        let (language, rest) = opening.split_once(' ').unwrap_or((opening, ""));
        found.push((language, rest.trim(), text));
    }
    found
}

/// The blocks of one language: the rest of the line that opens the block, and the text.
pub(crate) fn blocks<'t>(page: &'t str, language: &str) -> Vec<(&'t str, &'t str)> {
    let mut found = Vec::new();
    for (of_block, rest, text) in all_blocks(page) {
        if of_block == language {
            found.push((rest, text));
        }
    }
    found
}

/// The commands of all `sh` blocks in their order, without comments; a line that ends with `\` continues.
pub(crate) fn commands(page: &str) -> Vec<String> {
    let mut commands = Vec::new();
    for (_, text) in blocks(page, "sh") {
        for line in text.replace("\\\n", " ").lines() {
            let command = line.split(" #").next().unwrap_or_default().trim();
            if !command.is_empty() && !command.starts_with('#') {
                commands.push(command.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        }
    }
    commands
}

#[test]
fn commands_are_those_of_shell_blocks() {
    let page = "text\n```sh\n# first\nfactory list   # names\nfactory train x \\\n    -o run\n```\n\n```yaml\nname: x\n```\n";
    assert_eq!(commands(page), ["factory list", "factory train x -o run"]);
    assert_eq!(blocks(page, "yaml"), [("", "name: x")]);
    assert_eq!(blocks(page, "rust"), []);
}
