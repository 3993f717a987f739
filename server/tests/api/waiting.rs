//! Waiting for what nobody tells a test: it is looked for again and again, and whoever waits too long says for what.

use std::time::Duration;

/// Waits until something is so.
pub(crate) async fn wait_until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let look = || {
        let so = is_so();
        async { so.await.then_some(()) }
    };
    wait_for(what, look).await;
}

/// Waits until there is something, and gives it.
pub(crate) async fn wait_for<T, F: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> F) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(OFTEN).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, looking).await;
    found.unwrap_or_else(|_| panic!("waited for {PATIENCE:?} in vain: {what}"))
}

const OFTEN: Duration = Duration::from_millis(10);

/// Long beyond what the slowest machine needs.
const PATIENCE: Duration = Duration::from_secs(30);
