//! Policies as values: documented constants in structs, chosen per session.

use crate::time::Ms;
use protocol::context::Budgets;

/// Everything about a conversation that can be chosen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// How the link is made and kept.
    pub link: LinkPolicy,
    /// How a turn ends and who starts the answer.
    pub turns: TurnPolicy,
    /// How the user's speech turns down and cuts an answer.
    pub barge_in: BargeInPolicy,
    /// What is looked up while the user speaks, and how the model is given it.
    pub context: ContextPolicy,
    /// What is kept.
    pub keep: KeepPolicy,
}

/// How the link is made and kept.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkPolicy {
    /// The longest an attempt may take from key to open channel.
    pub connect_timeout: Ms,
    /// The longest from the open channel to `session.created`.
    pub session_timeout: Ms,
    /// How long a disconnected peer may be silent before a new call is made.
    pub disconnect_grace: Ms,
    /// The delays before each try; the last repeats.
    pub backoff: Vec<Ms>,
    /// Up to this share of a delay is added or taken at random.
    pub jitter: f32,
    /// Tries in a row before the link is given up.
    pub max_attempts: u32,
}

impl Default for LinkPolicy {
    fn default() -> Self {
        Self {
            connect_timeout: Ms(15_000),
            session_timeout: Ms(5_000),
            disconnect_grace: Ms(5_000),
            backoff: [0, 300, 1_200, 2_700, 4_800, 7_000].map(Ms).to_vec(),
            jitter: 0.2,
            max_attempts: 10,
        }
    }
}

/// Who starts the answer when the user's turn ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Starter {
    /// We do, on `committed`: room for context before the answer.
    Client,
    /// The service does.
    Upstream,
}

/// How a turn ends and who starts the answer.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnPolicy {
    /// Silence that ends a turn.
    pub silence: Ms,
    /// Audio kept from before the onset.
    pub prefix_padding: Ms,
    /// How sure the service must be that it hears speech, 0 to 1.
    pub threshold: f64,
    /// Who starts the answer.
    pub starter: Starter,
    /// The longest wait for a response to begin, after which it is asked for again once and then called failed.
    pub response_timeout: Ms,
    /// The longest a response may claim to speak while nothing is heard.
    pub silent_speech_timeout: Ms,
}

impl Default for TurnPolicy {
    fn default() -> Self {
        Self {
            silence: Ms(500),
            prefix_padding: Ms(300),
            threshold: 0.5,
            starter: Starter::Client,
            response_timeout: Ms(8_000),
            silent_speech_timeout: Ms(4_000),
        }
    }
}

/// Who may cut an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cutter {
    /// The service, as soon as it hears speech: the fastest cut.
    Upstream,
    /// We do, once speech has lasted: a cough does not kill an answer.
    Client,
}

/// How the user's speech turns down and cuts an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct BargeInPolicy {
    /// Who may cut.
    pub cutter: Cutter,
    /// A block louder than this, and than `floor_factor` times the room, may be speech.
    pub threshold: f32,
    /// How many times louder than the room.
    pub floor_factor: f32,
    /// Loud blocks in a row that turn the answer down.
    pub duck_blocks: u32,
    /// The gain while turned down.
    pub duck_gain: f32,
    /// Speech of this length silences the answer while its confirmation is awaited.
    pub hush_after: Ms,
    /// Length of the ramp down.
    pub duck_ramp: Ms,
    /// Length of the ramp back up.
    pub restore_ramp: Ms,
    /// When nothing has confirmed that the user speaks, the answer comes back after this.
    pub confirm_within: Ms,
    /// Speech of this length confirms by itself, where the client may cut.
    pub client_confirm: Ms,
}

impl Default for BargeInPolicy {
    fn default() -> Self {
        Self {
            cutter: Cutter::Upstream,
            threshold: 0.01,
            floor_factor: 4.0,
            duck_blocks: 2,
            duck_gain: 0.05,
            hush_after: Ms(50),
            duck_ramp: Ms(10),
            restore_ramp: Ms(80),
            confirm_within: Ms(400),
            client_confirm: Ms(350),
        }
    }
}

/// When what is looked up reaches the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strategy {
    /// At once, as it is found; the service begins its answers by itself and none of them waits. With this strategy
    /// [`TurnPolicy::starter`] is [`Starter::Upstream`].
    Parallel,
    /// The user's words are awaited, then looked up, then answered.
    Sequential,
    /// Looked up from the onset of speech; the answer waits for what is found, at most until the deadline.
    #[default]
    Hybrid,
}

/// What is looked up while the user speaks, and how the model is given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextPolicy {
    /// Whether anything is looked up, and tools are carried out. Off, nothing here has any effect but the budget and
    /// size of what the user attaches.
    pub enabled: bool,
    /// When what is looked up reaches the model.
    pub strategy: Strategy,
    /// The longest an answer waits for what is looked up.
    pub deadline: Ms,
    /// With [`Strategy::Sequential`], the longest an answer waits for the user's words before that.
    pub words_within: Ms,
    /// How many tokens each lane may take.
    pub budgets: Budgets,
    /// What the model is told at the beginning of each call, before anything else: the policy lane.
    pub house_rules: Vec<String>,
    /// When a tool takes longer than this, the assistant says that it is looking; `None` is never.
    pub filler_after: Option<Ms>,
    /// What it says then.
    pub filler: String,
    /// The longest a tool may take.
    pub tool_timeout: Ms,
    /// Whether our server watches anything for the user that it is to tell of.
    pub watches: bool,
    /// When nobody has said anything for so long, the assistant tells what is new of it; with `None` that waits for the
    /// user's next turn.
    pub announce_after: Option<Ms>,
    /// The largest picture that is sent, in bytes of its data URI: what fits into one message on the data channel.
    pub largest_picture: usize,
    /// The user's zone, as IANA names it.
    pub zone: Option<String>,
    /// Seconds of Unix time at [`Time::ZERO`](crate::Time::ZERO), so that facts can expire; `None` is not known, and
    /// then nothing expires by the clock.
    pub unix_at_zero: Option<i64>,
}

impl Default for ContextPolicy {
    fn default() -> Self {
        Self {
            enabled: false,
            strategy: Strategy::default(),
            deadline: Ms(200),
            words_within: Ms(2_000),
            budgets: Budgets::default(),
            house_rules: Vec::new(),
            filler_after: Some(Ms(1_500)),
            filler: "One moment, I am looking that up.".to_owned(),
            tool_timeout: Ms(10_000),
            watches: false,
            announce_after: Some(Ms(1_000)),
            largest_picture: 200_000,
            zone: None,
            unix_at_zero: None,
        }
    }
}

/// What is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeepPolicy {
    /// Rows of the transcript; the oldest go first.
    pub rows: usize,
    /// Lines of the event log; the oldest go first.
    pub log_lines: usize,
    /// The most rows that a new call is told after the one before was lost; the newest.
    pub retold_rows: usize,
    /// The most bytes of text that a new call is told.
    pub retold_bytes: usize,
    /// Rows of the ledger of context; the oldest go first.
    pub context_rows: usize,
}

impl Default for KeepPolicy {
    fn default() -> Self {
        Self { rows: 500, log_lines: 300, retold_rows: 40, retold_bytes: 12_000, context_rows: 100 }
    }
}
