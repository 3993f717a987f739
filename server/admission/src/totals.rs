//! What all calls of this server have used together, with tokens by what they are priced as.

use protocol::{TranscriptionUsage, Usage};
use std::ops::AddAssign;

/// What all calls of this server have used since it was started. No client's word is in it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Totals {
    /// As the upstream says it, of responses and of what was written down.
    pub tokens: TokenCounts,
    /// What that cost in millionths, by the prices of its time.
    pub millionths: u64,
    /// How long calls went on.
    pub seconds: u64,
}

impl Totals {
    pub(crate) fn charge(&mut self, tokens: TokenCounts, millionths: u64) {
        self.tokens += tokens;
        self.millionths = self.millionths.saturating_add(millionths);
    }
}

/// Tokens by what they are priced as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCounts {
    /// Text that the model read.
    pub text_in: u64,
    /// Text that it had read before.
    pub text_cached: u64,
    /// Audio that it heard.
    pub audio_in: u64,
    /// Audio that it had heard before.
    pub audio_cached: u64,
    /// Pictures that it saw.
    pub image_in: u64,
    /// Text that it wrote.
    pub text_out: u64,
    /// Audio that it spoke.
    pub audio_out: u64,
    /// What was heard to be written down.
    pub transcript_in: u64,
    /// What was written down of it.
    pub transcript_out: u64,
}

impl TokenCounts {
    /// Those of a response. Those of which the kind is not told are audio.
    pub fn of(usage: &Usage) -> Self {
        let mut tokens = Self::default();
        let (mut known_in, mut known_out) = (0_u64, 0_u64);
        if let Some(read) = &usage.input_token_details {
            let cached = read.cached_tokens_details.as_ref();
            tokens.audio_cached = cached.map_or(0, |cached| cached.audio_tokens).min(read.audio_tokens);
            tokens.text_cached = cached.map_or(read.cached_tokens, |cached| cached.text_tokens).min(read.text_tokens);
            tokens.audio_in = read.audio_tokens - tokens.audio_cached;
            tokens.text_in = read.text_tokens - tokens.text_cached;
            tokens.image_in = read.image_tokens.unwrap_or(0);
            known_in = read.text_tokens.saturating_add(read.audio_tokens).saturating_add(tokens.image_in);
        }
        if let Some(wrote) = &usage.output_token_details {
            (tokens.text_out, tokens.audio_out) = (wrote.text_tokens, wrote.audio_tokens);
            known_out = wrote.text_tokens.saturating_add(wrote.audio_tokens);
        }
        let told = usage.input_tokens.max(known_in).saturating_add(usage.output_tokens.max(known_out));
        let untold =
            usage.output_tokens.saturating_sub(known_out).saturating_add(usage.total_tokens.saturating_sub(told));
        tokens.audio_in = tokens.audio_in.saturating_add(usage.input_tokens.saturating_sub(known_in));
        tokens.audio_out = tokens.audio_out.saturating_add(untold);
        tokens
    }

    /// Those of writing down what was heard; none where it is not counted in tokens.
    pub fn of_transcription(usage: &TranscriptionUsage) -> Self {
        let TranscriptionUsage::Tokens { total_tokens, input_tokens, output_tokens, .. } = usage else {
            return Self::default();
        };
        let wrote = (*output_tokens).max(total_tokens.saturating_sub(*input_tokens));
        Self { transcript_in: *input_tokens, transcript_out: wrote, ..Self::default() }
    }

    /// All of them, each with its direction and kind.
    pub const fn by_kind(&self) -> [(&'static str, &'static str, u64); 9] {
        [
            ("in", "text", self.text_in),
            ("in", "text_cached", self.text_cached),
            ("in", "audio", self.audio_in),
            ("in", "audio_cached", self.audio_cached),
            ("in", "image", self.image_in),
            ("in", "transcript", self.transcript_in),
            ("out", "text", self.text_out),
            ("out", "audio", self.audio_out),
            ("out", "transcript", self.transcript_out),
        ]
    }
}

impl AddAssign for TokenCounts {
    fn add_assign(&mut self, more: Self) {
        for (sum, more) in [
            (&mut self.text_in, more.text_in),
            (&mut self.text_cached, more.text_cached),
            (&mut self.audio_in, more.audio_in),
            (&mut self.audio_cached, more.audio_cached),
            (&mut self.image_in, more.image_in),
            (&mut self.text_out, more.text_out),
            (&mut self.audio_out, more.audio_out),
            (&mut self.transcript_in, more.transcript_in),
            (&mut self.transcript_out, more.transcript_out),
        ] {
            *sum = sum.saturating_add(more);
        }
    }
}
