//! The description of the API names every route and every error that the source has.

use crate::app::App;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

#[tokio::test]
async fn every_route_of_the_source_is_described_and_nothing_else() {
    let document = App::start().await.get("/openapi.json").await.json();
    let described: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, ways)| ways.as_object().expect("methods").keys().map(|method| (path.clone(), method.clone())))
        .collect();
    let mut routes = BTreeSet::new();
    read_routes(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/routes"), &mut routes);
    assert!(routes.len() > 20, "{routes:?}");
    assert_eq!(described, routes);
}

#[tokio::test]
async fn every_word_of_an_error_is_described() {
    let document = App::start().await.get("/openapi.json").await.json();
    let words = &document["components"]["schemas"]["Error"]["properties"]["code"]["enum"];
    let described: BTreeSet<&str> = words.as_array().expect("words").iter().filter_map(Value::as_str).collect();
    let protocol = Path::new(env!("CARGO_MANIFEST_DIR")).join("../protocol/src");
    // Our own words, and the one of the vendor's that is passed on.
    let mut known = BTreeSet::from([protocol::code::INSUFFICIENT_QUOTA.to_owned()]);
    for file in ["api.rs", "memory.rs"] {
        let text = std::fs::read_to_string(protocol.join(file)).expect("source");
        let inside =
            text.split("pub mod error_code").nth(1).expect("words").split("\n}").next().expect("words").to_owned();
        let values = inside.split(": &str = \"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned));
        known.extend(values);
    }
    assert_eq!(described, known.iter().map(String::as_str).collect());
}

/// Every path with its methods, as `.route(…)` names them outside of tests.
fn read_routes(folder: &Path, into: &mut BTreeSet<(String, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            read_routes(&path, into);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("source").replace("LOGIN_CALLBACK,", "\"/login/callback\",");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for route in code.split(".route(\"").skip(1) {
            let (path, rest) = route.split_once('"').expect("a path");
            let line = rest.lines().next().unwrap_or_default();
            for method in ["get", "post", "patch", "delete"] {
                if line.contains(&format!(" {method}(")) || line.contains(&format!(".{method}(")) {
                    into.insert((path.to_owned(), method.to_owned()));
                }
            }
        }
    }
}
