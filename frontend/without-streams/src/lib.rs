//! Stands in for the library of this name.
//!
//! Leptos depends on it for its server functions, of which we have none. What that library exports to JavaScript stays
//! in a program whether it is called or not: 5 kB that everybody who opens the page would have to download. The root
//! `Cargo.toml` puts this in its place; a stream made here is empty.

#![forbid(unsafe_code)]

use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll};
use wasm_bindgen::{JsCast, JsValue};

/// A stream that nobody reads.
#[derive(Debug)]
pub struct ReadableStream {
    raw: web_sys::ReadableStream,
}

impl ReadableStream {
    /// Wraps a stream of the browser's.
    pub fn from_raw(raw: web_sys::ReadableStream) -> Self {
        Self { raw }
    }

    /// Makes no stream.
    pub fn from_stream(_: impl Stream<Item = Result<JsValue, JsValue>> + 'static) -> Self {
        Self { raw: JsValue::UNDEFINED.unchecked_into() }
    }

    /// The stream of the browser's.
    pub fn into_raw(self) -> web_sys::ReadableStream {
        self.raw
    }

    /// Nothing.
    pub fn into_stream(self) -> IntoStream {
        IntoStream
    }
}

/// Ends at once.
#[derive(Debug)]
pub struct IntoStream;

impl Stream for IntoStream {
    type Item = Result<JsValue, JsValue>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(None)
    }
}
