//! What can be asked for, and the text of `--help`.

use crate::bench;
use crate::check;
use crate::trouble::Trouble;

/// A command line, understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Request {
    /// Show the general help, or that of one verb.
    Help(Option<&'static str>),
    /// Do it.
    Do(Verb),
}

/// What to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Build everything and start the server.
    Run {
        /// Given to the server as they are.
        server_arguments: Vec<String>,
    },
    /// Run the tests.
    Test(Selection),
    /// Format, lints, docs, house rules, licences.
    Check {
        /// Only these; all if empty.
        only: Vec<String>,
    },
    /// Build the static page and print its sizes.
    Bundle,
    /// Measure.
    Bench {
        /// Few repetitions: whether it works, not what it measures.
        quick: bool,
        /// Only these; all if empty.
        only: Vec<String>,
    },
    /// Put load and faults on the server for long.
    Soak {
        /// Given to the program that does it as they are.
        arguments: Vec<String>,
    },
    /// Say what is here and what is missing.
    Doctor,
    /// Remove what was built.
    Clean {
        /// Also the tools shared by all clones of this user.
        tools: bool,
        /// Only say what would be removed.
        dry_run: bool,
    },
}

/// Which tests to run.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    /// Only this suite.
    pub(crate) only: Option<Suite>,
    /// Only tests whose name contains this.
    pub(crate) filter: Option<String>,
}

impl Selection {
    /// Whether `suite` is to be run.
    pub(crate) fn includes(&self, suite: Suite) -> bool {
        self.only.is_none_or(|only| only == suite)
    }
}

/// A place where tests run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suite {
    /// Natively.
    Host,
    /// As WebAssembly in a headless browser.
    Wasm,
    /// The real server and engine with a real browser.
    EndToEnd,
}

impl Suite {
    fn named(name: &str) -> Option<Self> {
        match name {
            "host" => Some(Self::Host),
            "wasm" => Some(Self::Wasm),
            "e2e" => Some(Self::EndToEnd),
            _ => None,
        }
    }
}

/// Understands the arguments after `cargo xtask`.
///
/// # Errors
/// An unknown verb or option, or one that does not belong to the verb.
pub(crate) fn parse(arguments: &[String]) -> Result<Request, Trouble> {
    let Some((name, rest)) = arguments.split_first() else {
        return Ok(Request::Help(None));
    };
    if matches!(name.as_str(), "-h" | "--help" | "help") {
        return Ok(Request::Help(rest.first().and_then(|verb| known(verb))));
    }
    let Some(name) = known(name) else {
        return Err(Trouble::new(format!("there is no verb `{name}`")));
    };
    let own = rest.iter().take_while(|argument| *argument != "--");
    if own.clone().any(|argument| argument == "-h" || argument == "--help") {
        return Ok(Request::Help(Some(name)));
    }
    verb(name, rest).map(Request::Do)
}

/// The help of one verb, or of the whole command.
pub(crate) fn help(verb: Option<&str>) -> String {
    let entry = verb.and_then(|verb| HELP.iter().find(|entry| entry.name == verb));
    match entry {
        Some(entry) => format!("cargo xtask {}\n\n{}", entry.usage, entry.text),
        None => general_help(),
    }
}

fn general_help() -> String {
    let verbs: Vec<String> = HELP.iter().map(|entry| format!("  {:<8} {}", entry.name, entry.summary)).collect();
    let verbs = verbs.join("\n");
    format!(
        "cargo xtask <verb>\n\n{verbs}\n\n\
         `cargo xtask <verb> --help` says more.\n\
         Tools are kept once per user, in $XTASK_TOOLS or the user's cache folder."
    )
}

fn known(name: &str) -> Option<&'static str> {
    HELP.iter().map(|entry| entry.name).find(|known| *known == name)
}

fn verb(name: &str, rest: &[String]) -> Result<Verb, Trouble> {
    match name {
        "run" => Ok(Verb::Run { server_arguments: server_arguments(rest)? }),
        "test" => selection(rest).map(Verb::Test),
        "check" => flags(rest, check::NAMES).map(|_| Verb::Check { only: rest.to_vec() }),
        "bundle" => flags(rest, &[]).map(|_| Verb::Bundle),
        "bench" => {
            let known: Vec<&str> = ["--quick"].iter().chain(bench::NAMES).copied().collect();
            let given = flags(rest, &known)?;
            let only = given.iter().filter(|name| **name != "--quick").map(|name| (*name).to_owned()).collect();
            Ok(Verb::Bench { quick: given.contains(&"--quick"), only })
        }
        "soak" => soak(rest),
        "doctor" => flags(rest, &[]).map(|_| Verb::Doctor),
        _ => flags(rest, &["--tools", "--dry-run"])
            .map(|given| Verb::Clean { tools: given.contains(&"--tools"), dry_run: given.contains(&"--dry-run") }),
    }
}

fn server_arguments(rest: &[String]) -> Result<Vec<String>, Trouble> {
    match rest.split_first() {
        None => Ok(Vec::new()),
        Some((separator, arguments)) if separator == "--" => Ok(arguments.to_vec()),
        Some((other, _)) => {
            Err(Trouble::new(format!("`{other}` is not understood; what is meant for the server comes after `--`")))
        }
    }
}

/// Pairs of an option and a number.
fn soak(rest: &[String]) -> Result<Verb, Trouble> {
    for pair in rest.chunks(2) {
        match pair {
            [option, number] if SOAK.contains(&option.as_str()) && number.parse::<u64>().is_ok() => {}
            _ => return Err(Trouble::new(format!("`{}` is not understood", pair.join(" ")))),
        }
    }
    Ok(Verb::Soak { arguments: rest.to_vec() })
}

const SOAK: [&str; 2] = ["--seconds", "--seed"];

fn selection(rest: &[String]) -> Result<Selection, Trouble> {
    let mut selection = Selection::default();
    let mut words = rest.iter();
    while let Some(word) = words.next() {
        let suite = match word.strip_prefix("--only=") {
            Some(suite) => Some(suite),
            None if word == "--only" => Some(words.next().map_or("", String::as_str)),
            None => None,
        };
        if let Some(suite) = suite {
            selection.only =
                Some(Suite::named(suite).ok_or_else(|| Trouble::new("`--only` takes one of: host, wasm, e2e"))?);
        } else if word.starts_with('-') || selection.filter.is_some() {
            return Err(Trouble::new(format!("`{word}` is not understood")));
        } else {
            selection.filter = Some(word.clone());
        }
    }
    Ok(selection)
}

fn flags<'a>(rest: &'a [String], allowed: &[&str]) -> Result<Vec<&'a str>, Trouble> {
    match rest.iter().find(|given| !allowed.contains(&given.as_str())) {
        Some(other) => Err(Trouble::new(format!("`{other}` is not understood"))),
        None => Ok(rest.iter().map(String::as_str).collect()),
    }
}

struct HelpEntry {
    name: &'static str,
    usage: &'static str,
    summary: &'static str,
    text: &'static str,
}

const HELP: &[HelpEntry] = &[
    HelpEntry {
        name: "run",
        usage: "run [-- <server arguments>]",
        summary: "build everything and start the server with the page inside",
        text: "\
Installs what is missing (the wasm target, trunk, wasm-bindgen, wasm-opt; for speech espeak-ng and
pocketsphinx where the system's package manager can be used), builds the page in release mode and the
server, and starts it: http://localhost:3003 shows the page. Nothing that is up to date is built again.

What follows `--` goes to the server: `cargo xtask run -- --help` lists what it takes.
XTASK_NO_SYSTEM_PACKAGES=1 keeps the system's package manager out of it.",
    },
    HelpEntry {
        name: "test",
        usage: "test [--only host|wasm|e2e] [filter]",
        summary: "run every test, real browser included",
        text: "\
Installs what is missing (also Chromium, its driver, Firefox, espeak-ng, pocketsphinx, and with npm the
official client), then runs the tests natively, as WebAssembly in headless Chromium, and end to end with the real
server, engine and browser. Ends with `N passed, N failed`.

  --only <suite>   host, wasm or e2e
  filter           only tests whose name contains this",
    },
    HelpEntry {
        name: "check",
        usage: "check [fmt] [tidy] [tree] [advisories] [lint] [lint-wasm] [docs] [docs-wasm]",
        summary: "format, lints, docs, house rules, licences and known vulnerabilities",
        text: "\
Runs every check, or those that are named, even when one fails, and lists the outcome of each at the end.

  fmt         rustfmt changes nothing
  tidy        every file says what it is for and is named after it
  tree        crates depend only on what they may; one crypto provider; permissive licences
  advisories  no dependency has a vulnerability that RustSec knows of; skipped where its database is out of reach
  lint        clippy natively, warnings denied; lint-wasm the same for the browser
  docs        rustdoc with private items, warnings denied; docs-wasm the same for the browser",
    },
    HelpEntry {
        name: "bundle",
        usage: "bundle",
        summary: "build the static page for any host and print its sizes",
        text: "Builds dist/ in release mode and prints every file's raw, gzip and brotli size and the totals.",
    },
    HelpEntry {
        name: "bench",
        usage: "bench [--quick] [NAME…]",
        summary: "measure, print a table, write target/bench.json",
        text: "\
Builds the page, the server and the engine and measures. Prints a table and writes target/bench.json.
Only the named parts, or all of them:

  core           the state machine, natively, in release mode
  lookups        looking things up on the server, natively
  recall         recall from 100,000 and from 1,000,000 memories; writing them takes minutes
  connect        click to open data channel, in headless Chromium
  turns          end of the user's sentence to the answer, on the received track
  interruptions  onset of the user's speech to the answer turned down, and silent
  context        how long the answer waits for facts
  strategies     the same talk with each strategy; writes the table in docs/strategies.md
  load           requests per second beside nginx and Node; builds the server in release mode
  bundle         what the page loads

  --quick   few repetitions: whether it works, not what it measures",
    },
    HelpEntry {
        name: "soak",
        usage: "soak [--seconds N] [--seed N]",
        summary: "mixed load with faults and a kill in the middle, for ten minutes",
        text: "\
Builds the page and the server, and puts the load of two dozen clients on it, in front of a stand-in for the
vendor that is busy, slow, broken or silent by a seeded schedule. In the middle the server is killed and started
again. Tells every 30 s how it is, and at the end which promises held: nothing acknowledged is lost, no
audit line is missing, no call or request is stuck, every answer is documented, memory and descriptors stay.
Fails if one did not. What the server kept is in target/e2e/soak-600, its log beside it.

  --seconds N   how long; 600 if it is not said
  --seed N      which faults and requests; 1 if it is not said",
    },
    HelpEntry {
        name: "doctor",
        usage: "doctor",
        summary: "say what is here, what is missing and how to get it",
        text: "Installs and changes nothing.",
    },
    HelpEntry {
        name: "clean",
        usage: "clean [--tools] [--dry-run]",
        summary: "remove what was built",
        text: "\
Removes dist/ and the target folder, and says so.

  --tools     also the tools of this user, which all clones share
  --dry-run   only say what would be removed",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, Trouble> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words)
    }

    #[test]
    fn nothing_at_all_asks_for_help() {
        assert_eq!(parsed(""), Ok(Request::Help(None)));
    }

    #[test]
    fn every_verb_has_help_of_its_own() {
        for entry in HELP {
            let asked = parsed(&format!("{} --help", entry.name));
            assert_eq!(asked, Ok(Request::Help(Some(entry.name))));
            assert!(help(Some(entry.name)).contains(entry.usage));
            assert!(help(None).contains(entry.summary));
        }
    }

    #[test]
    fn help_after_the_separator_belongs_to_the_server() {
        let expected = Verb::Run { server_arguments: vec!["--help".to_owned()] };
        assert_eq!(parsed("run -- --help"), Ok(Request::Do(expected)));
    }

    #[test]
    fn run_refuses_arguments_before_the_separator() {
        assert!(parsed("run --listen 0.0.0.0:1").is_err());
    }

    #[test]
    fn test_takes_a_suite_and_a_filter_in_any_order() {
        let expected =
            || Ok(Request::Do(Verb::Test(Selection { only: Some(Suite::EndToEnd), filter: Some("barge".to_owned()) })));
        assert_eq!(parsed("test --only e2e barge"), expected());
        assert_eq!(parsed("test barge --only=e2e"), expected());
    }

    #[test]
    fn test_refuses_an_unknown_suite_and_a_second_filter() {
        assert!(parsed("test --only moon").is_err());
        assert!(parsed("test --only").is_err());
        assert!(parsed("test one two").is_err());
    }

    #[test]
    fn a_selection_of_nothing_includes_every_suite() {
        let all = Selection::default();
        assert!(all.includes(Suite::Host) && all.includes(Suite::Wasm) && all.includes(Suite::EndToEnd));
    }

    #[test]
    fn flags_belong_to_their_verb() {
        assert_eq!(parsed("bench --quick"), Ok(Request::Do(Verb::Bench { quick: true, only: Vec::new() })));
        let only = vec!["load".to_owned(), "core".to_owned()];
        assert_eq!(parsed("bench load core"), Ok(Request::Do(Verb::Bench { quick: false, only })));
        assert!(parsed("bench everything").is_err());
        assert!(parsed("check --quick").is_err());
        assert_eq!(parsed("check tidy"), Ok(Request::Do(Verb::Check { only: vec!["tidy".to_owned()] })));
        assert_eq!(parsed("clean --dry-run"), Ok(Request::Do(Verb::Clean { tools: false, dry_run: true })));
    }

    #[test]
    fn soak_takes_numbers() {
        let arguments = vec!["--seconds".to_owned(), "20".to_owned()];
        assert_eq!(parsed("soak --seconds 20"), Ok(Request::Do(Verb::Soak { arguments })));
        assert!(parsed("soak --seconds").is_err() && parsed("soak --seconds long").is_err());
        assert!(parsed("soak --minutes 1").is_err());
    }

    #[test]
    fn an_unknown_verb_is_refused() {
        assert!(parsed("dance").is_err());
    }
}
