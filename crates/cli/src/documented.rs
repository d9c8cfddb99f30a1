//! Tests that docs/command.md agrees with the code.

use clap::{Command, CommandFactory};

use crate::Cli;
use crate::failure::Exit;

const PAGE: &str = include_str!("../../../docs/command.md");

/// The cells of the table with this header.
fn table(head: &str) -> Vec<Vec<&'static str>> {
    let (_, table) = PAGE.split_once(head).expect("the page has the table");
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect()).collect()
}

fn commands() -> Vec<Command> {
    Cli::command().get_subcommands().cloned().collect()
}

#[test]
fn the_commands_with_their_purpose() {
    let mut expected = Vec::new();
    for command in commands() {
        expected.push(format!(
            "`factory {}` {}",
            command.get_name(),
            command.get_about().expect("every command has a purpose")
        ));
    }
    let found: Vec<String> = table("| command | purpose |").iter().map(|row| row.join(" ")).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_exit_codes() {
    let expected = [Exit::Success, Exit::Failed, Exit::Usage, Exit::Refused, Exit::Interrupted];
    let expected: Vec<String> = expected.iter().map(|exit| (*exit as u8).to_string()).collect();
    let found: Vec<&str> = table("| code | meaning |").iter().map(|row| row[0]).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_commands_that_print_json() {
    let mut expected = Vec::new();
    for command in commands() {
        if command.get_arguments().any(|argument| argument.get_id() == "json") {
            expected.push(format!("`factory {} --json`", command.get_name()));
        }
    }
    let found: Vec<&str> = table("| command | output |").iter().map(|row| row[0]).collect();
    assert_eq!(found, expected);
}

/// Every command line on the page is accepted by the parser.
#[test]
fn the_lines_are_valid() {
    let mut count = 0;
    for line in PAGE.lines().filter(|line| line.trim_start().starts_with("factory ")) {
        let line = line.split(['#', '<', '>']).next().unwrap_or_default();
        let words = line.split_whitespace();
        if let Err(error) = Cli::command().try_get_matches_from(words) {
            panic!("{line}: {error}");
        }
        count += 1;
    }
    assert!(count > 8, "{count}");
}
