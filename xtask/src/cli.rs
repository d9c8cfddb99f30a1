//! The commands and their help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::engine_checks::Check;

/// Tasks of the Model Factory workspace
#[derive(Debug, Parser)]
#[command(bin_name = "cargo xtask")]
pub(crate) struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find libtorch, or fetch it once with pip, and tell cargo where it is
    Setup {
        /// Also tell cargo in this folder, a project outside the workspace
        #[arg(long = "for", value_name = "DIR")]
        project: Option<PathBuf>,
    },
    /// Check everything: format, tidy, lints, generated files, tests, documentation, parity, recipes, fuzz, faults; stops at the first failure
    Test,
    /// Build and start the programs of the families' READMEs in projects outside the workspace, by path and by git
    Project,
    /// Run the README's commands in a fresh clone with an empty cache, and print their times
    Readme,
    /// Check the workspace's own rules
    Tidy {
        /// Count banned phrases by crate, or list those below this folder
        #[arg(long, value_name = "FOLDER")]
        words: Option<Option<String>>,
    },
    /// Measure every model: parameters, MACs, latency eager, merged and on the engine, also beside other runtimes; `cargo xtask bench --help` lists the options
    #[command(disable_help_flag = true)]
    Bench {
        /// Passed on to the benchmark
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Write the generated files; `cargo xtask codegen --help` lists the options
    #[command(disable_help_flag = true)]
    Codegen {
        /// Passed on to the generator
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Fuzz everything that reads user input; `cargo xtask fuzz --help` lists the options
    #[command(disable_help_flag = true)]
    Fuzz {
        /// Arguments of the fuzzer
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Train the ready runs with several seeds and write docs/results.md; `cargo xtask results --help` lists the options
    #[command(disable_help_flag = true)]
    Results {
        /// Passed on to the program that trains
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run the Python of docs/recipes.md on small files and compare what is read from the results
    Recipes,
    /// Export every preset to ONNX and compare three runtimes with libtorch; `cargo xtask verify-onnx --help` lists the options
    #[command(disable_help_flag = true)]
    VerifyOnnx {
        /// Passed on to the program that verifies
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Compare the models with what their reference implementations compute
    Parity(Parity),
    /// Disturb tiny training runs with kills, full disks, damaged files and more; each must end like an undisturbed run or be refused in one sentence
    Faults(Faults),
    /// Test the engine without the standard library, with AddressSanitizer, on an emulated ARM processor and under Miri, or on random graphs for hours
    EngineChecks {
        /// Only these checks
        checks: Vec<Check>,
        /// Run random graphs for this many hours instead
        #[arg(long, value_name = "N", conflicts_with = "checks", allow_negative_numbers = true)]
        hours: Option<f64>,
    },
}

/// Options of `parity`: the cases, the interpreter and the report.
#[derive(Args, Debug)]
pub(crate) struct Parity {
    /// Folder of cases instead of the committed ones
    dir: Option<PathBuf>,
    /// Only the cases of this family
    #[arg(long)]
    family: Option<String>,
    /// The interpreter that runs the models: torch, reference, onnx, engine or engine-direct; torch by default
    #[arg(long, value_name = "INTERPRETER")]
    with: Option<String>,
    /// Also write the results to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Options of `faults`.
#[derive(Args, Clone, Debug)]
#[cfg_attr(not(unix), allow(dead_code, reason = "there the command only says that it needs a Unix system"))]
pub(crate) struct Faults {
    /// Number of cases
    #[arg(long, value_name = "N", default_value_t = 500)]
    pub(crate) count: u64,
    /// Number of the first case; the others follow it
    #[arg(long, value_name = "S", default_value_t = 0)]
    pub(crate) seed: u64,
    /// Run only the case with this number, as given in a failure
    #[arg(long, value_name = "N", conflicts_with_all = ["count", "seed", "kind"])]
    pub(crate) case: Option<u64>,
    /// Run only kinds of faults whose name contains this text
    #[arg(long, value_name = "WORDS")]
    pub(crate) kind: Option<String>,
    /// Start no more cases after this many seconds
    #[arg(long, value_name = "N")]
    pub(crate) seconds: Option<u64>,
    /// Number of cases that run at the same time [default: number of processors]
    #[arg(long, value_name = "N")]
    pub(crate) jobs: Option<usize>,
}

impl Parity {
    /// The arguments of the program `parity` of `benches`.
    pub(crate) fn arguments(&self) -> Vec<OsString> {
        let mut arguments: Vec<OsString> = self.dir.iter().map(Into::into).collect();
        if let Some(family) = &self.family {
            arguments.extend(["--family".into(), family.into()]);
        }
        if let Some(interpreter) = &self.with {
            arguments.extend(["--with".into(), interpreter.into()]);
        }
        if let Some(json) = &self.json {
            arguments.extend(["--json".into(), json.into()]);
        }
        arguments
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;
    use expect_test::{Expect, expect};

    use super::*;

    fn check(arguments: &[&str], help: &Expect) {
        let mut command = Cli::command();
        command.build();
        let command = arguments.iter().fold(&mut command, |c, name| c.find_subcommand_mut(name).unwrap());
        help.assert_eq(&command.render_help().to_string());
    }

    #[test]
    fn help() {
        check(
            &[],
            &expect![[r#"
                Tasks of the Model Factory workspace

                Usage: cargo xtask <COMMAND>

                Commands:
                  setup          Find libtorch, or fetch it once with pip, and tell cargo where it is
                  test           Check everything: format, tidy, lints, generated files, tests, documentation, parity, recipes, fuzz, faults; stops at the first failure
                  project        Build and start the programs of the families' READMEs in projects outside the workspace, by path and by git
                  readme         Run the README's commands in a fresh clone with an empty cache, and print their times
                  tidy           Check the workspace's own rules
                  bench          Measure every model: parameters, MACs, latency eager, merged and on the engine, also beside other runtimes; `cargo xtask bench --help` lists the options
                  codegen        Write the generated files; `cargo xtask codegen --help` lists the options
                  fuzz           Fuzz everything that reads user input; `cargo xtask fuzz --help` lists the options
                  results        Train the ready runs with several seeds and write docs/results.md; `cargo xtask results --help` lists the options
                  recipes        Run the Python of docs/recipes.md on small files and compare what is read from the results
                  verify-onnx    Export every preset to ONNX and compare three runtimes with libtorch; `cargo xtask verify-onnx --help` lists the options
                  parity         Compare the models with what their reference implementations compute
                  faults         Disturb tiny training runs with kills, full disks, damaged files and more; each must end like an undisturbed run or be refused in one sentence
                  engine-checks  Test the engine without the standard library, with AddressSanitizer, on an emulated ARM processor and under Miri, or on random graphs for hours
                  help           Print this message or the help of the given subcommand(s)

                Options:
                  -h, --help  Print help
            "#]],
        );
        check(
            &["setup"],
            &expect![[r#"
            Find libtorch, or fetch it once with pip, and tell cargo where it is

            Usage: cargo xtask setup [OPTIONS]

            Options:
                  --for <DIR>  Also tell cargo in this folder, a project outside the workspace
              -h, --help       Print help
        "#]],
        );
        check(
            &["bench"],
            &expect![[r#"
            Measure every model: parameters, MACs, latency eager, merged and on the engine, also beside other runtimes; `cargo xtask bench --help` lists the options

            Usage: cargo xtask bench [ARGUMENTS]...

            Arguments:
              [ARGUMENTS]...  Passed on to the benchmark
        "#]],
        );
        check(
            &["parity"],
            &expect![[r#"
                Compare the models with what their reference implementations compute

                Usage: cargo xtask parity [OPTIONS] [DIR]

                Arguments:
                  [DIR]  Folder of cases instead of the committed ones

                Options:
                      --family <FAMILY>     Only the cases of this family
                      --with <INTERPRETER>  The interpreter that runs the models: torch, reference, onnx, engine or engine-direct; torch by default
                      --json <FILE>         Also write the results to this file
                  -h, --help                Print help
            "#]],
        );
    }

    #[test]
    fn parity_passes_its_arguments_on() {
        let words =
            ["xtask", "parity", "cases", "--json", "out.json", "--family", "tcn", "--with", "reference"];
        let Command::Parity(parity) = Cli::parse_from(words).command else {
            panic!("parsed as another command")
        };
        assert_eq!(
            parity.arguments(),
            ["cases", "--family", "tcn", "--with", "reference", "--json", "out.json"].map(OsString::from)
        );
        let Command::Parity(parity) = Cli::parse_from(["xtask", "parity"]).command else {
            panic!("parsed as another command")
        };
        assert!(parity.arguments().is_empty());
    }

    #[test]
    fn bench_passes_flags_on() {
        let words = ["xtask", "bench", "--quick", "--help", "resnet"];
        let Command::Bench { arguments } = Cli::parse_from(words).command else {
            panic!("parsed as another command")
        };
        assert_eq!(arguments, words[2..]);
    }

    #[test]
    fn codegen_passes_words_and_flags_on() {
        let words = ["xtask", "codegen", "--check"];
        let Command::Codegen { arguments } = Cli::parse_from(words).command else {
            panic!("parsed as another command")
        };
        assert_eq!(arguments, words[2..]);
    }
}
