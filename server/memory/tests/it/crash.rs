//! A writer that is killed in the middle of writing loses nothing that it acknowledged.

use std::{
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    sync::Arc,
};

use memory::{Batch, HashingEmbedder, Kind, MemoryStore, Relation, SqliteOptions, open_sqlite};

use crate::{
    scene::{id, link, memory, options, user},
    sqlite_files::assert_sound,
};

const FILE: &str = "XTASK_MEMORY_CRASH_FILE";
const BATCH: usize = 5;

#[tokio::test]
async fn what_a_killed_writer_acknowledged_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("memory.db");
    let me = user("me");
    let mut expected = Vec::new();
    for acknowledgements in [1, 7, 23, 60] {
        let fresh = write_until_killed(&file, acknowledgements);
        assert!(fresh.len() >= acknowledgements, "{fresh:?}");
        expected.extend(fresh);
        let store = open(&file).await;
        for batch in &expected {
            for part in 0..BATCH {
                let name = format!("{batch}-{part}");
                let found = store.get(&me, &id(&name)).await.unwrap();
                assert!(found.is_some(), "{name} was acknowledged and is not there");
            }
        }
        let stats = store.stats(&me).await.unwrap();
        assert_eq!(stats.memories % BATCH as u64, 0, "half a batch is there");
        assert_eq!(stats.links, stats.memories / BATCH as u64 * (BATCH as u64 - 1));
        assert_eq!(stats.vectors, stats.memories);
        let last = expected.last().unwrap();
        let recall = store.recall(&me, &format!("note {last}"), &options()).await.unwrap();
        assert!(!recall.lines.is_empty());
        store.close().await;
        assert_sound(&file).await;
    }
}

/// The process that is killed: it writes until then, and says what is stored.
#[tokio::test]
#[ignore = "the test above starts it in a process of its own"]
async fn the_writer_that_is_killed() {
    let Some(file) = std::env::var_os(FILE) else { return };
    let store = open(std::path::Path::new(&file)).await;
    let me = user("me");
    for n in 0.. {
        let name = format!("p{}b{n}", std::process::id());
        let new = |part| memory(&format!("{name}-{part}"), Kind::Turn, &format!("note {name} part {part} of {BATCH}"));
        let to_first = |part| link(&format!("{name}-{part}"), Relation::RelatedTo, &format!("{name}-0"));
        let batch = Batch { memories: (0..BATCH).map(new).collect(), links: (1..BATCH).map(to_first).collect() };
        store.remember(&me, batch).await.unwrap();
        eprintln!("stored {name}");
    }
}

/// What the writer acknowledged before it was killed, which is some time after so many acknowledgements.
fn write_until_killed(file: &std::path::Path, acknowledgements: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::the_writer_that_is_killed", "--ignored", "--nocapture"])
        .env(FILE, file)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stored = Vec::new();
    let mut killed = false;
    for line in BufReader::new(child.stderr.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some(name) = line.strip_prefix("stored ") {
            stored.push(name.to_owned());
        }
        if stored.len() >= acknowledgements && !killed {
            child.kill().unwrap();
            killed = true;
        }
    }
    assert!(!child.wait().unwrap().success());
    stored
}

async fn open(file: &std::path::Path) -> Arc<dyn MemoryStore> {
    open_sqlite(SqliteOptions::new(file), Arc::new(HashingEmbedder::new())).await.unwrap()
}
