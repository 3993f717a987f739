//! MCP servers: a stand-in over HTTP, one as a child process, and the official reference server.

use std::{
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::{Value, json};

use crate::{
    listening::Listening,
    support::{all, ask, configured, failure, request, serve},
};

async fn server(headers: HeaderMap, Json(message): Json<Value>) -> Response {
    if headers.get("authorization").map(reqwest::header::HeaderValue::as_bytes) != Some(b"Bearer sk-secret-1") {
        return StatusCode::FORBIDDEN.into_response();
    }
    let result = match message["method"].as_str() {
        Some("initialize") => json!({
            "protocolVersion": "2025-06-18", "capabilities": { "tools": {} },
            "serverInfo": { "name": "stand-in", "version": "1" }
        }),
        Some("tools/call") if message["params"]["name"] == "lookup" => {
            let arguments = &message["params"]["arguments"];
            assert_eq!(arguments["options"]["zone"], "UTC");
            json!({ "content": [
                { "type": "text", "text": format!("Found {}.", arguments["q"].as_str().unwrap()) },
                { "type": "resource_link", "uri": "https://mcp.test/1", "name": "one" }
            ] })
        }
        Some("tools/call") => json!({ "content": [{ "type": "text", "text": "no such thing" }], "isError": true }),
        Some(method) if message.get("id").is_some() => {
            let error = json!({ "code": -32601, "message": format!("no method {method}") });
            return Json(json!({ "jsonrpc": "2.0", "id": message["id"], "error": error })).into_response();
        }
        _ => return StatusCode::ACCEPTED.into_response(),
    };
    Json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result })).into_response()
}

fn block(url: &reqwest::Url, tool: &str) -> String {
    format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"tool\"\nurl = \"{url}mcp\"\nbearer_env = \"KEY\"\nallow_private = true\n\
         tool = \"{tool}\"\narguments = {{ q = \"about {{query}}\", options = {{ zone = \"{{zone}}\" }} }}\n"
    )
}

#[tokio::test]
async fn a_tool_behind_an_address_is_called_with_its_arguments() {
    let url = serve(Router::new().route("/mcp", post(server))).await;
    let items = ask(&configured(&block(&url, "lookup")), "the tool please").await;
    assert_eq!(items[0].text, "Found about the tool please.");
    assert_eq!((items[0].attribution.as_str(), items[0].url.as_deref()), ("stand-in", Some("https://mcp.test/1")));
}

/// Answers each call with what is given.
fn answering(result: Value) -> Router {
    let answer = move |Json(message): Json<Value>| {
        let result = match message["method"].as_str() {
            Some("initialize") => json!({
                "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": { "name": "x", "version": "1" }
            }),
            _ => result.clone(),
        };
        async move {
            if message.get("id").is_none() {
                return StatusCode::ACCEPTED.into_response();
            }
            Json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result })).into_response()
        }
    };
    Router::new().route("/mcp", post(answer))
}

async fn asked_of(result: Value) -> Vec<(String, String, Option<String>)> {
    let url = serve(answering(result)).await;
    let text = format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"tool\"\nurl = \"{url}mcp\"\nallow_private = true\ntool = \"find\"\n"
    );
    let items = ask(&configured(&text), "the tool please").await;
    items.into_iter().map(|item| (item.title, item.text, item.url)).collect()
}

fn said(title: &str, text: &str, url: Option<&str>) -> (String, String, Option<String>) {
    (title.to_owned(), text.to_owned(), url.map(str::to_owned))
}

#[tokio::test]
async fn what_an_answer_names_or_brings_along_stands_on_its_own_page() {
    let link = json!({
        "type": "resource_link", "uri": "https://wiki.test/p/1", "name": "shop", "title": "The shop", "description": "Where hats are sold"
    });
    let page =
        json!({ "type": "resource", "resource": { "uri": "https://wiki.test/p/2", "text": "Hats are in the attic." } });
    let own = json!({ "type": "resource", "resource": { "uri": "notes://3", "text": "Hats are red." } });
    let text = json!({ "type": "text", "text": "Three found." });
    let shop = said("The shop", "Where hats are sold", Some("https://wiki.test/p/1"));
    let attic = said("find", "Hats are in the attic.", Some("https://wiki.test/p/2"));
    assert_eq!(asked_of(json!({ "content": [link, page] })).await, [shop.clone(), attic.clone()]);
    let all = [said("find", "Three found.", None), shop, attic, said("find", "Hats are red.", None)];
    assert_eq!(asked_of(json!({ "content": [text, link, page, own] })).await, all);
}

#[tokio::test]
async fn structured_content_alone_is_said_and_nothing_is_no_item() {
    let said = asked_of(json!({ "content": [], "structuredContent": { "hats": 3 } })).await;
    assert_eq!(said[0].1, "{\"hats\":3}");
    assert_eq!(asked_of(json!({ "content": [{ "type": "text", "text": " " }] })).await, []);
}

#[tokio::test]
async fn an_error_of_the_tool_is_said() {
    let url = serve(Router::new().route("/mcp", post(server))).await;
    let events = all(&configured(&block(&url, "other")), request("t", 1, "the tool please")).await;
    assert_eq!(failure(&events).as_deref(), Some("the tool says: no such thing"));
}

#[tokio::test]
async fn a_tool_that_wants_a_place_is_asked_about_the_one_that_is_named_or_not_at_all() {
    let url = serve(Router::new().route("/mcp", post(server))).await;
    let text = block(&url, "lookup").replace("about {query}", "to {place}");
    let lookup = configured(&text);
    let said = async |query: &str| ask(&lookup, query).await.into_iter().map(|item| item.text).collect::<Vec<_>>();
    assert_eq!(said("the tool for the Hotel Mundial in Lisbon").await, ["Found to Lisbon."]);
    assert_eq!(said("the tool for the hospital in Porto").await, ["Found to Porto."]);
    assert_eq!(said("the tool please").await, [""; 0]);
}

/// A server that knows only the sessions of its newest start, and answers all others as the official one does: in a way
/// that belongs to no call.
async fn forgetful(State(start): State<Arc<AtomicUsize>>, headers: HeaderMap, Json(message): Json<Value>) -> Response {
    let session = format!("session-{}", start.load(Ordering::SeqCst));
    let known = headers.get("mcp-session-id").is_some_and(|own| own.as_bytes() == session.as_bytes());
    let result = match message["method"].as_str() {
        Some("initialize") => json!({
            "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": { "name": "x", "version": "1" }
        }),
        _ if !known => {
            let error = json!({ "code": -32000, "message": "Bad Request: No valid session ID provided" });
            let body = json!({ "jsonrpc": "2.0", "error": error, "id": null });
            return (StatusCode::BAD_REQUEST, Json(body)).into_response();
        }
        Some("tools/call") => json!({ "content": [{ "type": "text", "text": session }] }),
        Some(method) if message.get("id").is_some() => {
            let error = json!({ "code": -32601, "message": format!("no method {method}") });
            return Json(json!({ "jsonrpc": "2.0", "id": message["id"], "error": error })).into_response();
        }
        _ => return StatusCode::ACCEPTED.into_response(),
    };
    let body = Json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
    ([("mcp-session-id", session)], body).into_response()
}

#[tokio::test]
async fn a_server_that_was_started_anew_is_found_again() {
    let start = Arc::new(AtomicUsize::new(1));
    let url = serve(Router::new().route("/mcp", post(forgetful)).with_state(Arc::clone(&start))).await;
    let text = format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"tool\"\nurl = \"{url}mcp\"\nallow_private = true\ntool = \"lookup\"\n\
         link = \"https://wiki.test/?q={{query}}\"\nlimit_ms = 1000\n"
    );
    let lookup = configured(&text);
    let items = ask(&lookup, "the tool one").await;
    assert_eq!(items[0].text, "session-1");
    assert_eq!(items[0].url.as_deref(), Some("https://wiki.test/?q=the%20tool%20one"), "no answer names a page");
    start.store(2, Ordering::SeqCst);
    assert_eq!(ask(&lookup, "the tool two").await[0].text, "session-2");
}

/// Never answers a call of its first session.
async fn mute(State(starts): State<Arc<AtomicUsize>>, headers: HeaderMap, Json(message): Json<Value>) -> Response {
    let first = headers.get("mcp-session-id").is_some_and(|session| session.as_bytes() == b"session-1");
    let result = match message["method"].as_str() {
        Some("initialize") => {
            let session = format!("session-{}", starts.fetch_add(1, Ordering::SeqCst) + 1);
            let result = json!({
                "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": { "name": "x", "version": "1" }
            });
            let body = Json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }));
            return ([("mcp-session-id", session)], body).into_response();
        }
        Some("tools/call") if first => std::future::pending().await,
        Some("tools/call") => json!({ "content": [{ "type": "text", "text": "here again" }] }),
        _ => return StatusCode::ACCEPTED.into_response(),
    };
    Json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result })).into_response()
}

#[tokio::test]
async fn a_server_that_took_too_long_is_asked_anew() {
    let starts = Arc::new(AtomicUsize::new(0));
    let url = serve(Router::new().route("/mcp", post(mute)).with_state(Arc::clone(&starts))).await;
    let lookup = configured(&format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"tool\"\nurl = \"{url}mcp\"\nallow_private = true\ntool = \"lookup\"\nlimit_ms = 500\n"
    ));
    let first = all(&lookup, request("t", 1, "the tool one")).await;
    assert_eq!(failure(&first).as_deref(), Some("it took too long"));
    assert_eq!(ask(&lookup, "the tool two").await[0].text, "here again");
}

#[tokio::test]
async fn what_the_server_refuses_is_said() {
    let refuse = |Json(message): Json<Value>| async move {
        let result = json!({
            "protocolVersion": "2025-06-18", "capabilities": { "tools": {} }, "serverInfo": { "name": "x", "version": "1" }
        });
        let error = json!({ "code": -32602, "message": "Tool no_such_tool not found" });
        match message["method"].as_str() {
            Some("initialize") => {
                Json(json!({ "jsonrpc": "2.0", "id": message["id"], "result": result })).into_response()
            }
            _ if message.get("id").is_some() => {
                Json(json!({ "jsonrpc": "2.0", "id": message["id"], "error": error })).into_response()
            }
            _ => StatusCode::ACCEPTED.into_response(),
        }
    };
    let url = serve(Router::new().route("/mcp", post(refuse))).await;
    let text = format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"tool\"\nurl = \"{url}mcp\"\nallow_private = true\ntool = \"no_such_tool\"\n"
    );
    let events = all(&configured(&text), request("t", 1, "the tool please")).await;
    assert_eq!(failure(&events).as_deref(), Some("the server says: Tool no_such_tool not found"));
}

#[tokio::test]
async fn without_permission_a_private_server_is_not_reached() {
    let url = serve(Router::new().route("/mcp", post(server))).await;
    let text = block(&url, "lookup").replace("allow_private = true\n", "");
    let events = all(&configured(&text), request("t", 1, "the tool please")).await;
    assert_eq!(failure(&events).as_deref(), Some("it led to an address that is not allowed"));
}

/// Answers the handshake, and to any call with its own environment.
const SHELL: &str = r#"while read -r line; do
id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
case "$line" in
*'"initialize"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"shell","version":"1"}}}\n' "$id" ;;
*'"tools/call"'*) printf '{"jsonrpc":"2.0","id":%s,"result":{"content":[{"type":"text","text":"%s"}]}}\n' "$id" "$(env | cut -d= -f1 | sort | tr '\n' ' ')" ;;
*'"id"'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\n' "$id" ;;
esac
done"#;

#[cfg(unix)]
#[tokio::test]
async fn a_child_process_sees_nothing_of_our_environment_but_what_is_passed() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("server.sh");
    std::fs::write(&script, SHELL).unwrap();
    let text = format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"tool\"\ncommand = \"/bin/sh\"\nargs = [{:?}]\nenv = {{ OWN = \"1\" }}\ntool = \"env\"\n",
        script.display().to_string()
    );
    let items = ask(&configured(&text), "the tool please").await;
    let mut names: Vec<&str> = items[0].text.split_whitespace().collect();
    // What the shell itself sets.
    names.retain(|name| !matches!(*name, "PWD" | "OLDPWD" | "SHLVL" | "_"));
    assert_eq!(names, ["OWN", "PATH"]);
    assert!(std::env::vars().count() > 2, "there would have been more to see");
}

#[tokio::test]
async fn a_server_that_cannot_be_started_is_unreachable() {
    let text = "[[sources]]\nkind = \"mcp\"\nname = \"tool\"\ncommand = \"/does/not/exist\"\ntool = \"x\"\n";
    let events = all(&configured(text), request("t", 1, "the tool")).await;
    assert_eq!(failure(&events).as_deref(), Some("it could not be reached"));
}

fn reference_server() -> PathBuf {
    let own = std::env::var_os("XTASK_NPM_DIR").map(PathBuf::from);
    let usual = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache/colloquy/tools"));
    let script = |folder: PathBuf| folder.join("node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    let found = own.into_iter().chain(usual).map(script).find(|script| script.exists());
    found.expect("@modelcontextprotocol/server-everything is needed: `cargo xtask test` installs it where npm is")
}

#[tokio::test]
async fn the_official_reference_server_is_understood_as_a_child_process() {
    let script = reference_server();
    let text = format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"echo\"\ncommand = \"node\"\nargs = [{:?}, \"stdio\"]\ntool = \"echo\"\n\
         arguments = {{ message = \"{{query}}\" }}\nlimit_ms = 15000\n",
        script.display().to_string()
    );
    let items = ask(&configured(&text), "echo this back").await;
    assert_eq!(items[0].text, "Echo: echo this back");
    assert!(items[0].attribution.contains("everything"), "{}", items[0].attribution);
}

#[tokio::test]
async fn the_official_reference_server_is_understood_over_http() {
    let script = reference_server();
    let server = Listening::start(|port| {
        let mut node = Command::new("node");
        node.arg(&script).arg("streamableHttp").env("PORT", port.to_string());
        node
    })
    .await;
    let text = format!(
        "[[sources]]\nkind = \"mcp\"\nname = \"sum\"\nurl = \"http://127.0.0.1:{}/mcp\"\nallow_private = true\n\
         tool = \"get-sum\"\narguments = {{ a = 20, b = 22 }}\nlimit_ms = 15000\n",
        server.port
    );
    let items = ask(&configured(&text), "the sum").await;
    assert!(items[0].text.contains("42"), "{}", items[0].text);
}
