//! Looks every few seconds whether calls go on past a limit, and hangs those up; at once when the operator closes the
//! server. Calls that another server has ended are let go, and those that a server left behind are taken up.

use crate::calls::look_after;
use crate::entrance::now;
use crate::{ApiError, AppState};
use admission::{Entry, Overdrawn, UsageSink};
use futures::StreamExt;
use futures::stream;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Watches over calls for as long as it is polled.
pub(crate) async fn watch(state: AppState) {
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut was_closed = false;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = closing(&state), if !was_closed => {}
        }
        was_closed = state.entrance().gate().is_closed();
        keep_up(&state, now()).await;
        hang_up_overdrawn(&state, now()).await;
    }
}

/// Waits until the operator closes the server.
async fn closing(state: &AppState) {
    while !state.entrance().gate().is_closed() {
        tokio::time::sleep(GLANCE).await;
    }
}

/// Learns from the store what has become of calls.
async fn keep_up(state: &AppState, now: u64) {
    let gate = state.entrance().gate();
    for call in gate.hold(now).await {
        tracing::info!(%call, "a call has ended elsewhere");
        state.calls().remove(&call);
    }
    for call in gate.take_up(now).await {
        tracing::info!(%call, "took up a call that was left behind");
        look_after(state, call);
    }
}

/// Counts what calls have used, and hangs up those that are past a limit, side by side. One that the upstream does not
/// hang up is tried again the next time.
pub(crate) async fn hang_up_overdrawn(state: &AppState, now: u64) {
    let overdrawn = state.entrance().gate().overdrawn(now).await;
    stream::iter(overdrawn).for_each_concurrent(AT_ONCE, |overdrawn| hang_up(state, overdrawn, now)).await;
}

async fn hang_up(state: &AppState, Overdrawn { call, visitor, why }: Overdrawn, now: u64) {
    let reason = ApiError::Kept(why);
    let why = reason.code();
    // Somebody is talking; where the upstream lets us, the reason is spoken before the line is dead.
    state.sidebands().say_farewell(&call, &reason.to_string()).await;
    let result = state.upstream().hang_up(&call).await;
    if let Err(error) = &result {
        tracing::warn!(%call, why, %error, "a call past its limit is not hung up");
    } else {
        tracing::info!(%call, why, who = visitor.name(), "hung up a call past its limit");
        state.entrance().gate().ended(&call, now).await;
        state.calls().remove(&call);
    }
    let what = if result.is_ok() { "hang up" } else { "hang up in vain" };
    let entry = Entry { visitor: &visitor, what, object: Some(call.as_str()), result: why, request: None };
    state.entrance().audit().record(&entry);
}

const OFTEN: Duration = Duration::from_secs(5);

/// How often it is looked whether the server is closed.
const GLANCE: Duration = Duration::from_millis(250);

/// How many calls are being hung up at one time. Each may wait some seconds for its last word.
const AT_ONCE: usize = 256;
