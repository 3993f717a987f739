//! Subscriptions: a hint when something changes enough, once for each talk, in its own lane.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use context::{Lookup, Settings, Source, Standing, Threshold, item};
use protocol::context::{ContextEvent, Lane};

use crate::support::{Scripted, all, request, summary};

fn watching(price: &Arc<AtomicI64>) -> (Lookup, Arc<Scripted>) {
    let value = Arc::clone(price);
    let source = Scripted::new("stocks").answering(move |_| {
        let price = value.load(Ordering::SeqCst);
        if price < 0 {
            Err(context::SourceError::Unreachable)
        } else {
            Ok(vec![item("acme", "Acme", format!("Acme stands at {price} euros."))].into())
        }
    });
    let source = source.shared();
    let threshold = Threshold::Number { pattern: None, by: 5.0 };
    let watched = Arc::clone(&source) as Arc<dyn Source>;
    let standing = Standing::new("acme watch", watched, "price of Acme", Duration::from_secs(60), threshold);
    (Lookup::builder(Settings::default()).standing(standing).build(), source)
}

async fn heard(lookup: &Lookup, talk: &str) -> Vec<String> {
    let (_, items) = summary(&all(lookup, request(talk, 1, "hello")).await);
    assert!(items.iter().all(|item| item.lane == Lane::Hint && item.source == "acme watch"), "{items:?}");
    items.into_iter().map(|item| item.text).collect()
}

#[tokio::test(start_paused = true)]
async fn only_a_change_above_the_threshold_is_said_and_once_to_each_talk() {
    let price = Arc::new(AtomicI64::new(100));
    let (lookup, source) = watching(&price);
    let minute = Duration::from_secs(61);
    tokio::time::sleep(minute).await;
    assert_eq!(heard(&lookup, "a").await, Vec::<String>::new(), "the first look is no news");
    price.store(105, Ordering::SeqCst);
    tokio::time::sleep(minute).await;
    assert_eq!(heard(&lookup, "a").await, Vec::<String>::new(), "within the threshold");
    price.store(107, Ordering::SeqCst);
    tokio::time::sleep(minute).await;
    assert_eq!(heard(&lookup, "a").await, ["Acme stands at 107 euros."]);
    assert_eq!(heard(&lookup, "a").await, Vec::<String>::new(), "once");
    assert_eq!(heard(&lookup, "b").await, ["Acme stands at 107 euros."], "another talk has not heard it");
    assert!(source.times_asked() >= 3);
}

#[tokio::test(start_paused = true)]
async fn small_steps_add_up_to_a_change() {
    let price = Arc::new(AtomicI64::new(100));
    let (lookup, _) = watching(&price);
    for step in [103, 106] {
        tokio::time::sleep(Duration::from_secs(61)).await;
        price.store(step, Ordering::SeqCst);
    }
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(heard(&lookup, "a").await, ["Acme stands at 106 euros."]);
}

#[tokio::test(start_paused = true)]
async fn a_failing_source_says_nothing_and_is_asked_again() {
    let price = Arc::new(AtomicI64::new(-1));
    let (lookup, source) = watching(&price);
    tokio::time::sleep(Duration::from_secs(200)).await;
    assert_eq!(heard(&lookup, "a").await, Vec::<String>::new());
    assert!(source.times_asked() >= 3);
    assert!(lookup.status("")[0].note.as_deref().unwrap().contains("in vain"));
}

#[tokio::test(start_paused = true)]
async fn when_the_look_up_goes_the_asking_ends() {
    let (lookup, source) = watching(&Arc::new(AtomicI64::new(1)));
    tokio::time::sleep(Duration::from_secs(61)).await;
    drop(lookup);
    let asked = source.times_asked();
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert_eq!(source.times_asked(), asked);
}

#[tokio::test(start_paused = true)]
async fn a_spoken_subscription_is_heard_by_its_user_only_and_can_be_ended() {
    let count = AtomicI64::new(0);
    let source = Scripted::new("stocks").uncached().answering(move |question| {
        let text = format!("{} for {}.", count.fetch_add(1, Ordering::SeqCst), question.user);
        Ok(vec![item("acme", "Acme", text)].into())
    });
    let lookup = crate::support::lookup(&[source.shared()]);
    let watched = lookup.source("stocks").unwrap();
    let every = Duration::from_secs(60);
    let standing = || Standing::new("mine", Arc::clone(&watched), "Acme", every, Threshold::Text).for_user("jane");
    assert!(lookup.watch(standing()) && lookup.watch(standing()));
    assert_eq!(lookup.status("jane").len(), 2, "the second took the place of the first");
    assert_eq!((lookup.status("john").len(), lookup.status("").len()), (1, 1), "nobody else sees it");
    tokio::time::sleep(Duration::from_secs(130)).await;
    assert!(lookup.hints("jane")[0].text.ends_with("for jane."), "{:?}", lookup.hints("jane"));
    assert_eq!(lookup.hints("john"), []);
    assert!(!lookup.unwatch(None, "mine"), "it is not everybody's");
    assert!(lookup.unwatch(Some("jane"), "mine") && !lookup.unwatch(Some("jane"), "mine"));
    assert_eq!(lookup.hints("jane"), []);
}

type Found = (&'static str, &'static str, &'static str);

/// A look-up that watches what is there, each with its id, title and text, and the way to put something else there.
fn watching_list(threshold: Threshold) -> (Lookup, impl Fn(&'static [Found])) {
    let there: Arc<Mutex<&'static [Found]>> = Arc::default();
    let shared = Arc::clone(&there);
    let source = Scripted::new("orders").uncached().answering(move |_| {
        let items = shared.lock().unwrap().iter().map(|(id, title, text)| item(*id, *title, *text));
        Ok(items.collect::<Vec<_>>().into())
    });
    let source = source.shared() as Arc<dyn Source>;
    let standing = Standing::new("orders watch", source, "my orders", Duration::from_secs(60), threshold);
    let lookup = Lookup::builder(Settings::default()).standing(standing).clock(clock()).build();
    (lookup, move |items| *there.lock().unwrap() = items)
}

async fn told_after_a_minute(lookup: &Lookup) -> Vec<String> {
    tokio::time::sleep(Duration::from_secs(61)).await;
    let (_, items) = summary(&all(lookup, request("t", 1, "hello")).await);
    let mut told: Vec<String> = items.into_iter().map(|item| item.text).collect();
    told.sort();
    told
}

#[tokio::test(start_paused = true)]
async fn things_of_one_title_are_not_taken_for_changes_of_each_other() {
    let (lookup, put) = watching_list(Threshold::Text);
    put(&[("1", "Order", "One is packed."), ("2", "Order", "Two is packed.")]);
    assert_eq!(told_after_a_minute(&lookup).await, [""; 0]);
    assert_eq!(told_after_a_minute(&lookup).await, [""; 0], "nothing has changed");
    put(&[("2", "Order", "Two is shipped."), ("1", "Order", "One is shipped.")]);
    assert_eq!(told_after_a_minute(&lookup).await, ["One is shipped.", "Two is shipped."]);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_there_before_is_news() {
    let (lookup, put) = watching_list(Threshold::Text);
    assert_eq!(told_after_a_minute(&lookup).await, [""; 0]);
    put(&[("1", "Order one", "One is packed.")]);
    assert_eq!(told_after_a_minute(&lookup).await, ["One is packed."], "nothing was there");
    put(&[("2", "Order two", "Two is packed."), ("1", "Order one", "One is packed.")]);
    assert_eq!(told_after_a_minute(&lookup).await, ["Two is packed."]);
    put(&[("2", "The order", "Two is packed, says Ann.")]);
    assert_eq!(told_after_a_minute(&lookup).await, ["Two is packed, says Ann."], "the same by another title");
    put(&[("a", "The order", "Two is packed, says Ann."), ("b", "Order one", "One is packed.")]);
    assert_eq!(told_after_a_minute(&lookup).await, [""; 0], "only its id is another");
    put(&[("c", "Order three", "One is packed.")]);
    assert_eq!(told_after_a_minute(&lookup).await, ["One is packed."], "it is the same of another");
}

#[tokio::test(start_paused = true)]
async fn a_number_is_measured_against_the_same_thing_alone() {
    let (lookup, put) = watching_list(Threshold::Number { pattern: None, by: 5.0 });
    put(&[("gold", "Price", "100 euros."), ("tin", "Price", "10 euros.")]);
    assert_eq!(told_after_a_minute(&lookup).await, [""; 0]);
    put(&[("gold", "Price", "104 euros."), ("tin", "Price", "16 euros."), ("lead", "Price", "90 euros.")]);
    assert_eq!(told_after_a_minute(&lookup).await, ["16 euros."]);
}

/// A source that says something else each time.
fn counting() -> Arc<Scripted> {
    let count = AtomicI64::new(0);
    let answer = move |_: &context::Question| {
        Ok(vec![item("acme", "Acme", format!("{} euros.", count.fetch_add(1, Ordering::SeqCst)))].into())
    };
    Scripted::new("stocks").uncached().answering(answer).shared()
}

/// The test's own.
fn clock() -> impl Fn() -> jiff::Timestamp {
    let begun = tokio::time::Instant::now();
    move || jiff::Timestamp::UNIX_EPOCH + begun.elapsed()
}

fn watched(source: &Arc<Scripted>) -> Lookup {
    Lookup::builder(Settings::default()).source(Arc::clone(source) as Arc<dyn Source>).clock(clock()).build()
}

fn watch(lookup: &Lookup, name: &str) -> bool {
    let source = lookup.source("stocks").unwrap();
    lookup
        .watch(Standing::new(name, source, "price of Acme", Duration::from_secs(60), Threshold::Text).for_user("jane"))
}

#[tokio::test(start_paused = true)]
async fn what_follows_is_told_each_change_as_it_is_found_until_the_talk_ends() {
    let lookup = watched(&counting());
    assert!(watch(&lookup, "acme"));
    let mut john = lookup.follow("john", "t").unwrap();
    let mut jane = lookup.follow("jane", "t").unwrap();
    for expected in ["1 euros.", "2 euros."] {
        let Some(ContextEvent::Found { source, items, .. }) = jane.next().await else { panic!("no news") };
        assert_eq!((source.as_str(), items.len(), items[0].text.as_str()), ("acme", 1, expected));
    }
    lookup.end_talk("jane", "t");
    lookup.end_talk("john", "t");
    assert_eq!((jane.next().await, john.next().await), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_hint_that_a_summary_has_told_is_not_told_again() {
    let lookup = watched(&counting());
    assert!(watch(&lookup, "acme"));
    tokio::time::sleep(Duration::from_secs(61)).await;
    let mut events = lookup.look_up("jane", request("t", 1, "hello"));
    while events.next().await.is_some() {}
    let mut told = lookup.follow("jane", "t").unwrap();
    let Some(ContextEvent::Found { items, .. }) = told.next().await else { panic!("no news") };
    assert_eq!(items[0].text, "2 euros.");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_of_somebody_who_stays_away_ends_by_itself() {
    let source = counting();
    let lookup = watched(&source);
    assert!(watch(&lookup, "acme") && lookup.watches("jane") && !lookup.watches("john"));
    tokio::time::sleep(Duration::from_secs(23 * 3_600)).await;
    lookup.hints("jane");
    tokio::time::sleep(Duration::from_secs(23 * 3_600)).await;
    assert!(lookup.watches("jane"), "she was there");
    tokio::time::sleep(Duration::from_secs(2 * 3_600)).await;
    let asked = source.times_asked();
    assert!(!lookup.watches("jane"));
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(source.times_asked(), asked);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_for_somebody_who_is_not_there_until_they_come_back() {
    let source =
        Scripted::new("stocks").uncached().answering(|_| Ok(vec![item("acme", "Acme", "2 euros.")].into())).shared();
    let lookup = watched(&source);
    assert!(watch(&lookup, "acme"));
    let told = lookup.follow("jane", "t").unwrap();
    let before = source.times_asked();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert!(source.times_asked() > before + 50, "she listens");
    drop(told);
    lookup.end_talk("jane", "t");
    tokio::time::sleep(Duration::from_secs(1_000)).await;
    let asked = source.times_asked();
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    assert_eq!(source.times_asked(), asked);
    lookup.hints("jane");
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(source.times_asked(), asked + 1);
}

#[tokio::test(start_paused = true)]
async fn one_user_cannot_take_every_place() {
    let lookup = watched(&counting());
    assert!((0..20).all(|number| watch(&lookup, &number.to_string())));
    assert!(!watch(&lookup, "one more") && watch(&lookup, "7"), "another of the same name takes its place");
}

#[tokio::test]
async fn what_is_to_be_watched_finds_its_source() {
    let memory = Scripted::new("stocks memory").profile_with(|profile| profile.lane = Lane::Memory);
    let lookup = crate::support::lookup(&[memory.shared(), counting()]);
    let fitting = |query: &str| lookup.fitting(query).map(|source| source.profile().name.clone());
    assert_eq!((fitting("the stocks of Acme").as_deref(), fitting("the weather")), (Some("stocks"), None));
    let lookup = crate::support::configured(
        "[[sources]]\nkind = \"search\"\nengine = \"searxng\"\nurl = \"https://s.test/\"\n\
         [[sources]]\nkind = \"news\"\nfeeds = [\"https://a.test/\"]",
    );
    let fitting = |query: &str| lookup.fitting(query).map(|source| source.profile().name.clone());
    assert_eq!(fitting("news about otters").as_deref(), Some("news"), "what is named, though the web has news, too");
    assert_eq!(fitting("the latest release of Rust").as_deref(), Some("search"));
    assert_eq!(fitting("the time in Tokyo"), None, "it changes without end");
}
