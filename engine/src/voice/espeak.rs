//! The voice of `espeak-ng`, run as a program: one run a sentence, the text on its standard input.

use super::resample::Resampler;
use super::{Manner, SAMPLE_RATE, Sink, Voice, VoiceError};
use std::io::{Read, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Speaks through `espeak-ng`.
#[derive(Debug)]
pub struct Espeak {
    program: PathBuf,
}

impl Espeak {
    /// The program on the search path, if it is installed.
    pub fn find() -> Option<Self> {
        find_program("espeak-ng").map(|program| Self { program })
    }
}

impl Voice for Espeak {
    fn speak(&self, text: &str, manner: &Manner, sink: &mut Sink<'_>) -> Result<(), VoiceError> {
        let mut run = Run(Command::new(&self.program)
            .args(["--stdin", "--stdout", "-b", "1", "-v", variant(&manner.voice)])
            .args(["-s", &words_per_minute(manner).to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?);
        if let Some(mut stdin) = run.0.stdin.take() {
            stdin.write_all(text.as_bytes())?;
        }
        let mut stdout = run.0.stdout.take().ok_or(VoiceError::NotSound)?;
        let mut resampler = Resampler::new(read_rate(&mut stdout)?, SAMPLE_RATE);
        let mut buffer = [0u8; 4096];
        let mut odd: Option<u8> = None;
        loop {
            let length = stdout.read(&mut buffer)?;
            if length == 0 {
                break;
            }
            let samples = samples(&buffer[..length], &mut odd);
            if sink(&resampler.push(&samples)) == ControlFlow::Break(()) {
                return Ok(());
            }
        }
        let _ = sink(&resampler.finish());
        Ok(())
    }

    fn name(&self) -> &'static str {
        "espeak-ng"
    }
}

/// A running program that is ended and waited for, however its user leaves.
struct Run(Child);

impl Drop for Run {
    fn drop(&mut self) {
        // It has usually ended by itself; then both fail, and that is well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Where a program is on the search path.
pub(crate) fn find_program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| is_program(program))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

fn variant(voice: &str) -> &'static str {
    VARIANTS.iter().find(|(name, _)| *name == voice).map_or("en-us", |(_, variant)| variant)
}

fn words_per_minute(manner: &Manner) -> u32 {
    (165 * manner.speed_percent / 100).clamp(80, 400)
}

/// Reads the header of a WAV stream up to its samples; gives the sample rate.
fn read_rate(stream: &mut impl Read) -> Result<u32, VoiceError> {
    let mut header = [0u8; 44];
    stream.read_exact(&mut header).map_err(|_| VoiceError::NotSound)?;
    let rate = u32::from_le_bytes([header[24], header[25], header[26], header[27]]);
    let is_wav = header.starts_with(b"RIFF") && &header[8..12] == b"WAVE" && &header[36..40] == b"data";
    if is_wav && (8_000..=48_000).contains(&rate) { Ok(rate) } else { Err(VoiceError::NotSound) }
}

/// Bytes to samples; a byte that is half a sample waits for its other half.
fn samples(bytes: &[u8], odd: &mut Option<u8>) -> Vec<i16> {
    let mut all = bytes.iter().copied();
    let mut samples = Vec::with_capacity(bytes.len() / 2 + 1);
    while let Some(low) = odd.take().or_else(|| all.next()) {
        match all.next() {
            Some(high) => samples.push(i16::from_le_bytes([low, high])),
            None => *odd = Some(low),
        }
        if odd.is_some() {
            break;
        }
    }
    samples
}

/// How the session's voices sound here.
const VARIANTS: &[(&str, &str)] = &[
    ("alloy", "en-us"),
    ("ash", "en-us+m3"),
    ("ballad", "en-gb"),
    ("coral", "en-us+f3"),
    ("echo", "en-us+m1"),
    ("sage", "en-us+f2"),
    ("shimmer", "en-us+f4"),
    ("verse", "en-us+m7"),
    ("marin", "en-us+f1"),
    ("cedar", "en-us+m2"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_survive_being_cut_anywhere() {
        let mut odd = None;
        let mut all = samples(&[1, 0, 2], &mut odd);
        all.extend(samples(&[0, 3], &mut odd));
        all.extend(samples(&[0], &mut odd));
        assert_eq!(all, [1, 2, 3]);
        assert_eq!(odd, None);
    }

    #[test]
    fn what_is_not_a_wav_stream_is_refused() {
        assert!(read_rate(&mut [0u8; 60].as_slice()).is_err());
        assert!(read_rate(&mut b"RIFF".as_slice()).is_err());
    }

    #[test]
    fn an_unknown_voice_sounds_like_the_default() {
        assert_eq!(variant("nobody"), "en-us");
        assert_eq!(variant("cedar"), "en-us+m2");
    }

    #[test]
    fn the_program_speaks() {
        let voice = Espeak::find().expect("espeak-ng is needed; `cargo xtask test` installs it");
        let mut spoken = Vec::new();
        let manner = Manner { voice: "marin".into(), speed_percent: 100 };
        voice
            .speak("Hello; rm -rf $(nothing) `here`.", &manner, &mut |piece| {
                spoken.extend_from_slice(piece);
                ControlFlow::Continue(())
            })
            .expect("speech");
        assert!(spoken.len() > SAMPLE_RATE as usize / 2, "{}", spoken.len());
        assert!(spoken.iter().any(|s| s.abs() > 2000));
    }
}
