//! Opens calls, knows those in progress, and hangs them up.

pub(crate) use crate::call::Line;

use crate::call::{Call, Parts};
use crate::config::Config;
use crate::ears::Ears;
use crate::mind::Hearing;
use crate::mouth::Packet;
use crate::peer::{Identity, OfferError, Peer};
use crate::recogniser::Recogniser;
use crate::secrets::random;
use crate::session::{Beginning, Session};
use crate::speech::Speaker;
use protocol::{CallId, SessionConfig};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Why a call was not opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpenError {
    /// There are as many calls as this engine can serve.
    #[error("the engine serves as many calls as it can; try again later")]
    Full,
    /// The engine is shutting down.
    #[error("the engine is shutting down")]
    Closing,
    /// The offer was not accepted.
    #[error(transparent)]
    Offer(#[from] OfferError),
    /// A part of the call could not be made.
    #[error("the call could not be set up: {0}")]
    Setup(String),
}

/// What every call needs, and every call there is.
pub(crate) struct Calls {
    config: Config,
    identity: Identity,
    silence: Packet,
    speaker: Arc<Speaker>,
    recogniser: Option<Arc<dyn Recogniser>>,
    open: Mutex<BTreeMap<CallId, Wires>>,
    all: CancellationToken,
    tasks: TaskTracker,
}

/// What leads to a call from outside.
struct Wires {
    hang_up: CancellationToken,
    /// There as soon as the call is.
    line: Option<Line>,
}

/// A call that was opened.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) id: CallId,
    pub(crate) answer: String,
}

impl Calls {
    pub(crate) fn new(
        config: Config,
        identity: Identity,
        silence: Packet,
        speaker: Arc<Speaker>,
        recogniser: Option<Arc<dyn Recogniser>>,
    ) -> Self {
        Self {
            config,
            identity,
            silence,
            speaker,
            recogniser,
            open: Mutex::default(),
            all: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    /// Answers an offer and starts the call's task.
    ///
    /// # Errors
    /// There is no room, or the offer cannot be answered.
    pub(crate) fn open(self: &Arc<Self>, offer: &str, config: Option<&SessionConfig>) -> Result<Opened, OpenError> {
        if self.all.is_cancelled() {
            return Err(OpenError::Closing);
        }
        let setup = |error: &dyn std::fmt::Display| OpenError::Setup(error.to_string());
        let seed = random(8).map_err(|e| setup(&e))?;
        let id = CallId::new(format!("rtc_{}", random(12).map_err(|e| setup(&e))?));
        let place = Place::take(self, id.clone()).ok_or(OpenError::Full)?;
        let (peer, answer) = Peer::accept(&self.identity, offer, &self.addresses(), Instant::now())?;
        let session = Session::new(Beginning {
            seed,
            config,
            clock: jiff::Zoned::now(),
            think: self.config.think,
            hearing: if self.recogniser.is_some() { Hearing::Understands } else { Hearing::Deaf },
            longest: self.config.longest_call,
        });
        let ears = Ears::new(session.listening()).map_err(|e| setup(&e))?;
        let call = Call::new(Parts {
            id: id.clone(),
            peer,
            ears,
            session,
            silence: Arc::clone(&self.silence),
            speaker: Arc::clone(&self.speaker),
            recogniser: self.recogniser.clone(),
        });
        if let Some(wires) = self.lock().get_mut(&id) {
            wires.line = Some(call.line());
        }
        self.tasks.spawn(async move {
            let began = Instant::now();
            tracing::info!(call = %place.id, "call opened");
            let ended = call.run(place.hang_up.clone()).await;
            tracing::info!(call = %place.id, ?ended, seconds = began.elapsed().as_secs(), "call ended");
        });
        Ok(Opened { id, answer })
    }

    /// Ends a call; false when there is none with this id.
    pub(crate) fn hang_up(&self, id: &CallId) -> bool {
        let hang_up = self.lock().get(id).map(|wires| wires.hang_up.clone());
        hang_up.inspect(CancellationToken::cancel).is_some()
    }

    /// A second line to a call, if there is such a call.
    pub(crate) fn line(&self, id: &CallId) -> Option<Line> {
        self.lock().get(id)?.line.clone()
    }

    /// How many calls there are.
    pub(crate) fn count(&self) -> usize {
        self.lock().len()
    }

    /// Ends every call, opens no new ones, and waits for the goodbyes to be sent.
    pub(crate) async fn close(&self) {
        self.all.cancel();
        self.tasks.close();
        if tokio::time::timeout(GOODBYE, self.tasks.wait()).await.is_err() {
            tracing::warn!("some calls did not end in time");
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        if self.config.media_addresses.is_empty() { own_addresses() } else { self.config.media_addresses.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<CallId, Wires>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One call's place among those that are open; it is free again when this is dropped.
struct Place {
    calls: Arc<Calls>,
    id: CallId,
    hang_up: CancellationToken,
}

impl Place {
    fn take(calls: &Arc<Calls>, id: CallId) -> Option<Self> {
        let hang_up = calls.all.child_token();
        let mut open = calls.lock();
        if open.len() >= calls.config.capacity {
            return None;
        }
        open.insert(id.clone(), Wires { hang_up: hang_up.clone(), line: None });
        drop(open);
        Some(Self { calls: Arc::clone(calls), id, hang_up })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.calls.lock().remove(&self.id);
    }
}

/// The loopback, for browsers on this machine that take it, and the LAN, for Firefox and for other machines.
fn own_addresses() -> Vec<IpAddr> {
    let mut addresses = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)];
    let interfaces = if_addrs::get_if_addrs().unwrap_or_default();
    let lan = interfaces.iter().filter(|interface| !interface.is_loopback()).map(if_addrs::Interface::ip);
    addresses.extend(lan.filter(|ip| matches!(ip, IpAddr::V4(ip) if !ip.is_link_local())).take(MOST_ADDRESSES));
    addresses
}

/// How long calls have for their goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// The most LAN addresses that are offered.
const MOST_ADDRESSES: usize = 6;
