//! A small voice of our own, for machines without a speech program.
//!
//! A pulse train and noise pass three resonators whose frequencies follow the letters. It is plainly a machine, and
//! with some good will it can be understood; it is meant to be heard rather than to be admired.

use super::{Manner, SAMPLE_RATE, Sink, Voice, VoiceError};
use std::f32::consts::{PI, TAU};

/// The built-in voice.
#[derive(Debug, Default)]
pub struct Builtin;

impl Voice for Builtin {
    fn speak(&self, text: &str, manner: &Manner, sink: &mut Sink<'_>) -> Result<(), VoiceError> {
        let sounds = sounds(text);
        let pace = 100.0 / manner.speed_percent.clamp(25, 150) as f32;
        let mut throat = Throat::new(pitch(&manner.voice));
        for (index, sound) in sounds.iter().enumerate() {
            // The melody falls over the sentence.
            let fall = 1.0 - 0.25 * index as f32 / sounds.len().max(1) as f32;
            if sink(&throat.utter(sound, pace, fall)).is_break() {
                return Ok(());
            }
        }
        let _ = sink(&throat.utter(&PAUSE, 1.0, 1.0));
        Ok(())
    }

    fn name(&self) -> &'static str {
        "built-in"
    }
}

/// One sound of speech.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Sound {
    /// Resonances, in hertz.
    formants: [f32; 3],
    /// How much of the voice is in it, 0 to 1.
    voice: f32,
    /// How much noise is in it, 0 to 1.
    noise: f32,
    /// How long it is, in milliseconds.
    length: f32,
}

const fn sound(f1: f32, f2: f32, f3: f32, voice: f32, noise: f32, length: f32) -> Sound {
    Sound { formants: [f1, f2, f3], voice, noise, length }
}

const PAUSE: Sound = sound(500.0, 1500.0, 2500.0, 0.0, 0.0, 60.0);

/// Spellings and their sounds; longer spellings come first.
const SPELLINGS: &[(&str, Sound)] = &[
    ("tion", sound(400.0, 1700.0, 2600.0, 0.6, 0.4, 180.0)),
    ("igh", sound(650.0, 1500.0, 2500.0, 1.0, 0.0, 150.0)),
    ("th", sound(300.0, 1400.0, 2600.0, 0.3, 0.3, 70.0)),
    ("sh", sound(400.0, 2000.0, 3000.0, 0.0, 0.8, 110.0)),
    ("ch", sound(400.0, 2100.0, 3000.0, 0.0, 0.8, 90.0)),
    ("ph", sound(400.0, 1200.0, 2600.0, 0.0, 0.5, 80.0)),
    ("wh", sound(320.0, 800.0, 2300.0, 0.7, 0.1, 70.0)),
    ("ck", sound(400.0, 1800.0, 2600.0, 0.0, 0.5, 45.0)),
    ("ng", sound(280.0, 1500.0, 2500.0, 0.6, 0.0, 80.0)),
    ("ee", sound(290.0, 2250.0, 3000.0, 1.0, 0.0, 140.0)),
    ("ea", sound(300.0, 2200.0, 3000.0, 1.0, 0.0, 140.0)),
    ("oo", sound(320.0, 900.0, 2250.0, 1.0, 0.0, 140.0)),
    ("ou", sound(600.0, 1000.0, 2400.0, 1.0, 0.0, 140.0)),
    ("ow", sound(600.0, 1000.0, 2400.0, 1.0, 0.0, 140.0)),
    ("ai", sound(480.0, 2000.0, 2700.0, 1.0, 0.0, 140.0)),
    ("ay", sound(480.0, 2000.0, 2700.0, 1.0, 0.0, 140.0)),
    ("er", sound(490.0, 1350.0, 1700.0, 0.9, 0.0, 110.0)),
    ("a", sound(700.0, 1300.0, 2500.0, 1.0, 0.0, 105.0)),
    ("e", sound(530.0, 1850.0, 2500.0, 1.0, 0.0, 85.0)),
    ("i", sound(400.0, 2000.0, 2550.0, 1.0, 0.0, 85.0)),
    ("o", sound(570.0, 900.0, 2400.0, 1.0, 0.0, 105.0)),
    ("u", sound(500.0, 1200.0, 2400.0, 1.0, 0.0, 85.0)),
    ("y", sound(300.0, 2200.0, 2900.0, 0.9, 0.0, 80.0)),
    ("m", sound(270.0, 1100.0, 2300.0, 0.6, 0.0, 75.0)),
    ("n", sound(280.0, 1600.0, 2500.0, 0.6, 0.0, 70.0)),
    ("l", sound(360.0, 1200.0, 2700.0, 0.8, 0.0, 70.0)),
    ("r", sound(420.0, 1250.0, 1650.0, 0.8, 0.0, 70.0)),
    ("w", sound(310.0, 750.0, 2200.0, 0.8, 0.0, 65.0)),
    ("v", sound(300.0, 1200.0, 2500.0, 0.5, 0.2, 60.0)),
    ("z", sound(300.0, 1700.0, 3200.0, 0.4, 0.5, 75.0)),
    ("s", sound(400.0, 2500.0, 3800.0, 0.0, 0.7, 90.0)),
    ("x", sound(400.0, 2300.0, 3600.0, 0.0, 0.7, 90.0)),
    ("f", sound(400.0, 1200.0, 2600.0, 0.0, 0.5, 80.0)),
    ("h", sound(500.0, 1500.0, 2500.0, 0.0, 0.35, 55.0)),
    ("b", sound(250.0, 900.0, 2300.0, 0.4, 0.1, 55.0)),
    ("d", sound(280.0, 1700.0, 2600.0, 0.4, 0.2, 50.0)),
    ("g", sound(280.0, 1900.0, 2500.0, 0.4, 0.2, 55.0)),
    ("j", sound(300.0, 2000.0, 2800.0, 0.3, 0.5, 80.0)),
    ("p", sound(400.0, 900.0, 2300.0, 0.0, 0.4, 45.0)),
    ("t", sound(400.0, 1900.0, 3200.0, 0.0, 0.6, 40.0)),
    ("k", sound(400.0, 1800.0, 2600.0, 0.0, 0.5, 45.0)),
    ("c", sound(400.0, 1800.0, 2600.0, 0.0, 0.5, 45.0)),
    ("q", sound(400.0, 1500.0, 2600.0, 0.0, 0.5, 45.0)),
];

const DIGITS: [&str; 10] = ["zero", "wun", "too", "three", "for", "five", "six", "seven", "ate", "nine"];

fn sounds(text: &str) -> Vec<Sound> {
    let spelled: String = text
        .chars()
        .flat_map(|c| {
            match c.to_digit(10) {
                Some(digit) => DIGITS.get(digit as usize).map_or(String::new(), |word| format!(" {word} ")),
                None => c.to_lowercase().to_string(),
            }
            .chars()
            .collect::<Vec<_>>()
        })
        .collect();
    let mut rest = spelled.as_str();
    let mut sounds = Vec::new();
    while let Some(first) = rest.chars().next() {
        if let Some((spelling, sound)) = SPELLINGS.iter().find(|(spelling, _)| rest.starts_with(spelling)) {
            sounds.push(*sound);
            rest = &rest[spelling.len()..];
            continue;
        }
        match first {
            ',' | ';' | ':' => sounds.push(Sound { length: 200.0, ..PAUSE }),
            '.' | '!' | '?' => sounds.push(Sound { length: 300.0, ..PAUSE }),
            _ => sounds.push(PAUSE),
        }
        rest = &rest[first.len_utf8()..];
    }
    sounds
}

fn pitch(voice: &str) -> f32 {
    match voice {
        "ash" | "cedar" | "echo" | "verse" => 95.0,
        "coral" | "marin" | "sage" | "shimmer" => 180.0,
        _ => 125.0,
    }
}

/// Sources and resonators, with what they remember between sounds.
struct Throat {
    pitch: f32,
    phase: f32,
    formants: [f32; 3],
    voice: f32,
    noise: f32,
    memory: [[f32; 2]; 3],
    seed: u32,
}

impl Throat {
    fn new(pitch: f32) -> Self {
        Self { pitch, phase: 0.0, formants: PAUSE.formants, voice: 0.0, noise: 0.0, memory: [[0.0; 2]; 3], seed: 1 }
    }

    fn utter(&mut self, sound: &Sound, pace: f32, fall: f32) -> Vec<i16> {
        let count = (sound.length * pace * SAMPLE_RATE as f32 / 1000.0) as usize;
        (0..count).map(|_| self.sample(sound, fall)).collect()
    }

    fn sample(&mut self, target: &Sound, fall: f32) -> i16 {
        // Everything glides to its target within about 15 ms, as a mouth does.
        for (now, goal) in self.formants.iter_mut().zip(target.formants) {
            *now += (goal - *now) * GLIDE;
        }
        self.voice += (target.voice - self.voice) * GLIDE;
        self.noise += (target.noise - self.noise) * GLIDE;
        self.phase = (self.phase + self.pitch * fall / SAMPLE_RATE as f32).fract();
        let pulse = if self.phase < 0.4 { (PI * self.phase / 0.4).sin().powi(2) - 0.2 } else { -0.2 };
        self.seed = self.seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = (self.seed >> 16) as f32 / 32_768.0 - 1.0;
        let source = pulse * self.voice + noise * self.noise * 0.4;
        let mut sum = 0.0;
        for (index, memory) in self.memory.iter_mut().enumerate() {
            sum += resonate(source, self.formants[index], BANDWIDTHS[index], memory) * GAINS[index];
        }
        (sum * 9000.0).clamp(-30_000.0, 30_000.0) as i16
    }
}

/// A resonator of two poles, with about unit gain at its peak.
fn resonate(input: f32, frequency: f32, bandwidth: f32, memory: &mut [f32; 2]) -> f32 {
    let radius = (-PI * bandwidth / SAMPLE_RATE as f32).exp();
    let angle = TAU * frequency / SAMPLE_RATE as f32;
    let gain = (1.0 - radius) * (1.0 - 2.0 * radius * (2.0 * angle).cos() + radius * radius).sqrt();
    let output = gain * input * 4.0 + 2.0 * radius * angle.cos() * memory[0] - radius * radius * memory[1];
    memory[1] = memory[0];
    memory[0] = output;
    output
}

const GLIDE: f32 = 0.004;
const BANDWIDTHS: [f32; 3] = [80.0, 110.0, 170.0];
const GAINS: [f32; 3] = [1.0, 0.7, 0.4];

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    #[test]
    fn it_is_clearly_audible_and_never_clips() {
        let spoken = speak("It is half past three in Tokyo.", 100);
        let loud = spoken.iter().filter(|s| s.abs() > 1500).count();
        assert!(loud * 5 > spoken.len(), "{loud} of {}", spoken.len());
        assert!(spoken.iter().all(|s| s.abs() < 30_000));
    }

    #[test]
    fn faster_speech_is_shorter() {
        assert!(speak("one two three", 150).len() < speak("one two three", 100).len());
    }

    #[test]
    fn any_text_can_be_spoken() {
        for text in ["", "12", "Ünïcödé 世界", "...", "\u{0}\n"] {
            speak(text, 100);
        }
    }

    fn speak(text: &str, speed_percent: u32) -> Vec<i16> {
        let mut spoken = Vec::new();
        let manner = Manner { voice: "marin".into(), speed_percent };
        Builtin
            .speak(text, &manner, &mut |piece| {
                spoken.extend_from_slice(piece);
                ControlFlow::Continue(())
            })
            .expect("the built-in voice always speaks");
        spoken
    }
}
