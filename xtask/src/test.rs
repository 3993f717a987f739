//! `cargo xtask test`: every test there is, and one line at the end that says how it went.

use std::time::Instant;

use crate::browser::{self, Browser};
use crate::command_line::{Selection, Suite};
use crate::installer;
use crate::packages::Package;
use crate::page;
use crate::python_packages;
use crate::server_binary;
use crate::step::{self, readable};
use crate::tally::Tally;
use crate::toolbox::{Tool, Toolbox, WASM_TARGET};
use crate::trouble::Trouble;
use crate::workspace::Workspace;

/// Runs the selected suites to their end, even when one fails.
///
/// # Errors
/// When set-up fails, or any test did.
pub(crate) fn test(workspace: &Workspace, selection: &Selection) -> Result<(), Trouble> {
    let started = Instant::now();
    let toolbox = installer::ensure_build_tools(workspace)?;
    let browser = browser_for(selection);
    let mut report = Report::default();
    // First, because the server is compiled with the page inside and its tests look at it.
    report.build("the page", page::ensure(workspace, &toolbox));
    if selection.includes(Suite::Host) {
        report.suite("native", host_tests(workspace, selection));
    }
    match browser {
        Ok(Some(browser)) => {
            if selection.includes(Suite::Wasm) {
                report.suite("WebAssembly in the browser", wasm_tests(workspace, selection, &toolbox, &browser));
            }
            if selection.includes(Suite::EndToEnd) {
                report.suite("end to end", end_to_end_tests(workspace, selection, &browser));
            }
        }
        Ok(None) => {}
        Err(missing) => report.suite("tests in browsers", Err(missing)),
    }
    report.end(started, selection.filter.is_some())
}

fn browser_for(selection: &Selection) -> Result<Option<Browser>, Trouble> {
    if selection.includes(Suite::EndToEnd) {
        Browser::ensure(&Package::TESTS).map(Some)
    } else if selection.includes(Suite::Wasm) {
        Browser::ensure(&Package::BROWSER).map(Some)
    } else {
        Ok(None)
    }
}

fn host_tests(workspace: &Workspace, selection: &Selection) -> Result<step::Counted, Trouble> {
    browser::ensure_npm_packages(workspace);
    let mut cargo = workspace.cargo(["test", "--no-fail-fast"].into_iter().chain(server_binary::NATIVE));
    cargo.args(filter_arguments(selection)).env("XTASK_NPM_DIR", workspace.tools());
    step::run_counting("running the native tests", &mut cargo)
}

fn wasm_tests(
    workspace: &Workspace,
    selection: &Selection,
    toolbox: &Toolbox,
    browser: &Browser,
) -> Result<step::Counted, Trouble> {
    let (runner, _) =
        toolbox.find(Tool::WasmBindgenTestRunner).ok_or_else(|| Trouble::new("wasm-bindgen-test-runner is missing"))?;
    // `--tests` leaves out the examples in documentation, which the browser's runner cannot run.
    let mut cargo = workspace.cargo(["test", "--target", WASM_TARGET, "--tests", "--no-fail-fast"]);
    for package in ["colloquy-protocol", "colloquy-conversation", "colloquy-frontend"] {
        cargo.args(["--package", package]);
    }
    cargo.args(filter_arguments(selection));
    browser.tell_wasm_tests(workspace, &runner, &mut cargo)?;
    step::run_counting("running the WebAssembly tests in headless Chromium", &mut cargo)
}

fn end_to_end_tests(workspace: &Workspace, selection: &Selection, browser: &Browser) -> Result<step::Counted, Trouble> {
    browser::ensure_npm_packages(workspace);
    python_packages::ensure(workspace);
    server_binary::build_with_engine(workspace)?;
    let mut cargo = workspace.cargo(["test", "--package", "colloquy-tests", "--no-fail-fast"]);
    cargo.args(filter_arguments(selection));
    browser.tell_end_to_end(workspace, &mut cargo);
    step::run_counting("running the end-to-end tests", &mut cargo)
}

fn filter_arguments(selection: &Selection) -> Vec<&str> {
    match &selection.filter {
        Some(filter) => vec!["--", filter],
        None => Vec::new(),
    }
}

/// What happened so far.
#[derive(Debug, Default)]
struct Report {
    lines: Vec<String>,
    total: Tally,
    empty: Vec<&'static str>,
}

impl Report {
    fn build(&mut self, what: &str, outcome: Result<(), Trouble>) {
        if let Err(trouble) = outcome {
            eprintln!("{trouble}");
            self.total.failed += 1;
            self.lines.push(format!("  {what:<28} could not be built"));
        }
    }

    fn suite(&mut self, name: &'static str, outcome: Result<step::Counted, Trouble>) {
        let counted = match outcome {
            Ok(counted) => counted,
            Err(trouble) => {
                eprintln!("{trouble}");
                self.total.failed += 1;
                self.lines.push(format!("  {name:<28} could not be run: see above"));
                return;
            }
        };
        let mut tally = counted.tally;
        let crashed = !counted.succeeded && tally.failed == 0;
        if crashed {
            tally.failed = 1;
        }
        if tally.passed + tally.failed == 0 {
            self.empty.push(name);
        }
        let note = match (crashed, tally.ignored) {
            (true, _) => ", did not compile or crashed".to_owned(),
            (false, 0) => String::new(),
            (false, ignored) => format!(", {ignored} ignored"),
        };
        let elapsed = readable(counted.elapsed);
        self.lines.push(format!("  {name:<28} {tally}{note} in {elapsed}"));
        self.total += tally;
    }

    /// A suite that runs no test at all has lost them, unless a filter asked for that.
    fn end(mut self, started: Instant, is_filtered: bool) -> Result<(), Trouble> {
        if !is_filtered {
            for name in &self.empty {
                self.total.failed += 1;
                self.lines.push(format!("  {name:<28} ran no test at all"));
            }
        }
        println!();
        step::say(&format!("tests ended after {}", readable(started.elapsed())));
        for line in &self.lines {
            println!("{line}");
        }
        println!("{}", self.total);
        if self.total.failed == 0 { Ok(()) } else { Err(Trouble::new("not everything passed")) }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn counted(passed: u64, failed: u64, succeeded: bool) -> step::Counted {
        step::Counted { tally: Tally { passed, failed, ignored: 0 }, succeeded, elapsed: Duration::from_secs(1) }
    }

    fn end(report: Report, is_filtered: bool) -> bool {
        report.end(Instant::now(), is_filtered).is_ok()
    }

    #[test]
    fn everything_passed_is_success() {
        let mut report = Report::default();
        report.suite("native", Ok(counted(3, 0, true)));
        report.suite("end to end", Ok(counted(2, 0, true)));
        assert_eq!(report.total.to_string(), "5 passed, 0 failed");
        assert!(end(report, false));
    }

    #[test]
    fn a_suite_that_does_not_compile_counts_as_a_failure() {
        let mut report = Report::default();
        report.suite("native", Ok(counted(0, 0, false)));
        assert_eq!(report.total.failed, 1);
        assert!(!end(report, false));
    }

    #[test]
    fn a_crash_after_passing_tests_counts_as_a_failure() {
        let mut report = Report::default();
        report.suite("native", Ok(counted(7, 0, false)));
        assert_eq!(report.total.to_string(), "7 passed, 1 failed");
    }

    #[test]
    fn failed_tests_are_not_counted_twice() {
        let mut report = Report::default();
        report.suite("native", Ok(counted(1, 2, false)));
        assert_eq!(report.total.to_string(), "1 passed, 2 failed");
    }

    #[test]
    fn a_suite_without_tests_fails_unless_a_filter_was_given() {
        let report = || {
            let mut report = Report::default();
            report.suite("native", Ok(counted(0, 0, true)));
            report
        };
        assert!(!end(report(), false));
        assert!(end(report(), true));
    }

    #[test]
    fn what_cannot_be_built_or_run_fails() {
        let mut report = Report::default();
        report.build("the page", Err(Trouble::new("no")));
        report.suite("native", Err(Trouble::new("no")));
        assert_eq!(report.total.failed, 2);
        assert!(!end(report, true));
    }
}
