//! A second line to a call, for a server that watches it.

use super::Mail;
use tokio::sync::mpsc;

/// Leads to one call. It does not keep the call alive.
#[derive(Clone)]
pub(crate) struct Line(mpsc::WeakSender<Mail>);

impl Line {
    pub(super) fn new(mail: &mpsc::Sender<Mail>) -> Self {
        Self(mail.downgrade())
    }

    /// Everything that the call tells its client from now on, after a greeting; nothing if the call has ended.
    pub(crate) async fn attach(&self) -> Option<mpsc::Receiver<String>> {
        let (by, events) = mpsc::channel(MOST_WAITING);
        self.0.upgrade()?.send(Mail::Watched { by }).await.ok()?;
        Some(events)
    }

    /// Says something as the call's client may.
    pub(crate) async fn say(&self, event: String) {
        if let Some(mail) = self.0.upgrade() {
            // A call that has just ended hears nothing.
            let _ = mail.send(Mail::Said { by_watcher: event }).await;
        }
    }
}

/// How many events may wait for a slow watcher.
const MOST_WAITING: usize = 1024;
