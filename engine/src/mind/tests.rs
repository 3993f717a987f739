//! What is answered to what.

use super::*;
use jiff::civil::date;

#[test]
fn the_time_is_told_here_and_elsewhere() {
    assert_eq!(ask("What time is it?"), "It is 3:05 AM.");
    assert_eq!(ask("what time is it in tokyo"), "In Tokyo it is 12:05 PM.");
    assert_eq!(ask("What's the time in New York?"), "In New York it is 10:05 PM, and still yesterday.");
    assert_eq!(
        ask("tell me the current time in San Francisco please"),
        "In San Francisco it is 7:05 PM, and still yesterday."
    );
}

#[test]
fn an_unknown_city_is_admitted() {
    assert!(ask("what time is it in Gotham").contains("do not know the time zone of gotham"));
}

#[test]
fn the_date_is_told() {
    assert_eq!(ask("what is the date today"), "Today is Saturday, November 21, 2026.");
    assert_eq!(ask("What day is it tomorrow?"), "Tomorrow is Sunday, November 22, 2026.");
    assert_eq!(ask("what day was yesterday"), "Yesterday was Friday, November 20, 2026.");
}

#[test]
fn a_name_is_remembered_in_the_talk_it_was_told_in() {
    let talk = [user("My name is Ada"), user("hello"), user("what is my name?")];
    assert_eq!(answer_to(&talk), "You told me that your name is Ada.");
    assert!(ask("what is my name").contains("not told me"));
}

#[test]
fn what_was_said_is_repeated() {
    let talk = [user("the door is blue"), assistant("I did not understand that."), user("what did I say")];
    assert_eq!(answer_to(&talk), "You said: the door is blue.");
    let talk = [user("hello"), assistant("Hello."), user("what did you say?")];
    assert_eq!(answer_to(&talk), "I said: Hello.");
}

#[test]
fn a_system_item_is_answered_from_and_its_origin_is_told() {
    let facts = system("<facts>\n- Next meeting: 15:00 with Ana, room 4 [1]\n- Lunch is at noon [2]\n</facts>");
    let answer = answer_to(&[facts.clone(), user("what is my next meeting")]);
    assert_eq!(answer, "I was given this: Next meeting: 15:00 with Ana, room 4 [1].");
    assert!(answer_to(&[facts.clone(), user("when is lunch")]).contains("Lunch is at noon"));
    let late = answer_to(&[user("what is my next meeting"), facts]);
    assert!(late.contains("15:00"), "facts may come between the question and the answer: {late}");
}

#[test]
fn without_a_system_item_a_calendar_is_not_invented() {
    assert!(ask("what is my next meeting").contains("I have no calendar"));
    let unrelated = answer_to(&[system("The cat is grey."), user("what is my next meeting")]);
    assert!(unrelated.contains("I have no calendar"), "{unrelated}");
}

#[test]
fn small_talk_is_answered_honestly() {
    assert!(ask("Who are you?").contains("without a language model"));
    assert!(ask("hello").starts_with("Hello"));
    assert_eq!(ask("thank you"), "You are welcome.");
    assert!(ask("what can you do").contains("time"));
}

#[test]
fn long_answers_are_long() {
    let count = ask("count to twenty");
    assert_eq!(count.split(' ').count(), 20);
    assert!(count.ends_with("Twenty."));
    assert!(ask("tell me about yourself").len() > 500);
    assert!(ask("count to twenty five").ends_with("25."));
}

#[test]
fn outside_its_grammar_it_says_so() {
    let answer = ask("why is the sky blue");
    assert!(answer.starts_with(NOT_UNDERSTOOD) && answer.contains("You can ask me"), "{answer}");
}

#[test]
fn speech_that_was_not_understood_is_admitted() {
    let unheard = Said { who: Who::User, words: None };
    assert!(answer_to(std::slice::from_ref(&unheard)).starts_with(NOT_UNDERSTOOD));
    let deaf = answer(&Situation { hearing: Hearing::Deaf, ..situation(std::slice::from_ref(&unheard)) });
    assert!(deaf.contains("Please type"));
    let again = answer(&Situation { hearing: Hearing::Deaf, ..situation(&[assistant(&deaf), unheard]) });
    assert_ne!(again, deaf, "said once, not every time");
}

#[test]
fn an_answer_is_never_empty() {
    for text in ["", " ", "?!", "'s", "in", "what time is it in", "count to", "my name is", "\u{0}"] {
        assert!(!ask(text).trim().is_empty(), "{text:?}");
    }
    assert!(!answer_to(&[]).is_empty());
}

fn ask(text: &str) -> String {
    answer_to(&[user(text)])
}

fn answer_to(said: &[Said]) -> String {
    answer(&situation(said))
}

fn situation(said: &[Said]) -> Situation<'_> {
    static NOW: std::sync::LazyLock<Zoned> =
        std::sync::LazyLock::new(|| date(2026, 11, 21).at(3, 5, 0, 0).in_tz("UTC").expect("a valid time"));
    Situation { now: &NOW, hearing: Hearing::Understands, said, prompt: Prompt::Turn }
}

fn user(text: &str) -> Said {
    Said { who: Who::User, words: Some(text.into()) }
}

fn assistant(text: &str) -> Said {
    Said { who: Who::Assistant, words: Some(text.into()) }
}

fn system(text: &str) -> Said {
    Said { who: Who::System, words: Some(text.into()) }
}
