//! Deadline, lateness, cancelling, keeping, resting, choosing and following, in paused time.

use std::{sync::Arc, time::Duration};

use context::{Finding, Interests, Known, Profile, Question, Rest, Settings, Source, SourceError, item};
use futures::{FutureExt, future::BoxFuture};
use proptest::prelude::*;
use protocol::context::{ContextEvent, ContextRequest, Lane, Scratchpad};

use crate::support::{Scripted, all, lookup, request, summary, with_settings};

fn kinds(events: &[(u128, ContextEvent)]) -> Vec<String> {
    let name = |event: &ContextEvent| match event {
        ContextEvent::Started { source, .. } => format!("started {source}"),
        ContextEvent::Found { source, cached, .. } => format!("found {source}{}", if *cached { " kept" } else { "" }),
        ContextEvent::Failed { source, rests_s: Some(rests), .. } => format!("rests {source} {rests}"),
        ContextEvent::Failed { source, .. } => format!("failed {source}"),
        ContextEvent::Late { source } => format!("late {source}"),
        ContextEvent::Summary { items, .. } => format!("summary {}", items.len()),
    };
    events.iter().map(|(at, event)| format!("{at} {}", name(event))).collect()
}

#[tokio::test(start_paused = true)]
async fn the_summary_comes_as_soon_as_every_source_has_answered() {
    let lookup = lookup(&[Scripted::new("weather").after(30).shared(), Scripted::new("news").after(50).shared()]);
    let events = all(&lookup, request("t", 1, "weather and news")).await;
    assert_eq!(
        kinds(&events),
        ["0 started weather", "0 started news", "30 found weather", "50 found news", "50 summary 2"]
    );
}

#[tokio::test(start_paused = true)]
async fn at_the_deadline_the_summary_goes_out_with_what_is_there() {
    let hanging = Scripted::new("news").after(3_600_000).shared();
    let lookup = lookup(&[Scripted::new("weather").after(30).shared(), hanging]);
    let events = all(&lookup, request("t", 1, "weather and news")).await;
    assert_eq!(
        kinds(&events),
        [
            "0 started weather",
            "0 started news",
            "30 found weather",
            "200 late news",
            "200 summary 1",
            "5000 failed news"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn what_comes_late_is_given_to_the_next_turn_once() {
    let lookup = lookup(&[Scripted::new("news").after(700).uncached().shared(), Scripted::new("weather").shared()]);
    let first = all(&lookup, request("t", 1, "news please")).await;
    assert_eq!(kinds(&first), ["0 started news", "200 late news", "200 summary 0", "700 found news"]);
    let second = all(&lookup, request("t", 2, "weather please")).await;
    assert_eq!(kinds(&second), ["0 found news kept", "0 started weather", "0 found weather", "0 summary 2"]);
    let third = all(&lookup, request("t", 3, "weather please")).await;
    assert_eq!(kinds(&third), ["0 started weather", "0 found weather kept", "0 summary 1"]);
}

#[tokio::test(start_paused = true)]
async fn what_came_late_for_one_user_is_not_given_to_another_with_the_same_name_of_the_talk() {
    let lookup = lookup(&[Scripted::new("news").after(700).shared()]);
    let _ = all(&lookup, request("t", 1, "news please")).await;
    let mut events = lookup.look_up("somebody else", request("t", 2, "hello"));
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push((0, event));
    }
    assert_eq!(kinds(&seen), ["0 summary 0"]);
}

#[tokio::test(start_paused = true)]
async fn late_answers_are_forgotten_after_a_while() {
    let lookup = lookup(&[Scripted::new("news").after(700).shared()]);
    let _ = all(&lookup, request("t", 1, "news please")).await;
    tokio::time::advance(Duration::from_secs(601)).await;
    assert_eq!(kinds(&all(&lookup, request("t", 2, "hello")).await), ["0 summary 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_changed_query_cancels_the_old_one() {
    let slow = Scripted::new("news").after(150).shared();
    let lookup = lookup(&[Arc::clone(&slow)]);
    let mut old = lookup.look_up("", request("t", 1, "the news"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let new = all(&lookup, request("t", 1, "the news of the day")).await;
    assert_eq!(kinds(&new).last().unwrap(), "150 summary 1");
    assert!(matches!(old.next().await, Some(ContextEvent::Started { .. })));
    assert_eq!(old.next().await, None, "the old one ends without a summary");
    assert_eq!((slow.times_asked(), slow.times_finished()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn the_same_query_again_joins_the_one_in_flight() {
    let slow = Scripted::new("news").after(150).shared();
    let lookup = lookup(&[Arc::clone(&slow)]);
    let early = lookup.look_up("", request("t", 1, "the news"));
    tokio::time::sleep(Duration::from_millis(100)).await;
    let events = all(&lookup, request("t", 1, "The news.")).await;
    assert_eq!(kinds(&events), ["0 started news", "50 found news kept", "50 summary 1"]);
    assert_eq!(slow.times_asked(), 1);
    drop(early);
}

#[tokio::test(start_paused = true)]
async fn a_new_turn_lets_the_late_of_the_last_one_arrive() {
    let lookup = lookup(&[Scripted::new("news").after(300).shared(), Scripted::new("weather").after(150).shared()]);
    let mut first = lookup.look_up("", request("t", 1, "news please"));
    tokio::time::sleep(Duration::from_millis(250)).await;
    let second = all(&lookup, request("t", 2, "weather please")).await;
    let expected = ["0 started weather", "150 found weather", "150 found news kept", "150 summary 2"];
    assert_eq!(kinds(&second), expected);
    let mut last = None;
    while let Some(event) = first.next().await {
        last = Some(event);
    }
    assert!(matches!(last, Some(ContextEvent::Found { .. })), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_events_stops_the_sources() {
    let slow = Scripted::new("news").after(150).shared();
    let lookup = lookup(&[Arc::clone(&slow)]);
    let mut events = lookup.look_up("", request("t", 1, "news"));
    let _ = events.next().await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(events);
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!((slow.times_asked(), slow.times_finished()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_kept_for_five_minutes_and_shared_between_talks() {
    let source = Scripted::new("news").after(20).shared();
    let lookup = lookup(&[Arc::clone(&source)]);
    for (talk, wait, expected) in [("a", 0, 1), ("b", 0, 1), ("a", 299, 1), ("a", 2, 2)] {
        tokio::time::advance(Duration::from_secs(wait)).await;
        let _ = all(&lookup, request(talk, 1, "the news")).await;
        assert_eq!(source.times_asked(), expected, "{talk} after {wait} s");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_found_is_kept_only_briefly() {
    let source = Scripted::new("news").answering(|_| Ok(Finding::default())).shared();
    let lookup = lookup(&[Arc::clone(&source)]);
    for (wait, expected) in [(0, 1), (9, 1), (2, 2)] {
        tokio::time::advance(Duration::from_secs(wait)).await;
        let _ = all(&lookup, request("t", 1, "the news")).await;
        assert_eq!(source.times_asked(), expected, "after {wait} s");
    }
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_the_same_ask_once_even_when_the_first_goes_away() {
    let source = Scripted::new("news").after(100).shared();
    let lookup = lookup(&[Arc::clone(&source)]);
    let mut first = lookup.look_up("", request("first", 1, "the news"));
    let _ = first.next().await;
    tokio::time::sleep(Duration::from_millis(10)).await;
    let others = (0..5).map(|n| {
        let lookup = lookup.clone();
        tokio::spawn(async move { all(&lookup, request(&format!("talk {n}"), 1, "the news")).await })
    });
    let others: Vec<_> = others.collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(first);
    for other in others {
        assert_eq!(summary(&other.await.unwrap()).1.len(), 1);
    }
    assert_eq!((source.times_asked(), source.times_finished()), (2, 1));
}

#[tokio::test(start_paused = true)]
async fn a_source_that_keeps_failing_is_rested_and_comes_back_by_itself() {
    let well = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let state = Arc::clone(&well);
    let source = Scripted::new("news").answering(move |_| {
        if state.load(std::sync::atomic::Ordering::SeqCst) {
            Ok(vec![item("1", "", "good news")].into())
        } else {
            Err(SourceError::Unreachable)
        }
    });
    let source = source.shared();
    let settings = Settings {
        rest: Rest { failures: 2, first: Duration::from_secs(10), longest: Duration::from_secs(60) },
        ..Settings::default()
    };
    let lookup = with_settings(settings, &[Arc::clone(&source)]);
    for query in ["news one", "news two"] {
        let events = all(&lookup, request("t", 1, query)).await;
        assert_eq!(kinds(&events), ["0 started news", "0 failed news", "0 summary 0"]);
    }
    tokio::time::advance(Duration::from_millis(1_200)).await;
    let events = all(&lookup, request("t", 1, "news three")).await;
    assert_eq!(kinds(&events), ["0 started news", "0 rests news 9", "0 summary 0"]);
    assert_eq!(source.times_asked(), 2, "the third question finds it resting");
    assert!(lookup.status("")[0].resting);
    well.store(true, std::sync::atomic::Ordering::SeqCst);
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(summary(&all(&lookup, request("t", 1, "news four")).await).1.len(), 1);
    assert!(!lookup.status("")[0].resting);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_panics_harms_nobody_else() {
    let broken = Scripted::new("news").answering(|_| panic!("a bug")).shared();
    let lookup = lookup(&[broken, Scripted::new("weather").after(10).shared()]);
    let events = all(&lookup, request("t", 1, "news and weather")).await;
    let expected = ["0 started news", "0 started weather", "0 failed news", "10 found weather", "10 summary 1"];
    assert_eq!(kinds(&events), expected);
}

#[tokio::test(start_paused = true)]
async fn only_sources_that_fit_are_asked_and_the_reason_is_said() {
    let names = ["weather", "news", "calendar", "stocks"];
    let sources: Vec<_> = names.iter().map(|name| Scripted::new(name).shared()).collect();
    let lookup = lookup(&sources);
    let events = all(&lookup, request("t", 1, "how will the weather be")).await;
    assert_eq!(kinds(&events), ["0 started weather", "0 found weather", "0 summary 1"]);
    let ContextEvent::Started { reason, .. } = &events[0].1 else { panic!("{events:?}") };
    assert_eq!(reason, "mentions weather");
    assert!(lookup.explain("tell me a joke").is_empty());
    assert_eq!(lookup.explain("any stock").first().map(|choice| choice.source.as_str()), Some("stocks"));
}

#[tokio::test]
async fn spoken_questions_reach_the_sources_they_are_meant_for() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "[[sources]]\nkind = \"weather\"\n[[sources]]\nkind = \"news\"\nfeeds = [\"https://a.test/\"]\n\
         [[sources]]\nkind = \"calendar\"\nfile = \"x.ics\"\n[[sources]]\nkind = \"documents\"\nfolder = {:?}\n\
         [[sources]]\nkind = \"search\"\nengine = \"searxng\"\nurl = \"https://s.test/\"\n",
        folder.path().display().to_string()
    );
    let lookup = crate::support::configured(&text);
    for (query, expected) in [
        ("What time is it in Tokyo?", vec!["time"]),
        ("what is my meeting today", vec!["calendar"]),
        ("do I have anything on Monday", vec!["calendar"]),
        ("what's the weather like", vec!["weather"]),
        ("do I need an umbrella today", vec!["weather"]),
        ("where is Porto", vec!["weather"]),
        ("Where's porto?", vec!["weather"]),
        ("what's the population of Portugal", vec!["weather"]),
        ("where is my phone?", vec![]),
        ("any news about the harbour", vec!["news", "search"]),
        ("who won the world cup", vec!["search"]),
        ("what's the latest on the strike", vec!["search"]),
        ("search the web for my doctor", vec!["search"]),
        ("who is my doctor", vec![]),
        ("what's the price of my shares", vec![]),
        ("who is my next meeting with", vec!["calendar"]),
        ("who is at the next meeting", vec!["calendar"]),
        ("is there a new printer", vec![]),
        ("where do new colleagues get their laptop", vec![]),
        ("time difference to New York", vec!["time"]),
        ("what's New York time", vec!["time"]),
        ("what's new?", vec!["news"]),
        ("how warm is it and who won the cup", vec!["search", "weather"]),
        ("what does our handbook say about holidays", vec!["documents"]),
        ("tell me a joke about a penguin", vec![]),
        ("thank you, that was helpful", vec![]),
    ] {
        let choices = lookup.explain(query);
        let mut names: Vec<_> = choices.iter().map(|choice| choice.source.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, expected, "{query}: {choices:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_question_that_follows_on_asks_what_was_asked_before_of_another_day_or_place() {
    let (weather, calendar) = (Scripted::new("weather").shared(), Scripted::new("meetings").shared());
    let lookup = lookup(&[Arc::clone(&weather), Arc::clone(&calendar)]);
    let asked = async |talk: &str, turn: u32, query: &str| {
        let (_, items) = summary(&all(&lookup, request(talk, turn, query)).await);
        items.into_iter().map(|item| item.text).collect::<Vec<_>>()
    };
    assert_eq!(asked("a", 1, "weather in Berlin").await, ["weather on weather in Berlin"]);
    assert_eq!(asked("a", 2, "and in").await, [""; 0], "words are still to come");
    assert_eq!(asked("a", 2, "and in Tokyo?").await, ["weather on weather in Tokyo"]);
    assert_eq!(asked("a", 2, "and in Porto?").await, ["weather on weather in Porto"], "the same turn, heard better");
    assert_eq!(asked("a", 3, "thanks").await, [""; 0]);
    assert_eq!(asked("a", 4, "and tomorrow?").await, ["weather on weather in Porto tomorrow?"]);
    assert_eq!(asked("b", 4, "and tomorrow?").await, [""; 0], "nothing came before in this talk");
    assert_eq!(asked("a", 5, "meetings on Monday").await, ["meetings on meetings on Monday"]);
    assert_eq!(asked("a", 6, "and on Tuesday?").await, ["meetings on meetings on Tuesday?"]);
    assert_eq!(asked("a", 16, "and on Friday?").await, [""; 0], "that was long ago");
}

#[tokio::test(start_paused = true)]
async fn a_query_that_fits_everything_asks_the_best_few() {
    let sources: Vec<_> = (0..9)
        .map(|n| {
            Scripted::new(&format!("s{n}"))
                .profile_with(|profile| {
                    profile.interests = Interests::in_topics(["everything"]);
                })
                .shared()
        })
        .collect();
    let lookup = lookup(&sources);
    assert_eq!(lookup.explain("everything").len(), 5);
}

#[tokio::test(start_paused = true)]
async fn sources_asked_for_by_name_are_asked_and_no_others() {
    let lookup = lookup(&[Scripted::new("weather").shared(), Scripted::new("news").shared()]);
    let mut named = request("t", 1, "the weather");
    named.sources = vec!["news".into()];
    assert_eq!(kinds(&all(&lookup, named).await), ["0 started news", "0 found news", "0 summary 1"]);
}

#[tokio::test(start_paused = true)]
async fn before_there_are_words_only_those_who_want_to_are_asked() {
    let eager = Scripted::new("memory").profile_with(|profile| {
        profile.interests = Interests::in_topics(["memory"]).and_onset();
        profile.lane = Lane::Memory;
    });
    let lookup = lookup(&[eager.shared(), Scripted::new("news").shared()]);
    let mut onset = request("t", 1, "");
    onset.scratchpad = Scratchpad { people: vec!["Anna".into()], ..Scratchpad::default() };
    let events = all(&lookup, onset).await;
    assert_eq!(kinds(&events), ["0 started memory", "0 found memory", "0 summary 1"]);
    assert_eq!(summary(&events).1[0].lane, Lane::Memory);
}

#[tokio::test(start_paused = true)]
async fn before_there_are_words_the_newest_notes_choose_and_are_what_is_asked() {
    let calendar = Scripted::new("meeting").shared();
    let lookup = lookup(&[Arc::clone(&calendar), Scripted::new("news").shared()]);
    let mut onset = request("t", 1, " … ");
    onset.scratchpad = Scratchpad {
        agenda: vec!["news".into(), "the meeting".into()],
        people: vec!["Anna".into()],
        ..Scratchpad::default()
    };
    let events = all(&lookup, onset.clone()).await;
    assert_eq!(kinds(&events), ["0 started meeting", "0 found meeting", "0 summary 1"]);
    assert_eq!(summary(&events).1[0].text, "meeting on the meeting. Anna");
    assert!(matches!(&events[2].1, ContextEvent::Summary { query, .. } if query.is_empty()));
    onset.scratchpad = Scratchpad::default();
    assert_eq!(kinds(&all(&lookup, onset).await), ["0 summary 0"]);
    assert_eq!(calendar.times_asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_fits_the_summary_comes_at_once() {
    let lookup = lookup(&[Scripted::new("weather").after(100).shared()]);
    assert_eq!(kinds(&all(&lookup, request("t", 1, "tell me a joke")).await), ["0 summary 0"]);
}

#[tokio::test(start_paused = true)]
async fn that_memory_may_know_something_does_not_keep_what_is_worded_alike_from_being_asked() {
    struct Remembering(Profile);
    impl Source for Remembering {
        fn profile(&self) -> &Profile {
            &self.0
        }
        fn knows(&self, _: &Question) -> Option<Known> {
            Some(Known { score: 0.3, because: "it may have been said before".into() })
        }
        fn look_up<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
            std::future::ready(Ok(Finding::default())).boxed()
        }
    }
    let topic = |name: &str, topic: &'static str| {
        Scripted::new(name).profile_with(|profile| profile.interests = Interests::in_topics([topic])).shared()
    };
    let memory = Remembering(Profile::new("memory", "memory").in_lane(Lane::Memory));
    let builder = context::Lookup::builder(Settings { sources: 1, ..Settings::default() }).source(Arc::new(memory));
    let lookup = builder.source(topic("weather", "forecast")).source(topic("calendar", "meeting")).build();
    let names = |query: &str| lookup.explain(query).into_iter().map(|choice| choice.source).collect::<Vec<_>>();
    assert_eq!(names("forecasting"), ["weather", "memory"], "memory takes no other's place");
    assert_eq!(names("forecast"), ["weather", "memory"]);
    assert_eq!(names("a penguin"), ["memory"]);
}

#[tokio::test(start_paused = true)]
async fn a_result_may_name_the_next_look_up_within_the_same_deadline() {
    let meeting = Scripted::new("calendar").after(60).leading_to("weather", "weather in Lisbon").shared();
    let lookup = lookup(&[meeting, Scripted::new("weather").after(60).shared()]);
    let events = all(&lookup, request("t", 1, "my calendar")).await;
    let expected =
        ["0 started calendar", "60 found calendar", "60 started weather", "120 found weather", "120 summary 2"];
    assert_eq!(kinds(&events), expected);
    let ContextEvent::Started { reason, .. } = &events[2].1 else { panic!("{events:?}") };
    assert_eq!(reason, "named by calendar");
}

#[tokio::test(start_paused = true)]
async fn a_result_that_names_itself_for_ever_is_not_followed_for_ever() {
    let source = Scripted::new("news").uncached().answering(|question| {
        let next = format!("{} again", question.query);
        let follow_up = |n: usize| context::FollowUp { source: "news".into(), query: format!("{next} {n}") };
        Ok(Finding { items: vec![item(next.clone(), "", next.clone())], follow_ups: (0..10).map(follow_up).collect() })
    });
    let source = source.shared();
    let lookup = lookup(&[Arc::clone(&source)]);
    let _ = all(&lookup, request("t", 1, "news")).await;
    assert_eq!(source.times_asked(), 5, "the question and four follow-ups");
}

#[tokio::test(start_paused = true)]
async fn a_source_is_asked_no_more_questions_at_a_time_than_it_can_bear() {
    let source = Scripted::new("news").after(1_000).uncached().profile_with(|profile| profile.concurrency = 2);
    let source = source.shared();
    let lookup = lookup(&[Arc::clone(&source)]);
    let asked: Vec<_> =
        (0..5).map(|n| lookup.look_up("", request(&format!("talk {n}"), 1, &format!("news {n}")))).collect();
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(source.times_asked(), 2);
    tokio::time::sleep(Duration::from_millis(2_600)).await;
    assert_eq!(source.times_finished(), 5);
    drop(asked);
}

#[tokio::test(start_paused = true)]
async fn a_source_by_its_own_account_is_chosen() {
    struct Knowing(Profile);
    impl Source for Knowing {
        fn profile(&self) -> &Profile {
            &self.0
        }
        fn knows(&self, question: &Question) -> Option<Known> {
            let knows = question.query.contains("Falcon");
            knows.then(|| Known { score: 0.8, because: "remembers Falcon".into() })
        }
        fn look_up<'a>(&'a self, _: &'a Question) -> BoxFuture<'a, Result<Finding, SourceError>> {
            std::future::ready(Ok(Finding::default())).boxed()
        }
    }
    let lookup =
        context::Lookup::builder(Settings::default()).source(Arc::new(Knowing(Profile::new("m", "memory")))).build();
    assert_eq!(lookup.explain("what about Falcon?")[0].reason, "remembers Falcon");
    assert!(lookup.explain("what about Eagle?").is_empty());
}

proptest! {
    #[test]
    fn no_summary_passes_its_budgets(sizes in proptest::collection::vec((1_usize..3_000, 0_usize..4, 0.0_f32..1.0), 0..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let lanes = [Lane::Policy, Lane::Turn, Lane::Memory, Lane::Hint];
            let sources: Vec<_> = lanes.iter().enumerate().map(|(index, lane)| {
                let own: Vec<_> = sizes.iter().filter(|(_, of, _)| *of == index).copied().collect();
                Scripted::new(&format!("s{index}"))
                    .profile_with(|profile| {
                        profile.lane = *lane;
                        profile.bounds = context::Bounds { items: 50, characters: 5_000, tokens: 100_000 };
                        profile.interests = Interests::in_topics(["all"]);
                    })
                    .answering(move |_| {
                        let make = |(n, (size, _, relevance)): (usize, &(usize, usize, f32))| protocol::context::ContextItem {
                            relevance: *relevance,
                            ..item(n.to_string(), "title", format!("{n} {}", "word ".repeat(size / 5)))
                        };
                        Ok(own.iter().enumerate().map(make).collect::<Vec<_>>().into())
                    })
                    .shared()
            }).collect();
            let lookup = lookup(&sources);
            let (_, items) = summary(&all(&lookup, request("t", 1, "all")).await);
            let budgets = lookup.settings().budgets;
            for lane in lanes {
                let spent: u32 = items.iter().filter(|item| item.lane == lane).map(|item| item.tokens).sum();
                let real: usize = items.iter().filter(|item| item.lane == lane)
                    .map(|item| (item.title.chars().count() + item.text.chars().count()) / 4).sum();
                assert!(spent <= budgets.of(lane), "{lane:?}: {spent}");
                assert!(real <= spent as usize, "{lane:?}: {real} > {spent}");
            }
        });
    }
}

#[tokio::test]
async fn a_source_that_is_asked_for_and_does_not_exist_is_named() {
    let (weather, news) = (Scripted::new("weather").shared(), Scripted::new("news").shared());
    let asked = ContextRequest { sources: vec!["news".into(), "wether".into()], ..request("t", 1, "anything") };
    let events = all(&lookup(&[weather, news]), asked).await;
    let failed = events.iter().filter_map(|(_, event)| match event {
        ContextEvent::Failed { source, reason, .. } => Some((source.as_str(), reason.as_str())),
        _ => None,
    });
    assert_eq!(failed.collect::<Vec<_>>(), [("wether", "there is no source of this name; there are weather, news")]);
    assert_eq!(summary(&events).1.len(), 1, "the other one is asked all the same");
}
