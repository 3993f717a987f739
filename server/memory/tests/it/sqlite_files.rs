//! What is and is not in the files of the SQLite store.

use std::{fs, path::Path, sync::Arc};

use memory::{
    Batch, Correction, Forget, HashingEmbedder, Kind, MemoryError, MemoryStore, Relation, SqliteOptions, open_sqlite,
};
use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};

use crate::scene::{APRIL, falcon, id, link, memory, options, user};

#[tokio::test]
async fn forgotten_words_are_in_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let (me, other) = (user("me"), user("other"));
    let secret =
        |n: usize| memory(&format!("secret-id-{n}"), Kind::Fact, &format!("Zanzibarsecret{n} kumquat{n} lies here"));
    store.remember(&me, Batch { memories: (0..400).map(secret).collect(), links: vec![] }).await.unwrap();
    store.remember(&me, falcon()).await.unwrap();
    store.remember(&other, memory("kept", Kind::Fact, "Persimmonkept stays").into()).await.unwrap();
    store.recall(&me, "kumquat7", &options()).await.unwrap();
    assert!(found(folder.path(), "kumquat7 "), "the words are in the files before they are forgotten");

    let forgotten = store.forget(&me, &Forget::One(id("secret-id-7"))).await.unwrap();
    assert!(forgotten.purged);
    for trace in ["Zanzibarsecret7 ", "kumquat7 ", "secret-id-7\0"] {
        assert!(!found(folder.path(), trace), "{trace} is still in a file");
    }
    assert!(found(folder.path(), "kumquat8 "));

    let correction = Correction { text: Some("Nothing to see".into()), ..Correction::default() };
    store.correct(&me, &id("secret-id-8"), correction, APRIL).await.unwrap();
    assert!(!found(folder.path(), "kumquat8 "), "what was corrected is gone too");

    assert_eq!(store.forget(&me, &Forget::All).await.unwrap().memories, 406);
    for trace in ["Zanzibarsecret", "kumquat", "secret-id-", "Lindqvist", "blood pressure", "talk-1"] {
        assert!(!found(folder.path(), trace), "{trace} is still in a file");
    }
    assert!(found(folder.path(), "Persimmonkept"));
    store.close().await;
    assert!(!found(folder.path(), "kumquat"));
    assert_sound(&folder.path().join("memory.db")).await;
}

#[tokio::test]
async fn what_was_forgotten_before_a_process_was_killed_is_in_no_file_after_its_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let me = user("me");
    store.remember(&me, memory("m", Kind::Fact, "Zanzibarsecret kumquat").into()).await.unwrap();
    // Who reads keeps the log from being emptied, and a process that is killed leaves its files as they are.
    let mut reader = options_for(&folder.path().join("memory.db")).connect().await.unwrap();
    sqlx::query("BEGIN").execute(&mut reader).await.unwrap();
    sqlx::query("SELECT count(*) FROM memories").execute(&mut reader).await.unwrap();
    assert!(!store.forget(&me, &Forget::One(id("m"))).await.unwrap().purged);
    let killed = tempfile::tempdir().unwrap();
    for file in ["memory.db", "memory.db-wal"] {
        fs::copy(folder.path().join(file), killed.path().join(file)).unwrap();
    }
    assert!(found(killed.path(), "kumquat"));
    let store = open(killed.path()).await;
    assert!(!found(killed.path(), "kumquat"));
    assert_eq!(store.stats(&me).await.unwrap().memories, 0);
}

#[tokio::test]
async fn no_word_is_in_the_full_text_index() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    store.remember(&user("me"), memory("m", Kind::Fact, "Zanzibarsecret kumquat").into()).await.unwrap();
    store.close().await;
    let mut connection = options_for(&folder.path().join("memory.db")).connect().await.unwrap();
    let blocks: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT block FROM memory_terms_data").fetch_all(&mut connection).await.unwrap();
    let all = blocks.concat();
    assert!(!all.is_empty() && !contains(&all, b"zanzibar") && !contains(&all, b"kumquat"));
}

#[tokio::test]
async fn the_index_stays_sound_through_corrections_and_forgetting() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let me = user("me");
    for round in 0..20 {
        let new =
            |n: usize| memory(&format!("r{round}n{n}"), Kind::Fact, &format!("common words round {round} number {n}"));
        let links = vec![link(&format!("r{round}n1"), Relation::About, &format!("r{round}n0"))];
        store.remember(&me, Batch { memories: (0..40).map(new).collect(), links }).await.unwrap();
        for n in (0..40).step_by(3) {
            let text = Some(format!("common words corrected {n} round {round}"));
            store
                .correct(&me, &id(&format!("r{round}n{n}")), Correction { text, ..Correction::default() }, APRIL)
                .await
                .unwrap();
        }
        for n in (0..40).step_by(4) {
            store.forget(&me, &Forget::One(id(&format!("r{round}n{n}")))).await.unwrap();
        }
    }
    let page = memory::ListOptions { text: Some("common corrected".into()), limit: 500, ..Default::default() };
    assert_eq!(store.list(&me, &page).await.unwrap().memories.len(), 20 * 10);
    let other = user("other");
    store.remember(&other, falcon()).await.unwrap();
    store.forget(&other, &Forget::All).await.unwrap();
    store.close().await;
    assert_sound(&folder.path().join("memory.db")).await;
}

#[cfg(unix)]
#[tokio::test]
async fn the_files_belong_to_nobody_else() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join("deeper/still")).await;
    store.remember(&user("me"), falcon()).await.unwrap();
    for file in fs::read_dir(folder.path().join("deeper/still")).unwrap() {
        let file = file.unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", file.path().display());
    }
}

#[tokio::test]
async fn a_file_that_is_something_else_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("memory.db");
    fs::write(&file, "this is a letter, not a database, and it is long enough to be looked at ".repeat(20)).unwrap();
    let opened = open_sqlite(SqliteOptions::new(&file), Arc::new(HashingEmbedder::new())).await;
    assert!(matches!(opened, Err(MemoryError::Open(_))));
    assert!(fs::read_to_string(&file).unwrap().starts_with("this is a letter"));
}

/// The database and its full-text index agree with themselves and with each other.
pub(crate) async fn assert_sound(file: &Path) {
    let mut connection = options_for(file).connect().await.unwrap();
    let verdict: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut connection).await.unwrap();
    assert_eq!(verdict, "ok");
    let broken = sqlx::query("PRAGMA foreign_key_check").fetch_all(&mut connection).await.unwrap();
    assert!(broken.is_empty());
    sqlx::query("INSERT INTO memory_terms (memory_terms, rank) VALUES ('integrity-check', 1)")
        .execute(&mut connection)
        .await
        .unwrap();
}

fn options_for(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new().filename(file)
}

/// Whether a text is anywhere in the files of a folder.
fn found(folder: &Path, text: &str) -> bool {
    let files = fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap());
    files.into_iter().any(|file| contains(&file, text.as_bytes()))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

async fn open(folder: &Path) -> Arc<dyn MemoryStore> {
    open_sqlite(SqliteOptions::new(folder.join("memory.db")), Arc::new(HashingEmbedder::new())).await.unwrap()
}
