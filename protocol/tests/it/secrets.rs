//! Keys and credentials do not show in `Debug`, in errors or in bodies made by accident.

use protocol::api::SessionReply;
use protocol::{ClientMessage, ClientSecretReply, EphemeralKey};
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[test]
fn a_key_inside_a_reply_is_not_printed() {
    let body = json!({ "value": "ek_hush", "expires_at": 1, "session": {} });
    let shown = [
        format!("{:?}", EphemeralKey::new("ek_hush")),
        format!("{:#?}", serde_json::from_value::<SessionReply>(body.clone()).unwrap()),
        format!("{:#?}", serde_json::from_value::<ClientSecretReply>(body).unwrap()),
    ];
    for shown in shown {
        assert!(shown.contains("EphemeralKey(hidden)") && !shown.contains("hush"), "{shown}");
    }
}

#[test]
fn a_reply_shows_its_key_only_when_it_is_exposed() {
    let reply = SessionReply { value: EphemeralKey::new("ek_hush"), expires_at: 7, talk: None };
    assert_eq!(reply.expose(), json!({ "value": "ek_hush", "expires_at": 7 }));
}

#[test]
fn a_reply_that_cannot_be_read_does_not_repeat_its_key() {
    let body = json!({ "value": "ek_hush" });
    let faults = [
        serde_json::from_value::<SessionReply>(body.clone()).unwrap_err().to_string(),
        SessionReply::parse(&body.to_string()).unwrap_err().to_string(),
        SessionReply::parse("{\"value\":\"ek_hush\",").unwrap_err().to_string(),
    ];
    for fault in faults {
        assert!(!fault.contains("hush"), "{fault}");
    }
}

#[test]
fn the_credentials_of_a_remote_server_are_not_printed() {
    let event = json!({ "type": "session.update", "session": { "type": "realtime", "tools": [{
        "type": "mcp", "server_label": "notes", "server_url": "https://notes.example",
        "authorization": "hush", "headers": { "x-key": "hush" }
    }] } });
    let message = ClientMessage::parse(&event.to_string()).unwrap();
    let shown = format!("{message:#?}");
    assert!(shown.contains("authorization") && !shown.contains("hush"), "{shown}");
    assert!(message.to_json().contains("hush"), "the service must still get them");
}
