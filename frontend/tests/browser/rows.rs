//! Transcripts for the page's tests, made by a real core that hears a few events.

use conversation::{Attempt, Config, Conversation, Input, Intent, LinkInput, Time, View};
use protocol::EphemeralKey;

/// A connected conversation that heard these events.
pub(crate) fn after(events: &[&str]) -> View {
    let mut talk = Conversation::new(Config::default(), 7);
    let attempt = Attempt(1);
    let mut millis = 0.0;
    let mut tell = |input: Input| {
        millis += 1.0;
        talk.handle_input(Time::from_millis(millis), input);
        while talk.poll_effect().is_some() {}
    };
    tell(Input::Intent(Intent::Connect));
    tell(Input::Link(attempt, LinkInput::KeyMinted { key: EphemeralKey::new("ek_test") }));
    tell(Input::Link(attempt, LinkInput::Answered { call_id: None }));
    tell(Input::Link(attempt, LinkInput::ChannelOpened));
    let begin = [
        r#"{"type":"session.created","session":{"id":"sess","object":"realtime.session"}}"#,
        r#"{"type":"session.updated","session":{"id":"sess"}}"#,
    ];
    for event in begin.iter().chain(events) {
        tell(Input::Received(attempt, (*event).to_owned()));
    }
    talk.view()
}
