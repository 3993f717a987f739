//! The gate over whole calls, with the store in memory, in a file and between two servers.

use super::{Gate, Refusal, Rules};
use crate::{Embedded, Identity, Prices, Quantity, Quota, Quotas, Scope, Visitor, Way};
use protocol::{CallId, TranscriptionUsage, Usage};
use std::sync::Arc;

fn gate(quotas: &Quotas) -> Gate {
    let prices = Prices { audio_in: 1.0, audio_out: 1.0, ..Prices::default() };
    Gate::new(Arc::new(Embedded::new()), Rules { quotas: *quotas, prices, ..Rules::default() })
}

fn visitor(name: &str, address: &str) -> Visitor {
    let stranger = Visitor::stranger(address.parse().expect("an address"));
    Visitor { identity: Identity::new(Way::OpenId, name), mail: Some(format!("{name}@example.com")), ..stranger }
}

fn usage(tokens: u64) -> Usage {
    Usage { total_tokens: tokens, input_tokens: tokens, ..Usage::default() }
}

async fn begin_call(gate: &Gate, visitor: &Visitor, now: u64) {
    let lease = gate.open(visitor, now).await.expect("a seat");
    gate.opened(lease, CALL.into(), now).await;
}

#[track_caller]
fn assert_limit<T: std::fmt::Debug>(result: Result<T, Refusal>, quantity: Quantity, scope: Scope, seconds: u64) {
    match result {
        Err(Refusal::Limit { quantity: a, scope: b, retry_after }) => {
            assert_eq!((a, b, retry_after), (quantity, scope, seconds));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn keys_are_counted_by_person_and_by_address_and_again_in_the_next_minute() {
    let mints = Quota { user: Some(2), address: Some(3), all: None };
    let gate = gate(&Quotas { mints, ..Quotas::default() });
    let (alice, bob) = (visitor("alice", "192.0.2.1"), visitor("bob", "192.0.2.1"));
    gate.mint(&alice, NOW).await.expect("one");
    gate.mint(&alice, NOW + 1).await.expect("two");
    assert_limit(gate.mint(&alice, NOW + 2).await, Quantity::Mints, Scope::User, 58);
    gate.mint(&visitor("alice", "192.0.2.2"), NOW).await.expect_err("the person counts wherever she is");
    gate.mint(&bob, NOW).await.expect("the third of the address");
    assert_limit(gate.mint(&bob, NOW).await, Quantity::Mints, Scope::Address, 60);
    gate.mint(&alice, NOW + 60).await.expect("a new minute");
}

#[tokio::test]
async fn a_seat_is_free_again_when_its_call_ends_or_was_never_opened() {
    let gate = gate(&Quotas { calls: Quota { user: Some(1), ..Quota::default() }, ..Quotas::default() });
    let alice = visitor("alice", "192.0.2.1");
    let lease = gate.open(&alice, NOW).await.expect("a seat");
    assert_limit(gate.open(&alice, NOW).await, Quantity::Calls, Scope::User, 15);
    gate.abandoned(&lease).await;
    begin_call(&gate, &alice, NOW).await;
    gate.overdrawn(NOW + 80).await;
    assert!(gate.open(&alice, NOW + 100).await.is_err(), "a call that goes on keeps its seat");
    gate.ended(&CALL.into(), NOW + 101).await;
    let _lease = gate.open(&alice, NOW + 101).await.expect("a seat");
}

#[tokio::test]
async fn a_call_past_its_minutes_is_named_and_no_key_is_given_until_the_next_day() {
    let time = Quota { user: Some(60), ..Quota::default() };
    let gate = gate(&Quotas { time, ..Quotas::default() });
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gate, &alice, NOW).await;
    assert!(gate.overdrawn(NOW + 59).await.is_empty());
    let overdrawn = gate.overdrawn(NOW + 60).await;
    let [only] = overdrawn.as_slice() else { panic!("{overdrawn:?}") };
    assert_eq!(only.call, CallId::from(CALL));
    gate.ended(&CALL.into(), NOW + 60).await;
    assert_eq!(gate.count(), 0);
    assert_limit(gate.mint(&alice, NOW + 61).await, Quantity::Time, Scope::User, 86_400 - 61);
    gate.mint(&alice, NOW + 86_400).await.expect("a new day");
}

#[tokio::test]
async fn money_of_the_upstream_counts_and_then_the_client_is_not_believed_as_well() {
    let gate = gate(&Quotas { day_money: Quota { user: Some(100), ..Quota::default() }, ..Quotas::default() });
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gate, &alice, NOW).await;
    gate.used(&CALL.into(), &usage(60), NOW).await;
    gate.reported(&alice, &usage(60), NOW).await;
    assert!(gate.overdrawn(NOW).await.is_empty());
    gate.reported(&visitor("bob", "192.0.2.1"), &usage(100), NOW).await;
    assert!(gate.mint(&visitor("bob", "192.0.2.1"), NOW).await.is_err(), "without a meter the client is believed");
    gate.used(&CALL.into(), &usage(40), NOW).await;
    assert_eq!(gate.overdrawn(NOW).await.len(), 1);
}

#[tokio::test]
async fn what_calls_used_is_summed_up_as_the_upstream_says_it_and_not_as_clients_do() {
    let gate = gate(&Quotas::default());
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gate, &alice, NOW).await;
    gate.reported(&alice, &usage(1_000), NOW).await;
    gate.used(&CALL.into(), &usage(60), NOW).await;
    gate.used(&CALL.into(), &usage(40), NOW + 5).await;
    let heard =
        TranscriptionUsage::Tokens { total_tokens: 9, input_tokens: 7, output_tokens: 2, input_token_details: None };
    gate.transcribed(&CALL.into(), &heard, NOW + 6).await;
    gate.overdrawn(NOW + 10).await;
    gate.ended(&CALL.into(), NOW + 25).await;
    let totals = gate.totals();
    assert_eq!((totals.tokens.audio_in, totals.millionths, totals.seconds), (100, 100, 25));
    assert_eq!((totals.tokens.transcript_in, totals.tokens.transcript_out), (7, 2));
    assert_eq!(totals.tokens.by_kind().into_iter().map(|(_, _, tokens)| tokens).sum::<u64>(), 109);
}

#[tokio::test]
async fn a_client_is_believed_again_when_the_upstream_says_no_more_what_its_call_costs() {
    let gate = gate(&Quotas { day_money: Quota { user: Some(100), ..Quota::default() }, ..Quotas::default() });
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gate, &alice, NOW).await;
    gate.watched(&CALL.into());
    gate.used(&CALL.into(), &usage(1), NOW).await;
    gate.unwatched(&CALL.into(), NOW + 1);
    gate.reported(&alice, &usage(99), NOW + 2).await;
    assert_limit(gate.mint(&alice, NOW + 2).await, Quantity::DayMoney, Scope::User, 86_398);
}

fn one_call_and_an_hour() -> Quotas {
    let calls = Quota { user: Some(1), ..Quota::default() };
    Quotas { calls, time: Quota { user: Some(3_600), ..Quota::default() }, ..Quotas::default() }
}

#[tokio::test]
async fn a_call_of_which_nothing_is_heard_is_named_and_counts_until_it_has_ended() {
    let gate = gate(&one_call_and_an_hour());
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gate, &alice, NOW).await;
    gate.overdrawn(NOW + 60).await;
    gate.reported(&alice, &usage(1), NOW + 100).await;
    assert!(gate.overdrawn(NOW + 400).await.is_empty(), "there was a sign of it not long ago");
    let named = gate.overdrawn(NOW + 401).await;
    assert!(matches!(named.as_slice(), [only] if matches!(only.why, Refusal::Unseen)), "{named:?}");
    // The upstream did not hang up.
    assert!(gate.overdrawn(NOW + 480).await.is_empty(), "it is not tried all the time");
    gate.open(&alice, NOW + 489).await.expect_err("it may go on");
    assert_eq!(gate.overdrawn(NOW + 702).await.len(), 1);
    gate.ended(&CALL.into(), NOW + 702).await;
    begin_call(&gate, &alice, NOW + 702).await;
    gate.watched(&CALL.into());
    assert!(gate.overdrawn(NOW + 3_599).await.is_empty());
    assert_eq!(gate.overdrawn(NOW + 3_600).await.len(), 1, "all of its time was counted");
}

#[tokio::test]
async fn a_call_without_limits_may_be_as_quiet_as_it_likes() {
    let gate = gate(&Quotas::default());
    begin_call(&gate, &visitor("alice", "192.0.2.1"), NOW).await;
    assert!(gate.overdrawn(NOW + 3_600).await.is_empty());
    assert_eq!(gate.count(), 1);
}

#[tokio::test]
async fn a_call_that_is_watched_keeps_its_seat_however_quiet_it_is() {
    let gate = gate(&one_call_and_an_hour());
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gate, &alice, NOW).await;
    gate.watched(&CALL.into());
    gate.overdrawn(NOW + 1_800).await;
    gate.open(&alice, NOW + 1_801).await.expect_err("it goes on");
    assert_eq!(gate.overdrawn(NOW + 3_600).await.len(), 1, "its time is counted");
}

/// Two servers with one store, the first of which has opened a call.
async fn two_servers_and_a_call() -> ([Gate; 2], Visitor) {
    let counters: Arc<dyn crate::Counters> = Arc::new(Embedded::new());
    let rules = Rules { quotas: one_call_and_an_hour(), ..Rules::default() };
    let gates = [(); 2].map(|()| Gate::new(Arc::clone(&counters), rules.clone()));
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gates[0], &alice, NOW).await;
    (gates, alice)
}

#[tokio::test]
async fn a_call_that_was_hung_up_by_way_of_another_server_is_over_on_both() {
    let ([one, other], alice) = two_servers_and_a_call().await;
    other.ended(&CALL.into(), NOW + 10).await;
    let _lease = other.open(&alice, NOW + 10).await.expect("a seat");
    assert_eq!((one.hold(NOW + 12).await, one.count()), (vec![CALL.into()], 0));
    assert!(one.hold(NOW + 13).await.is_empty());
}

#[tokio::test]
async fn a_call_whose_server_is_gone_is_taken_up_with_its_seat() {
    let ([one, other], alice) = two_servers_and_a_call().await;
    one.hold(NOW + 10).await;
    assert!(other.take_up(NOW + 29).await.is_empty(), "it is held");
    assert_eq!(other.take_up(NOW + 30).await, [CALL.into()]);
    other.overdrawn(NOW + 80).await;
    assert_limit(other.open(&alice, NOW + 100).await.map(drop), Quantity::Calls, Scope::User, 15);
    assert_eq!(other.calls().into_values().collect::<Vec<_>>(), [alice]);
    other.ended(&CALL.into(), NOW + 101).await;
    assert!(other.take_up(NOW + 200).await.is_empty());
}

#[tokio::test]
async fn a_call_older_than_any_can_be_is_forgotten() {
    let counters: Arc<dyn crate::Counters> = Arc::new(Embedded::new());
    let [one, other] = [(); 2].map(|()| Gate::new(Arc::clone(&counters), Rules::default()));
    begin_call(&one, &visitor("alice", "192.0.2.1"), NOW).await;
    assert!(one.overdrawn(NOW + 3_660).await.is_empty());
    assert_eq!(one.count(), 1);
    assert!(other.take_up(NOW + 3_661).await.is_empty());
    assert!(one.overdrawn(NOW + 3_661).await.is_empty());
    assert_eq!((one.count(), other.count()), (0, 0));
}

#[tokio::test]
async fn a_stranger_without_a_call_is_not_believed_about_anything() {
    let gate = gate(&Quotas { day_money: Quota { address: Some(100), ..Quota::default() }, ..Quotas::default() });
    let stranger = Visitor::stranger("192.0.2.1".parse().expect("an address"));
    gate.reported(&stranger, &usage(100), NOW).await;
    begin_call(&gate, &stranger, NOW).await;
    gate.reported(&stranger, &usage(100), NOW).await;
    assert_limit(gate.mint(&stranger, NOW).await, Quantity::DayMoney, Scope::Address, 86_400);
}

/// A gate that counts in a file, and the file as it is seen from beside.
async fn gate_with_a_file(quotas: &Quotas) -> (Gate, sqlx::SqlitePool, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("limits.sqlite");
    let counters = Arc::new(Embedded::open(&path, NOW).await.expect("a file"));
    let prices = Prices { audio_out: 1.0, ..Prices::default() };
    let gate = Gate::new(counters, Rules { quotas: *quotas, prices, ..Rules::default() });
    let beside = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("a file");
    (gate, beside, folder)
}

async fn run(beside: &sqlx::SqlitePool, command: &'static str) {
    sqlx::query(command).execute(beside).await.expect("done");
}

#[tokio::test]
async fn what_is_used_while_the_store_is_away_is_counted_once_when_it_is_back() {
    let one = |most| Quota { user: Some(most), ..Quota::default() };
    let (gate, beside, _folder) =
        gate_with_a_file(&Quotas { time: one(90), day_money: one(1_000), ..Quotas::default() }).await;
    let alice = visitor("alice", "192.0.2.1");
    begin_call(&gate, &alice, NOW).await;
    gate.watched(&CALL.into());
    run(&beside, "ALTER TABLE counters RENAME TO away").await;
    run(&beside, "ALTER TABLE notes RENAME TO notes_away").await;
    for seconds in [10, 20, 30] {
        assert!(gate.overdrawn(NOW + seconds).await.is_empty());
        gate.used(&CALL.into(), &Usage { total_tokens: 100, ..Usage::default() }, NOW + seconds).await;
    }
    run(&beside, "ALTER TABLE notes_away RENAME TO notes").await;
    run(&beside, "ALTER TABLE away RENAME TO counters").await;
    assert!(gate.overdrawn(NOW + 89).await.is_empty(), "nothing is counted twice");
    gate.used(&CALL.into(), &Usage { total_tokens: 699, ..Usage::default() }, NOW + 89).await;
    gate.mint(&alice, NOW + 89).await.expect("a second and a millionth are left");
    assert_eq!(gate.overdrawn(NOW + 90).await.len(), 1, "nothing is lost");
    gate.used(&CALL.into(), &Usage { total_tokens: 1, ..Usage::default() }, NOW + 90).await;
    gate.set_rules(Rules { quotas: Quotas { day_money: one(1_000), ..Quotas::default() }, ..Rules::default() });
    assert_limit(gate.mint(&alice, NOW + 90).await, Quantity::DayMoney, Scope::User, 86_400 - 90);
}

#[tokio::test]
async fn nobody_is_let_in_while_nothing_can_be_written_down() {
    let (gate, beside, _folder) = gate_with_a_file(&Quotas::default()).await;
    let alice = visitor("alice", "192.0.2.1");
    gate.mint(&alice, NOW).await.expect("let in");
    run(&beside, "ALTER TABLE notes RENAME TO away").await;
    assert!(matches!(gate.mint(&alice, NOW + 10).await, Err(Refusal::Uncounted(_))));
    assert!(matches!(gate.open(&alice, NOW + 10).await, Err(Refusal::Uncounted(_))));
    run(&beside, "ALTER TABLE away RENAME TO notes").await;
    gate.mint(&alice, NOW + 10).await.expect("let in");
}

#[tokio::test]
async fn where_it_cannot_be_seen_whether_the_gate_is_closed_it_is() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let gate = gate(&Quotas::default());
    let closed_by = |path| gate.set_rules(Rules { closed_by: Some(path), ..Rules::default() });
    closed_by(file.path().join("closed"));
    assert!(gate.is_closed(), "what should be a folder is none");
    closed_by(file.path().with_extension("closed"));
    assert!(!gate.is_closed());
}

#[tokio::test]
async fn months_have_their_own_lengths() {
    let gate = gate(&Quotas { month_money: Quota { all: Some(0), ..Quota::default() }, ..Quotas::default() });
    // The last second of February 2028.
    assert_limit(gate.mint(&visitor("a", "::1"), 1_835_481_599).await, Quantity::MonthMoney, Scope::All, 1);
}

#[tokio::test]
async fn a_closed_gate_lets_nobody_in_until_the_file_is_gone() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let gate = gate(&Quotas::default());
    let alice = visitor("alice", "192.0.2.1");
    gate.set_rules(Rules { closed_by: Some(file.path().to_owned()), ..Rules::default() });
    assert!(matches!(gate.mint(&alice, NOW).await, Err(Refusal::Closed)));
    file.close().expect("deleted");
    gate.mint(&alice, NOW).await.expect("open again");
}

const CALL: &str = "rtc_1";
/// The first second of a day.
const NOW: u64 = 1_800_057_600;
