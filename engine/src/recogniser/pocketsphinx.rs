//! A local recogniser: `pocketsphinx_continuous`, started once so that its model is loaded once.
//!
//! One task owns the program and asks it one utterance after the other: sound goes in on its standard input, followed
//! by silence that makes it come to a result; words come out on its standard output, and on its log a note when there
//! are none. A program that dies or falls silent is started again.

use super::grammar::{Grammar, understood};
use super::{Recogniser, RecogniserError, Recognition, Utterance};
use crate::vad::SAMPLE_RATE;
use crate::voice::find_program;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

/// Why `pocketsphinx` cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PocketSphinxError {
    /// The program is not on the search path.
    #[error("pocketsphinx_continuous is not installed")]
    NotInstalled,
    /// Its model of English is not where Debian and others put it.
    #[error("the en-us model of pocketsphinx is not installed")]
    NoModel,
    /// The grammar could not be written.
    #[error("the grammar could not be written: {0}")]
    Grammar(#[from] io::Error),
}

/// A warm `pocketsphinx`.
#[derive(Clone, Debug)]
pub struct PocketSphinx {
    questions: mpsc::Sender<Question>,
}

#[derive(Debug)]
struct Question {
    samples: Vec<i16>,
    reply: oneshot::Sender<Result<Option<String>, RecogniserError>>,
}

impl PocketSphinx {
    /// Starts the program where it is installed.
    ///
    /// # Errors
    /// The program or its model is missing, or the grammar cannot be written.
    pub async fn start() -> Result<Self, PocketSphinxError> {
        let program = find_program("pocketsphinx_continuous").ok_or(PocketSphinxError::NotInstalled)?;
        let model = MODELS.iter().map(Path::new).find(|path| path.is_dir()).ok_or(PocketSphinxError::NoModel)?;
        let written = tokio::task::spawn_blocking(|| write_grammar(&model.join("cmudict-en-us.dict")));
        let folder = written.await.map_err(io::Error::other)??;
        let (questions, inbox) = mpsc::channel(MOST_WAITING);
        tokio::spawn(keep_running(Installation { program, model: model.join("en-us"), folder }, inbox));
        Ok(Self { questions })
    }
}

impl Recogniser for PocketSphinx {
    fn recognise(&self, utterance: Utterance) -> Recognition {
        let (reply, answer) = oneshot::channel();
        // A queue that is full means that the program cannot keep up; waiting longer would not help the talk.
        let sent = self.questions.try_send(Question { samples: utterance.speech.samples, reply });
        Box::pin(async move {
            sent.map_err(|_| RecogniserError::TooLong)?;
            answer.await.map_err(|_| RecogniserError::NotRunning)?
        })
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn name(&self) -> &'static str {
        "pocketsphinx"
    }
}

/// Writes the grammar where only this process's user can read it.
fn write_grammar(pronunciations: &Path) -> io::Result<TempDir> {
    let grammar = Grammar::of(&std::fs::read_to_string(pronunciations)?);
    let folder = tempfile::Builder::new().prefix("colloquy-grammar-").tempdir()?;
    std::fs::write(folder.path().join(MACHINE), grammar.machine)?;
    std::fs::write(folder.path().join(DICTIONARY), grammar.dictionary)?;
    Ok(folder)
}

/// Where everything is that the program needs. The folder with the grammar goes when the recogniser does.
struct Installation {
    program: PathBuf,
    model: PathBuf,
    folder: TempDir,
}

/// A running program.
struct Running {
    /// Ends when it is dropped.
    _child: Child,
    sound: ChildStdin,
    results: mpsc::Receiver<Option<String>>,
}

async fn keep_running(installation: Installation, mut inbox: mpsc::Receiver<Question>) {
    let mut running = installation.start_logged();
    while let Some(question) = inbox.recv().await {
        let mut result = match &mut running {
            Some(program) => program.ask(&question.samples).await,
            None => Err(RecogniserError::NotRunning),
        };
        if matches!(result, Err(RecogniserError::NotRunning)) {
            running = installation.start_logged();
            if let Some(program) = &mut running {
                result = program.ask(&question.samples).await;
            }
        }
        if let Err(error) = &result {
            // What it may still say would be taken for the answer to the next question.
            tracing::warn!(%error, "pocketsphinx is started again");
            running = installation.start_logged();
        }
        if matches!(result, Err(RecogniserError::TooLong)) {
            // It says nothing at all about what it does not take for speech, such as a cough.
            result = Ok(None);
        }
        // A call that ended meanwhile does not want the words any more.
        let _ = question.reply.send(result);
    }
}

impl Installation {
    fn start_logged(&self) -> Option<Running> {
        match self.start() {
            Ok(running) => Some(running),
            Err(error) => {
                tracing::warn!(%error, "pocketsphinx does not start");
                None
            }
        }
    }

    fn start(&self) -> io::Result<Running> {
        let mut child = Command::new(&self.program)
            .args(["-infile", "/dev/stdin", "-vad_postspeech", "120"])
            // Wider than usual: the loop of bare sounds would crowd out the beginnings of sentences.
            .args(["-beam", "1e-80", "-wbeam", "1e-60", "-pbeam", "1e-80", "-hmm"])
            .arg(&self.model)
            .arg("-dict")
            .arg(self.folder.path().join(DICTIONARY))
            .arg("-fsg")
            .arg(self.folder.path().join(MACHINE))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        let sound = child.stdin.take().ok_or_else(missing)?;
        let (results, inbox) = mpsc::channel(64);
        let words = child.stdout.take().ok_or_else(missing)?;
        let log = child.stderr.take().ok_or_else(missing)?;
        tokio::spawn(read_lines(words, results.clone(), |line| Some(understood(line))));
        tokio::spawn(read_lines(log, results, |line| line.contains(NO_RESULT).then_some(None)));
        Ok(Running { _child: child, sound, results: inbox })
    }
}

impl Running {
    async fn ask(&mut self, samples: &[i16]) -> Result<Option<String>, RecogniserError> {
        // A second result of an earlier utterance is nobody's any more.
        while self.results.try_recv().is_ok() {}
        let sound = framed(samples);
        let length = Duration::from_millis((samples.len() * 1000 / SAMPLE_RATE) as u64);
        let asked = async {
            self.sound.write_all(&sound).await.map_err(|_| RecogniserError::NotRunning)?;
            self.sound.flush().await.map_err(|_| RecogniserError::NotRunning)?;
            self.results.recv().await.ok_or(RecogniserError::NotRunning)
        };
        timeout(PATIENCE + length / 2, asked).await.map_err(|_| RecogniserError::TooLong)?
    }
}

/// An utterance between two silences; the second is longer than what the program waits for.
fn framed(samples: &[i16]) -> Vec<u8> {
    let silence = |ms: usize| vec![0u8; ms * SAMPLE_RATE / 1000 * 2];
    let mut sound = silence(200);
    sound.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    sound.extend(silence(1800));
    sound
}

async fn read_lines(
    source: impl AsyncRead + Unpin,
    results: mpsc::Sender<Option<String>>,
    result: impl Fn(&str) -> Option<Option<String>>,
) {
    let mut lines = BufReader::new(source).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some(result) = result(&line)
            && results.send(result).await.is_err()
        {
            return;
        }
    }
}

const MODELS: &[&str] = &[
    "/usr/share/pocketsphinx/model/en-us",
    "/usr/local/share/pocketsphinx/model/en-us",
    "/opt/homebrew/share/pocketsphinx/model/en-us",
];

const MACHINE: &str = "grammar.fsg";
const DICTIONARY: &str = "grammar.dict";

/// What the program logs when it heard something that is no sentence at all.
const NO_RESULT: &str = "Final result does not match the grammar";

/// How long a result may take beyond half of the utterance's length.
const PATIENCE: Duration = Duration::from_millis(2500);

/// The most utterances, of all calls, that wait for their turn.
const MOST_WAITING: usize = 16;
