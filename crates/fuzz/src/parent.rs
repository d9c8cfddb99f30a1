//! Starts a process for each kind, restarts it after a crash, and collects the findings.

use std::fs::File;
use std::io::Write;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::child::{self, KNOWN};
use crate::cli::{Cli, Extent};
use crate::findings::Finding;
use crate::kinds::Entry;
use crate::random::case_seed;
use crate::reduce::{Budget, reduce};
use crate::state;
use crate::trouble::{Trouble, What, skeleton};

/// A process whose case makes no progress for this long is considered to be blocked.
const STALL: Duration = Duration::from_secs(600);

/// The counts of one kind.
struct Total {
    kind: &'static str,
    cases: u64,
    accepted: u64,
    refused: u64,
    findings: usize,
}

/// Runs the selected kinds. Returns whether there are no findings.
pub(crate) fn run(cli: &Cli) -> Result<bool> {
    let kinds = cli.kinds()?;
    let jobs = cli.jobs.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()));
    let next = AtomicUsize::new(0);
    let totals: Mutex<Vec<Total>> = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        loop {
            let Some(kind) = kinds.get(next.fetch_add(1, Ordering::Relaxed)) else { return Ok(()) };
            let total = Campaign::new(cli, kind)?.run().with_context(|| kind.name)?;
            totals.lock().unwrap_or_else(PoisonError::into_inner).push(total);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs.clamp(1, kinds.len().max(1))).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            match thread.join() {
                Ok(result) => result?,
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        anyhow::Ok(())
    })?;
    let totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    print_table(&kinds, &totals)?;
    Ok(totals.iter().all(|total| total.findings == 0))
}

fn print_table(kinds: &[&Entry], totals: &[Total]) -> Result<()> {
    let mut output = std::io::stdout().lock();
    writeln!(
        output,
        "{:<10} {:>12} {:>12} {:>12} {:>8}",
        "kind", "cases", "accepted", "refused", "findings"
    )?;
    for kind in kinds {
        if let Some(Total { kind, cases, accepted, refused, findings }) =
            totals.iter().find(|total| total.kind == kind.name)
        {
            writeln!(output, "{kind:<10} {cases:>12} {accepted:>12} {refused:>12} {findings:>8}")?;
        }
    }
    Ok(())
}

/// The run of one kind.
struct Campaign<'a> {
    cli: &'a Cli,
    kind: &'static Entry,
    scratch: tempfile::TempDir,
    findings: Vec<Finding>,
}

impl<'a> Campaign<'a> {
    fn new(cli: &'a Cli, kind: &'static Entry) -> Result<Self> {
        // In memory if possible, because every case of some kinds writes a file.
        let memory = Path::new("/dev/shm");
        let scratch = tempfile::tempdir_in(memory).or_else(|_| tempfile::tempdir())?;
        Ok(Self { cli, kind, scratch, findings: Vec::new() })
    }

    fn run(mut self) -> Result<Total> {
        let start = Instant::now();
        let (to, time) = match self.cli.extent(self.kind) {
            Extent::Seconds(seconds) => (u64::MAX, Duration::from_secs(seconds)),
            Extent::Cases(cases) => (cases, Duration::MAX),
        };
        let mut total = Total { kind: self.kind.name, cases: 0, accepted: 0, refused: 0, findings: 0 };
        while total.cases < to && start.elapsed() < time {
            let left = time.saturating_sub(start.elapsed()).as_millis();
            let milliseconds = u64::try_from(left).unwrap_or(u64::MAX);
            let status = self.start(total.cases, to, milliseconds)?;
            let state = state::read(self.scratch.path());
            total.accepted += state.accepted;
            total.refused += state.refused;
            total.cases = state.index.max(total.cases);
            if status.success() {
                break;
            }
            anyhow::ensure!(status.code().is_none(), "the process failed: {}", self.words());
            total.cases += 1;
            if state.reducing == 0 {
                self.dead(state.index, status)?;
            }
        }
        total.findings = self.findings.len();
        Ok(total)
    }

    /// Runs a child until it ends, and collects its findings.
    fn start(&mut self, from: u64, to: u64, milliseconds: u64) -> Result<ExitStatus> {
        let scratch = self.scratch.path().to_owned();
        state::clear(&scratch);
        let known: Vec<&Trouble> = self.findings.iter().map(|finding| &finding.trouble).collect();
        std::fs::write(scratch.join(KNOWN), serde_json::to_vec(&known)?)?;
        let mut command = self.command()?;
        command.arg(format!("--seed={}", self.cli.seed));
        command.arg(format!("--from={from}")).arg(format!("--to={to}"));
        command.arg(format!("--milliseconds={milliseconds}"));
        command.stdout(File::create(scratch.join("findings"))?);
        let status = wait(&mut command, &scratch)?;
        let text = std::fs::read_to_string(scratch.join("findings"))?;
        let mut found: Vec<Finding> = Vec::new();
        for line in text.lines() {
            let finding: Finding = serde_json::from_str(line)?;
            // A second line about a finding has the reduced input.
            found.retain(|other| other.input != finding.input);
            found.push(finding);
        }
        for finding in found {
            self.report(finding)?;
        }
        Ok(status)
    }

    fn command(&self) -> Result<Command> {
        let scratch = self.scratch.path();
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("child").arg("--kind").arg(self.kind.name).arg("--scratch").arg(scratch);
        command.arg("--output").arg(self.cli.output()).args(self.cli.limits.arguments());
        // The location of a panic is enough; a backtrace would hide the cause of an abort.
        command.env("RUST_BACKTRACE", "0");
        command.stdin(Stdio::null()).stderr(File::create(scratch.join("errors"))?);
        Ok(command)
    }

    /// Creates a finding for a case whose process crashed.
    fn dead(&mut self, index: u64, status: ExitStatus) -> Result<()> {
        let kind = (self.kind.new)(self.scratch.path())?;
        let bases = kind.bases().len() as u64;
        let case = if index < bases { index } else { case_seed(self.cli.seed, self.kind.name, index) };
        let trouble = self.cause(status);
        if self.findings.iter().any(|finding| finding.trouble.is_like(&trouble)) {
            return Ok(());
        }
        let input = child::input(kind.as_ref(), case);
        let finding = Finding::new(self.kind.name, case, trouble.clone(), &input, &self.cli.output())?;
        // An attempt that hangs takes as long as the case.
        let attempts = if trouble.what == What::Hang { 4 } else { 300 };
        let budget = Budget { attempts, time: Duration::from_secs(30) };
        let smallest = reduce(&input, budget, |candidate| self.dies(candidate, &trouble));
        self.report(finding.with_input(&smallest)?)
    }

    /// Whether a process with this input crashes for the same reason.
    fn dies(&self, input: &[u8], trouble: &Trouble) -> bool {
        let file = self.scratch.path().join("candidate");
        let status = std::fs::write(&file, input).map_err(anyhow::Error::from).and_then(|()| {
            let mut command = self.command()?;
            command.arg("--input").arg(&file).stdout(Stdio::null());
            Ok(command.status()?)
        });
        status.is_ok_and(|status| status.code().is_none() && self.cause(status).is_like(trouble))
    }

    /// Returns the cause of a crash, from the signal and the standard error of the process.
    fn cause(&self, status: ExitStatus) -> Trouble {
        let signal = status.signal().unwrap_or(0);
        let words = self.words();
        // SIGXCPU and SIGKILL are sent to a process that takes too long.
        if signal == 24 || signal == 9 {
            return Trouble::new(What::Hang, "killed", "the process did not end and was killed");
        }
        let key = format!("signal {signal}: {}", skeleton(&words));
        Trouble::new(What::Abort, key, &format!("signal {signal}: {words}"))
    }

    /// The first line that the child wrote to standard error.
    fn words(&self) -> String {
        let bytes = std::fs::read(self.scratch.path().join("errors")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        text.lines().find(|line| !line.trim().is_empty()).unwrap_or("no message").to_owned()
    }

    fn report(&mut self, finding: Finding) -> Result<()> {
        let mut output = std::io::stdout().lock();
        write!(output, "{finding}")?;
        output.flush()?;
        self.findings.push(finding);
        Ok(())
    }
}

/// Waits for a child; kills it if its case makes no progress.
fn wait(command: &mut Command, scratch: &Path) -> Result<ExitStatus> {
    let mut child = command.spawn().context("cannot start a process")?;
    let mut latest = (state::read(scratch), Instant::now());
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(20));
        let state = state::read(scratch);
        if state != latest.0 {
            latest = (state, Instant::now());
        } else if latest.1.elapsed() > STALL {
            child.kill()?;
        }
    }
}
