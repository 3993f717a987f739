//! Looks every few seconds whether calls go on past a limit, or of people who may no longer talk, and hangs those up; at
//! once when the operator closes the server. Calls that another server has ended are let go, and those that a server left
//! behind are taken up.

use crate::calls::{self, look_after};
use crate::entrance::now;
use crate::{ApiError, AppState};
use admission::{Entry, Overdrawn, Refusal, Visitor};
use futures::FutureExt;
use protocol::CallId;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;
use tokio_util::task::JoinMap;

/// Watches over calls for as long as it is polled.
pub(crate) async fn watch(state: AppState) {
    let ends = Mutex::new(Ends::new());
    tokio::join!(go_rounds(&state, &ends), mind_the_switch(&state, &ends));
}

async fn go_rounds(state: &AppState, ends: &Mutex<Ends>) {
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        keep_up(state, now()).await;
        for end in those_out(state, now()).await {
            lock(ends).begin(state, end);
        }
    }
}

/// Hangs up all calls when the operator closes the server. The store is not asked for anything, because it may be what is
/// wrong.
async fn mind_the_switch(state: &AppState, ends: &Mutex<Ends>) {
    let gate = state.entrance().gate();
    loop {
        while !gate.is_closed() {
            tokio::time::sleep(GLANCE).await;
        }
        for (call, visitor) in gate.calls() {
            lock(ends).begin(state, End { call, visitor, why: ApiError::Kept(Refusal::Closed) });
        }
        tokio::time::sleep(OFTEN).await;
    }
}

fn lock(ends: &Mutex<Ends>) -> MutexGuard<'_, Ends> {
    ends.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Learns from the store what has become of calls.
async fn keep_up(state: &AppState, now: u64) {
    let gate = state.entrance().gate();
    for call in gate.hold(now).await {
        tracing::info!(%call, "a call has ended elsewhere");
    }
    for call in gate.take_up(now).await {
        tracing::info!(%call, "took up a call that was left behind");
        look_after(state, call);
    }
}

/// A call that must end, whose it is, and why.
struct End {
    call: CallId,
    visitor: Visitor,
    why: ApiError,
}

/// Counts what calls have used, and names those that must end.
async fn those_out(state: &AppState, now: u64) -> Vec<End> {
    let (entrance, gate) = (state.entrance(), state.entrance().gate());
    let overdrawn = gate.overdrawn(now).await.into_iter();
    let overdrawn = overdrawn.map(|Overdrawn { call, visitor, why }| End { call, visitor, why: ApiError::Kept(why) });
    let out = gate.calls().into_iter().filter(|(_, visitor)| !entrance.still_takes(visitor));
    overdrawn.chain(out.map(|(call, visitor)| End { call, visitor, why: ApiError::AccessRevoked })).collect()
}

/// The calls that are being hung up, which takes each some seconds: meanwhile the others are watched over. One that the
/// upstream does not hang up is tried again when it is named again.
struct Ends {
    tasks: JoinMap<CallId, ()>,
    room: Arc<Semaphore>,
}

impl Ends {
    fn new() -> Self {
        Self { tasks: JoinMap::new(), room: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    fn begin(&mut self, state: &AppState, end: End) {
        // Those that are over are not waited for.
        while let Some(Some(_)) = self.tasks.join_next().now_or_never() {}
        if self.tasks.contains_key(&end.call) {
            return;
        }
        let (state, room) = (state.clone(), Arc::clone(&self.room));
        self.tasks.spawn(end.call.clone(), async move {
            let _place = room.acquire().await;
            hang_up(&state, &end).await;
        });
    }
}

async fn hang_up(state: &AppState, End { call, visitor, why: reason }: &End) {
    let why = reason.code();
    // Somebody is talking; where the upstream lets us, the reason is spoken before the line is dead.
    state.sidebands().say_farewell(call, &reason.to_string()).await;
    let result = calls::hang_up(state, call).await;
    if let Err(error) = &result {
        tracing::warn!(%call, why, %error, "a call that must end is not hung up");
    } else {
        tracing::info!(%call, why, who = visitor.name(), "hung up a call that must end");
    }
    let what = if result.is_ok() { "hang up" } else { "hang up in vain" };
    let entry = Entry { visitor, what, object: Some(call.as_str()), result: why, request: None };
    state.entrance().audit().record(&entry);
}

const OFTEN: Duration = Duration::from_secs(5);

/// How often it is looked whether the server is closed.
const GLANCE: Duration = Duration::from_millis(250);

/// How many calls are being hung up at one time. Each may wait some seconds for its last word.
const AT_ONCE: usize = 256;
