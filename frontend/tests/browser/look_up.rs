//! Looking things up and remembering, as the shell does it for the core.

use crate::stand::{holds, js, reset, settle, text, until};
use colloquy_frontend::rtc::IceServers;
use colloquy_frontend::service::Service;
use colloquy_frontend::shell::{Inbox, News, Performer};
use conversation::{Effect, Errand, ErrandId, HttpFailure, Input, LookUpId};
use protocol::context::{ContextEvent, ContextRequest};
use protocol::memory::{MemoryKind, NewMemory, RememberRequest};
use wasm_bindgen_test::wasm_bindgen_test as test;

const ID: LookUpId = LookUpId(4);

struct Bench {
    performer: Performer,
    inbox: Inbox,
}

impl Bench {
    /// A server that streams what a test writes.
    fn new() -> Self {
        reset();
        js(r#"stand.respond = async (asked, url) => {
          if (url.pathname !== "/context") {
            stand.asked = `${asked.method} ${url.pathname}`;
            stand.body = await asked.text();
            return new Response("done", { status: 201 });
          }
          stand.body = await asked.text();
          stand.aborted = false;
          asked.signal.addEventListener("abort", () => { stand.aborted = true; stand.out?.error(asked.signal.reason); });
          if (stand.refuse) return new Response('{"code":"x","message":"no"}', { status: 503 });
          return new Response(new ReadableStream({ start: out => { stand.out = out; } }));
        }"#);
        js("stand.refuse = false; stand.out = null; stand.body = null");
        let inbox = Inbox::default();
        Self { performer: Performer::new(Service::at(""), IceServers::from_page(), inbox.clone()), inbox }
    }

    async fn asking() -> Self {
        let mut bench = Self::new();
        let request = ContextRequest { talk: "t1".to_owned(), turn: 1, query: "tram".to_owned(), ..Default::default() };
        bench.performer.perform(Effect::LookUp { id: ID, request });
        until("the question", || holds("stand.out !== null")).await;
        bench
    }

    fn told(&self) -> Option<Input> {
        self.inbox.take().and_then(|(_, news)| match news {
            News::Input(input) => Some(input),
            News::Microphone(..) | News::Sound(_) => None,
        })
    }

    async fn next(&self) -> Input {
        let mut told = None;
        until("an input", || {
            told = self.told();
            told.is_some()
        })
        .await;
        told.unwrap()
    }
}

/// The server writes a piece of its answer.
fn write(words: &str) {
    js(&format!("stand.out.enqueue(new TextEncoder().encode({words}))"));
}

fn late(source: &str) -> Input {
    Input::Context(ID, ContextEvent::Late { source: source.to_owned() })
}

#[test]
async fn every_line_is_told_when_it_comes_and_then_the_end() {
    let bench = Bench::asking().await;
    assert!(holds("JSON.parse(stand.body).query === 'tram'"));
    write(r#"'{"type":"late","source":"a"}\n{"type":"la'"#);
    assert_eq!(bench.next().await, late("a"));
    settle().await;
    assert_eq!(bench.told(), None);
    write(r#"'te","source":"b"}\n'"#);
    assert_eq!(bench.next().await, late("b"));
    js("stand.out.close()");
    assert_eq!(bench.next().await, Input::ContextEnded(ID, None));
}

#[test]
async fn a_cancelled_look_up_is_aborted_and_says_nothing_more() {
    let mut bench = Bench::asking().await;
    bench.performer.perform(Effect::CancelLookUp(LookUpId(3)));
    assert!(!holds("stand.aborted"));
    bench.performer.perform(Effect::CancelLookUp(ID));
    until("the abort", || holds("stand.aborted")).await;
    settle().await;
    assert_eq!(bench.told(), None);
}

#[test]
async fn dropping_everything_aborts_what_is_looked_up() {
    let bench = Bench::asking().await;
    drop(bench.performer);
    until("the abort", || holds("stand.aborted")).await;
}

#[test]
async fn an_answer_that_breaks_off_or_is_none_ends_with_its_failure() {
    let bench = Bench::asking().await;
    js("stand.out.error(new Error('gone'))");
    assert_eq!(bench.next().await, Input::ContextEnded(ID, Some(HttpFailure::Unreachable)));
    let bench = Bench::asking().await;
    write("'hello\\n'");
    assert!(matches!(bench.next().await, Input::ContextEnded(ID, Some(HttpFailure::Malformed(_)))));
    let mut bench = Bench::new();
    js("stand.refuse = true");
    bench.performer.perform(Effect::LookUp { id: ID, request: ContextRequest::default() });
    let Input::ContextEnded(_, Some(HttpFailure::Status { status: 503, .. })) = bench.next().await else {
        panic!("no refusal")
    };
}

#[test]
async fn errands_are_run_and_answered_with_what_the_server_says() {
    let mut bench = Bench::new();
    let memory = NewMemory::new(MemoryKind::Fact, "the tram is number 4".to_owned());
    let memory = RememberRequest { memories: vec![memory], ..RememberRequest::default() };
    let watch = r#"{"query":"the oven"}"#.to_owned();
    let unwatch = "my oven/stove".to_owned();
    for (id, errand, asked, body) in [
        (ErrandId::Remember(2), Errand::Remember(memory), "POST /memory", "the tram is number 4"),
        (ErrandId::Watch(3), Errand::Watch(watch), "POST /context/watch", r#"{"query":"the oven"}"#),
        (ErrandId::Unwatch(4), Errand::Unwatch(unwatch), "DELETE /context/watch/my%20oven%2Fstove", ""),
    ] {
        bench.performer.perform(Effect::Run { id, errand });
        assert_eq!(bench.next().await, Input::Ran(id, Ok("done".to_owned())));
        assert_eq!(text("stand.asked"), asked);
        assert!(text("stand.body").contains(body));
    }
}
