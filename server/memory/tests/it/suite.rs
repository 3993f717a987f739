//! What every store promises.

use std::{future::Future, sync::Arc};

use futures::TryStreamExt;
use memory::{
    Batch, Correction, Direction, EXPORT_FORMAT, Export, Forget, Kind, ListOptions, MemoryError, MemoryStore,
    NewMemory, Newest, RecallOptions, Relation, Rule, Stats, TalkId, Timestamp, VectorUse, Why,
};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    factory::{Place, Sort},
    scene::{APRIL, MARCH, falcon, id, ids, link, memory, options, restricted, said_in, user},
    switch_embedder::SwitchEmbedder,
    waiting::wait_until,
};

macro_rules! on_every_store {
    ($($behaviour:ident),+ $(,)?) => {
        on_every_store!(@store sqlite Sqlite: $($behaviour),+);
        on_every_store!(@store postgres Postgres: $($behaviour),+);
        on_every_store!(@store postgres_with_vectors PostgresWithVectors: $($behaviour),+);
    };
    (@store $store:ident $sort:ident: $($behaviour:ident),+) => {
        mod $store {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $behaviour() {
                    run(Sort::$sort, super::$behaviour).await;
                }
            )+
        }
    };
}

on_every_store!(
    a_question_finds_decision_date_people_and_turn,
    a_person_leads_to_what_they_decided,
    recall_gives_at_most_three_lines_unless_told_otherwise,
    recall_gives_nothing_when_nothing_fits,
    remembering_again_changes_nothing,
    a_batch_with_an_unknown_end_stores_nothing,
    rules_are_kept,
    users_are_apart,
    personal_data_needs_leave,
    only_the_wanted_kinds_come,
    a_word_that_only_asks_finds_nothing_about_something_else,
    the_newest_are_those_of_a_time_a_kind_and_other_talks,
    a_misspelt_question_finds_by_vector,
    frequent_words_find_where_they_meet,
    a_correction_replaces_what_was_said,
    forgetting_one_leaves_nothing_of_it,
    forgetting_a_talk_leaves_the_others,
    what_is_forgotten_goes_with_the_turns_that_tell_it,
    what_a_talk_told_goes_from_the_turns_of_others_too,
    a_turn_of_which_something_was_forgotten_or_corrected_is_not_stored_later,
    a_correction_goes_with_the_turns_that_tell_the_old_words,
    a_turn_in_which_personal_data_was_told_is_personal,
    forgetting_all_leaves_no_row,
    another_server_sees_what_is_written_and_forgotten,
    pages_are_complete_and_newest_first,
    looking_for_words_and_kinds,
    an_export_is_one_document_with_everything,
    without_an_embedder_text_still_answers,
    vectors_of_another_model_are_not_used,
    writes_at_the_same_time_all_arrive,
    the_index_follows_every_write,
    no_query_text_is_an_error_or_syntax,
    memory_outlives_its_store,
    what_is_told_again_is_one_memory_with_a_newer_date,
    a_name_is_one_entry_that_outlives_the_talk_it_came_from,
    a_turn_is_linked_with_what_came_from_it,
    the_beginning_of_a_word_is_looked_for_while_it_is_typed,
    one_memory_is_found_by_its_words_alone,
    an_embedder_that_hangs_keeps_nothing_from_being_stored,
    the_latest_users_are_known_and_a_check_writes,
);

async fn run<F: Future<Output = ()>>(sort: Sort, behaviour: impl FnOnce(Place) -> F) {
    if let Some(place) = Place::new(sort).await {
        behaviour(place).await;
    }
}

async fn a_question_finds_decision_date_people_and_turn(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let recall = store.recall(&me, "what did we decide about the deadline?", &options()).await.unwrap();
    let line = &recall.lines[0];
    assert_eq!((line.id.as_str(), line.kind, line.created), ("deadline", Kind::Decision, MARCH));
    assert!(line.text.contains("14th of March"));
    assert_eq!(line.people().map(|person| person.id.as_str()).collect::<Vec<_>>(), ["anna"]);
    assert_eq!(line.turn().map(|turn| (turn.talk.as_str(), turn.turn.as_str())), Some(("talk-1", "turn-7")));
    let ends: Vec<_> = line.linked.iter().map(|end| (end.relation, end.direction, end.id.as_str())).collect();
    assert_eq!(ends.len(), 3);
    assert!(ends.contains(&(Relation::About, Direction::Outgoing, "falcon")));
    assert!(ends.contains(&(Relation::MentionedIn, Direction::Outgoing, "turn-7")));
    let Why::Text { words } = &line.why[0] else { panic!("{:?}", line.why) };
    assert_eq!(words, &["decid", "deadlin"]);
    assert!(line.why.iter().any(|why| matches!(why, Why::Vector { cosine } if *cosine > 0.3)), "{:?}", line.why);
    assert!(line.score > 0.5 && line.score <= 1.0);
    assert_eq!(recall.vectors, VectorUse::Used);
}

async fn a_person_leads_to_what_they_decided(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let recall = store.recall(&me, "Lindqvist", &options()).await.unwrap();
    assert_eq!(recall.lines[0].id, id("anna"));
    let decision = recall.lines[0].decisions().next().unwrap();
    assert_eq!((decision.id.as_str(), decision.direction), ("deadline", Direction::Incoming));
    let kinds = vec![Kind::Decision];
    let recall = store.recall(&me, "Lindqvist", &RecallOptions { kinds, ..options() }).await.unwrap();
    assert!(recall.lines.is_empty(), "a link is followed from what fits, and nothing of this kind does");
}

async fn recall_gives_at_most_three_lines_unless_told_otherwise(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let many = (0..30).map(|n| memory(&format!("m{n}"), Kind::Fact, &format!("The walrus number {n} eats clams")));
    store.remember(&me, Batch { memories: many.collect(), links: Vec::new() }).await.unwrap();
    store.warm(&me).await.unwrap();
    assert_eq!(store.recall(&me, "walrus", &options()).await.unwrap().lines.len(), 3);
    let seven = RecallOptions { limit: 7, ..options() };
    assert_eq!(store.recall(&me, "walrus", &seven).await.unwrap().lines.len(), 7);
    let none = RecallOptions { limit: 0, ..options() };
    assert!(store.recall(&me, "walrus", &none).await.unwrap().lines.is_empty());
}

async fn recall_gives_nothing_when_nothing_fits(place: Place) {
    let (store, me) = with_falcon(&place).await;
    for query in ["volcanoes of Iceland", "", "what is it about?", "???"] {
        let recall = store.recall(&me, query, &options()).await.unwrap();
        assert!(recall.lines.is_empty(), "{query}: {:?}", ids(&recall.lines));
    }
    let nobody = store.recall(&user("nobody"), "deadline", &options()).await.unwrap();
    assert!(nobody.lines.is_empty());
}

async fn remembering_again_changes_nothing(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let before = store.stats(&me).await.unwrap();
    let mut again = falcon();
    again.memories[0].text = "Somebody else".into();
    let remembered = store.remember(&me, again).await.unwrap();
    assert_eq!((remembered.added, remembered.known, remembered.links), (0, 7, 0));
    let after = store.stats(&me).await.unwrap();
    assert_eq!((after.memories, after.links, after.vectors), (before.memories, before.links, before.vectors));
    assert_eq!(store.get(&me, &id("anna")).await.unwrap().unwrap().memory.text, falcon().memories[0].text);
    let twice = Batch { memories: vec![memory("x", Kind::Fact, "one"), memory("x", Kind::Fact, "two")], links: vec![] };
    assert_eq!(store.remember(&me, twice).await.unwrap().added, 1);
    assert_eq!(store.get(&me, &id("x")).await.unwrap().unwrap().memory.text, "one");
}

async fn a_batch_with_an_unknown_end_stores_nothing(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let before = store.stats(&me).await.unwrap();
    let links = vec![link("new", Relation::About, "falcon"), link("new", Relation::About, "nowhere")];
    let batch = Batch { memories: vec![memory("new", Kind::Fact, "Something new")], links };
    let error = store.remember(&me, batch).await.unwrap_err();
    assert!(matches!(&error, MemoryError::UnknownLink(end) if *end == id("nowhere")), "{error}");
    assert_eq!(store.stats(&me).await.unwrap(), before);
    let batch = Batch {
        memories: vec![memory("new", Kind::Fact, "Something new")],
        links: vec![link("new", Relation::About, "falcon"); 3],
    };
    assert_eq!(store.remember(&me, batch).await.unwrap().links, 1, "a link is stored once");
}

async fn rules_are_kept(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let remember = async |memory: NewMemory| store.remember(&me, memory.into()).await;
    let broken = |result: Result<_, MemoryError>| match result {
        Err(MemoryError::Invalid(rule)) => Some(rule),
        Err(_) | Ok(_) => None,
    };
    assert_eq!(broken(remember(memory("m", Kind::Fact, " \0 ")).await), Some(Rule::EmptyText));
    assert_eq!(broken(remember(memory("m", Kind::Fact, &"x".repeat(8_001))).await), Some(Rule::LongText));
    let subject = NewMemory { subject: Some("x".repeat(201)), ..memory("m", Kind::Fact, "text") };
    assert_eq!(broken(remember(subject).await), Some(Rule::LongSubject));
    let itself = Batch { memories: vec![], links: vec![link("m", Relation::About, "m")] };
    assert_eq!(broken(store.remember(&me, itself).await), Some(Rule::SelfLink));
    remember(memory("m", Kind::Fact, "a\0b 😀 \u{202e}'; DROP TABLE memories; --")).await.unwrap();
    assert_eq!(
        store.get(&me, &id("m")).await.unwrap().unwrap().memory.text,
        "ab 😀 \u{202e}'; DROP TABLE memories; --"
    );
}

async fn users_are_apart(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let other = user("other");
    let own = memory("anna", Kind::Person, "Anna Berg, a cellist");
    store.remember(&other, own.into()).await.unwrap();
    store.warm(&other).await.unwrap();
    let recall = store.recall(&other, "Anna deadline Falcon", &options()).await.unwrap();
    assert_eq!(ids(&recall.lines), ["anna"]);
    assert_eq!(recall.lines[0].text, "Anna Berg, a cellist");
    assert!(recall.lines[0].linked.is_empty());
    assert!(store.get(&other, &id("deadline")).await.unwrap().is_none());
    let cross = Batch { memories: vec![], links: vec![link("anna", Relation::RelatedTo, "deadline")] };
    assert!(matches!(store.remember(&other, cross).await, Err(MemoryError::UnknownLink(_))));
    let missing = store.correct(&other, &id("deadline"), Correction::default(), APRIL).await;
    assert!(matches!(missing, Err(MemoryError::NotFound)));
    assert_eq!(store.forget(&other, &Forget::One(id("deadline"))).await.unwrap().memories, 0);
    assert_eq!(store.forget(&other, &Forget::All).await.unwrap().memories, 1);
    assert_eq!(store.stats(&me).await.unwrap().memories, 7);
    assert_eq!(store.list(&me, &ListOptions::default()).await.unwrap().memories.len(), 7);
    let mine = store.recall(&me, "deadline", &options()).await.unwrap();
    assert_eq!(mine.lines[0].id, id("deadline"));
}

async fn personal_data_needs_leave(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let links = vec![link("tea", Relation::RelatedTo, "blood")];
    store.remember(&me, Batch { memories: vec![], links }).await.unwrap();
    let query = "medication blood pressure green tea";
    let without = store.recall(&me, query, &options()).await.unwrap();
    assert_eq!(ids(&without.lines), ["tea"]);
    assert!(without.lines[0].linked.is_empty());
    let with = store.recall(&me, query, &RecallOptions { allow_restricted: true, ..options() }).await.unwrap();
    assert_eq!(ids(&with.lines), ["blood", "tea"]);
    assert_eq!(with.lines[1].linked[0].id, id("blood"));
    let lift = Correction { restricted: Some(false), ..Correction::default() };
    store.correct(&me, &id("blood"), lift, APRIL).await.unwrap();
    let lifted = store.recall(&me, "blood pressure", &options()).await.unwrap();
    assert_eq!(ids(&lifted.lines), ["blood"]);
}

async fn only_the_wanted_kinds_come(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let only = |kinds: &[Kind]| RecallOptions { kinds: kinds.to_vec(), ..options() };
    let found = async |kinds: &[Kind]| {
        let lines = store.recall(&me, "Falcon Anna March", &only(kinds)).await.unwrap().lines;
        let mut found: Vec<String> = lines.iter().map(|line| line.id.to_string()).collect();
        found.sort();
        found
    };
    assert_eq!(found(&[Kind::Person]).await, ["anna"]);
    assert_eq!(found(&[Kind::Decision, Kind::Turn]).await, ["deadline", "turn-7"]);
    assert_eq!(found(&[Kind::Place]).await, [""; 0]);
}

async fn a_word_that_only_asks_finds_nothing_about_something_else(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let more = [
        memory("go", Kind::Decision, "We decide on Friday"),
        memory("tell", Kind::Turn, "User: remember that Ben tells stories\nAssistant: I told you so"),
        memory("milk", Kind::Todo, "Buy milk for Anna"),
    ];
    store.remember(&me, Batch { memories: more.into(), links: Vec::new() }).await.unwrap();
    let found = async |query: &str| {
        let lines = store.recall(&me, query, &options()).await.unwrap().lines;
        lines.into_iter().map(|line| line.id.to_string()).collect::<Vec<_>>()
    };
    for query in ["what did we decide about hiring", "what did I tell you about hiring", "do you remember the budget"] {
        assert_eq!(found(query).await, [""; 0], "{query}");
    }
    assert_eq!(found("what did we decide about the deadline").await, ["deadline"]);
    assert_eq!(found("what do I have to do for Anna").await[0], "milk", "the kind that is asked for comes first");
    assert!(found("what did we decide").await.contains(&"go".to_owned()));
}

async fn the_newest_are_those_of_a_time_a_kind_and_other_talks(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let later = NewMemory { at: APRIL, ..said_in("talk-3", "1", memory("k", Kind::Decision, "Ship in May")) };
    store.remember(&me, later.into()).await.unwrap();
    let all = Newest {
        limit: 9,
        allow_restricted: false,
        kinds: Vec::new(),
        from: Timestamp(0),
        until: Timestamp(i64::MAX),
        not_of: None,
    };
    let newest = async |wanted: Newest| {
        let lines = store.newest(&me, &wanted).await.unwrap();
        lines.into_iter().map(|line| line.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(newest(all.clone()).await, ["k", "bike", "tea", "deadline", "turn-7", "falcon", "anna"]);
    assert_eq!(newest(Newest { limit: 2, ..all.clone() }).await, ["k", "bike"]);
    assert_eq!(newest(Newest { kinds: vec![Kind::Decision], ..all.clone() }).await, ["k", "deadline"]);
    let in_march = Newest { kinds: vec![Kind::Decision], until: APRIL, ..all.clone() };
    assert_eq!(newest(in_march).await, ["deadline"]);
    assert_eq!(newest(Newest { from: Timestamp(MARCH.0 + 1), until: APRIL, ..all.clone() }).await, [""; 0]);
    let before = Newest { not_of: Some(TalkId::new("talk-3").unwrap()), limit: 1, ..all.clone() };
    assert_eq!(newest(before).await, ["bike"]);
    assert_eq!(newest(Newest { allow_restricted: true, ..all.clone() }).await.len(), 8);
    let deadline = &store.newest(&me, &Newest { kinds: vec![Kind::Decision], ..all }).await.unwrap()[1];
    assert_eq!(deadline.people().map(|person| person.id.as_str()).collect::<Vec<_>>(), ["anna"]);
}

async fn a_misspelt_question_finds_by_vector(place: Place) {
    let store = place.open().await;
    let me = user("me");
    store.remember(&me, memory("k", Kind::Fact, "Kubernetes").into()).await.unwrap();
    store.remember(&me, memory("w", Kind::Fact, "Watering the plants").into()).await.unwrap();
    store.warm(&me).await.unwrap();
    let recall = store.recall(&me, "Kubernetes upgrades", &options()).await.unwrap();
    assert_eq!(ids(&recall.lines), ["k"]);
    let recall = store.recall(&me, "kubernettes", &options()).await.unwrap();
    assert_eq!(ids(&recall.lines), ["k"]);
    assert!(matches!(recall.lines[0].why[..], [Why::Vector { .. }]), "{:?}", recall.lines[0].why);
}

async fn frequent_words_find_where_they_meet(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let text = |n: usize| match n {
        37 => "The harbour budget was approved".to_owned(),
        n if n % 2 == 0 => format!("Notes about the harbour, page {n}"),
        n => format!("Notes about the budget, page {n}"),
    };
    let many = (0..2_500).map(|n| memory(&format!("m{n}"), Kind::Turn, &text(n)));
    store.remember(&me, Batch { memories: many.collect(), links: Vec::new() }).await.unwrap();
    store.warm(&me).await.unwrap();
    let recall = store.recall(&me, "harbour budget", &options()).await.unwrap();
    assert_eq!(recall.lines[0].id, id("m37"));
    let recall = store.recall(&me, "approved", &options()).await.unwrap();
    assert_eq!(recall.lines[0].id, id("m37"));
    let recall = store.recall(&me, "what about the notes", &options()).await.unwrap();
    assert_eq!(recall.lines.len(), 3, "a word that nearly all have still finds");
}

async fn a_correction_replaces_what_was_said(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let correction = Correction {
        text: Some("The launch of Falcon moves to the 2nd of May".into()),
        subject: Some("launch".into()),
        ..Correction::default()
    };
    let corrected = store.correct(&me, &id("deadline"), correction, APRIL).await.unwrap();
    assert_eq!((corrected.created, corrected.updated, corrected.kind), (MARCH, APRIL, Kind::Decision));
    let detail = store.get(&me, &id("deadline")).await.unwrap().unwrap();
    assert_eq!(detail.memory, corrected);
    let mut ends: Vec<&str> = detail.linked.iter().map(|end| end.id.as_str()).collect();
    ends.sort_unstable();
    assert_eq!(ends, ["anna", "falcon"], "its links stay, the turn with the old words does not");
    let found = store.recall(&me, "launch in May", &options()).await.unwrap();
    assert_eq!(found.lines[0].id, id("deadline"));
    assert_eq!(found.vectors, VectorUse::Used);
    let old = store.recall(&me, "deadline", &options()).await.unwrap();
    assert!(old.lines.is_empty(), "{:?}", old.lines);
    let nothing = Correction { text: Some(String::new()), ..Correction::default() };
    assert!(matches!(store.correct(&me, &id("tea"), nothing, APRIL).await, Err(MemoryError::Invalid(Rule::EmptyText))));
    let unsubject = Correction { subject: Some(String::new()), ..Correction::default() };
    assert_eq!(store.correct(&me, &id("deadline"), unsubject, APRIL).await.unwrap().subject, None);
}

async fn forgetting_one_leaves_nothing_of_it(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let forgotten = store.forget(&me, &Forget::One(id("deadline"))).await.unwrap();
    assert_eq!((forgotten.memories, forgotten.purged), (2, true), "the turn goes with it");
    assert!(store.get(&me, &id("deadline")).await.unwrap().is_none());
    for query in ["what did we decide about the deadline", "the fourteenth of March"] {
        let recall = store.recall(&me, query, &options()).await.unwrap();
        assert!(recall.lines.is_empty(), "{query}: {:?}", recall.lines);
    }
    assert!(store.get(&me, &id("anna")).await.unwrap().unwrap().linked.is_empty());
    let stats = store.stats(&me).await.unwrap();
    assert_eq!((stats.memories, stats.links, stats.vectors), (5, 0, 5));
    assert_eq!((place.rows("memories").await, place.rows("memory_vectors").await), (5, 5));
    assert_eq!(place.rows("memory_links").await, 0);
    assert_eq!(store.forget(&me, &Forget::One(id("deadline"))).await.unwrap().memories, 0);
    let again = store.remember(&me, memory("deadline", Kind::Decision, "Another deadline").into()).await.unwrap();
    assert_eq!(again.added, 1, "its id is free again");
}

async fn forgetting_a_talk_leaves_the_others(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let talk = Forget::Talk(TalkId::new("talk-1").unwrap());
    assert_eq!(store.forget(&me, &talk).await.unwrap().memories, 2);
    let left = store.list(&me, &ListOptions::default()).await.unwrap();
    let left: Vec<&str> = left.memories.iter().map(|memory| memory.id.as_str()).collect();
    assert_eq!(left, ["blood", "bike", "tea", "falcon", "anna"]);
}

/// A fact and its turn in either order, a later turn that repeats the fact, and one that does not.
async fn with_locker(place: &Place) -> (Arc<dyn MemoryStore>, memory::UserId) {
    let store = place.open().await;
    let me = user("me");
    let told = [
        said_in("t1", "1", memory("code", Kind::Fact, "The locker code is 4821")),
        said_in("t1", "1", turn("t1-1", "remember that my locker code is 4821", "It is remembered.")),
        said_in("t1", "2", turn("t1-2", "and my shoe size is 42", "Noted.")),
        said_in("t1", "2", memory("shoe", Kind::Fact, "The shoe size is 42")),
        said_in("t2", "1", turn("t2-1", "what is my locker code", "Your locker code is 4821.")),
        said_in("t2", "2", turn("t2-2", "is there a locker", "There are 42.")),
    ];
    for new in told {
        store.remember(&me, new.into()).await.unwrap();
    }
    store.warm(&me).await.unwrap();
    (store, me)
}

fn turn(name: &str, said: &str, heard: &str) -> NewMemory {
    memory(name, Kind::Turn, &format!("User: {said}\nAssistant: {heard}"))
}

async fn left(store: &Arc<dyn MemoryStore>, me: &memory::UserId) -> Vec<String> {
    let page = store.list(me, &ListOptions::default()).await.unwrap();
    let mut left: Vec<String> = page.memories.iter().map(|memory| memory.id.to_string()).collect();
    left.sort_unstable();
    left
}

async fn what_is_forgotten_goes_with_the_turns_that_tell_it(place: Place) {
    let (store, me) = with_locker(&place).await;
    let there = place.open().await;
    there.warm(&me).await.unwrap();
    let forgotten = store.forget(&me, &Forget::One(id("code"))).await.unwrap();
    assert_eq!((forgotten.memories, forgotten.purged), (3, true));
    assert_eq!(left(&store, &me).await, ["shoe", "t1-2", "t2-2"]);
    for store in [&store, &there, &place.open().await] {
        let recall = store.recall(&me, "what is my locker code", &options()).await.unwrap();
        assert_eq!(ids(&recall.lines), ["t2-2"]);
        let export = export(store, &me).await;
        assert!(!export.memories.iter().any(|memory| memory.text.contains("4821")), "{export:?}");
    }
    // What came after its turn goes with it as well, and a turn by itself leaves what was told in it.
    store.remember(&me, said_in("t3", "1", turn("t3-1", "which shoe size", "42")).into()).await.unwrap();
    assert_eq!(store.forget(&me, &Forget::One(id("t3-1"))).await.unwrap().memories, 1);
    assert_eq!(store.forget(&me, &Forget::One(id("shoe"))).await.unwrap().memories, 2);
    assert_eq!(left(&store, &me).await, ["t2-2"]);
    // What was told again later is linked with every turn that told it.
    for turn_id in ["1", "2"] {
        let told =
            NewMemory { id: id(&format!("cat{turn_id}")), ..memory("cat", Kind::Fact, "The cat is called Minka") };
        store.remember(&me, said_in("t4", turn_id, told).into()).await.unwrap();
        let said = turn(&format!("t4-{turn_id}"), "so she is called", "Yes.");
        store.remember(&me, said_in("t4", turn_id, said).into()).await.unwrap();
    }
    assert_eq!(store.forget(&me, &Forget::One(id("cat1"))).await.unwrap().memories, 3);
    assert_eq!(left(&store, &me).await, ["t2-2"]);
}

async fn what_a_talk_told_goes_from_the_turns_of_others_too(place: Place) {
    let (store, me) = with_locker(&place).await;
    let forgotten = store.forget(&me, &Forget::Talk(TalkId::new("t1").unwrap())).await.unwrap();
    assert_eq!((forgotten.memories, forgotten.purged), (5, true));
    assert_eq!(left(&store, &me).await, ["t2-2"]);
    let (store, me) = (place.open().await, user("other"));
    let name = said_in("t1", "1", memory("anna", Kind::Person, "Anna Berg"));
    let later = said_in("t2", "1", turn("t2-1", "is Anna Berg here", "No."));
    store.remember(&me, Batch { memories: vec![name, later], links: Vec::new() }).await.unwrap();
    store.forget(&me, &Forget::One(id("anna"))).await.unwrap();
    assert_eq!(left(&store, &me).await, ["t2-1"], "a name stands in what is told of others");
}

async fn a_turn_of_which_something_was_forgotten_or_corrected_is_not_stored_later(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let told = |turn: &str, name: &str| said_in("t", turn, memory(name, Kind::Fact, &format!("The word is {name}")));
    for (number, name) in [("1", "otter"), ("2", "walrus"), ("3", "heron")] {
        store.remember(&me, told(number, name).into()).await.unwrap();
    }
    store.forget(&me, &Forget::One(id("otter"))).await.unwrap();
    let correction = Correction { text: Some("The word is seal".into()), ..Correction::default() };
    store.correct(&me, &id("walrus"), correction, APRIL).await.unwrap();
    let same = Correction { text: Some("The word is heron.".into()), ..Correction::default() };
    store.correct(&me, &id("heron"), same, APRIL).await.unwrap();
    // The page sends what was said when the answer has been heard, to whatever server.
    let store = place.open().await;
    for (number, name) in [("1", "otter"), ("2", "walrus"), ("3", "heron")] {
        let said = said_in("t", number, turn(&format!("turn-{number}"), name, "Noted."));
        let late = said_in("t", number, memory(&format!("late-{number}"), Kind::Todo, "Feed it"));
        let links = vec![link(late.id.as_str(), Relation::MentionedIn, said.id.as_str())];
        store.remember(&me, Batch { memories: vec![said, late], links }).await.unwrap();
    }
    assert_eq!(left(&store, &me).await, ["heron", "late-1", "turn-3", "walrus"]);
    let recall = store.recall(&me, "otter walrus", &options()).await.unwrap();
    assert!(recall.lines.is_empty(), "{:?}", recall.lines);
}

async fn a_correction_goes_with_the_turns_that_tell_the_old_words(place: Place) {
    let (store, me) = with_locker(&place).await;
    let correct = async |name: &str, text: &str| {
        let correction = Correction { text: Some(text.into()), ..Correction::default() };
        store.correct(&me, &id(name), correction, APRIL).await.unwrap();
        left(&store, &me).await
    };
    let all = ["code", "shoe", "t1-1", "t1-2", "t2-1", "t2-2"];
    assert_eq!(correct("code", "The LOCKER code is 4821!").await, all, "it says the same");
    assert_eq!(
        correct("t2-2", "User: is there a locker\nAssistant: There are 43.").await,
        all,
        "a turn is its own words"
    );
    assert_eq!(correct("shoe", "The shoe size is 43").await, ["code", "shoe", "t1-1", "t2-1", "t2-2"]);
    assert_eq!(correct("code", "The locker code is 1234").await, ["code", "shoe", "t2-2"]);
    assert_eq!(store.stats(&me).await.unwrap().memories, 3);
    let recall = store.recall(&me, "locker code 4821", &options()).await.unwrap();
    assert!(recall.lines.iter().all(|line| !line.text.contains("4821")), "{:?}", recall.lines);
}

async fn a_turn_in_which_personal_data_was_told_is_personal(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let ill = |name: &str| restricted(memory(name, Kind::Fact, &format!("Takes pills against {name}")));
    let said = |number: &str, what: &str| said_in("t", number, turn(&format!("turn-{number}"), what, "Noted."));
    let tell = async |new: NewMemory| store.remember(&me, new.into()).await.unwrap();
    let mark = async |name: &str, restricted: bool| {
        let correction = Correction { restricted: Some(restricted), ..Correction::default() };
        store.correct(&me, &id(name), correction, APRIL).await.unwrap();
    };
    tell(said_in("t", "1", ill("gout"))).await;
    tell(said("1", "I have gout")).await;
    tell(said("2", "I have scurvy")).await;
    tell(said_in("t", "2", ill("scurvy"))).await;
    tell(said_in("t", "3", memory("croup", Kind::Fact, "Takes pills against croup"))).await;
    tell(said("3", "I have croup")).await;
    tell(said("4", "who takes pills against croup")).await;
    store.warm(&me).await.unwrap();
    let recall = async |query: &str| {
        let lines = store.recall(&me, query, &options()).await.unwrap().lines;
        lines.into_iter().map(|line| line.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(recall("gout scurvy").await, [""; 0]);
    assert_eq!(recall("croup").await, ["croup", "turn-3", "turn-4"]);
    mark("croup", true).await;
    assert_eq!(recall("croup").await, [""; 0], "and so are turns that repeat it");
    let allowed = RecallOptions { allow_restricted: true, ..options() };
    assert_eq!(store.recall(&me, "croup", &allowed).await.unwrap().lines.len(), 3);
    // What is personal data stays so when it is told again, and its turns are.
    tell(said_in("t", "5", NewMemory { id: id("again"), restricted: false, ..ill("gout") })).await;
    tell(said("5", "pills against gout, as I said")).await;
    assert_eq!(recall("gout").await, [""; 0]);
    // The user decides about a turn by itself.
    mark("turn-1", false).await;
    assert_eq!(recall("gout").await, ["turn-1"]);
    assert_eq!(store.stats(&me).await.unwrap().restricted, 7);
}

async fn forgetting_all_leaves_no_row(place: Place) {
    let (store, me) = with_falcon(&place).await;
    store.forget(&me, &Forget::One(id("tea"))).await.unwrap();
    assert_eq!(store.forget(&me, &Forget::All).await.unwrap().memories, 6);
    for table in ["memory_withdrawn", "memories", "memory_vectors", "memory_links", "memory_removals", "memory_users"] {
        assert_eq!(place.rows(table).await, 0, "{table}");
    }
    assert_eq!(store.stats(&me).await.unwrap(), Stats::default());
    assert!(store.recall(&me, "deadline", &options()).await.unwrap().lines.is_empty());
    store.remember(&me, falcon()).await.unwrap();
    store.warm(&me).await.unwrap();
    assert_eq!(store.recall(&me, "deadline", &options()).await.unwrap().lines[0].id, id("deadline"));
}

async fn another_server_sees_what_is_written_and_forgotten(place: Place) {
    let (here, me) = with_falcon(&place).await;
    let there = place.open().await;
    there.warm(&me).await.unwrap();
    // A recall waits a moment for news and no longer: on a busy machine it takes more than one to see them.
    let sees = async |query: &str, expected: &[&str]| {
        let found = async || {
            let recall = there.recall(&me, query, &options()).await.unwrap();
            assert_eq!(recall.vectors, VectorUse::Used);
            ids(&recall.lines) == expected
        };
        wait_until(&format!("{query} finds {expected:?}"), found).await;
    };
    here.remember(&me, memory("k", Kind::Fact, "Kubernetes").into()).await.unwrap();
    sees("kubernettes", &["k"]).await;
    let correction = Correction { text: Some("Terraform".into()), ..Correction::default() };
    here.correct(&me, &id("k"), correction, APRIL).await.unwrap();
    sees("kubernettes", &[]).await;
    sees("terrraform", &["k"]).await;
    here.forget(&me, &Forget::One(id("k"))).await.unwrap();
    sees("terrraform", &[]).await;
    here.forget(&me, &Forget::All).await.unwrap();
    sees("deadline", &[]).await;
}

async fn pages_are_complete_and_newest_first(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let many = (0..25).map(|n| memory(&format!("m{n:02}"), Kind::Fact, &format!("Number {n}")));
    store.remember(&me, Batch { memories: many.collect(), links: Vec::new() }).await.unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.list(&me, &ListOptions { limit: 10, after, ..ListOptions::default() }).await.unwrap();
        seen.extend(page.memories.into_iter().map(|memory| memory.id.to_string()));
        let Some(next) = page.next else { break };
        after = memory::Cursor::from_text(&next.to_text());
        store.remember(&me, memory(&format!("new{}", seen.len()), Kind::Fact, "Later").into()).await.unwrap();
    }
    let expected: Vec<String> = (0..25).rev().map(|n| format!("m{n:02}")).collect();
    assert_eq!(seen, expected);
}

async fn looking_for_words_and_kinds(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let list = async |text: &str, kinds: &[Kind]| {
        let options = ListOptions { text: Some(text.into()), kinds: kinds.to_vec(), ..ListOptions::default() };
        let page = store.list(&me, &options).await.unwrap();
        page.memories.iter().map(|memory| memory.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(list("FALCON deadlines", &[]).await, ["deadline"]);
    assert_eq!(list("falcon", &[Kind::Person]).await, ["anna"]);
    assert_eq!(list("", &[Kind::Todo, Kind::Fact]).await, ["blood", "bike"]);
    assert_eq!(list("  ", &[]).await.len(), 7);
    assert_eq!(list("???", &[]).await, [""; 0]);
    assert_eq!(list("blood", &[]).await, ["blood"], "users see their own personal data");
}

async fn an_export_is_one_document_with_everything(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let many = (0..450).map(|n| memory(&format!("m{n:03}"), Kind::Fact, &format!("Number {n} \"quoted\"\n")));
    let links = (1..450).map(|n| link(&format!("m{n:03}"), Relation::RelatedTo, "m000"));
    store.remember(&me, Batch { memories: many.collect(), links: links.collect() }).await.unwrap();
    let export = export(&store, &me).await;
    assert_eq!((export.format.as_str(), export.version, export.exported_at), (EXPORT_FORMAT, 1, APRIL));
    assert_eq!((&export.user, export.memories.len(), export.links.len()), (&me, 457, 452));
    let distinct: std::collections::BTreeSet<_> = export.links.iter().collect();
    assert_eq!(distinct.len(), 452);
    assert_eq!(export.memories[3].origin.as_ref().unwrap().turn.as_str(), "turn-7");
    let empty = self::export(&store, &user("nobody")).await;
    assert!(empty.memories.is_empty() && empty.links.is_empty());
}

async fn without_an_embedder_text_still_answers(place: Place) {
    let embedder = Arc::new(SwitchEmbedder::new("switch", false));
    let store = place.open_with(embedder.clone()).await;
    let me = user("me");
    let remembered = store.remember(&me, falcon()).await.unwrap();
    assert_eq!((remembered.added, remembered.without_vector), (7, 7));
    let recall = store.recall(&me, "deadline", &options()).await.unwrap();
    assert_eq!((recall.lines[0].id.as_str(), recall.vectors), ("deadline", VectorUse::NoEmbedding));
    assert_eq!(store.embed_missing(&me, 100).await.unwrap(), 0);
    embedder.switch(true);
    assert_eq!(store.embed_missing(&me, 3).await.unwrap(), 3);
    assert_eq!(store.embed_missing(&me, 100).await.unwrap(), 4);
    assert_eq!(store.embed_missing(&me, 100).await.unwrap(), 0);
    assert_eq!(store.stats(&me).await.unwrap().vectors, 7);
    store.warm(&me).await.unwrap();
    let recall = store.recall(&me, "deadline", &options()).await.unwrap();
    assert!(recall.lines[0].why.iter().any(|why| matches!(why, Why::Vector { .. })));
    embedder.switch(false);
    let correction = Correction { text: Some("Terraform".into()), ..Correction::default() };
    store.correct(&me, &id("tea"), correction, APRIL).await.unwrap();
    embedder.switch(true);
    let recall = store.recall(&me, "green tea", &options()).await.unwrap();
    assert!(recall.lines.is_empty(), "the vector of the old text is gone too: {:?}", recall.lines);
}

async fn vectors_of_another_model_are_not_used(place: Place) {
    let (store, me) = with_falcon(&place).await;
    drop(store);
    let store = place.open_with(Arc::new(SwitchEmbedder::new("another", true))).await;
    store.warm(&me).await.unwrap();
    assert_eq!(store.stats(&me).await.unwrap().vectors, 0);
    let recall = store.recall(&me, "deadline", &options()).await.unwrap();
    assert!(matches!(recall.lines[0].why[..], [Why::Text { .. }]), "{:?}", recall.lines[0].why);
    assert_eq!(store.embed_missing(&me, 100).await.unwrap(), 7);
    let recall = store.recall(&me, "deadline", &options()).await.unwrap();
    assert!(recall.lines[0].why.iter().any(|why| matches!(why, Why::Vector { .. })));
}

async fn writes_at_the_same_time_all_arrive(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let writers = (0..16).map(|writer| {
        let (store, me) = (store.clone(), me.clone());
        tokio::spawn(async move {
            for n in 0..8 {
                let new = memory(&format!("w{writer}-{n}"), Kind::Fact, &format!("Writer {writer} wrote note {n}"));
                store.remember(&me, new.into()).await.unwrap();
            }
        })
    });
    futures::future::join_all(writers).await.into_iter().for_each(|writer| writer.unwrap());
    let stats = store.stats(&me).await.unwrap();
    assert_eq!((stats.memories, stats.vectors), (128, 128));
}

async fn the_index_follows_every_write(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let by_vector = async |query: &str| {
        let lines = store.recall(&me, query, &options()).await.unwrap().lines;
        let near = |why: &Why| matches!(why, Why::Vector { .. });
        lines.into_iter().filter(|line| line.why.iter().any(near)).map(|line| line.id.to_string()).collect::<Vec<_>>()
    };
    store.remember(&me, memory("k", Kind::Fact, "Kubernetes").into()).await.unwrap();
    assert_eq!(by_vector("kubernetes").await, ["k"]);
    let correction = Correction { text: Some("Terraform".into()), ..Correction::default() };
    store.correct(&me, &id("k"), correction, APRIL).await.unwrap();
    assert_eq!(by_vector("kubernetes").await, [""; 0]);
    assert_eq!(by_vector("terraform").await, ["k"]);
    store.forget(&me, &Forget::One(id("k"))).await.unwrap();
    assert_eq!(by_vector("terraform").await, [""; 0]);
}

async fn no_query_text_is_an_error_or_syntax(place: Place) {
    let (store, me) = with_falcon(&place).await;
    let handle = tokio::runtime::Handle::current();
    let nasty = [
        "\"",
        "'",
        "deadline\"",
        "* OR *",
        "NEAR(a b, 3)",
        "terms:deadline",
        "-deadline",
        "^deadline",
        "a AND",
        "(((",
        "\0",
        "deadline\0tea",
        "😀🏳️‍🌈",
        "'; DROP TABLE memories; --",
        "& | ! <->",
        "\\",
        "%_%",
        "\u{202e}",
        "{col}: x",
        "NOT",
    ];
    for query in nasty {
        ask(&*store, &me, query).await;
    }
    ask(&*store, &me, &"deadline ".repeat(200_000)).await;
    ask(&*store, &me, &"x".repeat(3_000_000)).await;
    let (probe, me2) = (store.clone(), me.clone());
    tokio::task::spawn_blocking(move || {
        let config = ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() };
        let text =
            prop_oneof![any::<String>(), "[\"'*()^:&|!<>\\-a-z \\x00]{0,60}", "(AND|OR|NOT|NEAR|[a-z]{1,4}|\"| )*"];
        let run = |query: String| {
            handle.block_on(ask(&*probe, &me2, &query));
            Ok(())
        };
        TestRunner::new(config).run(&text, run).unwrap();
    })
    .await
    .unwrap();
    assert_eq!(store.stats(&me).await.unwrap().memories, 7);
}

async fn memory_outlives_its_store(place: Place) {
    let (store, me) = with_falcon(&place).await;
    store.close().await;
    drop(store);
    let store = place.open().await;
    let recall = store.recall(&me, "deadline", &options()).await.unwrap();
    assert_eq!(recall.lines[0].id, id("deadline"));
    assert_eq!(export(&store, &me).await.links.len(), 3);
}

async fn what_is_told_again_is_one_memory_with_a_newer_date(place: Place) {
    let store = place.open().await;
    let me = user("me");
    store.remember(&me, said_in("t1", "1", memory("one", Kind::Fact, "The vendor is slow.")).into()).await.unwrap();
    let again = [
        NewMemory { at: APRIL, ..said_in("t2", "5", memory("two", Kind::Fact, "the VENDOR is slow")) },
        memory("three", Kind::Fact, "The vendor is not slow"),
        memory("four", Kind::Todo, "The vendor is slow"),
    ];
    let batch = Batch { memories: again.into(), links: vec![link("four", Relation::RelatedTo, "two")] };
    let remembered = store.remember(&me, batch.clone()).await.unwrap();
    assert_eq!((remembered.added, remembered.known, remembered.links), (2, 1, 1));
    assert_eq!(remembered.same, [(id("two"), id("one"))]);
    let one = store.get(&me, &id("one")).await.unwrap().unwrap();
    assert_eq!(
        (one.memory.created, one.memory.updated, one.memory.text.as_str()),
        (MARCH, APRIL, "The vendor is slow.")
    );
    assert_eq!(one.memory.origin, batch.memories[0].origin, "it was said there last");
    assert_eq!(one.linked[0].id, id("four"), "what was linked with it is linked with the one that is kept");
    assert_eq!(store.remember(&me, batch).await.unwrap().added, 0, "given again it changes nothing");
    assert_eq!(store.forget(&me, &Forget::Talk(TalkId::new("t2").unwrap())).await.unwrap().memories, 1);
}

async fn a_name_is_one_entry_that_outlives_the_talk_it_came_from(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let told = |talk: &str, what: &str, who: &str| Batch {
        memories: vec![
            said_in(talk, "1", memory(what, Kind::Decision, &format!("It is settled: {what}"))),
            said_in(talk, "1", memory(&format!("{what}-who"), Kind::Person, who)),
            said_in(talk, "1", memory(&format!("{what}-about"), Kind::Project, "the project Atlas")),
        ],
        links: vec![
            link(what, Relation::DecidedBy, &format!("{what}-who")),
            link(what, Relation::About, &format!("{what}-about")),
        ],
    };
    store.remember(&me, told("t1", "first", "Maria")).await.unwrap();
    assert_eq!(store.remember(&me, told("t2", "second", "maria")).await.unwrap().added, 1);
    let maria = store.get(&me, &id("first-who")).await.unwrap().unwrap();
    assert_eq!(maria.linked.len(), 2, "{:?}", maria.linked);
    let forgotten = store.forget(&me, &Forget::Talk(TalkId::new("t1").unwrap())).await.unwrap();
    assert_eq!(forgotten.memories, 1, "what another talk hangs on stays");
    let maria = store.get(&me, &id("first-who")).await.unwrap().unwrap();
    assert_eq!((maria.linked.len(), maria.memory.origin), (1, None));
    store.forget(&me, &Forget::Talk(TalkId::new("t2").unwrap())).await.unwrap();
    store.remember(&me, told("t3", "third", "Ben")).await.unwrap();
    assert_eq!(store.forget(&me, &Forget::Talk(TalkId::new("t3").unwrap())).await.unwrap().memories, 2);
}

async fn a_turn_is_linked_with_what_came_from_it(place: Place) {
    let store = place.open().await;
    let me = user("me");
    let tell = async |turn: &str, name: &str, kind: Kind| {
        let new = said_in("t", turn, memory(name, kind, &format!("about {name}")));
        store.remember(&me, new.into()).await.unwrap().links
    };
    assert_eq!(tell("1", "decision", Kind::Decision).await, 0);
    assert_eq!(tell("2", "other", Kind::Fact).await, 0);
    assert_eq!(tell("1", "turn", Kind::Turn).await, 1);
    assert_eq!(tell("1", "late", Kind::Fact).await, 1);
    let turn = store.get(&me, &id("turn")).await.unwrap().unwrap();
    let mut said: Vec<&str> = turn.linked.iter().map(|end| end.id.as_str()).collect();
    said.sort_unstable();
    assert_eq!(said, ["decision", "late"]);
    assert!(turn.linked.iter().all(|end| end.relation == Relation::MentionedIn));
}

async fn the_beginning_of_a_word_is_looked_for_while_it_is_typed(place: Place) {
    let store = place.open().await;
    let me = user("me");
    for (name, text) in [("v", "Our vendor is in Kiel"), ("w", "Die Tür ist blau"), ("x", "A vendetta")] {
        store.remember(&me, memory(name, Kind::Fact, text).into()).await.unwrap();
    }
    let listed = async |text: &str, limit: usize| {
        let options = ListOptions { text: Some(text.into()), limit, ..ListOptions::default() };
        let page = store.list(&me, &options).await.unwrap();
        (page.memories.iter().map(|memory| memory.id.to_string()).collect::<Vec<_>>(), page.next)
    };
    assert_eq!(listed("vend", 9).await.0, ["x", "v"]);
    assert_eq!(listed("kiel VENDO", 9).await.0, ["v"]);
    assert_eq!(listed("tu", 9).await.0, ["w"]);
    assert_eq!(listed("vend ", 9).await.0, [""; 0], "the word is over");
    assert_eq!(listed("the", 9).await.0, ["x", "w", "v"], "a word that says nothing leaves nothing out");
    let (first, next) = listed("ven", 1).await;
    assert_eq!(first, ["x"]);
    let rest = ListOptions { text: Some("ven".into()), after: next, ..ListOptions::default() };
    assert_eq!(store.list(&me, &rest).await.unwrap().memories[0].id, id("v"));
}

async fn one_memory_is_found_by_its_words_alone(place: Place) {
    let store = place.open_with(Arc::new(SwitchEmbedder::new("dead", false))).await;
    let me = user("me");
    store.remember(&me, memory("b", Kind::Fact, "Local bicycle is green.").into()).await.unwrap();
    let recall = async |query| ids(&store.recall(&me, query, &options()).await.unwrap().lines).len();
    assert_eq!(recall("what colour is my bicycle").await, 1);
    assert_eq!(recall("what colour is my umbrella").await, 0);
}

async fn an_embedder_that_hangs_keeps_nothing_from_being_stored(place: Place) {
    let embedder = Arc::new(SwitchEmbedder::new("slow", true));
    let store = place.open_with(embedder.clone()).await;
    let me = user("me");
    let has_vector = async || store.stats(&me).await.unwrap().vectors > 0;
    embedder.hang(true);
    let remembered = store.remember(&me, memory("m", Kind::Fact, "The falcon").into()).await.unwrap();
    assert_eq!((remembered.added, remembered.without_vector), (1, 1));
    embedder.hang(false);
    wait_until("it has its vector", has_vector).await;
    embedder.hang(true);
    let correction = Correction { text: Some("The eagle".into()), ..Correction::default() };
    store.correct(&me, &id("m"), correction, APRIL).await.unwrap();
    assert!(!has_vector().await);
    embedder.hang(false);
    wait_until("it has its vector", has_vector).await;
}

async fn the_latest_users_are_known_and_a_check_writes(place: Place) {
    let store = place.open().await;
    for (name, number) in [("alice", 1), ("bob", 2), ("carol", 3), ("alice", 4)] {
        let new = memory(&format!("m{number}"), Kind::Fact, &format!("something {number}"));
        store.remember(&user(name), new.into()).await.unwrap();
    }
    store.forget(&user("bob"), &Forget::All).await.unwrap();
    assert_eq!(store.recent_users(9).await.unwrap(), [user("alice"), user("carol")]);
    assert_eq!(store.recent_users(1).await.unwrap(), [user("alice")]);
    store.check().await.unwrap();
    store.close().await;
    store.check().await.unwrap_err();
}

async fn with_falcon(place: &Place) -> (Arc<dyn MemoryStore>, memory::UserId) {
    let store = place.open().await;
    let me = user("me");
    let remembered = store.remember(&me, falcon()).await.unwrap();
    assert_eq!((remembered.added, remembered.known, remembered.links, remembered.without_vector), (7, 0, 3, 0));
    store.warm(&me).await.unwrap();
    (store, me)
}

/// Everything that takes words, with words that could be anything. What is personal never comes of it.
async fn ask(store: &dyn MemoryStore, me: &memory::UserId, query: &str) {
    let recall = store.recall(me, query, &options()).await.unwrap();
    assert!(recall.lines.len() <= 3 && !ids(&recall.lines).contains(&"blood"));
    store.list(me, &ListOptions { text: Some(query.into()), ..ListOptions::default() }).await.unwrap();
}

async fn export(store: &Arc<dyn MemoryStore>, user: &memory::UserId) -> Export {
    let pieces: Vec<String> = store.export(user, APRIL).try_collect().await.unwrap();
    serde_json::from_str(&pieces.concat()).unwrap()
}
