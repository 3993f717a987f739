//! The look-ups under way, and what the sources of the newest turn say.

use super::clean;
use super::fact::Fact;
use crate::effect::Effect;
use crate::input::LookUpId;
use crate::list::List;
use crate::outbox::Outbox;
use crate::view::{SourceRow, SourceState};
use protocol::context::{ContextEvent, ContextRequest};

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct LookUps {
    under_way: Vec<LookUp>,
    sources: List<SourceRow>,
    last: u32,
    /// Turn and words of the newest question of a turn.
    asked: Option<(u32, String)>,
}

/// A look-up under way.
#[derive(Debug)]
struct LookUp {
    id: LookUpId,
    turn: u32,
    /// Whether the model asked by itself.
    by_tool: bool,
    /// Whether all that could make its turn has arrived.
    summarised: bool,
    /// Whether its answer has ended.
    over: bool,
    /// What was found for the model.
    found: Vec<Fact>,
}

impl LookUps {
    /// A new talk begins. Numbers go on, so that no late answer is taken for another's.
    pub(crate) fn begin_talk(&mut self) {
        *self = Self { last: self.last, ..Self::default() };
    }

    pub(crate) fn sources(&self) -> List<SourceRow> {
        self.sources.clone()
    }

    fn find(&mut self, id: LookUpId) -> Option<&mut LookUp> {
        self.under_way.iter_mut().find(|known| known.id == id)
    }

    /// What was found for the model so far.
    pub(crate) fn take_found(&mut self, id: LookUpId) -> Vec<Fact> {
        self.find(id).map(|known| std::mem::take(&mut known.found)).unwrap_or_default()
    }

    /// Puts back what was found for the model. Says whether that is enough.
    pub(crate) fn put_found(&mut self, id: LookUpId, found: Vec<Fact>) -> bool {
        let Some(known) = self.find(id) else { return false };
        known.found = found;
        known.summarised && !known.found.is_empty()
    }

    /// Whether something is being looked up that could still make this turn.
    pub(crate) fn is_asking(&self, turn: u32) -> bool {
        self.under_way.iter().any(|known| known.turn == turn && !known.by_tool && !known.summarised)
    }

    /// Asks for a turn, unless a newer one has begun. The same question is not asked twice; another one takes the place
    /// of the one before.
    pub(crate) fn ask(&mut self, request: ContextRequest, out: &mut Outbox) {
        let asked = (request.turn, request.query.clone());
        if self.asked.as_ref().is_some_and(|before| before.0 > asked.0 || *before == asked) {
            return;
        }
        self.asked = Some(asked);
        self.sources = List::default();
        let turn = request.turn;
        self.cancel(out, |known| !known.by_tool && (known.turn == turn || !known.summarised));
        self.begin(request, false, out);
    }

    /// Asks for the model: beside the talk, as another question of the same talk would cancel it.
    pub(crate) fn ask_for_tool(&mut self, mut request: ContextRequest, out: &mut Outbox) -> LookUpId {
        request.talk.push_str(".tool");
        request.talk.push_str(&self.last.to_string());
        self.begin(request, true, out)
    }

    fn begin(&mut self, request: ContextRequest, by_tool: bool, out: &mut Outbox) -> LookUpId {
        if let Some(oldest) = self.under_way.first().filter(|_| self.under_way.len() >= MOST_UNDER_WAY) {
            self.cancel_one(oldest.id, out);
        }
        let id = self.fresh();
        self.under_way.push(LookUp {
            id,
            turn: request.turn,
            by_tool,
            summarised: false,
            over: false,
            found: Vec::new(),
        });
        out.perform(Effect::LookUp { id, request });
        id
    }

    /// A number that no look-up has.
    pub(crate) fn fresh(&mut self) -> LookUpId {
        self.last = self.last.wrapping_add(1);
        LookUpId(self.last)
    }

    /// Lets go of one.
    pub(crate) fn cancel_one(&mut self, id: LookUpId, out: &mut Outbox) {
        self.cancel(out, |known| known.id == id);
    }

    /// Lets go of all.
    pub(crate) fn cancel_all(&mut self, out: &mut Outbox) {
        self.cancel(out, |_| true);
        self.asked = None;
    }

    fn cancel(&mut self, out: &mut Outbox, unwanted: impl Fn(&LookUp) -> bool) {
        while let Some(at) = self.under_way.iter().position(&unwanted) {
            let known = self.under_way.remove(at);
            if !known.over {
                out.perform(Effect::CancelLookUp(known.id));
            }
        }
    }

    /// Notes what an event says of its source. Says for which turn it is, and whether for the model; nothing if the
    /// look-up is over.
    pub(crate) fn note(&mut self, id: LookUpId, event: &ContextEvent) -> Option<(u32, bool)> {
        let known = self.find(id)?;
        known.summarised |= matches!(event, ContextEvent::Summary { .. });
        let (turn, by_tool) = (known.turn, known.by_tool);
        let concerns = (turn, by_tool);
        // What an earlier turn still waits for is not among the sources of the newest one.
        if !by_tool && self.asked.as_ref().is_some_and(|(newest, _)| turn < *newest) {
            return Some(concerns);
        }
        let (source, state) = match event {
            ContextEvent::Started { source, reason } => {
                self.put(source, Some(clean::line(reason, LONGEST_REASON)), SourceState::Asking);
                return Some(concerns);
            }
            ContextEvent::Found { source, items, cached, elapsed_ms } => {
                let count = u32::try_from(items.len()).unwrap_or(u32::MAX);
                (source, SourceState::Found { count, cached: *cached, elapsed_ms: *elapsed_ms })
            }
            ContextEvent::Failed { source, rests_s: Some(seconds), .. } => {
                (source, SourceState::Resting { seconds: *seconds })
            }
            ContextEvent::Failed { source, reason, elapsed_ms, rests_s: None } => {
                let reason = clean::line(reason, LONGEST_REASON);
                (source, SourceState::Failed { reason, elapsed_ms: *elapsed_ms })
            }
            ContextEvent::Late { source } => (source, SourceState::Late),
            ContextEvent::Summary { .. } => return Some(concerns),
        };
        self.put(source, None, state);
        Some(concerns)
    }

    fn put(&mut self, source: &str, reason: Option<String>, state: SourceState) {
        let name = clean::line(source, LONGEST_NAME);
        let known = self.sources.iter().position(|row| row.name == name);
        if let Some(row) = known.and_then(|at| self.sources.get_mut(at)) {
            row.state = state;
            row.reason = reason.unwrap_or(std::mem::take(&mut row.reason));
        } else if self.sources.len() < MOST_SOURCES {
            self.sources.push(SourceRow { name, reason: reason.unwrap_or_default(), state });
        }
    }

    /// The answer has ended: nothing more comes of it. Says whether it was for the model; nothing if it was over.
    pub(crate) fn ended(&mut self, id: LookUpId) -> Option<bool> {
        let known = self.find(id)?;
        (known.summarised, known.over) = (true, true);
        let by_tool = known.by_tool;
        if !by_tool {
            self.under_way.retain(|known| known.id != id);
        }
        if self.under_way.iter().all(|known| known.summarised) {
            for at in 0..self.sources.len() {
                if self.sources.get(at).is_some_and(|row| row.state == SourceState::Asking)
                    && let Some(row) = self.sources.get_mut(at)
                {
                    row.state = SourceState::Late;
                }
            }
        }
        Some(by_tool)
    }
}

/// Look-ups that may be under way at once; the oldest is let go of.
const MOST_UNDER_WAY: usize = 6;
const MOST_SOURCES: usize = 32;
const LONGEST_NAME: usize = 60;
const LONGEST_REASON: usize = 200;
