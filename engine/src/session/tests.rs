//! What a session says.
