//! The SDP proxy.

use crate::app::{App, ask, offer};
use crate::vendor::{ANSWER, CALL, LASTING_KEY, Mood, SHORT_KEY};
use crate::waiting::wait_until;
use axum::body::Body;
use std::time::Duration;

#[tokio::test]
async fn an_offer_is_answered_with_the_vendors_status_body_and_location() {
    let app = App::start().await;
    let answer = app.offer("/v1/realtime/calls").await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.text(), ANSWER);
    assert_eq!(answer.header("content-type"), "application/sdp");
    assert_eq!(answer.header("location"), format!("/v1/realtime/calls/{CALL}"));
    let seen = app.vendor.last();
    assert_eq!(seen.header("authorization"), format!("Bearer {SHORT_KEY}"), "the short-lived key, not the lasting one");
    assert_eq!(seen.body, "v=0\r\n");
}

#[tokio::test]
async fn the_short_address_with_a_model_opens_a_call_too() {
    let app = App::start().await;
    let answer = app.offer("/v1/realtime?model=gpt-realtime").await;
    assert_eq!(answer.status, 201);
    let seen = app.vendor.last();
    assert_eq!((seen.path.as_str(), seen.query), ("/v1/realtime/calls", None));
}

#[tokio::test]
async fn the_form_of_the_official_clients_is_taken() {
    let app = App::start().await;
    let form =
        "--b\r\nContent-Disposition: form-data; name=\"sdp\"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--";
    let kind = "multipart/form-data; boundary=b";
    let answer = app.send(offer("/v1/realtime/calls", &app.bearer(SHORT_KEY), kind, form)).await;
    assert_eq!(answer.status, 201);
    let seen = app.vendor.last();
    assert_eq!((seen.header("content-type"), &seen.body[..]), ("application/sdp", &b"v=0\r\n"[..]));
}

#[tokio::test]
async fn a_form_does_not_change_what_the_session_is() {
    let app = App::start().await;
    let session = r#"{"type":"realtime","model":"gpt-5-enormous","tools":[{"type":"mcp","server_label":"x",
        "server_url":"http://169.254.169.254/"}]}"#;
    let form = format!(
        "--b\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n{session}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"sdp\"\r\n\r\nv=0\r\n\r\n--b--"
    );
    let kind = "multipart/form-data; boundary=b";
    assert_eq!(app.send(offer("/v1/realtime/calls", &app.bearer(SHORT_KEY), kind, &form)).await.status, 201);
    assert_eq!(app.vendor.last().body, "v=0\r\n");
}

#[tokio::test]
async fn a_form_that_cannot_be_read_or_holds_no_offer_is_refused_here() {
    let app = App::start().await;
    let bearer = app.bearer(SHORT_KEY);
    let other = "--b\r\nContent-Disposition: form-data; name=\"session\"\r\n\r\n{}\r\n--b--";
    for (kind, form) in [
        ("multipart/form-data", "--b--"),
        ("multipart/form-data; boundary=b", ""),
        ("multipart/form-data; boundary=b", "--b\r\nnonsense"),
        ("multipart/form-data; boundary=b", other),
    ] {
        app.send(offer("/v1/realtime/calls", &bearer, kind, form)).await.assert_error(400, "bad_request");
    }
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn a_whole_address_as_location_does_not_lead_the_browser_elsewhere() {
    let headers = vec![
        ("content-type", "application/sdp; charset=utf-8".to_owned()),
        ("location", format!("http://10.0.0.1:9/v1/realtime/calls/{CALL}?x=1")),
    ];
    let app = App::with(Mood::Answers(201, headers, ANSWER.to_owned()), &[]).await;
    assert_eq!(app.offer("/v1/realtime/calls").await.header("location"), format!("/v1/realtime/calls/{CALL}"));
}

#[tokio::test]
async fn a_lasting_key_from_a_browser_is_refused_and_goes_nowhere() {
    let app = App::start().await;
    let request = offer("/v1/realtime/calls", &format!("Bearer {LASTING_KEY}"), "application/sdp", "v=0");
    let answer = app.send(request).await;
    answer.assert_error(403, "lasting_key_refused");
    assert!(!answer.text().contains(LASTING_KEY));
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn a_call_without_a_key_is_told_where_to_get_one() {
    let app = App::start().await;
    for authorization in ["", "Basic abc", "Bearer "] {
        let answer = app.send(offer("/v1/realtime/calls", authorization, "application/sdp", "v=0")).await;
        answer.assert_error(401, "key_required");
    }
}

#[tokio::test]
async fn an_expired_key_is_told_as_such_so_that_the_client_fetches_another() {
    let app = App::start().await;
    let answer = app.send(offer("/v1/realtime/calls", &app.bearer("ek_old"), "application/sdp", "v=0")).await;
    answer.assert_error(401, "upstream_key_refused");
}

#[tokio::test]
async fn a_key_of_the_vendors_own_or_of_another_server_opens_no_call() {
    let (app, other) = (App::start().await, App::start().await);
    for bearer in [format!("Bearer {SHORT_KEY}"), other.bearer(SHORT_KEY), "Bearer ek_".to_owned()] {
        app.send(offer("/v1/realtime/calls", &bearer, "application/sdp", "v=0")).await.assert_error(401, "key_unknown");
    }
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn a_call_that_the_vendor_does_not_name_is_refused_because_nobody_could_count_it() {
    for location in ["/v1/realtime/calls/call_other", "/v1/realtime/calls/", "/"] {
        let headers = vec![("content-type", "application/sdp".to_owned()), ("location", location.to_owned())];
        let app = App::with(Mood::Answers(201, headers, ANSWER.to_owned()), &[("COLLOQUY_QUOTA_CALLS", "all=1")]).await;
        app.offer("/v1/realtime/calls").await.assert_error(502, "upstream_malformed");
        app.offer("/v1/realtime/calls").await.assert_error(502, "upstream_malformed");
    }
}

#[tokio::test]
async fn what_the_vendor_says_of_a_bad_offer_reaches_the_client() {
    let app = App::start().await;
    let request = offer("/v1/realtime/calls", &app.bearer(SHORT_KEY), "application/sdp", "nonsense");
    let answer = app.send(request).await;
    answer.assert_error(400, "upstream_refused");
    assert!(answer.error().message.contains("Invalid SDP offer"));
}

#[tokio::test]
async fn other_types_and_empty_offers_are_refused_here() {
    let app = App::start().await;
    let bearer = app.bearer(SHORT_KEY);
    app.send(offer("/v1/realtime/calls", &bearer, "application/json", "{}")).await.assert_error(415, "bad_request");
    app.send(offer("/v1/realtime/calls", &bearer, "application/sdp", "")).await.assert_error(400, "bad_request");
    assert!(app.vendor.seen().is_empty());
}

#[tokio::test]
async fn an_offer_that_is_too_large_is_refused_here() {
    let app = App::with(Mood::Well, &[("COLLOQUY_SDP_BYTES", "2000")]).await;
    let bearer = app.bearer(SHORT_KEY);
    let fits = format!("v=0{}", " ".repeat(1997));
    assert_eq!(app.send(offer("/v1/realtime/calls", &bearer, "application/sdp", &fits)).await.status, 201);
    let large = format!("{fits} ");
    app.send(offer("/v1/realtime/calls", &bearer, "application/sdp", &large)).await.assert_error(413, "too_large");
    app.send(offer("/v1/realtime", &bearer, "application/sdp", &large)).await.assert_error(413, "too_large");
}

#[tokio::test]
async fn an_answer_that_is_not_sdp_is_not_passed_on() {
    let kind = |kind: &str| vec![("content-type", kind.to_owned())];
    for mood in [
        Mood::Answers(200, kind("text/html"), "<html>a login page</html>".to_owned()),
        Mood::Answers(201, kind("application/sdp"), "oops".to_owned()),
        Mood::Answers(201, Vec::new(), String::new()),
        Mood::Verbose,
    ] {
        App::with(mood, &[]).await.offer("/v1/realtime/calls").await.assert_error(502, "upstream_malformed");
    }
}

#[tokio::test]
async fn a_websocket_is_not_taken_at_this_address() {
    let app = App::start().await;
    let request = ask("GET", "/v1/realtime?model=x").header("upgrade", "websocket").body(Body::empty());
    app.send(request.expect("a request")).await.assert_error(405, "method_not_allowed");
}

#[tokio::test]
async fn a_call_for_which_nobody_waits_any_more_is_hung_up_and_leaves_its_seat() {
    let slow = Mood::First([Mood::Slowly(Duration::from_millis(500))].into());
    let app = App::with(slow, &[("COLLOQUY_QUOTA_CALLS", "all=1")]).await;
    tokio::select! {
        answer = app.offer("/v1/realtime/calls") => panic!("{answer:?}"),
        () = wait_until("the vendor is asked", async || !app.vendor.seen().is_empty()) => {}
    }
    app.vendor.hung_up().await;
    wait_until("its seat is free", async || app.state.entrance().gate().count() == 0).await;
    assert_eq!(app.offer("/v1/realtime/calls").await.status, 201);
}
