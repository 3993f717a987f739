//! The soak: mixed load from many clients on the real server, in front of a stand-in for the vendor that fails in many
//! ways, with a kill and a restart in the middle; and in the end, whether everything that is promised held.
//!
//! `--seconds N` says how long, `--seed N` which run of chance.

mod asked;
mod contract;
mod dice;
mod fault;
mod fragile;
mod gauge;
mod ledger;
mod spent;
mod user;
mod vendor;
mod verdict;
mod visitor;
mod world;

use anyhow::{Context, Result, bail};
use asked::Asked;
use e2e_support::{Behaviour, Server, StandIn, StandIns, artefact};
use gauge::{Life, Sample};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use user::User;
use vendor::{LASTING_KEY, Vendor};
use verdict::Promise;
use visitor::Visitor;
use world::World;

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let Options { seconds, seed } = Options::read()?;
    println!("soaking for {} s with seed {seed}", seconds.as_secs());
    let place = Place::prepare(format!("soak-{}", seconds.as_secs()))?;
    let vendor = Vendor::start(seed).await?;
    let sources = sources().await?;
    let config = sources.configure(&place.name, "")?;
    let server = place.serve(&config, &vendor.base_url).await?;
    let world = Arc::new(World::new(&server.url().replace("localhost", "127.0.0.1"), vendor).await?);
    let soak = Soak { world: Arc::clone(&world), seconds, began: Instant::now() };
    let lives = soak.run(server, seed, place.log()).await?;
    world.check_memories().await;
    spent::check(&world).await;
    soak.check_calls().await;
    drop(lives.server);
    world.ledger().check_audit(&place.audit(), &world.verdict);
    for (life, name) in lives.all.iter().zip(["before the kill", "after the kill"]) {
        life.judge(name, &world.verdict);
    }
    soak.report();
    let holds = world.verdict.print();
    println!("\n{}", if holds { "every promise held" } else { "a promise was broken" });
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Options {
    seconds: Duration,
    seed: u64,
}

impl Options {
    fn read() -> Result<Self> {
        let mut options = Self { seconds: Duration::from_secs(600), seed: 1 };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let number = words.next().and_then(|text| text.parse().ok()).with_context(|| format!("{word} N"))?;
            match word.as_str() {
                "--seconds" => options.seconds = Duration::from_secs(number),
                "--seed" => options.seed = number,
                other => bail!("`{other}` is not understood"),
            }
        }
        Ok(options)
    }
}

/// The folder of what the server keeps, empty at the beginning, and its log beside it. Runs of two lengths may go on at
/// one time.
struct Place {
    name: String,
    folder: PathBuf,
}

impl Place {
    fn prepare(name: String) -> Result<Self> {
        let place = Self { folder: artefact(&name), name };
        if place.folder.exists() {
            std::fs::remove_dir_all(&place.folder)?;
        }
        std::fs::create_dir_all(&place.folder)?;
        if place.log().exists() {
            std::fs::remove_file(place.log())?;
        }
        std::fs::write(place.file("tokens"), User::tokens())?;
        Ok(place)
    }

    async fn serve(&self, config: &Path, upstream: &str) -> Result<Server> {
        let file = |name: &str| self.file(name).display().to_string();
        let (tokens, memory, limits, audit) =
            (file("tokens"), file("memory.sqlite"), file("limits.sqlite"), file("audit.jsonl"));
        let config = config.display().to_string();
        let settings = [
            ("COLLOQUY_CONFIG", config.as_str()),
            ("COLLOQUY_TOKENS_FILE", tokens.as_str()),
            ("COLLOQUY_MEMORY", memory.as_str()),
            ("COLLOQUY_QUOTA_STORE", limits.as_str()),
            // Without one, keys end with the process.
            ("COLLOQUY_SESSION_SECRET", "a session secret of the soak, 0123456789"),
            ("COLLOQUY_AUDIT_FILE", audit.as_str()),
            ("COLLOQUY_UPSTREAM", upstream),
            ("OPENAI_API_KEY", LASTING_KEY),
            ("COLLOQUY_UPSTREAM_TIMEOUT_MS", "3000"),
            ("COLLOQUY_QUOTA_MINTS", "user=2000"),
            ("COLLOQUY_QUOTA_CALLS", "user=100"),
            ("COLLOQUY_QUOTA_LOOKUPS", "user=2000"),
            ("COLLOQUY_QUOTA_MINUTES", "user=1"),
            ("COLLOQUY_QUOTA_MONEY_DAY", "user=10"),
            ("RUST_LOG", "info"),
        ];
        Server::start(&self.name, &settings).await
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn audit(&self) -> PathBuf {
        self.file("audit.jsonl")
    }

    fn log(&self) -> PathBuf {
        artefact(&format!("{}.server.log", self.name))
    }
}

/// What is looked up: quick, slow, hanging and broken sources.
async fn sources() -> Result<StandIns> {
    let says = |ms| Behaviour::Says("It is open today.".to_owned(), Duration::from_millis(ms));
    let source = |name, behaviour| StandIn { name, topic: name, behaviour };
    let sources = [
        source("harbour", says(20)),
        source("museum", Behaviour::Hangs),
        source("library", Behaviour::Garbage),
        source("station", says(400)),
    ];
    StandIns::start(sources.into()).await
}

struct Soak {
    world: Arc<World>,
    seconds: Duration,
    began: Instant,
}

/// What the server took before and after the kill.
struct Lives {
    server: Server,
    all: [Life; 2],
}

impl Soak {
    /// Load from the beginning to the end, with the kill in the middle.
    async fn run(&self, server: Server, seed: u64, log: PathBuf) -> Result<Lives> {
        let world = &self.world;
        let mut visitors = JoinSet::new();
        for number in 0..VISITORS {
            visitors.spawn(Visitor::new(Arc::clone(world), seed.wrapping_mul(1_000) + number).run());
        }
        let (spent, first) = tokio::join!(spent::spend(world), self.watch(server.pid(), self.seconds / 2));
        spent?;
        let key = spent::keep_key(world).await?;
        world.begin_kill();
        let server = server.restart(Duration::from_millis(200)).await?;
        world.end_kill();
        self.say("killed and started again");
        let checks = async {
            spent::check(world).await;
            spent::use_key(world, &key).await;
            world.check_memories().await;
        };
        let ((), second) = tokio::join!(checks, self.watch(server.pid(), self.seconds));
        world.end();
        while let Some(result) = visitors.join_next().await {
            result.context("a client broke")?;
        }
        self.say("no more load");
        for line in std::fs::read_to_string(log)?.lines() {
            let is_bad = line.contains("panicked at") || line.contains("ERROR");
            world.verdict.check(Promise::Panics, is_bad.then(|| line.to_owned()));
        }
        Ok(Lives { server, all: [first?, second?] })
    }

    /// Looks at the process every few seconds until so much time has gone by, and says how things are.
    async fn watch(&self, pid: u32, until: Duration) -> Result<Life> {
        let mut life = Life::default();
        let mut told = Instant::now();
        while self.began.elapsed() < until {
            tokio::time::sleep(OFTEN.min(self.seconds / 40)).await;
            let sample = Sample::of(pid).context("the server is gone")?;
            life.0.push(sample);
            if told.elapsed() >= PROGRESS {
                told = Instant::now();
                let Sample { resident, descriptors } = sample;
                self.say(&format!("{} answers, {resident:.0} MiB, {descriptors} descriptors", self.world.answers()));
            }
        }
        Ok(life)
    }

    /// In the end the server counts no call any more: the abandoned ones have ended at the vendor.
    async fn check_calls(&self) {
        let began = Instant::now();
        let left = loop {
            let answer = self.world.ask(Asked::get("/metrics")).await;
            let count = answer.and_then(|answer| {
                answer.body.lines().find_map(|line| line.strip_prefix("colloquy_calls ")?.parse::<u64>().ok())
            });
            if count == Some(0) || began.elapsed() > REAPED {
                break count;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        };
        let complaint = (left != Some(0)).then(|| format!("{left:?} calls are counted {REAPED:?} after the end"));
        self.world.verdict.check(Promise::Calls, complaint);
    }

    fn say(&self, what: &str) {
        println!("… {:>4.0} s: {what}", self.began.elapsed().as_secs_f64());
    }

    fn report(&self) {
        let ledger = self.world.ledger();
        println!("\n{:<42} {:>9}  what came of it", "asked", "answers");
        for (what, results) in &ledger.answers {
            let all: u64 = results.values().sum();
            let each: Vec<String> = results.iter().map(|(result, count)| format!("{result} {count}")).collect();
            println!("{what:<42} {all:>9}  {}", each.join(", "));
        }
        println!("\n{:<42} {:>9}", "fault injected", "times");
        for (fault, count) in self.world.vendor.faults() {
            println!("{fault:<42} {count:>9}");
        }
        println!("\nmemories acknowledged: {}", ledger.memories.len());
    }
}

/// How many clients there are; each does a few things a second.
const VISITORS: u64 = 24;

/// How often the process is looked at, unless the soak is short.
const OFTEN: Duration = Duration::from_secs(5);

const PROGRESS: Duration = Duration::from_secs(30);

/// The longest that a call which nobody hung up is counted after the vendor has ended it.
const REAPED: Duration = Duration::from_secs(30);
