//! Changes the sample rate of a stream, with a windowed sinc.

/// Converts from one rate to another, piece by piece.
pub(crate) struct Resampler {
    step: f64,
    cutoff: f64,
    /// Input that later output still needs; `position` counts from its start.
    history: Vec<f32>,
    position: f64,
}

impl Resampler {
    /// A converter at the start of a stream.
    pub(crate) fn new(from: u32, to: u32) -> Self {
        let step = f64::from(from.max(1)) / f64::from(to.max(1));
        // Silence before the stream, so that its first sample can be the centre of the window.
        Self { step, cutoff: (1.0 / step).min(1.0) * 0.95, history: vec![0.0; HALF], position: HALF as f64 }
    }

    /// Takes input and gives the output it allows.
    pub(crate) fn push(&mut self, input: &[i16]) -> Vec<i16> {
        self.history.extend(input.iter().map(|s| f32::from(*s)));
        let mut output = Vec::with_capacity((input.len() as f64 / self.step) as usize + 1);
        while (self.position as usize) + HALF < self.history.len() {
            output.push(self.sample());
            self.position += self.step;
        }
        let done = (self.position as usize).saturating_sub(HALF).min(self.history.len());
        self.history.drain(..done);
        self.position -= done as f64;
        output
    }

    /// The rest of the output.
    pub(crate) fn finish(&mut self) -> Vec<i16> {
        self.push(&[0; HALF])
    }

    fn sample(&self) -> i16 {
        let centre = self.position as usize;
        let first = (centre + 1).saturating_sub(HALF);
        let sum: f64 = self.history[first..=centre + HALF]
            .iter()
            .enumerate()
            .map(|(n, sample)| f64::from(*sample) * kernel((first + n) as f64 - self.position, self.cutoff))
            .sum();
        sum.clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
    }
}

fn kernel(distance: f64, cutoff: f64) -> f64 {
    let window = 0.5 + 0.5 * (std::f64::consts::PI * distance / (HALF as f64 + 1.0)).cos();
    let x = std::f64::consts::PI * distance * cutoff;
    let sinc = if x.abs() < 1e-9 { 1.0 } else { x.sin() / x };
    cutoff * sinc * window
}

/// Input samples on each side that one output sample looks at.
const HALF: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_keeps_its_pitch_length_and_loudness() {
        let input: Vec<i16> =
            (0..22_050).map(|n| (10_000.0 * (angle(440.0, 22_050.0) * n as f64).sin()) as i16).collect();
        let mut resampler = Resampler::new(22_050, 24_000);
        let mut output = Vec::new();
        for piece in input.chunks(333) {
            output.extend(resampler.push(piece));
        }
        output.extend(resampler.finish());
        assert!(output.len().abs_diff(24_000) <= 2, "{}", output.len());
        let worst = output[100..23_900]
            .iter()
            .enumerate()
            .map(|(n, s)| (f64::from(*s) - 10_000.0 * (angle(440.0, 24_000.0) * (n + 100) as f64).sin()).abs())
            .fold(0.0, f64::max);
        assert!(worst < 60.0, "{worst}");
    }

    fn angle(frequency: f64, rate: f64) -> f64 {
        std::f64::consts::TAU * frequency / rate
    }
}
