//! Speech to Opus packets of 20 ms.

use crate::mouth::Packet;
use opus_pure::{Application, MAX_PACKET_BYTES, OpusEncoder};
use std::sync::Arc;

/// Samples a second that the encoder takes.
pub(crate) const SAMPLE_RATE: usize = 24_000;

/// Samples of one packet.
const FRAME: usize = SAMPLE_RATE / 50;

/// Encodes one sentence, piece by piece.
pub(crate) struct Encoder {
    opus: OpusEncoder,
    pending: Vec<i16>,
    bytes: Vec<u8>,
}

impl Encoder {
    /// An encoder at the start of a sentence.
    ///
    /// # Errors
    /// The encoder cannot be made, which would be a fault of this program.
    pub(crate) fn new() -> Result<Self, opus_pure::Error> {
        let mut opus = OpusEncoder::new(SAMPLE_RATE as i32, 1, Application::Audio)?;
        opus.bitrate_bps = 40_000;
        opus.complexity = 5;
        Ok(Self { opus, pending: Vec::new(), bytes: vec![0; MAX_PACKET_BYTES] })
    }

    /// Takes samples and gives the packets they complete.
    ///
    /// # Errors
    /// The encoder refuses, which would be a fault of this program.
    pub(crate) fn push(&mut self, samples: &[i16]) -> Result<Vec<Packet>, opus_pure::Error> {
        self.pending.extend_from_slice(samples);
        let whole = self.pending.len() / FRAME * FRAME;
        let mut packets = Vec::with_capacity(whole / FRAME);
        for frame in self.pending[..whole].chunks_exact(FRAME) {
            let length = self.opus.encode_s16(frame, FRAME, &mut self.bytes)?;
            packets.push(Arc::from(&self.bytes[..length.min(self.bytes.len())]));
        }
        self.pending.drain(..whole);
        Ok(packets)
    }

    /// The last packet, filled up with silence.
    ///
    /// # Errors
    /// The encoder refuses, which would be a fault of this program.
    pub(crate) fn finish(&mut self) -> Result<Vec<Packet>, opus_pure::Error> {
        let missing = (FRAME - self.pending.len() % FRAME) % FRAME;
        self.push(&vec![0; missing])
    }
}

/// One packet of silence.
///
/// # Errors
/// The encoder refuses, which would be a fault of this program.
pub(crate) fn silence() -> Result<Packet, opus_pure::Error> {
    let packets = Encoder::new()?.push(&[0; 2 * FRAME])?;
    packets.into_iter().next_back().ok_or(opus_pure::Error::InvalidArgument("no packet"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_survives_and_its_length_is_whole_packets() {
        let tone: Vec<i16> = (0..1000).map(|n| (8000.0 * (n as f32 * 0.1).sin()) as i16).collect();
        let mut encoder = Encoder::new().expect("an encoder");
        let mut packets = encoder.push(&tone).expect("packets");
        packets.extend(encoder.finish().expect("the rest"));
        assert_eq!(packets.len(), 3);
        let mut decoder = opus_pure::OpusDecoder::new(24_000, 1).expect("a decoder");
        let mut loudest = 0;
        for packet in packets {
            let mut pcm = [0i16; FRAME];
            assert_eq!(decoder.decode_s16(&packet, FRAME, &mut pcm).expect("audio"), FRAME);
            loudest = loudest.max(pcm.iter().map(|s| s.unsigned_abs()).max().unwrap_or(0));
        }
        assert!(loudest > 4000, "{loudest}");
    }

    #[test]
    fn silence_is_one_small_packet_that_decodes_to_silence() {
        let packet = silence().expect("a packet");
        let mut pcm = [0i16; FRAME];
        let mut decoder = opus_pure::OpusDecoder::new(24_000, 1).expect("a decoder");
        decoder.decode_s16(&packet, FRAME, &mut pcm).expect("audio");
        assert!(pcm.iter().all(|s| s.abs() < 8));
    }
}
