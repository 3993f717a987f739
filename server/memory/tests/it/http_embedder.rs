//! The embedder behind an address, against a service that answers in every way it could.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use memory::{EmbedError, Embedder, EmbeddingKey, HttpEmbedder, HttpEmbedderOptions, InvalidEmbedder};
use serde_json::{Value, json};

#[derive(Debug, Clone, Copy)]
enum Manner {
    Proper,
    WrongDims,
    Missing,
    Huge,
    Garbage,
    Elsewhere,
    Silent,
    Busy,
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts() {
    let embedder = embedder(Manner::Proper, |options| {
        options.batch = 2;
        options.key = Some(EmbeddingKey::new("sk-embedding"));
    })
    .await;
    let vectors = embedder.embed(&["a", "bbb", "cc", "dddd", "e"]).await.unwrap();
    let lengths: Vec<f32> = vectors.iter().map(|vector| vector[0]).collect();
    assert_eq!(lengths, [1.0, 3.0, 2.0, 4.0, 1.0]);
    assert_eq!((embedder.model().name.as_str(), embedder.model().dims), ("some-model", 4));
}

#[tokio::test]
async fn the_key_goes_to_the_service_and_is_not_printed() {
    let keyless = embedder(Manner::Proper, |_| ()).await;
    assert!(matches!(keyless.embed(&["a"]).await, Err(EmbedError::Refused(401))));
    let mut options = HttpEmbedderOptions::new("http://127.0.0.1:9/v1", "m");
    options.key = Some(EmbeddingKey::new("sk-embedding"));
    assert!(!format!("{options:?}{:?}", HttpEmbedder::new(options.clone()).unwrap()).contains("sk-embedding"));
}

#[tokio::test]
async fn every_bad_answer_is_an_error() {
    let failure = async |manner| {
        let embedder = embedder(manner, |options| {
            options.timeout = Duration::from_millis(300);
            options.key = Some(EmbeddingKey::new("sk-embedding"));
        });
        embedder.await.embed(&["a", "b"]).await.unwrap_err()
    };
    assert!(matches!(failure(Manner::WrongDims).await, EmbedError::Unusable(_)));
    assert!(matches!(failure(Manner::Missing).await, EmbedError::Unusable(_)));
    assert!(matches!(failure(Manner::Garbage).await, EmbedError::Unusable(_)));
    assert!(matches!(failure(Manner::Huge).await, EmbedError::TooLarge));
    assert!(matches!(failure(Manner::Elsewhere).await, EmbedError::Refused(307)));
    assert!(matches!(failure(Manner::Busy).await, EmbedError::Refused(503)));
    assert!(matches!(failure(Manner::Silent).await, EmbedError::Unreachable(_)));
}

#[test]
fn options_out_of_range_are_refused() {
    let with = |change: fn(&mut HttpEmbedderOptions)| {
        let mut options = HttpEmbedderOptions::new("https://example.com/v1/", "m");
        change(&mut options);
        HttpEmbedder::new(options).map(|_| ())
    };
    assert!(with(|_| ()).is_ok());
    assert!(matches!(with(|options| options.base_url = "file:///etc".into()), Err(InvalidEmbedder::Address)));
    assert!(matches!(with(|options| options.base_url = String::new()), Err(InvalidEmbedder::Address)));
    assert!(matches!(with(|options| options.dims = 0), Err(InvalidEmbedder::Dims)));
    assert!(matches!(with(|options| options.dims = 1 << 20), Err(InvalidEmbedder::Dims)));
    assert!(matches!(with(|options| options.model = String::new()), Err(InvalidEmbedder::Model)));
}

async fn embedder(manner: Manner, change: impl FnOnce(&mut HttpEmbedderOptions)) -> HttpEmbedder {
    let address = serve(manner).await;
    let mut options = HttpEmbedderOptions::new(format!("http://{address}/v1"), "some-model");
    options.dims = 4;
    change(&mut options);
    HttpEmbedder::new(options).unwrap()
}

async fn serve(manner: Manner) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = Router::new().route("/v1/embeddings", post(answer)).with_state(manner);
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

async fn answer(State(manner): State<Manner>, headers: HeaderMap, Json(request): Json<Value>) -> Response {
    if headers.get("authorization").is_none_or(|value| value != "Bearer sk-embedding") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    assert_eq!((&request["model"], &request["dimensions"]), (&json!("some-model"), &json!(4)));
    let texts = request["input"].as_array().unwrap();
    assert!(texts.len() <= 128);
    let entry = |(index, text): (usize, &Value)| {
        let length = text.as_str().unwrap().len();
        json!({ "object": "embedding", "index": index, "embedding": [length, 0.5, -0.25, 1e-9] })
    };
    let mut data: Vec<Value> = texts.iter().enumerate().map(entry).collect();
    data.reverse();
    match manner {
        Manner::Proper => {}
        Manner::WrongDims => data[0]["embedding"] = json!([1.0, 2.0]),
        Manner::Missing => data[0]["index"] = data[1]["index"].clone(),
        Manner::Huge => return "[".repeat(10 << 20).into_response(),
        Manner::Garbage => return "<html>no</html>".into_response(),
        Manner::Elsewhere => return Redirect::temporary("http://127.0.0.1:9/").into_response(),
        Manner::Silent => std::future::pending().await,
        Manner::Busy => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
    Json(json!({ "object": "list", "data": data, "model": "some-model" })).into_response()
}
