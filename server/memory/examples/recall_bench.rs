//! How fast recall is over many memories of one user, and what it takes.
//!
//! Fills a SQLite store of a temporary folder with generated talk, first a hundred thousand memories and then on to a
//! million, and asks it questions after each. Figures are printed as JSON, one in a line.
//! `XTASK_MEMORY_BENCH_MAX` stops earlier.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use colloquy_memory::{
    Batch, HashingEmbedder, Kind, Link, MemoryId, MemoryStore, NewMemory, Origin, RecallOptions, Relation,
    SqliteOptions, TalkId, Timestamp, TurnId, UserId, VectorUse, open_sqlite,
};

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Failure> {
    let folder = tempfile::tempdir()?;
    let most = std::env::var("XTASK_MEMORY_BENCH_MAX").ok().and_then(|max| max.parse().ok()).unwrap_or(1_000_000);
    let user = UserId::new("bench")?;
    let mut stored = 0;
    for (size, name) in [(100_000, "100k"), (1_000_000, "1m")] {
        if size > most {
            break;
        }
        let began = Instant::now();
        let store = open(folder.path()).await?;
        fill(&*store, &user, stored, size).await?;
        store.close().await;
        stored = size;
        eprintln!("{size} memories are stored after {:.1} s", began.elapsed().as_secs_f32());

        // A store that was just opened, as after a restart: nothing of the filling is in its memory.
        let store = open(folder.path()).await?;
        let began = Instant::now();
        store.warm(&user).await?;
        print(&format!("recall_{name}_load_ms"), "ms", &[milliseconds(began.elapsed())]);
        let times = ask(&*store, &user, size).await?;
        print(&format!("recall_{name}_ms"), "ms", &times);
        print(&format!("recall_{name}_mib"), "MiB", &[resident_mib()]);
        let index = store.stats(&user).await?.index_bytes.unwrap_or(0);
        print(&format!("recall_{name}_index_mib"), "MiB", &[index as f64 / MIB]);
        store.close().await;
    }
    Ok(())
}

async fn open(folder: &std::path::Path) -> Result<Arc<dyn MemoryStore>, Failure> {
    Ok(open_sqlite(SqliteOptions::new(folder.join("memory.db")), Arc::new(HashingEmbedder::new())).await?)
}

/// Remembers the memories from one number up to another.
async fn fill(store: &dyn MemoryStore, user: &UserId, from: usize, to: usize) -> Result<(), Failure> {
    for start in (from..to).step_by(BATCH) {
        let memories = (start..to.min(start + BATCH)).map(memory).collect::<Result<Vec<_>, _>>()?;
        let links = (start..to.min(start + BATCH)).filter(|n| n % 20 == 3).map(link).collect::<Result<Vec<_>, _>>()?;
        store.remember(user, Batch { memories, links }).await?;
    }
    Ok(())
}

/// Asks different questions and says how long each took, in milliseconds.
async fn ask(store: &dyn MemoryStore, user: &UserId, size: usize) -> Result<Vec<f64>, Failure> {
    let mut times = Vec::with_capacity(QUESTIONS);
    let mut found = 0;
    for n in 0..WARM_UP + QUESTIONS {
        let target = (n * 7_919 + 13) % size;
        let question = question(n, target);
        let began = Instant::now();
        let recall = store.recall(user, &question, &RecallOptions::at(Timestamp(NOW))).await?;
        let took = milliseconds(began.elapsed());
        if recall.vectors != VectorUse::Used {
            return Err("the vectors were not searched".into());
        }
        if n >= WARM_UP {
            times.push(took);
            found += usize::from(!recall.lines.is_empty());
        }
    }
    eprintln!("{found} of {QUESTIONS} questions found something");
    Ok(times)
}

/// Questions as they are asked: with a rare word, with frequent words only, with a misspelling, about people.
fn question(n: usize, target: usize) -> String {
    let words = Words::of(target);
    match n % 5 {
        0 => format!("what did we decide about the {} for {}?", words.thing, words.project),
        1 => format!("when did {} say that the {} is {}", words.person, words.thing, words.quality),
        2 => format!("{} {}", words.thing, words.quality),
        3 => format!("tell me about ticket {}", words.ticket),
        _ => format!(
            "what about the {}s of {} in {}, was it {}",
            words.thing,
            words.projekt(),
            words.city,
            words.quality
        ),
    }
}

fn memory(n: usize) -> Result<NewMemory, Failure> {
    let words = Words::of(n);
    let kind = match n % 20 {
        0 => Kind::Person,
        1 | 2 => Kind::Fact,
        3 => Kind::Decision,
        4 => Kind::Todo,
        5 => Kind::Preference,
        _ => Kind::Turn,
    };
    Ok(NewMemory {
        id: MemoryId::new(format!("m{n}"))?,
        kind,
        text: words.text(n),
        subject: (n % 10 == 3).then(|| words.project.to_owned()),
        restricted: n % 50 == 5,
        origin: Some(Origin { talk: TalkId::new(format!("talk{}", n / 40))?, turn: TurnId::new(format!("turn{n}"))? }),
        at: Timestamp(NOW - 1_000_000 * 30_000 + n as i64 * 30_000),
    })
}

/// Every decision was taken by the person remembered three before it.
fn link(n: usize) -> Result<Link, Failure> {
    Ok(Link {
        from: MemoryId::new(format!("m{n}"))?,
        relation: Relation::DecidedBy,
        to: MemoryId::new(format!("m{}", n - 3))?,
    })
}

/// What one memory speaks about.
struct Words {
    person: &'static str,
    project: &'static str,
    thing: &'static str,
    quality: &'static str,
    city: &'static str,
    ticket: String,
    random: u64,
}

impl Words {
    fn of(n: usize) -> Self {
        let random = mix(n as u64 + 1);
        let pick = |from: &[&'static str], shift: u32| {
            // Squared, so that some words are much more frequent than others, as in real talk.
            let part = (random >> shift & 0xff) as f64 / 256.0;
            from[(part * part * from.len() as f64) as usize]
        };
        let ticket = format!("{}{}", ["qx", "zr", "kv", "wy"][n % 4], mix(random) % 200_000);
        Self {
            person: pick(&PEOPLE, 0),
            project: pick(&PROJECTS, 8),
            thing: pick(&THINGS, 16),
            quality: pick(&QUALITIES, 24),
            city: pick(&CITIES, 32),
            ticket,
            random,
        }
    }

    fn text(&self, n: usize) -> String {
        let Self { person, project, thing, quality, city, ticket, random } = self;
        let day = 1 + random % 28;
        match n % 6 {
            0 => format!("{person} from {city} works on {project} and looks after the {thing}, ticket {ticket}"),
            1 => format!("I think the {thing} for {project} is {quality}, we should ask {person} before the {day}th"),
            2 => format!("The {thing} of {project} in {city} was {quality} last time, see {ticket}"),
            3 => format!("We move the {thing} of {project} to the {day}th because it is {quality}, says {person}"),
            4 => format!("Write to {person} about the {quality} {thing}, then close {ticket} and tell {city}"),
            _ => format!("Yesterday in {city} {person} said the {thing} looks {quality} and {project} can wait"),
        }
    }

    /// As a recogniser that has never heard the name might write it.
    fn projekt(&self) -> String {
        self.project.replacen('a', "ah", 1)
    }
}

/// Prints one figure.
fn print(name: &str, unit: &str, values: &[f64]) {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = |part: f64| {
        let rank = (part * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).map_or(0.0, |value| (value * 1_000.0).round() / 1_000.0)
    };
    let figure = serde_json::json!({
        "name": name, "unit": unit, "n": sorted.len(), "min": at(0.0), "p50": at(0.5), "p95": at(0.95), "max": at(1.0),
    });
    println!("{figure}");
}

/// The memory that this process takes, in MiB; 0 where the system does not say.
fn resident_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok()).map_or(0.0, |kib| kib / 1_024.0)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

/// The finisher of SplitMix64: numbers that look random and are the same in every run.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

const BATCH: usize = 10_000;
const QUESTIONS: usize = 500;
const WARM_UP: usize = 20;
const NOW: i64 = 1_790_000_000_000;
const MIB: f64 = 1_048_576.0;

const PEOPLE: [&str; 40] = [
    "Anna", "Bela", "Carmen", "Dmitri", "Elif", "Farid", "Greta", "Hiroshi", "Ines", "Jamal", "Katrin", "Lars", "Mei",
    "Nadia", "Oskar", "Priya", "Quentin", "Rosa", "Samir", "Tove", "Ulrich", "Vera", "Wanda", "Xavier", "Yusuf",
    "Zora", "Amara", "Bruno", "Chloe", "Davide", "Esther", "Finn", "Gloria", "Hassan", "Ivana", "Jonas", "Kofi",
    "Lucia", "Marek", "Noor",
];
const PROJECTS: [&str; 30] = [
    "Falcon",
    "Nightingale",
    "Albatross",
    "Heron",
    "Kestrel",
    "Osprey",
    "Pelican",
    "Raven",
    "Sparrow",
    "Starling",
    "Swallow",
    "Swift",
    "Tern",
    "Wren",
    "Condor",
    "Curlew",
    "Egret",
    "Flamingo",
    "Gannet",
    "Ibis",
    "Jackdaw",
    "Lapwing",
    "Magpie",
    "Plover",
    "Puffin",
    "Quail",
    "Robin",
    "Stork",
    "Thrush",
    "Vulture",
];
const THINGS: [&str; 60] = [
    "deadline",
    "budget",
    "contract",
    "invoice",
    "meeting",
    "interview",
    "release",
    "migration",
    "backup",
    "database",
    "prototype",
    "sensor",
    "camera",
    "microphone",
    "battery",
    "shipment",
    "warehouse",
    "kitchen",
    "garden",
    "bicycle",
    "apartment",
    "insurance",
    "passport",
    "ticket",
    "flight",
    "hotel",
    "conference",
    "lecture",
    "workshop",
    "recipe",
    "birthday",
    "wedding",
    "concert",
    "rehearsal",
    "painting",
    "novel",
    "podcast",
    "newsletter",
    "survey",
    "report",
    "dashboard",
    "firewall",
    "certificate",
    "password",
    "licence",
    "audit",
    "inventory",
    "forecast",
    "schedule",
    "estimate",
    "proposal",
    "sketch",
    "blueprint",
    "foundation",
    "roof",
    "heating",
    "plumbing",
    "staircase",
    "balcony",
    "elevator",
];
const QUALITIES: [&str; 40] = [
    "late",
    "ready",
    "broken",
    "expensive",
    "cheap",
    "urgent",
    "unclear",
    "finished",
    "cancelled",
    "approved",
    "rejected",
    "delayed",
    "promising",
    "risky",
    "boring",
    "beautiful",
    "noisy",
    "quiet",
    "heavy",
    "light",
    "slow",
    "fast",
    "fragile",
    "stable",
    "outdated",
    "modern",
    "crowded",
    "empty",
    "complicated",
    "simple",
    "unusual",
    "ordinary",
    "confidential",
    "public",
    "temporary",
    "permanent",
    "optional",
    "mandatory",
    "seasonal",
    "annual",
];
const CITIES: [&str; 30] = [
    "Lisbon", "Oslo", "Vienna", "Prague", "Tokyo", "Nairobi", "Lima", "Toronto", "Dublin", "Athens", "Hanoi", "Cairo",
    "Bergen", "Kyoto", "Porto", "Gdansk", "Ghent", "Turin", "Seville", "Lyon", "Bern", "Graz", "Malmo", "Tartu",
    "Vilnius", "Riga", "Split", "Varna", "Izmir", "Tbilisi",
];
