//! Asks any OpenAI-compatible transcription service: `POST {base}/audio/transcriptions` with a WAV file.

use super::{Recogniser, RecogniserError, Recognition, Utterance};
use crate::vad::SAMPLE_RATE;
use std::io::Cursor;
use std::time::Duration;

/// A transcription service somewhere else.
#[derive(Clone)]
pub struct Http {
    client: reqwest::Client,
    address: String,
    model: String,
    key: Option<String>,
}

impl Http {
    /// A service at this base address, such as `http://127.0.0.1:8000/v1`.
    ///
    /// # Errors
    /// The HTTP client cannot be made.
    pub fn new(base: &str, model: impl Into<String>, key: Option<String>) -> Result<Self, RecogniserError> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).connect_timeout(CONNECT_TIMEOUT).build()?;
        let base = base.trim_end_matches('/');
        let base = base.strip_suffix("/audio/transcriptions").unwrap_or(base);
        let base = if base.ends_with("/v1") { base.to_owned() } else { format!("{base}/v1") };
        Ok(Self { client, address: format!("{base}/audio/transcriptions"), model: model.into(), key })
    }

    async fn ask(self, utterance: Utterance) -> Result<Option<String>, RecogniserError> {
        let file = reqwest::multipart::Part::bytes(wav(&utterance.speech.samples)?)
            .file_name("speech.wav")
            .mime_str("audio/wav")?;
        let form = reqwest::multipart::Form::new()
            .part("file", file)
            .text("model", self.model)
            .text("response_format", "json");
        let mut request = self.client.post(&self.address).multipart(form);
        if let Some(key) = self.key {
            request = request.bearer_auth(key);
        }
        let reply: serde_json::Value = request.send().await?.error_for_status()?.json().await?;
        let text = reply.get("text").and_then(serde_json::Value::as_str).ok_or(RecogniserError::NoText)?.trim();
        Ok((!text.is_empty()).then(|| text.chars().take(MOST_CHARACTERS).collect()))
    }
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The key stays out of every log.
        f.debug_struct("Http").field("address", &self.address).field("model", &self.model).finish_non_exhaustive()
    }
}

impl Recogniser for Http {
    fn recognise(&self, utterance: Utterance) -> Recognition {
        Box::pin(self.clone().ask(utterance))
    }

    fn is_cheap(&self) -> bool {
        false
    }

    fn name(&self) -> &'static str {
        "http"
    }
}

fn wav(samples: &[i16]) -> Result<Vec<u8>, hound::Error> {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: SAMPLE_RATE as u32,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::with_capacity(44 + 2 * samples.len()));
    let mut writer = hound::WavWriter::new(&mut file, spec)?;
    for sample in samples {
        writer.write_sample(*sample)?;
    }
    writer.finalize()?;
    Ok(file.into_inner())
}

const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const MOST_CHARACTERS: usize = 4000;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ears::Speech;
    use axum::extract::Multipart;
    use axum::routing::post;

    #[tokio::test]
    async fn a_service_gets_a_wav_file_and_its_text_comes_back() {
        let base = serve("hello there").await;
        let http = Http::new(&base, "any-model", Some("secret".into())).expect("a client");
        let words = http.recognise(utterance()).await.expect("words");
        assert_eq!(words.as_deref(), Some("hello there 3244 any-model"));
        assert!(!format!("{http:?}").contains("secret"));
    }

    #[tokio::test]
    async fn a_service_that_is_not_there_is_an_error() {
        let http = Http::new("http://127.0.0.1:9/v1", "any", None).expect("a client");
        assert!(matches!(http.recognise(utterance()).await, Err(RecogniserError::Service(_))));
    }

    fn utterance() -> Utterance {
        Utterance { number: 0, speech: Speech { samples: vec![7; 1600] } }
    }

    async fn serve(text: &'static str) -> String {
        let app = axum::Router::new().route(
            "/v1/audio/transcriptions",
            post(move |mut form: Multipart| async move {
                let (mut bytes, mut model) = (0, String::new());
                while let Ok(Some(field)) = form.next_field().await {
                    match field.name() {
                        Some("file") => bytes = field.bytes().await.map_or(0, |b| b.len()),
                        Some("model") => model = field.text().await.unwrap_or_default(),
                        _ => {}
                    }
                }
                axum::Json(serde_json::json!({ "text": format!(" {text} {bytes} {model}\n") }))
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        format!("http://{address}")
    }
}
