//! One's own documents: a folder, indexed in the background, kept fresh, found by full text and by vector.

mod chunk;
mod file;
mod folder;
mod index;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use memory::HashingEmbedder;
use protocol::context::ContextItem;
use serde::Deserialize;
use tokio::{sync::watch, task::AbortHandle};

use self::{
    file::Unread,
    folder::{Stamp, scan},
    index::Index,
};
use crate::{Embedder, Finding, Interests, Known, Profile, Question, Source, SourceError, item, template};

/// Which folder, and how it is watched.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentsConfig {
    /// The folder, as the working directory sees it; everything readable below it is indexed, hidden files and links
    /// are not.
    pub folder: PathBuf,
    /// How often the folder is looked through for changes, in seconds; 2.
    #[serde(default = "two")]
    pub poll_s: u64,
    /// Where the same files can be opened in a browser; the path of a file is appended. Without it there is no link.
    pub base_url: Option<String>,
}

fn two() -> u64 {
    2
}

/// The documents of one folder.
pub struct Documents {
    profile: Profile,
    shared: Arc<Shared>,
    task: AbortHandle,
    ready: watch::Receiver<bool>,
}

struct Shared {
    config: DocumentsConfig,
    index: RwLock<Index>,
    embedder: Arc<dyn Embedder>,
    done: AtomicUsize,
    total: AtomicUsize,
    missing: AtomicBool,
    unread: Mutex<BTreeSet<PathBuf>>,
}

impl Documents {
    /// The usual profile under a name.
    pub fn profile(name: &str) -> Profile {
        let topics = ["document", "file", "note", "handbook", "manual", "pdf", "page says", "written down"];
        let interests = Interests::in_topics(topics).and_built_in(PATTERNS);
        Profile { keep: None, ..Profile::new(name, "documents") }.interested(interests)
    }

    /// Opens a folder and begins to index it; must be called inside a tokio runtime.
    pub fn open(profile: Profile, config: DocumentsConfig) -> Self {
        Self::open_with(profile, config, Arc::new(HashingEmbedder::new()))
    }

    /// The same with another embedding.
    pub fn open_with(profile: Profile, config: DocumentsConfig, embedder: Arc<dyn Embedder>) -> Self {
        let every = Duration::from_secs(config.poll_s.max(1));
        let shared = Arc::new(Shared {
            config,
            index: RwLock::new(Index::default()),
            embedder,
            done: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            missing: AtomicBool::new(false),
            unread: Mutex::default(),
        });
        let (readiness, ready) = watch::channel(false);
        let watched = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            let mut known = BTreeMap::new();
            loop {
                known = watched.refresh(known).await;
                readiness.send_replace(true);
                tokio::time::sleep(every).await;
            }
        });
        Self { profile, shared, task: task.abort_handle(), ready }
    }

    /// Waits until the folder has been indexed once.
    pub async fn indexed(&self) {
        let mut ready = self.ready.clone();
        // The sender lives as long as the task does.
        let _ = ready.wait_for(|ready| *ready).await;
    }

    /// How many files of how many are indexed.
    pub fn progress(&self) -> (usize, usize) {
        (self.shared.done.load(Ordering::Relaxed), self.shared.total.load(Ordering::Relaxed))
    }

    fn item(&self, hit: &index::Hit, question: &Question) -> ContextItem {
        let path = hit.path.to_string_lossy();
        let url = self.shared.config.base_url.as_ref().map(|base| {
            let parts: Vec<String> = path.split('/').map(template::encode_url).collect();
            format!("{}/{}", base.trim_end_matches('/'), parts.join("/"))
        });
        ContextItem {
            url,
            attribution: path.clone().into_owned(),
            as_of: hit.changed.min(question.now.as_second()),
            relevance: hit.relevance,
            ..item(format!("{path}#{}", hit.number), hit.title.clone(), hit.text.clone())
        }
    }
}

impl Source for Documents {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn knows(&self, question: &Question) -> Option<Known> {
        self.shared.read().knows(&question.query)
    }

    /// Files change, and looking is quick.
    fn cache_key(&self, _question: &Question) -> Option<String> {
        None
    }

    fn look_up<'a>(&'a self, question: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
        let shared = Arc::clone(&self.shared);
        let (query, by_name, most) = (question.query.clone(), !question.sources.is_empty(), self.profile.bounds.items);
        async move {
            let search = move || shared.read().search(&query, shared.embedder.as_ref(), by_name, most);
            let hits = tokio::task::spawn_blocking(search).await.map_err(|_| SourceError::Broken)?;
            if hits.is_empty() && self.shared.missing.load(Ordering::Relaxed) {
                return Err(SourceError::Said("the folder cannot be read".to_owned()));
            }
            Ok(hits.iter().map(|hit| self.item(hit, question)).collect::<Vec<_>>().into())
        }
        .boxed()
    }

    fn status(&self) -> Option<String> {
        let (done, total) = self.progress();
        let passages = self.shared.read().len();
        let unread = match self.shared.unread().len() {
            0 => String::new(),
            count => format!(", {count} without readable text"),
        };
        let missing = if self.shared.missing.load(Ordering::Relaxed) { ", the folder cannot be read" } else { "" };
        Some(format!("{done} of {total} files indexed, {passages} passages{unread}{missing}"))
    }
}

impl Drop for Documents {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn read(&self) -> RwLockReadGuard<'_, Index> {
        self.index.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Index> {
        self.index.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn unread(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes whether a file could be read; one that could not is named in the log, once for each of its states.
    fn note(&self, path: &Path, why: Option<Unread>) {
        let mut unread = self.unread();
        match why {
            Some(why) => {
                tracing::warn!(document = %path.display(), %why, "a document cannot be read");
                unread.insert(path.to_owned());
            }
            None => {
                unread.remove(path);
            }
        }
    }

    /// Brings the index up to the folder's state.
    async fn refresh(self: &Arc<Self>, known: BTreeMap<PathBuf, Stamp>) -> BTreeMap<PathBuf, Stamp> {
        let folder = self.config.folder.clone();
        let Ok(found) = tokio::task::spawn_blocking(move || scan(&folder)).await else { return known };
        if !self.missing.swap(found.is_none(), Ordering::Relaxed) && found.is_none() {
            tracing::warn!(folder = %self.config.folder.display(), "a folder of documents cannot be read");
        }
        let Some(found) = found else { return known };
        for path in known.keys().filter(|path| !found.contains_key(*path)) {
            self.write().remove(path);
            self.note(path, None);
        }
        let changed: Vec<_> = found.iter().filter(|(path, stamp)| known.get(*path) != Some(*stamp)).collect();
        self.total.store(found.len(), Ordering::Relaxed);
        self.done.store(found.len() - changed.len(), Ordering::Relaxed);
        for (path, stamp) in changed {
            self.index_file(path, *stamp).await;
            self.done.fetch_add(1, Ordering::Relaxed);
        }
        found
    }

    async fn index_file(self: &Arc<Self>, path: &Path, stamp: Stamp) {
        let shared = Arc::clone(self);
        let path = path.to_owned();
        // Reading, cutting and embedding happen outside of the lock, so that nobody waits for a large file.
        let work = move || {
            let text = file::read(&shared.config.folder.join(&path));
            shared.note(&path, text.as_ref().err().copied());
            let chunks = text.map(|text| chunk::chunks(&text, &path)).unwrap_or_default();
            let prepared = Index::prepare(&path, stamp.seconds(), chunks, shared.embedder.as_ref());
            shared.write().replace(&path, prepared);
        };
        if tokio::task::spawn_blocking(work).await.is_err() {
            tracing::warn!("a document could not be indexed");
        }
    }
}

const PATTERNS: &[&str] = &[
    r"\b(in|from) (my|our|the) (documents?|files?|notes?|handbook|manual|wiki|folder)\b",
    r"\baccording to (my|our|the)\b",
    r"\bwhat (do|does|did) (my|our|the) .{1,40} say\b",
    r"\b(our|the company'?s?) (policy|rules?|process)\b",
];
