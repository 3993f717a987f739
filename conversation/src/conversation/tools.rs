//! The functions that the model calls: carried out here, answered with plain words, whatever happens.

use super::{Conversation, Hearing};
use crate::effect::Errand;
use crate::input::LookUpId;
use crate::memory::Remembering;
use crate::notice::{self, Trouble};
use crate::time::Ms;
use crate::timer::Timer;
use crate::tools::{Running, Work};
use crate::view::Search;
use crate::wire::{Ask, Wanted};
use protocol::tools::{MEMORY_SOURCE, ToolCall, ToolFault};
use protocol::{CallId, ItemId, to_json};

impl Conversation {
    /// The model wants a function called.
    pub(super) fn function_wanted(&mut self, wanted: Wanted) {
        self.response.goes_on(&mut self.out);
        let heard = self.response.active() != self.barge_in.cut_response();
        let answering = self.link.is_connected() && self.response.is_wanted() && heard;
        // Several calls of one response are one round.
        if self.calling.as_ref() != self.response.active() {
            self.calling = self.response.active().cloned();
            self.rounds += 1;
        }
        if !answering {
            return self.function_gave(wanted.call, STOPPED.to_owned());
        }
        if self.tools.count() >= MOST_AT_ONCE {
            return self.function_gave(wanted.call, ENOUGH.to_owned());
        }
        if self.rounds > MOST_ROUNDS {
            self.function_gave(wanted.call, ENOUGH.to_owned());
            self.searching = false;
            self.notices.set(Trouble::Answer, notice::endless_search());
            return;
        }
        let call = ToolCall::read(&wanted.name, &wanted.arguments);
        let private = self.context.is_private();
        let turn = self.turns.number();
        match call.and_then(|call| if self.context.is_on() { Ok(call) } else { Err(ToolFault::Unknown) }) {
            Err(ToolFault::Unknown) => self.tool_gave(wanted.call, NO_TOOL.to_owned()),
            Err(ToolFault::Arguments) => self.tool_gave(wanted.call, BAD_ARGUMENTS.to_owned()),
            Ok(ToolCall::Recall { .. } | ToolCall::Remember(_) | ToolCall::Watch { .. }) if private => {
                self.tool_gave(wanted.call, PRIVATE.to_owned());
            }
            Ok(ToolCall::Note { kind, text, kept }) => {
                self.context.note(kind, &text);
                if let Some(kept) = kept.filter(|_| !private) {
                    self.remembering.store_unasked(kept, (self.context.talk(), turn), &mut self.out);
                }
                self.tool_gave(wanted.call, "Noted.".to_owned());
            }
            Ok(ToolCall::Remember(new)) => {
                let id = Remembering::store(new, (self.context.talk(), turn), &mut self.out);
                self.begin_tool(wanted.call, Work::Errand(id), None);
            }
            Ok(ToolCall::Watch { arguments }) => {
                let body = in_zone(arguments, self.context.policy.zone.as_ref());
                let id = self.out.run(Errand::Watch(body));
                self.begin_tool(wanted.call, Work::Errand(id), None);
            }
            Ok(ToolCall::Unwatch { name }) => {
                let id = self.out.run(Errand::Unwatch(name));
                self.begin_tool(wanted.call, Work::Errand(id), None);
            }
            Ok(ToolCall::Search { query, source }) => self.begin_search(wanted.call, query, source),
            Ok(ToolCall::Recall { query }) => self.begin_search(wanted.call, query, Some(MEMORY_SOURCE.to_owned())),
        }
    }

    fn begin_search(&mut self, call: CallId, what: String, source: Option<String>) {
        let id = self.context.search(self.turns.number(), &what, source.clone(), &mut self.out);
        self.begin_tool(call, Work::LookUp(id), Some(Search { source: source.unwrap_or_default(), what }));
        if let Some(after) = self.context.policy.filler_after
            && !self.out.timers.is_armed(Timer::Filler)
        {
            self.out.arm(Timer::Filler, after);
        }
    }

    fn begin_tool(&mut self, call: CallId, work: Work, search: Option<Search>) {
        let until = self.out.now + self.context.policy.tool_timeout;
        self.tools.begin(Running { call, work, until, search });
        // Whatever another call of the same response gave, the model goes on when this one is done too.
        self.response.ask_no_more();
        self.searching = true;
        self.arm_tools();
    }

    fn arm_tools(&mut self) {
        self.out.disarm(Timer::Tool);
        if let Some(until) = self.tools.until() {
            self.out.timers.arm(Timer::Tool, until);
        } else {
            self.out.disarm(Timer::Filler);
        }
    }

    /// A search has found what it can, or has failed.
    pub(super) fn search_is_over(&mut self, id: LookUpId, failed: bool) {
        if let Some(running) = self.tools.take(Work::LookUp(id)) {
            self.end_search(running, if failed { FAILED } else { NOTHING });
        }
    }

    fn end_search(&mut self, running: Running, otherwise: &str) {
        let item = ItemId::new(self.out.fresh_id("item"));
        let output = match running.work {
            Work::LookUp(id) => self.context.tool_output(id, self.turns.number(), &item, &mut self.out),
            Work::Errand(_) => None,
        };
        self.tool_gave_as(item, running.call, output.unwrap_or_else(|| otherwise.to_owned()));
    }

    /// A tool has taken too long.
    pub(super) fn tools_are_due(&mut self) {
        while let Some(running) = self.tools.take_due(self.out.now) {
            self.end_search(running, TOO_LONG);
        }
        self.arm_tools();
    }

    /// The user does not want to wait for the search.
    pub(super) fn cancel_search(&mut self) {
        while let Some(running) = self.tools.take_search() {
            self.end_search(running, CANCELLED);
        }
    }

    /// Nobody waits for the answer any more: no call stays without its output, and nothing is asked for.
    pub(super) fn abandon_tools(&mut self) {
        while let Some(running) = self.tools.take_any() {
            if let Work::LookUp(id) = running.work {
                self.context.forget_search(id, &mut self.out);
            }
            if self.link.is_connected() {
                self.function_gave(running.call, STOPPED.to_owned());
            }
        }
        self.arm_tools();
    }

    /// The model is told what its function gave, and after the last one asked to go on.
    pub(super) fn tool_gave(&mut self, call: CallId, output: String) {
        let item = ItemId::new(self.out.fresh_id("item"));
        self.tool_gave_as(item, call, output);
    }

    fn tool_gave_as(&mut self, item: ItemId, call: CallId, output: String) {
        self.out.ask(Ask::FunctionGave { item, call, output });
        self.arm_tools();
        self.searching = true;
        if !self.tools.is_running() {
            self.response.request(&mut self.out);
        }
    }

    fn function_gave(&mut self, call: CallId, output: String) {
        let item = ItemId::new(self.out.fresh_id("item"));
        self.out.ask(Ask::FunctionGave { item, call, output });
    }

    /// A search takes long: the assistant says that it is looking, unless somebody speaks.
    pub(super) fn search_takes_long(&mut self) {
        if !self.tools.is_running() || self.context.policy.filler.is_empty() {
            return;
        }
        let free = !self.is_heard() && self.hearing == Hearing::Silence;
        if !free || !self.response.bridge(&self.context.policy.filler, &mut self.out) {
            self.out.arm(Timer::Filler, LATER);
        }
    }
}

/// An object that has a member, with the user's zone as one more.
fn in_zone(object: String, zone: Option<&String>) -> String {
    match (object.strip_prefix('{'), zone) {
        (Some(members), Some(zone)) => ["{\"zone\":", &to_json(zone), ",", members].concat(),
        _ => object,
    }
}

const NO_TOOL: &str = "This tool is not available. Answer without it.";
const BAD_ARGUMENTS: &str = "The arguments of this call cannot be understood. Correct them, or answer without it.";
const PRIVATE: &str = "This talk is private: nothing is stored, recalled or watched. Say so.";
const NOTHING: &str = "Nothing was found. Answer without it, and say so.";
const FAILED: &str = "The search failed. Answer without it, and say so.";
const TOO_LONG: &str = "It took too long. Answer without it, and say so.";
const CANCELLED: &str = "The user stopped the search. Answer without it.";
const STOPPED: &str = "The user went on before this was done.";
const ENOUGH: &str = "These are too many calls. Answer with what there is.";
/// Rounds of calls in one turn before the talk is taken back.
const MOST_ROUNDS: u32 = 4;
/// Calls that may be carried out at once.
const MOST_AT_ONCE: usize = 4;
/// When nothing can be said just now, it is tried again after this.
const LATER: Ms = Ms(300);
