//! One call against a far end inside the page.

use crate::stand::{count, holds, js, number, reset, settle, text, until};
use colloquy_frontend::rtc::{Call, CallEvent, IceServers, Microphone};
use colloquy_frontend::service::Service;
use conversation::{Attempt, HttpFailure, LinkInput};
use protocol::{CallId, EphemeralKey};
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen_test::wasm_bindgen_test as test;

type Events = Rc<RefCell<Vec<CallEvent>>>;

fn prepared() -> (Events, Call) {
    let events = Events::default();
    let pushed = events.clone();
    let tell = move |event| pushed.borrow_mut().push(event);
    (events, Call::prepare(Attempt(1), &IceServers::from_page(), Service::at(""), tell).unwrap())
}

async fn opened() -> (Events, Call) {
    reset();
    let (events, mut call) = prepared();
    call.dial(EphemeralKey::new("ek_test"));
    until("an open channel", || events.borrow().contains(&CallEvent::Link(LinkInput::ChannelOpened))).await;
    (events, call)
}

#[test]
async fn it_tells_the_answer_with_the_calls_name_and_the_open_channel() {
    let (events, _call) = opened().await;
    let answered = LinkInput::Answered { call_id: Some(CallId::new("rtc_test")) };
    assert!(events.borrow().contains(&CallEvent::Link(answered)));
    assert_eq!(text("stand.bearer"), "Bearer ek_test");
    until("the first event", || events.borrow().iter().any(|event| matches!(event, CallEvent::Received(_)))).await;
}

#[test]
async fn what_is_sent_arrives() {
    let (_events, call) = opened().await;
    call.send(r#"{"type":"output_audio_buffer.clear"}"#).unwrap();
    until("the message", || holds("stand.sent.includes('output_audio_buffer.clear')")).await;
}

#[test]
async fn it_waits_for_neither_key_nor_microphone_to_make_its_offer() {
    reset();
    let (_events, _call) = prepared();
    until("an offer", || holds("stand.peers[0]?.signalingState === 'have-local-offer'")).await;
    assert!(holds("stand.requests.length === 0"));
}

#[test]
async fn a_microphone_that_comes_later_is_heard_without_a_new_offer() {
    let (_events, call) = opened().await;
    let microphone = Microphone::open().await.unwrap();
    call.attach(Some(&microphone));
    until("packets at the far end", || {
        js("stand.far.getReceivers()[0].getStats().then(all => all.forEach(one => { \
            if (one.type === 'inbound-rtp') stand.packets = one.packetsReceived; }))");
        holds("stand.packets > 5")
    })
    .await;
    assert_eq!(count("stand.requests.length"), 1);
}

#[test]
async fn dropping_it_closes_everything_and_tells_nothing() {
    let (events, call) = opened().await;
    settle().await;
    let told = events.borrow().len();
    drop(call);
    assert!(holds("stand.peers.every(peer => peer.connectionState === 'closed')"));
    until("the far end to notice", || holds("stand.channelClosed")).await;
    assert_eq!(events.borrow().len(), told);
}

#[test]
async fn dropping_it_while_the_server_thinks_leaves_nothing_behind() {
    reset();
    js("stand.server = 'silent'");
    let (events, mut call) = prepared();
    call.dial(EphemeralKey::new("ek_test"));
    until("the request", || number("stand.requests.length") > 0.0).await;
    drop(call);
    settle().await;
    assert!(events.borrow().is_empty() && holds("stand.peers[0].connectionState === 'closed'"));
}

#[test]
async fn a_refusal_says_what_the_server_said() {
    reset();
    js("stand.server = 'refusing'");
    let (events, mut call) = prepared();
    call.dial(EphemeralKey::new("ek_test"));
    until("the refusal", || !events.borrow().is_empty()).await;
    let refusal = HttpFailure::Status {
        status: 502,
        code: Some("upstream_key_refused".to_owned()),
        message: Some("the key is wrong".to_owned()),
        retry_after: None,
    };
    assert_eq!(events.borrow()[0], CallEvent::Link(LinkInput::CallRefused(refusal)));
}
