//! Every call that is watched by the upstream's sideband: what its responses cost is counted as the upstream says it, and
//! before the server ends a call it has a word spoken.
//!
//! A watch begins when a call is opened and ends with the call. Where the upstream lets nobody watch, there is none, and
//! what the page reports has to do. An upstream that has let somebody watch before says with a refusal from the start that
//! the call has ended already; until then the refusal may as well mean that nobody may watch, and the call counts as on.

use crate::entrance::now;
use crate::upstream::Sideband;
use crate::{AppState, UpstreamError};
use protocol::session::ToolChoice;
use protocol::{
    CallId, ClientEvent, OutputAudioBufferClear, ResponseCancel, ResponseConfig, ResponseCreate, ServerEvent,
};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};

/// The calls that are watched.
#[derive(Debug, Default)]
pub struct Sidebands(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    watched: BTreeMap<CallId, mpsc::Sender<Farewell>>,
    /// Whether the upstream has let somebody watch a call.
    offered: bool,
    /// Calls of which the upstream knew nothing from the start, while it was not known whether it lets anybody watch.
    doubtful: Vec<CallId>,
}

/// A last word to be spoken.
struct Farewell {
    words: String,
    since: Instant,
    /// Told when it was heard.
    heard: oneshot::Sender<()>,
}

impl Sidebands {
    /// Watches a call until it ends, in a task of its own.
    pub(crate) fn watch(state: AppState, call: CallId) {
        let (orders, inbox) = mpsc::channel(1);
        state.sidebands().lock().watched.insert(call.clone(), orders);
        tokio::spawn(async move {
            watch(&state, &call, inbox).await;
            state.sidebands().lock().watched.remove(&call);
        });
    }

    /// Has a word spoken in a call, and waits until it was heard, for a few seconds at most. Says whether it was.
    pub async fn say_farewell(&self, call: &CallId, words: &str) -> bool {
        let orders = self.lock().watched.get(call).cloned();
        let Some(orders) = orders else { return false };
        let (heard, hearing) = oneshot::channel();
        let spoken = async {
            orders.send(Farewell { words: words.to_owned(), since: Instant::now(), heard }).await.is_ok()
                && hearing.await.is_ok()
        };
        timeout(FAREWELL, spoken).await.unwrap_or(false)
    }

    /// How many calls are watched.
    pub fn count(&self) -> usize {
        self.lock().watched.len()
    }

    /// Notes that calls can be watched here; gives those of which that was in doubt.
    fn are_offered(&self) -> Vec<CallId> {
        let mut known = self.lock();
        known.offered = true;
        std::mem::take(&mut known.doubtful)
    }

    /// Whether a refusal from the start means that the call has ended; if that is in doubt, it is asked again when it is
    /// not any more.
    fn mean_the_end_of(&self, call: &CallId) -> bool {
        let mut known = self.lock();
        if !known.offered && known.doubtful.len() < MOST_DOUBTFUL {
            known.doubtful.push(call.clone());
        }
        known.offered
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches a call, again if the connection breaks, until the upstream says that there is no such call or it has ended
/// otherwise. While it is not watched, what the page reports has to do.
async fn watch(state: &AppState, call: &CallId, mut inbox: mpsc::Receiver<Farewell>) {
    let gate = state.entrance().gate();
    let mut seen = false;
    let (mut failures, mut unknown) = (0, 0);
    loop {
        match state.upstream().watch(call).await {
            Ok(sideband) => {
                (seen, unknown) = (true, 0);
                let begun = Instant::now();
                tracing::debug!(%call, "watching");
                for doubtful in state.sidebands().are_offered() {
                    Sidebands::watch(state.clone(), doubtful);
                }
                gate.watched(call);
                follow(state, call, sideband, &mut inbox).await;
                gate.unwatched(call, now());
                // One that ends as soon as it has begun is a failure, too.
                failures = if begun.elapsed() < BRIEF { failures + 1 } else { 0 };
            }
            Err(UpstreamError::Refused { status, .. }) if status.as_u16() == 404 => {
                unknown += 1;
                if seen || (unknown >= MOST_FAILURES && state.sidebands().mean_the_end_of(call)) {
                    tracing::debug!(%call, "the call has ended");
                    gate.ended(call, now()).await;
                    return;
                }
            }
            Err(error) => {
                failures += 1;
                tracing::debug!(%call, %error, "a call cannot be watched yet");
            }
        }
        // One that fails at first and has ended since is refused as often as any that has ended.
        if failures.max(unknown) >= MOST_FAILURES && !seen {
            tracing::info!(%call, "the call is not watched");
            return;
        }
        tokio::time::sleep(PAUSE * 2_u32.pow(failures.max(unknown).min(LONGEST_PAUSE))).await;
        if !gate.has(call) {
            return;
        }
    }
}

/// Follows one connection to its end.
async fn follow(state: &AppState, call: &CallId, mut sideband: Sideband, inbox: &mut mpsc::Receiver<Farewell>) {
    let mut talk = Talk::default();
    loop {
        let unheard = talk.unheard_since();
        tokio::select! {
            message = sideband.next() => {
                let Some(message) = message else { return };
                count(state, call, &message.event).await;
                if let Some(event) = talk.hear(&message.event) && !sideband.say(event).await {
                    return;
                }
            }
            () = sleep_until(unheard.unwrap_or_else(Instant::now) + SILENCE), if unheard.is_some() => talk.farewell = None,
            Some(farewell) = inbox.recv(), if talk.farewell.is_none() => {
                for event in talk.begin_farewell(farewell) {
                    if !sideband.say(event).await {
                        return;
                    }
                }
            }
        }
    }
}

/// Counts what an event says that the call costs.
async fn count(state: &AppState, call: &CallId, event: &ServerEvent) {
    let gate = state.entrance().gate();
    match event {
        ServerEvent::ResponseDone(done) => {
            if let Some(usage) = &done.response.usage {
                gate.used(call, usage, now()).await;
            }
        }
        ServerEvent::InputTranscriptionCompleted(completed) => {
            if let Some(usage) = &completed.usage {
                gate.transcribed(call, usage, now()).await;
            }
        }
        _ => {}
    }
}

/// What of a talk must be known to have the last word in it.
#[derive(Default)]
struct Talk {
    /// Responses that are being made.
    active: usize,
    farewell: Option<(Farewell, Stage)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Stage {
    /// Another response is being made and must end first.
    Waiting,
    /// The word was asked for.
    Asked,
    /// It is being heard.
    Heard,
}

impl Talk {
    /// Since when a last word is waited for of which nothing is heard yet.
    fn unheard_since(&self) -> Option<Instant> {
        let (farewell, _) = self.farewell.as_ref().filter(|(_, stage)| *stage != Stage::Heard)?;
        Some(farewell.since)
    }

    fn begin_farewell(&mut self, farewell: Farewell) -> Vec<ClientEvent> {
        let clear = OutputAudioBufferClear {}.into();
        if self.active > 0 {
            self.farewell = Some((farewell, Stage::Waiting));
            return vec![ResponseCancel { response_id: None }.into(), clear];
        }
        let ask = ask_for(&farewell.words);
        self.farewell = Some((farewell, Stage::Asked));
        vec![clear, ask]
    }

    /// Takes an event; what is to be said to it, if anything.
    fn hear(&mut self, event: &ServerEvent) -> Option<ClientEvent> {
        match event {
            ServerEvent::ResponseCreated(_) => self.active += 1,
            ServerEvent::ResponseDone(_) => self.active = self.active.saturating_sub(1),
            ServerEvent::OutputAudioBufferStarted(_) => {
                if let Some((_, stage @ Stage::Asked)) = &mut self.farewell {
                    *stage = Stage::Heard;
                }
            }
            ServerEvent::OutputAudioBufferStopped(_) | ServerEvent::OutputAudioBufferCleared(_) => {
                if let Some((farewell, _)) = self.farewell.take_if(|(_, stage)| *stage == Stage::Heard) {
                    // Whoever asked may have stopped waiting.
                    let _ = farewell.heard.send(());
                }
            }
            _ => {}
        }
        let (farewell, stage) =
            self.farewell.as_mut().filter(|(_, stage)| *stage == Stage::Waiting && self.active == 0)?;
        *stage = Stage::Asked;
        Some(ask_for(&farewell.words))
    }
}

fn ask_for(words: &str) -> ClientEvent {
    let words = words.replace('"', "'");
    let response = ResponseConfig {
        instructions: Some(format!("Say only: \"{words}\"")),
        tool_choice: Some(ToolChoice::None),
        ..ResponseConfig::default()
    };
    ResponseCreate { response: Some(Box::new(response)) }.into()
}

/// How long a last word may take.
const FAREWELL: Duration = Duration::from_secs(8);
/// How long it may take until something of it is heard.
const SILENCE: Duration = Duration::from_secs(3);
/// The pause before a watch is begun again, doubled with each failure.
const PAUSE: Duration = Duration::from_millis(250);
/// A watch that is over sooner was none.
const BRIEF: Duration = Duration::from_secs(5);
/// How often the pause is doubled at most.
const LONGEST_PAUSE: u32 = 6;
/// How often a watch may fail to begin for the first time.
const MOST_FAILURES: u32 = 4;
/// Bounds what is kept where nobody can watch.
const MOST_DOUBTFUL: usize = 1_000;
