//! Compression, once at the start: strong enough to matter, quick enough not to be noticed.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;

/// The body in brotli, if that is worth it.
pub(super) fn brotli(body: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    // No wider than the body: what is set aside for a window stays with the process.
    let lgwin = (usize::BITS - body.len().leading_zeros()).clamp(16, 22) as i32;
    let parameters =
        brotli::enc::BrotliEncoderParams { quality: 9, lgwin, size_hint: body.len(), ..Default::default() };
    brotli::BrotliCompress(&mut &body[..], &mut out, &parameters).ok()?;
    worth_it(body, out)
}

/// The body in gzip, if that is worth it.
pub(super) fn gzip(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).ok()?;
    worth_it(body, encoder.finish().ok()?)
}

fn worth_it(body: &[u8], compressed: Vec<u8>) -> Option<Vec<u8>> {
    (compressed.len() < body.len() / 10 * 9).then_some(compressed)
}
