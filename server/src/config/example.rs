//! The annotated example of a configuration file, made from the table of settings: it names every one and changes none.

use super::Setting;
use std::fmt::Write;
use toml::Value;

/// Writes the file: what stands outside a table first, then table by table, in the order of the settings.
pub(super) fn example(settings: &[Setting]) -> String {
    let mut text = INTRODUCTION.to_owned();
    let mut tables: Vec<&str> = settings.iter().map(table).collect();
    tables.sort_by_key(|table| !table.is_empty());
    tables.dedup();
    let mut written = Vec::new();
    for name in tables {
        if written.contains(&name) {
            continue;
        }
        written.push(name);
        if !name.is_empty() {
            // Writing to a text does not fail.
            let _ = write!(text, "\n[{name}]\n");
        }
        for setting in settings.iter().filter(|setting| table(setting) == name) {
            describe(setting, &mut text);
        }
    }
    text.push_str(BLOCKS);
    text
}

fn describe(setting: &Setting, text: &mut String) {
    let mut line = String::from("\n#");
    let ways = format!("(--{}, {})", setting.flag, setting.variables.join(" or "));
    for word in setting.help.split_whitespace().chain([ways.as_str()]) {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(&line);
            line = String::from("\n#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let key = setting.key.rsplit('.').next().unwrap_or_default();
    let _ = write!(text, "{line}\n{key} = {}\n", value(setting));
}

/// The default as TOML writes it best.
fn value(setting: &Setting) -> String {
    match setting.default {
        "" if setting.value == "LIST" => "[]".to_owned(),
        "true" | "false" => setting.default.to_owned(),
        number if number.parse::<f64>().is_ok() => number.to_owned(),
        text => Value::String(text.to_owned()).to_string(),
    }
}

fn table(setting: &Setting) -> &'static str {
    setting.key.rsplit_once('.').map_or("", |(table, _)| table)
}

const WIDTH: usize = 110;

const INTRODUCTION: &str = "\
# Every setting of `colloquy`, with its default: a file like this changes nothing. Copy what you need into a file of your
# own and name it with --config or COLLOQUY_CONFIG. A flag wins over a variable, a variable over the file. What is not
# known here is an error, and `colloquy --check-config` says so without starting anything. A relative path in the file
# begins where the file lies.
#
# Keys never stand in this file: OPENAI_API_KEY, DOPPLER_TOKEN, COLLOQUY_EMBEDDINGS_KEY and
# COLLOQUY_ENGINE_RECOGNISER_KEY are read from the environment. Made by `colloquy --example-config`.
";

const BLOCKS: &str = r#"
# ---- Blocks, of which there may be any number ----
#
# Further kinds of talk. Each is like [session], which is called default, but for what it says; a client names one in
# POST /session and may choose for itself only what `allow` lists.
#
# [presets.tutor]
# instructions = "You teach Portuguese by talking. Correct gently."
# voice = "cedar"
# language = "pt"
# allow = ["voice", "speed"]
#
# What the model may call besides the page's own tools, as the service takes it; [[session.tools]] is for all talks.
#
# [[presets.tutor.tools]]
# type = "mcp"
# server_label = "dictionary"
# server_url = "https://dictionary.example.com/mcp"
# require_approval = "never"
#
# Sources of facts to look up while somebody speaks; server/context/sources.example.toml shows all kinds.
#
# [context]
# cache_s = 300
#
# [[sources]]
# kind = "weather"
# home = { name = "Lisbon", latitude = 38.72, longitude = -9.14 }
"#;
