//! Where it is counted who has used what: in this process, or in a Redis that several servers share. Both do the same.

mod durable;
mod embedded;
mod shared;

pub use embedded::Embedded;
pub use shared::Shared;

use async_trait::async_trait;
use std::fmt::Debug;

/// What counts. Times are seconds of Unix time; a key holds the period that it counts, so that it is never reset.
#[async_trait]
pub trait Counters: Debug + Send + Sync {
    /// Adds to all counters, or to none if one would pass its ceiling.
    ///
    /// # Errors
    /// The store does not answer or is full; then nothing can be said.
    async fn take(&self, steps: &[Step], now: u64) -> Result<Taken, CounterError>;

    /// Gives a member a seat in all places until a time, or in none if one is full. A member that has a seat keeps it
    /// for longer. Says the first place that is full.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn lease(&self, places: &[Place], member: &str, now: u64, until: u64) -> Result<Option<usize>, CounterError>;

    /// Takes a member's seats back.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn release(&self, places: &[Place], member: &str) -> Result<(), CounterError>;

    /// Keeps a word until a time.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn note(&self, key: &str, word: &str, now: u64, until: u64) -> Result<(), CounterError>;

    /// The word that was kept, unless its time is over.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn noted(&self, key: &str, now: u64) -> Result<Option<String>, CounterError>;

    /// Keeps a call that goes on, as a word, for its holder.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn keep(&self, call: &str, word: &str, hold: &Hold<'_>) -> Result<(), CounterError>;

    /// Holds calls for longer, and says of each what has become of it.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn hold(&self, calls: &[&str], hold: &Hold<'_>) -> Result<Vec<Holding>, CounterError>;

    /// Takes up the calls that nobody holds any more. Gives their names and words.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn take_up(&self, now: u64, hold: &Hold<'_>) -> Result<Vec<(String, String)>, CounterError>;

    /// Forgets a call that has ended, and lets its holder know if that is another. Gives its word if it was kept.
    ///
    /// # Errors
    /// As [`Counters::take`].
    async fn end(&self, call: &str, hold: &Hold<'_>) -> Result<Option<String>, CounterError>;

    /// Whether the store can be written to.
    ///
    /// # Errors
    /// It cannot.
    async fn check(&self) -> Result<(), CounterError>;
}

/// One counter to add to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Which.
    pub key: String,
    /// How much; 0 only looks.
    pub amount: u64,
    /// The most that it may be afterwards.
    pub ceiling: Option<u64>,
    /// When it can be forgotten.
    pub until: u64,
}

/// What became of counters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// All were added to, and are now this.
    All(Vec<u64>),
    /// The counter with this number would have passed its ceiling; none was added to.
    Refused(usize),
}

/// A place with a number of seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which.
    pub key: String,
    /// How many seats it has.
    pub seats: u64,
}

/// Who holds calls, and until when unless it is said again.
#[derive(Clone, Copy, Debug)]
pub struct Hold<'a> {
    /// A word without blanks.
    pub holder: &'a str,
    /// In seconds of Unix time.
    pub until: u64,
}

/// What has become of a call that somebody holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holding {
    /// It is held for longer.
    Ours,
    /// It was ended elsewhere, or another has taken it up.
    Gone,
    /// The store knows nothing of it.
    Unknown,
}

/// Why counting failed.
#[derive(Debug, thiserror::Error)]
pub enum CounterError {
    /// Redis does not answer, or not as it should.
    #[error("Redis failed")]
    Shared(#[from] redis::RedisError),
    /// The file of what lasts longer than an hour fails.
    #[error("the file of the limits failed")]
    Durable(#[from] sqlx::Error),
    /// More is counted than memory is set aside for.
    #[error("too much is counted")]
    Full,
}

/// What lasts longer than this survives a restart.
const LASTING: u64 = 3_600;

#[cfg(test)]
mod tests {
    //! One suite for both stores, on a Redis of the suite's own.

    use super::{CounterError, Counters, Embedded, Hold, Holding, Place, Shared, Step, Taken};
    use crate::random;
    use std::process::{Child, Command, Stdio};
    use std::sync::Arc;

    /// A Redis that ends with the test.
    struct Redis {
        process: Child,
        url: String,
        _folder: tempfile::TempDir,
    }

    impl Redis {
        fn start() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let socket = folder.path().join("redis");
            let process = Command::new("redis-server")
                .args(["--save", "", "--appendonly", "no", "--port", "0", "--unixsocket"])
                .arg(&socket)
                .current_dir(folder.path())
                .stdout(Stdio::null())
                .spawn();
            let process = process.expect("redis-server is installed; `cargo xtask test` installs it");
            Self { process, url: format!("unix://{}", socket.display()), _folder: folder }
        }
    }

    impl Drop for Redis {
        fn drop(&mut self) {
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }

    /// Runs a test on every store there is.
    async fn everywhere<F: Future<Output = ()>>(test: impl Fn(Arc<dyn Counters>, Arc<dyn Counters>) -> F) {
        let embedded: Arc<dyn Counters> = Arc::new(Embedded::new());
        test(Arc::clone(&embedded), embedded).await;
        let redis = Redis::start();
        let one = Shared::open(&redis.url, None).await.expect("a Redis");
        let other = Shared::open(&redis.url, None).await.expect("a Redis");
        test(Arc::new(one), Arc::new(other)).await;
    }

    fn step(key: &str, amount: u64, ceiling: Option<u64>) -> Step {
        Step { key: key.to_owned(), amount, ceiling, until: NOW + 60 }
    }

    #[tokio::test]
    async fn a_counter_goes_up_to_its_ceiling_on_every_server() {
        everywhere(async |one, other| {
            let mint = [step("mints", 1, Some(2))];
            assert_eq!(one.take(&mint, NOW).await.expect("counted"), Taken::All(vec![1]));
            assert_eq!(other.take(&mint, NOW).await.expect("counted"), Taken::All(vec![2]));
            assert_eq!(one.take(&mint, NOW).await.expect("counted"), Taken::Refused(0));
            let look = [step("mints", 0, None)];
            assert_eq!(other.take(&look, NOW).await.expect("counted"), Taken::All(vec![2]));
        })
        .await;
    }

    #[tokio::test]
    async fn what_is_refused_by_one_counter_is_counted_by_none() {
        everywhere(async |one, _| {
            let both = [step("a", 1, None), step("b", 5, Some(4))];
            assert_eq!(one.take(&both, NOW).await.expect("counted"), Taken::Refused(1));
            let look = [step("a", 0, None), step("b", 0, Some(0))];
            assert_eq!(one.take(&look, NOW).await.expect("counted"), Taken::All(vec![0, 0]));
        })
        .await;
    }

    #[tokio::test]
    async fn many_at_once_never_pass_the_ceiling() {
        everywhere(async |one, other| {
            let mut tasks = tokio::task::JoinSet::new();
            for number in 0..100 {
                let counters = Arc::clone(if number % 2 == 0 { &one } else { &other });
                tasks.spawn(async move { counters.take(&[step("mints", 1, Some(40))], NOW).await.expect("counted") });
            }
            let taken = tasks.join_all().await;
            assert_eq!(taken.iter().filter(|taken| matches!(taken, Taken::All(_))).count(), 40);
        })
        .await;
    }

    #[tokio::test]
    async fn a_seat_is_given_until_it_is_taken_back_or_its_time_is_over() {
        everywhere(async |one, other| {
            let places = [Place { key: "calls:alice".into(), seats: 2 }, Place { key: "calls:all".into(), seats: 9 }];
            assert_eq!(one.lease(&places, "x", NOW, NOW + 10).await.expect("an answer"), None);
            assert_eq!(other.lease(&places, "y", NOW, NOW + 99).await.expect("an answer"), None);
            assert_eq!(one.lease(&places, "z", NOW + 1, NOW + 99).await.expect("an answer"), Some(0));
            assert_eq!(one.lease(&places, "x", NOW + 1, NOW + 20).await.expect("an answer"), None, "x stays longer");
            assert_eq!(one.lease(&places, "z", NOW + 11, NOW + 99).await.expect("an answer"), Some(0));
            assert_eq!(one.lease(&places, "z", NOW + 20, NOW + 99).await.expect("an answer"), None, "x is over");
            other.release(&places, "y").await.expect("an answer");
            assert_eq!(one.lease(&places, "x", NOW + 21, NOW + 99).await.expect("an answer"), None);
        })
        .await;
    }

    #[tokio::test]
    async fn a_word_is_known_to_every_server_until_its_time() {
        everywhere(async |one, other| {
            one.note("key:1", "token:alice", NOW, NOW + 60).await.expect("noted");
            assert_eq!(other.noted("key:1", NOW + 59).await.expect("an answer").as_deref(), Some("token:alice"));
            assert_eq!(other.noted("key:2", NOW).await.expect("an answer"), None);
            other.check().await.expect("writable");
        })
        .await;
    }

    #[tokio::test]
    async fn a_call_is_taken_up_by_another_once_its_holder_says_no_more() {
        everywhere(async |one, other| {
            let first = |until| Hold { holder: "first", until };
            let second = |until| Hold { holder: "second", until };
            one.keep("rtc_1", "alice's", &first(NOW + 20)).await.expect("kept");
            assert_eq!(one.hold(&["rtc_1"], &first(NOW + 30)).await.expect("an answer"), [Holding::Ours]);
            assert_eq!(other.take_up(NOW + 25, &second(NOW + 45)).await.expect("an answer"), []);
            let taken = other.take_up(NOW + 30, &second(NOW + 50)).await.expect("an answer");
            assert_eq!(taken, [("rtc_1".to_owned(), "alice's".to_owned())]);
            let holdings = one.hold(&["rtc_1", "rtc_2"], &first(NOW + 60)).await.expect("an answer");
            assert_eq!(holdings, [Holding::Gone, Holding::Unknown]);
            assert_eq!(other.hold(&["rtc_1"], &second(NOW + 60)).await.expect("an answer"), [Holding::Ours]);
        })
        .await;
    }

    #[tokio::test]
    async fn a_call_that_another_has_ended_is_told_to_its_holder_once() {
        everywhere(async |one, other| {
            let first = Hold { holder: "first", until: NOW + 20 };
            let second = Hold { holder: "second", until: NOW + 20 };
            for call in ["rtc_1", "rtc_2", "rtc_3"] {
                one.keep(call, call, &first).await.expect("kept");
            }
            assert_eq!(one.end("rtc_1", &first).await.expect("an answer").as_deref(), Some("rtc_1"));
            assert_eq!(other.end("rtc_2", &second).await.expect("an answer").as_deref(), Some("rtc_2"));
            assert_eq!(other.end("rtc_2", &second).await.expect("an answer"), None);
            let holdings = one.hold(&["rtc_1", "rtc_2", "rtc_3"], &first).await.expect("an answer");
            assert_eq!(holdings, [Holding::Unknown, Holding::Gone, Holding::Ours]);
            assert_eq!(one.hold(&["rtc_2"], &first).await.expect("an answer"), [Holding::Unknown]);
            other.end("rtc_3", &second).await.expect("an answer");
            assert_eq!(other.take_up(NOW + 20, &second).await.expect("an answer"), [], "it has ended");
        })
        .await;
    }

    #[tokio::test]
    async fn what_lasts_survives_a_restart_and_what_does_not_last_is_not_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("new/limits.sqlite");
        let day = |amount| Step { key: "money:day".into(), amount, ceiling: None, until: NOW + 86_400 };
        {
            let counters = Embedded::open(&path, NOW).await.expect("a file");
            counters.take(&[day(5), step("mints", 1, None)], NOW).await.expect("counted");
            counters.take(&[day(2)], NOW).await.expect("counted");
            counters.note("key:1", "", NOW, NOW + 60).await.expect("noted");
            counters.note("key:1", "token:alice", NOW, NOW + 60).await.expect("noted");
            let hold = Hold { holder: "first", until: NOW + 20 };
            counters.keep("rtc_1", "alice's", &hold).await.expect("kept");
            counters.keep("rtc_2", "bob's", &hold).await.expect("kept");
            counters.end("rtc_2", &hold).await.expect("an answer");
        }
        let counters = Embedded::open(&path, NOW + 1).await.expect("a file");
        let look = [day(0), step("mints", 0, None)];
        assert_eq!(counters.take(&look, NOW + 1).await.expect("counted"), Taken::All(vec![7, 0]));
        assert_eq!(counters.noted("key:1", NOW + 1).await.expect("an answer").as_deref(), Some("token:alice"));
        let taken = counters.take_up(NOW + 1, &Hold { holder: "next", until: NOW + 21 }).await.expect("an answer");
        assert_eq!(taken, [("rtc_1".to_owned(), "alice's".to_owned())], "nobody holds it who could come back");
        drop(counters);
        let counters = Embedded::open(&path, NOW + 86_400).await.expect("a file");
        assert_eq!(counters.take(&look, NOW + 86_400).await.expect("counted"), Taken::All(vec![0, 0]));
    }

    #[tokio::test]
    async fn the_memory_of_short_lived_counters_is_bounded() {
        let counters = Embedded::new();
        for _ in 0..Embedded::MOST + 1_000 {
            let key = random::word().expect("randomness");
            counters.take(&[step(&key, 1, Some(1))], NOW).await.expect("counted");
            counters.note(&key, "a", NOW, NOW + 60).await.expect("noted");
        }
        assert!(counters.length() <= 2 * Embedded::MOST);
    }

    fn lasting(key: &str, amount: u64) -> Step {
        Step { key: key.to_owned(), amount, ceiling: None, until: NOW + 86_400 }
    }

    #[tokio::test]
    async fn where_there_is_room_for_no_more_days_those_that_are_counted_go_on_and_nothing_is_counted_by_half() {
        let counters = Embedded::new();
        for number in 0..Embedded::MOST {
            counters.take(&[lasting(&number.to_string(), 1)], NOW).await.expect("room");
        }
        let both = [lasting("0", 1), lasting("one more", 1)];
        assert!(matches!(counters.take(&both, NOW).await, Err(CounterError::Full)));
        counters.take(&[step("mints", 1, None)], NOW).await.expect_err("no room for a minute either");
        assert_eq!(counters.take(&[lasting("0", 1)], NOW).await.expect("counted"), Taken::All(vec![2]));
    }

    /// The counters' file as it is seen from beside.
    async fn beside(path: &std::path::Path) -> sqlx::SqlitePool {
        sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("a file")
    }

    #[tokio::test]
    async fn what_cannot_be_written_is_not_counted() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("limits.sqlite");
        let counters = Embedded::open(&path, NOW).await.expect("a file");
        counters.take(&[lasting("day", 5)], NOW).await.expect("counted");
        let beside = beside(&path).await;
        sqlx::query("ALTER TABLE counters RENAME TO away").execute(&beside).await.expect("renamed");
        counters.take(&[lasting("day", 2)], NOW).await.expect_err("no such table");
        sqlx::query("ALTER TABLE away RENAME TO counters").execute(&beside).await.expect("renamed");
        assert_eq!(counters.take(&[lasting("day", 0)], NOW).await.expect("counted"), Taken::All(vec![5]));
    }

    #[tokio::test]
    async fn the_file_forgets_what_is_over_and_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("limits.sqlite");
        let counters = Embedded::open(&path, NOW).await.expect("a file");
        counters.take(&[lasting("today", 1)], NOW).await.expect("counted");
        let tomorrow = Step { until: NOW + 2 * 86_400, ..lasting("tomorrow", 1) };
        counters.take(&[tomorrow], NOW + 86_400).await.expect("counted");
        let keys: Vec<String> =
            sqlx::query_scalar("SELECT key FROM counters").fetch_all(&beside(&path).await).await.expect("rows");
        assert_eq!(keys, ["tomorrow"]);
        #[cfg(unix)]
        for file in std::fs::read_dir(folder.path()).expect("a folder") {
            let data = file.expect("a file").metadata().expect("known");
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&data.permissions()) & 0o077, 0);
        }
    }

    const NOW: u64 = 1_800_000_000;
}
