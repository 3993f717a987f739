//! A second opinion: the types that `async-openai` publishes for the same wire.
//!
//! What we write must be readable there, and what is written there must mean the same to us. Two legacy events are
//! not in that set, and noise reduction is left out because it is written differently there than in the schema.

use crate::{CLIENT_FIXTURES, SERVER_FIXTURES};
use async_openai::types::realtime::{RealtimeClientEvent, RealtimeServerEvent};
use protocol::{ClientEvent, ClientMessage, ServerEvent, ServerMessage};
use std::collections::BTreeMap;

#[test]
fn our_client_events_are_understood_there_and_theirs_here() {
    for (kind, message) in
        first_of_each(CLIENT_FIXTURES, |line| ClientMessage::parse(line).unwrap(), |it| it.event.kind())
    {
        let theirs: RealtimeClientEvent =
            serde_json::from_str(&message.to_json()).unwrap_or_else(|fault| panic!("{kind}: {fault}"));
        let back = serde_json::to_string(&theirs).unwrap();
        let ours = ClientMessage::parse(&back).unwrap_or_else(|fault| panic!("{fault}: {back}"));
        assert_eq!(ours, message, "{kind}");
    }
}

#[test]
fn our_server_events_are_understood_there_and_theirs_here() {
    for (kind, message) in
        first_of_each(SERVER_FIXTURES, |line| ServerMessage::parse(line).unwrap(), |it| it.event.kind())
    {
        if NOT_THERE.contains(&kind.as_str()) {
            continue;
        }
        let theirs: RealtimeServerEvent =
            serde_json::from_str(&message.to_json()).unwrap_or_else(|fault| panic!("{kind}: {fault}"));
        let back = serde_json::to_string(&theirs).unwrap();
        let ours = ServerMessage::parse(&back).unwrap_or_else(|fault| panic!("{fault}: {back}"));
        match (&ours.event, &message.event) {
            // The other side keeps only part of the session's keys, so only the identity can be compared.
            (ServerEvent::SessionCreated(a), ServerEvent::SessionCreated(b)) => assert_eq!(a.session.id, b.session.id),
            (ServerEvent::SessionUpdated(a), ServerEvent::SessionUpdated(b)) => assert_eq!(a.session.id, b.session.id),
            _ => assert_eq!(ours, message, "{kind}"),
        }
    }
}

#[test]
fn the_fixtures_cover_every_type_the_other_side_knows_how_to_read() {
    let client = first_of_each(CLIENT_FIXTURES, |line| ClientMessage::parse(line).unwrap(), |it| it.event.kind());
    let server = first_of_each(SERVER_FIXTURES, |line| ServerMessage::parse(line).unwrap(), |it| it.event.kind());
    assert_eq!((client.len(), server.len()), (ClientEvent::KINDS.len(), ServerEvent::KINDS.len()));
}

/// Read by us, absent there.
const NOT_THERE: [&str; 2] = ["conversation.created", "conversation.item.created"];

fn first_of_each<T>(lines: &str, parse: impl Fn(&str) -> T, kind: impl Fn(&T) -> &str) -> BTreeMap<String, T> {
    let mut first = BTreeMap::new();
    for message in lines.lines().map(parse) {
        let kind = kind(&message).to_owned();
        first.entry(kind).or_insert(message);
    }
    first
}
