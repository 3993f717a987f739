//! What tokens cost.

use crate::TokenCounts;
use protocol::{TranscriptionUsage, Usage};

/// Prices of a million tokens, or of a minute where that is said, in the currency of the limits.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Prices {
    /// Text that the model reads.
    pub text_in: f64,
    /// Text that it has read before.
    pub text_cached: f64,
    /// Audio that it hears.
    pub audio_in: f64,
    /// Audio that it has heard before.
    pub audio_cached: f64,
    /// Pictures that it sees.
    pub image_in: f64,
    /// Text that it writes.
    pub text_out: f64,
    /// Audio that it speaks.
    pub audio_out: f64,
    /// What is heard to be written down.
    pub transcript_in: f64,
    /// What is written down of it.
    pub transcript_out: f64,
    /// A minute of what is heard, where that is what counts.
    pub transcript_minute: f64,
}

impl Prices {
    /// These with those that a text such as `text_in=4, audio_in=32` names; what is not named keeps its price.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn with(self, text: &str) -> Result<Self, String> {
        let mut prices = self;
        let mut named = Vec::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("`{part}` is not written as name=price"))?;
            let price: f64 = value.trim().parse().map_err(|_| format!("`{value}` is no price"))?;
            if !(0.0..=1e6).contains(&price) {
                return Err(format!("`{value}` is no price"));
            }
            let field = match name.trim() {
                "text_in" => &mut prices.text_in,
                "text_cached" => &mut prices.text_cached,
                "audio_in" => &mut prices.audio_in,
                "audio_cached" => &mut prices.audio_cached,
                "image_in" => &mut prices.image_in,
                "text_out" => &mut prices.text_out,
                "audio_out" => &mut prices.audio_out,
                "transcript_in" => &mut prices.transcript_in,
                "transcript_out" => &mut prices.transcript_out,
                "transcript_minute" => &mut prices.transcript_minute,
                other => return Err(format!("there is no price `{other}`")),
            };
            *field = price;
            if named.contains(&name.trim()) {
                return Err(format!("`{}` is named twice", name.trim()));
            }
            named.push(name.trim());
        }
        Ok(prices)
    }

    /// What a response cost, in millionths.
    pub fn cost(&self, usage: &Usage) -> u64 {
        self.of(&TokenCounts::of(usage))
    }

    /// What it cost to write down what was heard, in millionths.
    pub fn cost_of_transcription(&self, usage: &TranscriptionUsage) -> u64 {
        match usage {
            TranscriptionUsage::Duration { seconds } => whole(seconds / 60.0 * self.transcript_minute * 1e6),
            TranscriptionUsage::Tokens { .. } | TranscriptionUsage::Unknown(_) => {
                self.of(&TokenCounts::of_transcription(usage))
            }
        }
    }

    /// What tokens cost, in millionths.
    pub(crate) fn of(&self, tokens: &TokenCounts) -> u64 {
        whole(
            cost(tokens.text_in, self.text_in)
                + cost(tokens.text_cached, self.text_cached)
                + cost(tokens.audio_in, self.audio_in)
                + cost(tokens.audio_cached, self.audio_cached)
                + cost(tokens.image_in, self.image_in)
                + cost(tokens.text_out, self.text_out)
                + cost(tokens.audio_out, self.audio_out)
                + cost(tokens.transcript_in, self.transcript_in)
                + cost(tokens.transcript_out, self.transcript_out),
        )
    }
}

/// Millionths, no more than a limit can be.
fn whole(price: f64) -> u64 {
    price.ceil().clamp(0.0, 1e15) as u64
}

/// A price of a million tokens is the millionths that one token costs.
fn cost(tokens: u64, price: f64) -> f64 {
    tokens as f64 * price
}

#[cfg(test)]
mod tests {
    use super::Prices;
    use protocol::{TranscriptionUsage, Usage};
    use serde_json::json;

    const PRICES: &str = "text_in=4, text_cached=0.4, audio_in=32, audio_cached=0.4, text_out=16, audio_out=64, \
                          transcript_in=6, transcript_out=10, transcript_minute=0.5";

    fn cost(usage: &serde_json::Value) -> u64 {
        let usage: Usage = serde_json::from_value(usage.clone()).expect("usage");
        Prices::default().with(PRICES).expect("prices").cost(&usage)
    }

    #[test]
    fn every_kind_of_token_has_its_own_price() {
        let usage = json!({
            "total_tokens": 1600, "input_tokens": 1100, "output_tokens": 500,
            "input_token_details": {
                "text_tokens": 600, "audio_tokens": 500, "cached_tokens": 300,
                "cached_tokens_details": { "text_tokens": 200, "audio_tokens": 100 },
            },
            "output_token_details": { "text_tokens": 100, "audio_tokens": 400 },
        });
        assert_eq!(cost(&usage), 400 * 4 + 80 + 400 * 32 + 40 + 100 * 16 + 400 * 64);
    }

    #[test]
    fn tokens_of_unknown_kind_cost_as_much_as_the_dearest() {
        assert_eq!(cost(&json!({ "total_tokens": 3, "input_tokens": 1, "output_tokens": 2 })), 32 + 128);
        let untold = json!({
            "total_tokens": 3, "input_tokens": 1, "output_tokens": 2,
            "input_token_details": { "cached_tokens": 0 }, "output_token_details": {},
        });
        assert_eq!(cost(&untold), 32 + 128);
        let half = json!({
            "total_tokens": 6, "input_tokens": 2, "output_tokens": 2,
            "input_token_details": { "text_tokens": 1 }, "output_token_details": { "text_tokens": 1 },
        });
        assert_eq!(cost(&half), 4 + 32 + 16 + 64 + 128);
        assert!(cost(&json!({ "total_tokens": u64::MAX, "input_tokens": u64::MAX, "output_tokens": 9 })) >= 1 << 40);
    }

    #[test]
    fn what_is_heard_to_be_written_down_costs_by_the_token_or_by_the_minute() {
        let cost =
            |usage: &TranscriptionUsage| Prices::default().with(PRICES).expect("prices").cost_of_transcription(usage);
        let tokens = TranscriptionUsage::Tokens {
            total_tokens: 30,
            input_tokens: 20,
            output_tokens: 10,
            input_token_details: None,
        };
        assert_eq!(cost(&tokens), 120 + 100);
        assert_eq!(cost(&TranscriptionUsage::Duration { seconds: 90.0 }), 750_000);
        assert_eq!(cost(&TranscriptionUsage::Duration { seconds: -1.0 }), 0);
    }

    #[test]
    fn a_wrong_price_is_refused() {
        for wrong in ["text_in", "text_in=-1", "text=1", "text_in=NaN", "text_in=1, text_in=2"] {
            assert!(Prices::default().with(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_not_named_keeps_its_price() {
        let usual = Prices::default().with(PRICES).expect("prices");
        let changed = usual.with("text_in=5").expect("prices");
        assert_eq!(changed, Prices { text_in: 5.0, ..usual });
    }
}
