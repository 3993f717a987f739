//! Looks every few seconds whether calls go on past a limit, and hangs those up.

use crate::entrance::now;
use crate::{ApiError, AppState};
use admission::{Entry, Overdrawn, UsageSink};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// Watches over calls for as long as it is polled.
pub(crate) async fn watch(state: AppState) {
    let mut ticks = tokio::time::interval(OFTEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        hang_up_overdrawn(&state, now()).await;
    }
}

/// Counts what calls have used, and hangs up those that are past a limit. One that the upstream does not hang up is tried
/// again the next time.
pub(crate) async fn hang_up_overdrawn(state: &AppState, now: u64) {
    let gate = state.entrance().gate();
    for Overdrawn { call, visitor, why } in gate.overdrawn(now).await {
        let reason = ApiError::Kept(why);
        let why = reason.code();
        // Somebody is talking; where the upstream lets us, the reason is spoken before the line is dead.
        state.sidebands().say_farewell(&call, &reason.to_string()).await;
        let result = state.upstream().hang_up(&call).await;
        if let Err(error) = &result {
            tracing::warn!(%call, why, %error, "a call past its limit is not hung up");
        } else {
            tracing::info!(%call, why, who = visitor.name(), "hung up a call past its limit");
            gate.ended(&call, now).await;
            state.calls().remove(&call);
        }
        let what = if result.is_ok() { "hang up" } else { "hang up in vain" };
        let entry = Entry { visitor: &visitor, what, object: Some(call.as_str()), result: why, request: None };
        state.entrance().audit().record(&entry);
    }
}

const OFTEN: Duration = Duration::from_secs(5);
