//! Subscriptions: a hint when something changes enough, once for each talk, in its own lane.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use context::{Lookup, Settings, Source, Standing, Threshold, item};
use protocol::context::Lane;

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
    assert!(lookup.status()[0].note.as_deref().unwrap().contains("in vain"));
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
    assert_eq!(lookup.status().len(), 2, "the second took the place of the first");
    tokio::time::sleep(Duration::from_secs(130)).await;
    assert!(lookup.hints("jane")[0].text.ends_with("for jane."), "{:?}", lookup.hints("jane"));
    assert_eq!(lookup.hints("john"), []);
    assert!(!lookup.unwatch(None, "mine"), "it is not everybody's");
    assert!(lookup.unwatch(Some("jane"), "mine") && !lookup.unwatch(Some("jane"), "mine"));
    assert_eq!(lookup.hints("jane"), []);
}
