//! Speech for the browser's fake microphone: sentences by `espeak-ng` with silences between them.

use crate::place::artefact;
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Samples a second of the file, as the browser's fake capture wants it.
const RATE: u32 = 48_000;

/// A recording being put together.
#[derive(Debug, Default)]
pub struct Speech {
    samples: Vec<i16>,
}

impl Speech {
    /// An empty recording.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds silence.
    #[must_use]
    pub fn silence(mut self, seconds: f64) -> Self {
        let count = (seconds * f64::from(RATE)) as usize;
        self.samples.resize(self.samples.len() + count, 0);
        self
    }

    /// Adds silence up to this second of the recording.
    #[must_use]
    pub fn silence_until(self, second: f64) -> Self {
        let rest = second - self.seconds();
        self.silence(rest.max(0.0))
    }

    /// Adds a sentence.
    ///
    /// # Errors
    /// `espeak-ng` is not there or fails.
    pub fn say(mut self, sentence: &str) -> Result<Self> {
        self.samples.extend(synthesise(sentence)?);
        Ok(self)
    }

    /// Length so far.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(RATE)
    }

    /// Writes the recording and returns its absolute path.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, name: &str) -> Result<PathBuf> {
        let path = artefact(&format!("{name}.wav"));
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut file = hound::WavWriter::create(&path, spec)?;
        for sample in &self.samples {
            file.write_sample(*sample)?;
        }
        file.finalize()?;
        Ok(path)
    }
}

fn synthesise(sentence: &str) -> Result<Vec<i16>> {
    let output = Command::new("espeak-ng")
        .args(["--stdout", "-v", "en-us", "-s", "150", sentence])
        .stderr(Stdio::inherit())
        .output()
        .context("espeak-ng is needed for the tests' voice")?;
    ensure!(output.status.success(), "espeak-ng failed: {}", output.status);
    let mut reader = hound::WavReader::new(std::io::Cursor::new(output.stdout))?;
    let rate = reader.spec().sample_rate;
    // espeak-ng streams: the header's length is not to be trusted, so reading ends at the first error.
    let samples: Vec<i16> = reader.samples::<i16>().map_while(Result::ok).collect();
    ensure!(!samples.is_empty(), "espeak-ng gave no samples");
    Ok(resample(&samples, rate))
}

fn resample(samples: &[i16], rate: u32) -> Vec<i16> {
    let step = f64::from(rate) / f64::from(RATE);
    let count = (samples.len() as f64 / step) as usize;
    let at = |index: usize| f64::from(samples.get(index).copied().unwrap_or(0));
    (0..count)
        .map(|index| {
            let place = index as f64 * step;
            let (whole, part) = (place as usize, place.fract());
            (at(whole) * (1.0 - part) + at(whole + 1) * part) as i16
        })
        .collect()
}
