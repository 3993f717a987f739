//! How much and how long: bodies, waiting, the end.

use super::{ConfigError, Setting, Sources};
use std::time::Duration;

/// How much and how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// `limits.sdp_bytes`: the largest offer.
    pub sdp_bytes: usize,
    /// `limits.session_bytes`: the largest request for a key.
    pub session_bytes: usize,
    /// `limits.turn_bytes`: the largest turn record.
    pub turn_bytes: usize,
    /// `limits.context_bytes`: the largest question for context.
    pub context_bytes: usize,
    /// `limits.memory_bytes`: the largest body that changes the memory.
    pub memory_bytes: usize,
    /// `limits.connect_timeout_ms`: how long connecting to the upstream may take.
    pub connect: Duration,
    /// `limits.upstream_timeout_ms`: how long the upstream may take in all.
    pub upstream: Duration,
    /// `limits.head_timeout_ms`: how long a client may take over a request's head, and be idle before it.
    pub head: Duration,
    /// `limits.body_timeout_ms`: how long a client may take over a body, beyond the upstream's time.
    pub body: Duration,
    /// `limits.stalled_timeout_ms`: how long a client may take nothing of what it is sent.
    pub stalled: Duration,
    /// `limits.hang_up_ms`: how long hanging up all calls may take when the server ends.
    pub hang_up: Duration,
}

impl Limits {
    pub(super) const SETTINGS: &[Setting] = &[
        SDP_BYTES,
        SESSION_BYTES,
        TURN_BYTES,
        CONTEXT_BYTES,
        MEMORY_BYTES,
        CONNECT_TIMEOUT,
        UPSTREAM_TIMEOUT,
        HEAD_TIMEOUT,
        BODY_TIMEOUT,
        STALLED_TIMEOUT,
        HANG_UP,
    ];

    pub(super) fn read(from: &Sources) -> Result<Self, ConfigError> {
        let bytes = |setting| from.number(setting, 1024..=1024 * 1024).map(|number| number as usize);
        let time = |setting| from.number(setting, 10..=120_000).map(Duration::from_millis);
        Ok(Self {
            sdp_bytes: bytes(&SDP_BYTES)?,
            session_bytes: bytes(&SESSION_BYTES)?,
            turn_bytes: bytes(&TURN_BYTES)?,
            context_bytes: bytes(&CONTEXT_BYTES)?,
            memory_bytes: bytes(&MEMORY_BYTES)?,
            connect: time(&CONNECT_TIMEOUT)?,
            upstream: time(&UPSTREAM_TIMEOUT)?,
            head: time(&HEAD_TIMEOUT)?,
            body: time(&BODY_TIMEOUT)?,
            stalled: time(&STALLED_TIMEOUT)?,
            hang_up: time(&HANG_UP)?,
        })
    }

    /// The largest body that any route takes.
    pub fn largest_body(&self) -> usize {
        let all = [self.sdp_bytes, self.session_bytes, self.turn_bytes, self.context_bytes, self.memory_bytes];
        all.into_iter().max().unwrap_or_default()
    }

    /// How long one request may take in all: the upstream's time, and a little for a slow client.
    pub fn request(&self) -> Duration {
        self.upstream + self.body
    }
}

const SDP_BYTES: Setting = Setting {
    key: "limits.sdp_bytes",
    flag: "sdp-bytes",
    variables: &["COLLOQUY_SDP_BYTES"],
    value: "BYTES",
    default: "65536",
    help: "The largest SDP offer taken",
};
const SESSION_BYTES: Setting = Setting {
    key: "limits.session_bytes",
    flag: "session-bytes",
    variables: &["COLLOQUY_SESSION_BYTES"],
    value: "BYTES",
    default: "16384",
    help: "The largest request for a key taken",
};
const TURN_BYTES: Setting = Setting {
    key: "limits.turn_bytes",
    flag: "turn-bytes",
    variables: &["COLLOQUY_TURN_BYTES"],
    value: "BYTES",
    default: "16384",
    help: "The largest turn record taken",
};
const CONTEXT_BYTES: Setting = Setting {
    key: "limits.context_bytes",
    flag: "context-bytes",
    variables: &["COLLOQUY_CONTEXT_BYTES"],
    value: "BYTES",
    default: "16384",
    help: "The largest question for context taken",
};
const MEMORY_BYTES: Setting = Setting {
    key: "limits.memory_bytes",
    flag: "memory-bytes",
    variables: &["COLLOQUY_MEMORY_BYTES"],
    value: "BYTES",
    default: "65536",
    help: "The largest body taken that changes the memory",
};
const CONNECT_TIMEOUT: Setting = Setting {
    key: "limits.connect_timeout_ms",
    flag: "connect-timeout-ms",
    variables: &["COLLOQUY_CONNECT_TIMEOUT_MS"],
    value: "MS",
    default: "5000",
    help: "How long connecting to the upstream may take",
};
const UPSTREAM_TIMEOUT: Setting = Setting {
    key: "limits.upstream_timeout_ms",
    flag: "upstream-timeout-ms",
    variables: &["COLLOQUY_UPSTREAM_TIMEOUT_MS"],
    value: "MS",
    default: "15000",
    help: "How long the upstream may take to answer, connecting included",
};
const HEAD_TIMEOUT: Setting = Setting {
    key: "limits.head_timeout_ms",
    flag: "head-timeout-ms",
    variables: &["COLLOQUY_HEAD_TIMEOUT_MS"],
    value: "MS",
    default: "20000",
    help: "How long a client may take over a TLS handshake or the head of a request, and how long it may keep a \
           connection idle; a proxy in front that keeps connections has to give them up earlier",
};
const BODY_TIMEOUT: Setting = Setting {
    key: "limits.body_timeout_ms",
    flag: "body-timeout-ms",
    variables: &["COLLOQUY_BODY_TIMEOUT_MS"],
    value: "MS",
    default: "5000",
    help: "How long a client may take over the body of a request, beyond what the upstream may take",
};
const STALLED_TIMEOUT: Setting = Setting {
    key: "limits.stalled_timeout_ms",
    flag: "stalled-timeout-ms",
    variables: &["COLLOQUY_STALLED_TIMEOUT_MS"],
    value: "MS",
    default: "30000",
    help: "How long a client may take nothing of what it is sent",
};
const HANG_UP: Setting = Setting {
    key: "limits.hang_up_ms",
    flag: "hang-up-ms",
    variables: &["COLLOQUY_HANG_UP_MS"],
    value: "MS",
    default: "2000",
    help: "How long hanging up all calls may take when the server ends",
};
