//! Settings: who wins, and that whatever is wrong is named.

use colloquy_server::config::{LogFormat, MemoryPlace, QuotaStore, Target};
use colloquy_server::{Command, Config, ConfigError};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write;

fn load(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Command, ConfigError> {
    let arguments = std::iter::once("colloquy").chain(arguments.iter().copied()).map(OsString::from);
    let variables: BTreeMap<_, _> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Config::load(arguments, variables)
}

#[track_caller]
fn served(arguments: &[&str], variables: &[(&str, &str)]) -> Config {
    match load(arguments, variables).expect("sound settings") {
        Command::Serve(config) => *config,
        other => panic!("this was not asked for: {other:?}"),
    }
}

#[track_caller]
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    load(arguments, variables).expect_err("wrong settings").to_string()
}

fn example_file() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/colloquy.example.toml")).expect("the example")
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("written");
    file
}

#[test]
fn without_settings_the_local_engine_answers_on_loopback() {
    let config = served(&[], &[]);
    assert_eq!(config.upstream.target, Target::Engine);
    assert_eq!(config.listen.address.to_string(), "127.0.0.1:3003");
    assert_eq!(config.presets.standard().session().model, "gpt-realtime-2.1");
}

#[test]
fn a_key_alone_means_openai_and_an_address_means_that_address() {
    let target = |arguments: &[&str], variables: &[(&str, &str)]| match served(arguments, variables).upstream.target {
        Target::Remote { base_url, .. } => base_url,
        Target::Engine => "engine".to_owned(),
    };
    let key = ("OPENAI_API_KEY", "sk-1");
    assert_eq!(target(&[], &[key]), "https://api.openai.com/v1");
    assert_eq!(target(&["--upstream", "http://127.0.0.1:9/v1/"], &[key]), "http://127.0.0.1:9/v1");
    assert_eq!(target(&["--upstream", "https://eu.api.openai.com"], &[key]), "https://eu.api.openai.com/v1");
    assert_eq!(target(&["--upstream", "https://me.openai.azure.us/"], &[key]), "https://me.openai.azure.us/openai/v1");
    assert_eq!(target(&["--upstream", "engine"], &[key]), "engine");
    assert!(served(&["--upstream", "engine"], &[key]).upstream.key.is_none(), "the engine is given no key");
}

#[test]
fn a_flag_wins_over_a_variable_and_a_variable_over_the_file() {
    let file = file("[session]\nvoice = \"ash\"\nspeed = 1.25\nsilence_duration_ms = 700\n[log]\nformat = \"json\"\n");
    let path = file.path().to_str().expect("text");
    let config = served(
        &["--config", path, "--silence-duration-ms", "900"],
        &[("COLLOQUY_VOICE", "sage"), ("COLLOQUY_SILENCE_DURATION_MS", "800")],
    );
    let session = serde_json::to_value(&config.presets.standard().session().config).expect("JSON");
    assert_eq!(session["audio"]["input"]["turn_detection"]["silence_duration_ms"], 900);
    assert_eq!(session["audio"]["output"]["voice"], "sage");
    assert_eq!(session["audio"]["output"]["speed"], 1.25);
    assert_eq!(config.logs.format, LogFormat::Json);
}

#[test]
fn the_engines_settings_reach_it_from_everywhere() {
    let file = file("[engine]\nthink_ms = 40\n");
    let path = file.path().to_str().expect("text");
    let variables = [("COLLOQUY_ENGINE_RECOGNISER", "scripted:a|b"), ("COLLOQUY_CONFIG", path)];
    let engine = served(&["--engine-voice", "builtin"], &variables).engine;
    assert_eq!(engine.recogniser, ::engine::RecogniserChoice::Scripted(vec!["a".into(), "b".into()]));
    assert_eq!(engine.think, std::time::Duration::from_millis(40));
    assert_eq!(engine.voice, ::engine::VoiceChoice::Builtin);
}

#[test]
fn an_unknown_setting_in_the_file_is_named_with_what_may_be_meant() {
    let misplaced = file("voice = \"ash\"\n");
    let message = refused(&["--config", misplaced.path().to_str().expect("text")], &[]);
    assert!(message.contains("`voice`") && message.contains("session.voice"), "{message}");
    for (text, name, meant) in [
        ("[session]\nvoise = \"ash\"\n", "session.voise", "session.voice"),
        ("[sesion]\nvoice = \"ash\"\n", "sesion.voice", "session.voice"),
        ("lisen = \"127.0.0.1:1\"\n", "lisen", "listen"),
        ("[limits]\nsdp_byte = 2000\n", "limits.sdp_byte", "limits.sdp_bytes"),
        ("[upstream]\nbaseurl = \"engine\"\n", "upstream.baseurl", "upstream.base_url"),
        ("[presets.tutor]\nvoise = \"ash\"\n", "presets.tutor.voise", "presets.tutor.voice"),
    ] {
        let misspelt = file(text);
        let message = refused(&["--config", misspelt.path().to_str().expect("text")], &[]);
        assert!(message.contains(&format!("`{name}`; did you mean `{meant}`?")), "{message}");
    }
    let absurd = file("[weather]\nforecast = 1\n");
    let message = refused(&["--config", absurd.path().to_str().expect("text")], &[]);
    assert!(message.contains("`weather.forecast`; colloquy --help"), "{message}");
}

#[test]
fn a_variable_of_ours_that_nothing_reads_is_an_error_and_what_others_set_is_not() {
    let message = refused(&[], &[("COLLOQUY_LISEN", "0.0.0.0:1")]);
    assert!(message.contains("COLLOQUY_LISEN") && message.contains("`COLLOQUY_LISTEN`"), "{message}");
    let message = refused(&[], &[("COLLOQUY_FOO_BAR", "1")]);
    assert!(message.contains("`COLLOQUY_FOO_BAR`; colloquy --help"), "{message}");
    for theirs in ["COLLOQUY_SERVICE_HOST", "COLLOQUY_REDIS_SERVICE_PORT_TLS", "COLLOQUY_PORT", "COLLOQUY_PORT_80_TCP"]
    {
        served(&[], &[(theirs, "tcp://10.0.0.1:80"), ("LISEN", "x")]);
    }
    let crm =
        "kind = \"http\"\nname = \"crm\"\nurl = \"https://crm.example/?q={query}\"\nkey_env = \"COLLOQUY_CRM_KEY\"\n";
    let crm = file(&format!("[[sources]]\n{crm}"));
    served(&["--config", crm.path().to_str().expect("text")], &[("COLLOQUY_CRM_KEY", "1")]);
}

#[test]
fn a_service_that_wants_a_key_is_not_begun_with_without_one() {
    for address in ["https://api.openai.com/v1", "https://eu.api.openai.com", "https://me.openai.azure.us"] {
        let problem = refused(&["--upstream", address], &[]);
        assert!(problem.contains("OPENAI_API_KEY") && problem.contains("--key-file"), "{problem}");
    }
    served(&["--upstream", "https://talk.example.com/v1"], &[]);
}

#[test]
fn paths_of_the_file_begin_where_it_lies() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let written = [
        (
            "c.toml",
            "memory = \"m.sqlite\"\naudit.file = \"a.jsonl\"\nauth.tokens_file = \"tokens\"\n\
                    quota.store = \"q.sqlite\"\nquota.closed_file = \"closed\"\nupstream.key_file = \"key\"\n",
        ),
        ("tokens", "alice:0123456789abcdef01234567\n"),
        ("key", "sk-1\n"),
    ];
    for (name, text) in written {
        std::fs::write(at(name), text).expect("written");
    }
    let path = at("c.toml");
    let config = served(&["--config", path.to_str().expect("text")], &[]);
    assert!(!config.auth.tokens.is_empty() && config.upstream.key.is_some());
    assert_eq!((config.operation.audit, config.quota.rules.closed_by), (Some(at("a.jsonl")), Some(at("closed"))));
    assert!(matches!(config.memory.place, MemoryPlace::File(path) if path == at("m.sqlite")));
    assert!(matches!(config.quota.store, QuotaStore::File(path) if path == at("q.sqlite")));
    let config = served(&["--config", path.to_str().expect("text"), "--audit-file", "b.jsonl"], &[]);
    assert_eq!(config.operation.audit, Some("b.jsonl".into()), "a flag's begins where the server is started");
}

#[test]
fn what_can_have_no_effect_is_told() {
    let open = [("COLLOQUY_LISTEN", "0.0.0.0:3003"), ("COLLOQUY_AUTH_OPEN", "true")];
    let warnings = |more: &[(&str, &str)]| served(&[], &[&open[..], more].concat()).warnings().join("\n");
    assert!(warnings(&[]).contains("the local engine answers everybody"));
    assert_eq!(warnings(&[("COLLOQUY_UPSTREAM", "engine")]), "");
    assert!(warnings(&[("DOPPLER_TOKEN", "dp.st.1")]).contains("upstream.key_from"));
    assert_eq!(warnings(&[("DOPPLER_TOKEN", "dp.st.1"), ("OPENAI_API_KEY", "sk-1")]), "");
    assert!(refused(&[], &[("COLLOQUY_OPENID_ALLOW", "@example.com")]).contains("auth.openid.issuer"));
    let no_root = file("a certificate");
    let no_root = ("COLLOQUY_QUOTA_STORE_CA", no_root.path().to_str().expect("text"));
    assert!(refused(&[], &[("COLLOQUY_QUOTA_STORE", "rediss://a"), no_root]).contains("PEM"));
}

#[test]
fn the_example_names_every_setting_and_changes_none() {
    let text = example_file();
    assert!(text == Config::example(), "made by: cargo run -p colloquy-server -- --example-config");
    assert!(matches!(load(&["--example-config"], &[]), Ok(Command::Example(shown)) if shown == text));
    let file = file(&text);
    let path = file.path().to_str().expect("text");
    assert_eq!(format!("{:?}", served(&["--config", path], &[])), format!("{:?}", served(&[], &[])));
    let table: toml::Table = text.parse().expect("TOML");
    for setting in Config::settings() {
        let mut parts = setting.key.split('.');
        let mut value = parts.next().and_then(|part| table.get(part));
        for part in parts {
            value = value.and_then(|table| table.get(part));
        }
        assert!(value.is_some_and(|value| !value.is_table()), "{}", setting.key);
    }
}

#[tokio::test]
async fn the_blocks_of_the_example_are_sound_when_they_are_taken_up() {
    let text = example_file();
    let (plain, blocks) = text.split_once("# ---- Blocks").expect("blocks");
    let is_toml =
        |line: &&str| line.starts_with(['[']) || line.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
    let blocks = blocks.lines().filter_map(|line| line.strip_prefix("# ")).filter(is_toml);
    let file = file(&format!("{plain}{}", blocks.collect::<Vec<_>>().join("\n")));
    let config = served(&["--config", file.path().to_str().expect("text")], &[]);
    assert_eq!(config.presets.names(), ["default", "tutor"]);
    let sources = config.context.open(Vec::new()).expect("opened").status("");
    assert!(sources.iter().any(|source| source.kind == "weather"), "{sources:?}");
}

#[test]
fn a_wrong_value_is_named_by_the_place_it_was_given_at() {
    for (name, value) in [
        ("COLLOQUY_LISTEN", "somewhere"),
        ("COLLOQUY_VOICE", "nobody"),
        ("COLLOQUY_SPEED", "9"),
        ("COLLOQUY_THRESHOLD", "2"),
        ("COLLOQUY_SILENCE_DURATION_MS", "soon"),
        ("COLLOQUY_CREATE_RESPONSE", "maybe"),
        ("COLLOQUY_UPSTREAM", "ftp://example.com"),
        ("COLLOQUY_UPSTREAM_TIMEOUT_MS", "0"),
        ("COLLOQUY_ORIGINS", "example.com"),
        ("COLLOQUY_LOG_FORMAT", "xml"),
        ("COLLOQUY_KEY_FILE", "/nowhere/at/all"),
        ("COLLOQUY_ENGINE_RECOGNISER", "psychic"),
        ("COLLOQUY_ENGINE_CAPACITY", "many"),
        ("OPENAI_API_KEY", "sk-a b"),
        ("COLLOQUY_CONTEXT_BYTES", "1"),
        ("COLLOQUY_STRATEGY", "psychic"),
        ("COLLOQUY_TURN_DETECTION", "vad"),
        ("COLLOQUY_NOISE_REDUCTION", "loud"),
        ("COLLOQUY_DEADLINE_MS", "-1"),
        ("COLLOQUY_ALLOW_CHANGES", "voice,everything"),
        ("COLLOQUY_KEY_FROM", "thin-air"),
        ("COLLOQUY_KEY_FROM", "environment"),
        ("COLLOQUY_KEY_FROM", "file"),
        ("COLLOQUY_KEY_FROM", "doppler"),
        ("COLLOQUY_KEY_HEADER", "cookie"),
        ("COLLOQUY_MEMORY_RESTRICTED", "maybe"),
        ("COLLOQUY_EMBEDDINGS", "ftp://example.com"),
        ("COLLOQUY_LOG", "inof"),
        ("COLLOQUY_LOG", "info,colloquy_server"),
        ("COLLOQUY_MEMORY", "mysql://db.example/memories"),
        ("COLLOQUY_QUOTA_PRICES", "text_in=1,text_in=2"),
        ("COLLOQUY_QUOTA_STORE", "postgres://db.example/limits"),
        ("COLLOQUY_QUOTA_STORE", "REDIS://limits.example"),
        ("COLLOQUY_QUOTA_STORE", "redis://:word@:port/"),
    ] {
        let message = refused(&[], &[(name, value)]);
        assert!(message.starts_with(&format!("{name}: ")), "{name}: {message}");
    }
    assert!(refused(&["--speed", "9"], &[]).starts_with("--speed: "));
    let file = file("[session]\nspeed = 9\n");
    let path = file.path().to_str().expect("text");
    assert!(refused(&["--config", path], &[]).starts_with(&format!("`session.speed` in {path}: ")));
}

#[test]
fn an_error_never_repeats_a_secret() {
    assert!(!refused(&[], &[("OPENAI_API_KEY", "sk-a b")]).contains("sk-a"));
    assert!(!refused(&["--upstream", "https://user:hunter2@example.com/v1"], &[]).contains("hunter2"));
    for place in ["postgres://me:hunter2@db.example/m", "Redis://:hunter2@db.example", "redis://:hunter2@:bad/"] {
        assert!(!refused(&["--quota-store", place], &[]).contains("hunter2"), "{place}");
    }
    assert!(!refused(&["--memory", "mysql://me:hunter2@db.example/m"], &[]).contains("hunter2"));
    let open = file("[upstream]\n\n[[sources]]\nkind = \"http\"\nauthorization = \"hunter2\nurl = \"http://a.test\"\n");
    let message = refused(&["--config", open.path().to_str().expect("text")], &[]);
    assert!(!message.contains("hunter2") && message.contains("line 5, column "), "{message}");
}

#[test]
fn a_price_that_is_not_named_keeps_what_it_is_without_a_list() {
    let prices = |text: &str| served(&[], &[("COLLOQUY_QUOTA_PRICES", text)]).quota.rules.prices;
    let usual = served(&[], &[]).quota.rules.prices;
    assert_eq!(prices("text_in=5"), admission::Prices { text_in: 5.0, ..usual });
    assert!(usual.audio_out > 0.0);
}

#[test]
fn nobody_may_be_anybody_by_a_network_that_everybody_is_in() {
    let user = ("COLLOQUY_PROXY_USER_HEADER", "x-user");
    for everybody in ["0.0.0.0/0", "10.0.0.0/8, ::/0", ""] {
        let message = refused(&[], &[("COLLOQUY_PROXY_TRUSTED", everybody), user]);
        assert!(message.contains("COLLOQUY_PROXY_TRUSTED"), "{everybody}: {message}");
    }
    served(&[], &[("COLLOQUY_PROXY_TRUSTED", "10.0.0.0/8"), user]);
    served(&[], &[("COLLOQUY_PROXY_TRUSTED", "0.0.0.0/0"), ("COLLOQUY_AUTH_OPEN", "true")]);
}

#[test]
fn a_level_for_everything_and_for_modules_is_a_filter() {
    for filter in ["info", "WARN", "off", "info,colloquy_server=debug", "warn,[request]=info,hyper=off"] {
        assert_eq!(served(&[], &[("COLLOQUY_LOG", filter)]).logs.filter, filter);
    }
}

#[cfg(unix)]
#[test]
fn a_variable_of_ours_that_is_no_text_is_named_and_one_of_others_is_not() {
    use std::os::unix::ffi::OsStringExt;
    let read = |name: &str| Config::variables([(OsString::from(name), OsString::from_vec(vec![b'a', 0xff]))]);
    for ours in ["COLLOQUY_TOKENS", "OPENAI_API_KEY", "RUST_LOG"] {
        assert!(read(ours).expect_err("no text").to_string().starts_with(&format!("{ours}: ")));
    }
    assert!(read("LESSOPEN").expect("another's").is_empty());
}

#[test]
fn a_file_to_close_the_server_with_that_cannot_be_put_there_or_seen_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = |path: std::path::PathBuf| {
        served(&["--quota-closed-file", path.to_str().expect("text")], &[]).warnings().join(" ")
    };
    assert_eq!(said(folder.path().join("closed")), "");
    assert!(said(folder.path().join("nowhere/closed")).contains("nowhere is not there"));
    std::fs::write(folder.path().join("file"), "").expect("written");
    assert!(said(folder.path().join("file/closed")).contains("counts as closed"));
}

#[test]
fn a_key_can_come_from_a_file() {
    let file = file("sk-from-a-file\n");
    let config = served(&["--key-file", file.path().to_str().expect("text")], &[]);
    assert!(config.upstream.key.is_some());
    assert!(matches!(config.upstream.target, Target::Remote { host, .. } if host == "api.openai.com"));
}

#[test]
fn a_server_is_not_opened_to_strangers_by_accident() {
    let open = ("COLLOQUY_LISTEN", "0.0.0.0:3003");
    for variables in [&[open][..], &[open, ("OPENAI_API_KEY", "sk-1")]] {
        let message = refused(&[], variables);
        assert!(message.contains("0.0.0.0:3003") && message.contains("--auth-open"), "{message}");
        assert!(served(&["--auth-open"], variables).auth.open);
    }
    served(&[], &[("OPENAI_API_KEY", "sk-1"), ("COLLOQUY_LISTEN", "[::1]:3003")]);
}

#[test]
fn the_help_lists_every_setting_and_shows_no_key() {
    let Err(ConfigError::CommandLine(help)) = load(&["--help"], &[("OPENAI_API_KEY", "sk-secret")]) else {
        panic!("help is an answer of the command line");
    };
    let help = help.to_string();
    for setting in Config::settings() {
        assert!(help.contains(&format!("--{}", setting.flag)), "--{}", setting.flag);
        assert!(help.contains(setting.key) && setting.variables.iter().all(|name| help.contains(name)));
    }
    assert!(help.contains("OPENAI_API_KEY") && !help.contains("sk-secret"));
}

#[test]
fn the_documents_name_settings_that_there_are_and_the_defaults_that_they_have() {
    let help = refused(&["--help"], &[]);
    let is_between = |letter: char| !letter.is_ascii_alphanumeric() && !"_-".contains(letter);
    let is_in_help = |name: &str| help.split(is_between).any(|word| word == name);
    let (readme, deploying) = (include_str!("../../../README.md"), include_str!("../../../deploy/README.md"));
    let code = [readme, deploying].into_iter().flat_map(|text| text.split('`').skip(1).step_by(2));
    for name in code.filter_map(|code| code.split([' ', '=']).next()) {
        let is_setting = name.starts_with("COLLOQUY_") || name.starts_with("--");
        assert!(!is_setting || is_in_help(name), "{name}");
    }
    let (_, table) = readme.split_once("| Variable | Flag | Meaning | Default |\n").expect("a table of settings");
    let rows = table.lines().skip(1).take_while(|line| line.starts_with('|'));
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [_, variable, flag, _, default, _] = cells[..] else { panic!("{row}") };
        let bare = variable.trim_matches('`');
        let Some(setting) = Config::settings().into_iter().find(|setting| setting.variables.contains(&bare)) else {
            assert!(is_in_help(bare), "{row}");
            continue;
        };
        assert!(flag.is_empty() || flag == format!("`--{}`", setting.flag), "{row}");
        match default.strip_prefix('`') {
            Some(value) => assert_eq!(value.trim_end_matches('`'), setting.default, "{row}"),
            None => assert!(setting.default.is_empty() || setting.default.contains(' '), "{row}"),
        }
    }
}

#[test]
fn no_two_settings_share_a_name() {
    let settings = Config::settings();
    for (index, one) in settings.iter().enumerate() {
        for other in &settings[index + 1..] {
            assert!(one.key != other.key && one.flag != other.flag, "{} {}", one.key, other.key);
            assert!(one.variables.iter().all(|name| !other.variables.contains(name)));
        }
    }
}

#[test]
fn a_check_reads_everything_and_serves_nothing() {
    assert!(matches!(load(&["--check-config"], &[]), Ok(Command::Check(_))));
    assert!(refused(&["--check-config", "--voice", "nobody"], &[]).contains("--voice"));
}

#[test]
fn a_block_of_a_source_that_is_wrong_is_named_by_its_field() {
    for (text, field) in [
        ("[[sources]]\nkind = \"wether\"\n", "sources[0].kind"),
        ("[context]\ndeadline = 3\n", "context"),
        ("[[sources]]\nkind = \"search\"\nengine = \"brave\"\nkey_env = \"NOT_SET\"\n", "sources[0].key_env"),
        ("[[sources]]\nkind = \"http\"\nname = \"memory\"\nurl = \"http://a.test/\"\n", "sources"),
        ("sources = 3\n", "sources"),
        ("context = 3\n", "context"),
        ("[[sources]]\nkind = \"time\"\n[[context.sources]]\nkind = \"time\"\n", "context.sources"),
    ] {
        let file = file(text);
        let path = file.path().to_str().expect("text");
        let message = refused(&["--config", path], &[]);
        assert!(message.starts_with(&format!("`{field}` in {path}: ")), "{text}\n{message}");
    }
}

#[tokio::test]
async fn a_check_sees_what_only_the_source_itself_knows_to_be_wrong() {
    let file = file("[[sources]]\nkind = \"http\"\nurl = \"gopher://a.test/\"\n");
    let path = file.path().to_str().expect("text");
    let message = served(&["--config", path], &[]).check().expect_err("no such scheme").to_string();
    assert!(message.starts_with(&format!("`sources[0].url` in {path}: ")), "{message}");
    served(&[], &[]).check().expect("sound without a file");
}

/// A configuration file, and a folder of documents beside it.
fn beside(text: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(home.path().join("docs")).expect("a folder");
    std::fs::write(home.path().join("colloquy.toml"), text).expect("written");
    home
}

#[test]
fn what_the_file_names_is_found_from_where_the_file_lies() {
    let warnings = |text: &str, arguments: &[&str], variables: &[(&str, &str)]| {
        let home = beside(text);
        let path = home.path().join("colloquy.toml");
        let arguments = [&["--config", path.to_str().expect("text")], arguments].concat();
        let warnings = served(&arguments, variables).context.warnings();
        (home.path().display().to_string(), warnings)
    };
    let none: &[String] = &[];
    let block = |folder: &str| format!("[[sources]]\nkind = \"documents\"\nfolder = \"{folder}\"\n");
    assert_eq!(warnings(&block("docs"), &[], &[]).1, none);
    assert_eq!(warnings("documents = \"docs\"\n", &[], &[]).1, none);
    let (home, said) = warnings(&block("dcos"), &[], &[]);
    assert_eq!(said, [format!("`sources[0].folder` in {home}/colloquy.toml: {home}/dcos is not there")]);
    let (_, said) = warnings("[[sources]]\nkind = \"calendar\"\nfile = \"/no/such.ics\"\n", &[], &[]);
    assert!(said[0].ends_with("/no/such.ics is not there"), "{said:?}");
    // What was typed is meant from where it was typed.
    assert_eq!(warnings("", &["--documents", "docs"], &[]).1.len(), 1);
    assert_eq!(warnings("", &[], &[("COLLOQUY_DOCUMENTS", "docs")]).1.len(), 1);
}

#[test]
fn the_keys_of_sources_do_not_print() {
    let file = file("[[sources]]\nkind = \"search\"\nengine = \"brave\"\nkey_env = \"BRAVE\"\n");
    let path = file.path().to_str().expect("text");
    let database = ("COLLOQUY_MEMORY", "postgres://me:hunter2@db.example/memories");
    let config = served(&["--config", path], &[("BRAVE", "sk-brave"), database]);
    let text = format!("{config:?}");
    assert!(!text.contains("sk-brave") && !text.contains("hunter2"), "{text}");
}

#[test]
fn memories_lie_in_the_users_data_folder_unless_something_else_is_said() {
    let place = |arguments: &[&str], variables: &[(&str, &str)]| match served(arguments, variables).memory.place {
        MemoryPlace::File(path) => path.display().to_string(),
        other => format!("{other:?}"),
    };
    let home = ("HOME", "/home/me");
    assert_eq!(place(&[], &[home]), "/home/me/.local/share/colloquy/memory.sqlite");
    assert_eq!(place(&[], &[home, ("XDG_DATA_HOME", "/data")]), "/data/colloquy/memory.sqlite");
    assert_eq!(place(&[], &[home, ("XDG_DATA_HOME", "data")]), "/home/me/.local/share/colloquy/memory.sqlite");
    assert_eq!(place(&[], &[]), "Nowhere");
    assert_eq!(place(&["--memory", "here.sqlite"], &[home]), "here.sqlite");
    assert_eq!(place(&[], &[home, ("COLLOQUY_MEMORY", "off")]), "Off");
    assert_eq!(place(&["--memory", ":memory:"], &[]), "Temporary");
    assert!(place(&["--memory", "postgres://db.example/m"], &[]).starts_with("Postgres("));
    assert!(served(&["--memory", "off"], &[]).memory.asked_for && !served(&[], &[home]).memory.asked_for);
}

#[test]
fn a_key_that_would_be_sent_in_clear_is_told() {
    let said = |upstream: &str, key: &str| {
        let settings = [("COLLOQUY_UPSTREAM", upstream), ("OPENAI_API_KEY", key)];
        let settings = settings.map(|(name, value)| (name.to_owned(), value.to_owned()));
        Config::from_variables(settings.into()).expect("sound settings").warnings().join(" ")
    };
    assert!(said("http://talk.example.com/v1", "sk-1").contains("http://talk.example.com/v1"));
    for sound in ["https://talk.example.com/v1", "http://127.0.0.1:9000/v1", "http://[::1]/v1", "http://localhost/v1"] {
        assert_eq!(said(sound, "sk-1"), "", "{sound}");
    }
    assert_eq!(said("http://talk.example.com/v1", ""), "");
}

#[tokio::test]
async fn an_audit_log_that_cannot_be_written_is_found_by_the_check_and_none_is_made_by_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let check = |path: std::path::PathBuf| {
        let variables = [("COLLOQUY_AUDIT_FILE".to_owned(), path.to_str().expect("text").to_owned())];
        Config::from_variables(variables.into()).expect("sound settings").check()
    };
    let path = folder.path().join("audit.jsonl");
    check(path.clone()).expect("it can be made");
    assert!(!path.exists());
    let error = check(folder.path().join("nowhere/audit.jsonl")).expect_err("no folder").to_string();
    assert!(error.contains("audit.file") && error.contains("nowhere"), "{error}");
}
