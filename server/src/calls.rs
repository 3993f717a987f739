//! The calls made through this server, from the moment when one is opened until it is hung up. Which go on is known to
//! the [gate](admission::Gate).

use crate::entrance::now;
use crate::{AppState, Sidebands, UpstreamError};
use protocol::CallId;
use std::time::Duration;
use tokio::task::JoinSet;

/// Looks after a call from now on: it is watched where the upstream lets us.
pub(crate) fn look_after(state: &AppState, call: CallId) {
    if state.upstream().watches() {
        Sidebands::watch(state.clone(), call);
    }
}

/// Hangs up a call, and stops its clock. Says whether it was on: it may have ended by itself.
///
/// # Errors
/// The upstream does not hang up; the call may go on.
pub(crate) async fn hang_up(state: &AppState, call: &CallId) -> Result<bool, UpstreamError> {
    let was_on = state.upstream().hang_up(call).await?;
    state.entrance().gate().ended(call, now()).await;
    Ok(was_on)
}

/// Hangs up all calls side by side, and gives up at the deadline. Returns how many were on.
pub(crate) async fn hang_up_all(state: &AppState, deadline: Duration) -> usize {
    let mut tasks = JoinSet::new();
    for call in state.entrance().gate().calls().into_keys() {
        let state = state.clone();
        tasks.spawn(async move { hang_up(&state, &call).await.unwrap_or(false) });
    }
    let mut ended = 0;
    let all = async {
        while let Some(result) = tasks.join_next().await {
            ended += usize::from(result.unwrap_or(false));
        }
    };
    if tokio::time::timeout(deadline, all).await.is_err() {
        tracing::warn!("the upstream did not hang up all calls in time");
    }
    ended
}
