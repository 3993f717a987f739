//! One program at a time: says what is being done, how long it takes, and how it ended.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::tally::{Counter, Tally};
use crate::trouble::Trouble;

/// How a counted step ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted {
    /// What its runners reported.
    pub(crate) tally: Tally,
    /// Whether the program said that all is well.
    pub(crate) succeeded: bool,
    /// How long it took.
    pub(crate) elapsed: Duration,
}

/// Runs `command` with its output shown.
///
/// # Errors
/// When it cannot be started or does not succeed.
pub(crate) fn run(what: &str, command: &mut Command) -> Result<Duration, Trouble> {
    let progress = Progress::start(what);
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    let elapsed = progress.end(status.success());
    require_success(what, command, status)?;
    Ok(elapsed)
}

/// Runs `command` and writes what it prints to `file` instead of the screen.
///
/// # Errors
/// When it cannot be started or does not succeed, or the file cannot be written.
pub(crate) fn run_into_file(what: &str, command: &mut Command, file: &Path) -> Result<Duration, Trouble> {
    let output = File::create(file).map_err(|error| Trouble::file(format!("writing {}", file.display()), &error))?;
    run(what, command.stdout(output))
}

/// Runs a test command, passes its output through and counts the results in it.
///
/// # Errors
/// When it cannot be started or its output cannot be read. Failing tests are not an error here.
pub(crate) fn run_counting(what: &str, command: &mut Command) -> Result<Counted, Trouble> {
    let progress = Progress::start(what);
    let mut child = command.stdout(Stdio::piped()).spawn().map_err(|error| cannot_start(command, &error))?;
    let mut counter = Counter::default();
    if let Some(output) = child.stdout.take() {
        pass_through(output, &mut io::stdout().lock(), &mut counter)
            .map_err(|error| Trouble::file(format!("reading from {what}"), &error))?;
    }
    let status = child.wait().map_err(|error| Trouble::file(format!("waiting for {what}"), &error))?;
    Ok(Counted { tally: counter.finish(), succeeded: status.success(), elapsed: progress.end(status.success()) })
}

/// What `command` prints, if it succeeds. Nothing is shown.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// A line that stands out among the output of other programs.
pub(crate) fn say(text: &str) {
    if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        println!("\u{1b}[1;36m==>\u{1b}[0m {text}");
    } else {
        println!("==> {text}");
    }
}

/// `8.2 s`, `3 min 05 s`.
pub(crate) fn readable(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    if seconds < 60 {
        format!("{:.1} s", elapsed.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

fn pass_through(mut output: impl Read, screen: &mut impl Write, counter: &mut Counter) -> io::Result<()> {
    let mut buffer = [0; 8192];
    loop {
        let length = output.read(&mut buffer)?;
        let Some(piece) = buffer.get(..length).filter(|piece| !piece.is_empty()) else {
            return Ok(());
        };
        screen.write_all(piece)?;
        screen.flush()?;
        counter.read(piece);
    }
}

fn cannot_start(command: &Command, error: &io::Error) -> Trouble {
    let program = command.get_program().to_string_lossy();
    Trouble::new(format!("`{program}` cannot be started: {error}"))
}

fn require_success(what: &str, command: &Command, status: ExitStatus) -> Result<(), Trouble> {
    if status.success() {
        return Ok(());
    }
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    Err(Trouble::new(format!("{what}: `{line}` ended with {status}")))
}

/// Says now and then that a silent step is still at work.
struct Progress {
    what: String,
    started: Instant,
    stop: Sender<()>,
}

impl Progress {
    fn start(what: &str) -> Self {
        say(what);
        let (stop, stopped) = mpsc::channel();
        let started = Instant::now();
        let name = what.to_owned();
        thread::spawn(move || {
            while stopped.recv_timeout(STILL_AT_WORK) == Err(RecvTimeoutError::Timeout) {
                eprintln!("    ... {name}: {}", readable(started.elapsed()));
            }
        });
        Self { what: what.to_owned(), started, stop }
    }

    fn end(self, succeeded: bool) -> Duration {
        let elapsed = self.started.elapsed();
        // The listener is gone only if its thread has ended, and then there is nothing to stop.
        let _ = self.stop.send(());
        let verdict = if succeeded { "done" } else { "FAILED" };
        println!("    {verdict} in {}: {}", readable(elapsed), self.what);
        elapsed
    }
}

const STILL_AT_WORK: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failing_program_is_an_error_that_shows_its_command_line() {
        let trouble = run("trying", &mut shell("exit 3")).expect_err("it fails");
        assert!(trouble.to_string().contains("sh -c exit 3"), "{trouble}");
    }

    #[test]
    fn a_program_that_does_not_exist_is_an_error_that_names_it() {
        let trouble = run("trying", &mut Command::new("no-such-program")).expect_err("it cannot start");
        assert!(trouble.to_string().contains("no-such-program"), "{trouble}");
    }

    #[test]
    fn output_passes_through_unchanged_and_is_counted() {
        let output = b"noise \xff\ntest result: FAILED. 3 passed; 2 failed; 0 ignored\n".as_slice();
        let (mut screen, mut counter) = (Vec::new(), Counter::default());
        pass_through(output, &mut screen, &mut counter).expect("memory does not fail");
        assert_eq!(screen, output);
        assert_eq!(counter.finish(), Tally { passed: 3, failed: 2, ignored: 0 });
    }

    #[test]
    fn a_failing_test_command_is_not_an_error() {
        let counted = run_counting("trying", &mut shell("exit 1")).expect("it starts");
        assert_eq!((counted.tally, counted.succeeded), (Tally::default(), false));
    }

    #[test]
    fn output_of_a_failing_program_is_nothing() {
        assert_eq!(output_of(&mut shell("echo hello")).as_deref(), Some("hello\n"));
        assert_eq!(output_of(&mut shell("echo hello; exit 1")), None);
    }

    #[test]
    fn lengths_are_readable() {
        assert_eq!(readable(Duration::from_millis(8240)), "8.2 s");
        assert_eq!(readable(Duration::from_secs(185)), "3 min 05 s");
    }
}
