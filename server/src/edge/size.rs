//! The longest address and the largest body that are taken, by what is told of them.

use crate::ApiError;
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;

/// Refuses addresses that are longer than any of ours, and bodies that tell of themselves to be larger than any that is
/// taken, before anything reads them. What a body really is, each route sees for itself.
pub(super) fn check_size(request: &Request, largest_body: usize) -> Result<(), ApiError> {
    let length = request.uri().path_and_query().map_or(0, |path| path.as_str().len());
    if length > LONGEST_ADDRESS {
        return Err(ApiError::UriTooLong);
    }
    let told = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if told.is_some_and(|bytes: usize| bytes > largest_body) {
        return Err(ApiError::TooLarge);
    }
    Ok(())
}

/// A provider's answer to a login is the longest.
const LONGEST_ADDRESS: usize = 4 * 1024;
