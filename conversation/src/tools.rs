//! The functions that the model has called and that are being carried out.

use crate::input::{ErrandId, LookUpId};
use crate::time::Time;
use crate::view::Search;
use protocol::CallId;

/// The machine.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    running: Vec<Running>,
}

/// A call that is being carried out.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) call: CallId,
    pub(crate) work: Work,
    /// When it is given up.
    pub(crate) until: Time,
    /// What is shown of it.
    pub(crate) search: Option<Search>,
}

/// What is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// A look-up.
    LookUp(LookUpId),
    /// An errand.
    Errand(ErrandId),
}

impl Tools {
    pub(crate) fn is_running(&self) -> bool {
        !self.running.is_empty()
    }

    pub(crate) fn count(&self) -> usize {
        self.running.len()
    }

    /// What is being looked up.
    pub(crate) fn search(&self) -> Option<&Search> {
        self.running.iter().find_map(|running| running.search.as_ref())
    }

    pub(crate) fn begin(&mut self, running: Running) {
        self.running.push(running);
    }

    /// Takes the call that awaits this.
    pub(crate) fn take(&mut self, work: Work) -> Option<Running> {
        self.take_where(|running| running.work == work)
    }

    /// Takes a call that should be over by `now`.
    pub(crate) fn take_due(&mut self, now: Time) -> Option<Running> {
        self.take_where(|running| running.until <= now)
    }

    /// Takes a call that looks something up.
    pub(crate) fn take_search(&mut self) -> Option<Running> {
        self.take_where(|running| running.search.is_some())
    }

    /// Takes any call.
    pub(crate) fn take_any(&mut self) -> Option<Running> {
        self.running.pop()
    }

    fn take_where(&mut self, wanted: impl Fn(&Running) -> bool) -> Option<Running> {
        let at = self.running.iter().position(wanted)?;
        Some(self.running.remove(at))
    }

    /// When the next call is given up.
    pub(crate) fn until(&self) -> Option<Time> {
        self.running.iter().map(|running| running.until).min()
    }
}
