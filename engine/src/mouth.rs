//! Paces packets of speech onto the wire, one each 20 ms.
//!
//! The first packet of an answer goes out at once and sets the grid for the rest. When there is nothing to say
//! nothing is sent, because a receiver's jitter buffer grows under a permanent stream; but about 200 ms of silence
//! follow speech and a hush, because a receiver that simply gets no more packets stretches the last sound for
//! longer than that. A tick that comes too late moves the grid instead of sending a burst.

use protocol::ResponseId;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One Opus packet of [`FRAME`] length.
pub(crate) type Packet = Arc<[u8]>;

/// The length of a packet.
pub(crate) const FRAME: Duration = Duration::from_millis(20);

/// One packet for the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outgoing {
    /// Its bytes.
    pub(crate) packet: Packet,
    /// Its place on the 48 kHz media clock.
    pub(crate) time: u64,
    /// Whether it is the first after a pause.
    pub(crate) starts: bool,
}

/// What the listener's end will notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// The first packet of an answer is on its way.
    Started(ResponseId),
    /// The last packet of an answer has been sent and its time is over.
    Drained(ResponseId),
}

/// The state of speaking.
pub(crate) struct Mouth {
    silence: Packet,
    answer: Option<Answer>,
    queue: VecDeque<Packet>,
    tail: u32,
    /// When the next packet is due; `None` between talks.
    due: Option<Instant>,
    epoch: Instant,
    last_time: Option<u64>,
    paused: bool,
}

struct Answer {
    id: ResponseId,
    sent: u32,
    complete: bool,
}

impl Mouth {
    /// A silent mouth. `silence` is one packet of encoded silence.
    pub(crate) fn new(now: Instant, silence: Packet) -> Self {
        Self {
            silence,
            answer: None,
            queue: VecDeque::new(),
            tail: 0,
            due: None,
            epoch: now,
            last_time: None,
            paused: true,
        }
    }

    /// An answer begins; its packets follow with [`Mouth::push`].
    pub(crate) fn begin(&mut self, id: ResponseId) {
        self.answer = Some(Answer { id, sent: 0, complete: false });
        self.queue.clear();
    }

    /// Adds packets of the answer that was begun last; those of an earlier one are dropped.
    pub(crate) fn push(&mut self, now: Instant, id: &ResponseId, packets: impl IntoIterator<Item = Packet>) {
        let Some(answer) = self.answer.as_ref().filter(|answer| answer.id == *id) else { return };
        if answer.sent == 0 && self.queue.is_empty() {
            // Silence that still follows an earlier answer gives way at once.
            self.tail = 0;
            self.due = Some(now);
        }
        let room = MAX_QUEUE.saturating_sub(self.queue.len());
        self.queue.extend(packets.into_iter().take(room));
        self.due.get_or_insert(now);
    }

    /// The answer has no more packets.
    pub(crate) fn finish(&mut self, now: Instant, id: &ResponseId) {
        if let Some(answer) = self.answer.as_mut().filter(|answer| answer.id == *id) {
            answer.complete = true;
            self.due.get_or_insert(now);
        }
    }

    /// The answer was given up: what is on its way already is played to its end, what is not is not begun.
    pub(crate) fn abandon(&mut self, now: Instant, id: &ResponseId) {
        if self.answer.take_if(|answer| answer.id == *id && answer.sent == 0).is_some() {
            self.queue.clear();
        }
        self.finish(now, id);
    }

    /// Stops at once. Returns the answer that was cut and how much of it was sent.
    pub(crate) fn hush(&mut self, now: Instant) -> Option<(ResponseId, Duration)> {
        let answer = self.answer.take()?;
        self.queue.clear();
        if answer.sent > 0 {
            self.tail = TAIL;
            self.due.get_or_insert(now);
        }
        Some((answer.id, FRAME * answer.sent))
    }

    /// When [`Mouth::poll`] has something.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.due
    }

    /// What is due: a packet to send, something to tell, or both. Call until it gives nothing.
    pub(crate) fn poll(&mut self, now: Instant) -> Option<(Option<Outgoing>, Option<Spoken>)> {
        let due = self.due.filter(|due| *due <= now)?;
        // Late by more than the receiver can hide: move the grid, do not burst.
        let due = if now > due + LATEST { now } else { due };
        let Some(answer) = &mut self.answer else {
            return self.poll_tail(due);
        };
        if let Some(packet) = self.queue.pop_front() {
            answer.sent += 1;
            let spoken = (answer.sent == 1).then(|| Spoken::Started(answer.id.clone()));
            return Some((Some(self.outgoing(packet, due)), spoken));
        }
        if answer.complete {
            let id = answer.id.clone();
            self.answer = None;
            self.tail = TAIL;
            self.due = Some(due);
            return Some((None, Some(Spoken::Drained(id))));
        }
        if answer.sent == 0 {
            // Nothing made yet: an earlier answer's silence may end, the rest waits for `push`.
            return self.poll_tail(due);
        }
        // The voice is behind: silence keeps the grid.
        let silence = Arc::clone(&self.silence);
        Some((Some(self.outgoing(silence, due)), None))
    }

    fn poll_tail(&mut self, due: Instant) -> Option<(Option<Outgoing>, Option<Spoken>)> {
        if self.tail == 0 {
            self.due = None;
            self.paused = true;
            return None;
        }
        self.tail -= 1;
        let silence = Arc::clone(&self.silence);
        Some((Some(self.outgoing(silence, due)), None))
    }

    fn outgoing(&mut self, packet: Packet, due: Instant) -> Outgoing {
        let elapsed = due.saturating_duration_since(self.epoch).as_micros() as u64;
        let mut time = elapsed * 48 / 1000;
        if let Some(last) = self.last_time {
            // On the grid packets follow each other exactly; rounding must not make a gap.
            let next = last + SAMPLES;
            time = if time < next + SAMPLES / 2 { next } else { time };
        }
        self.last_time = Some(time);
        self.due = Some(due + FRAME);
        Outgoing { packet, time, starts: std::mem::take(&mut self.paused) }
    }
}

/// Samples of a packet on the media clock.
const SAMPLES: u64 = 960;

/// Silence after speech, in packets.
const TAIL: u32 = 10;

/// How late a packet may be and still go out in its old place.
const LATEST: Duration = Duration::from_millis(60);

/// The most packets that wait: five minutes.
const MAX_QUEUE: usize = 15_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_packet_goes_out_at_once_and_the_rest_keep_a_grid() {
        let (mut mouth, start) = mouth();
        let now = start + ms(7);
        mouth.begin(id("a"));
        mouth.push(now, &id("a"), packets(3));
        let (first, spoken) = mouth.poll(now).expect("due at once");
        assert_eq!(spoken, Some(Spoken::Started(id("a"))));
        assert!(first.as_ref().is_some_and(|f| f.starts));
        assert_eq!(mouth.poll(now + ms(19)), None);
        let (second, _) = mouth.poll(now + ms(20)).expect("due after one frame");
        let (first, second) = (first.expect("a packet"), second.expect("a packet"));
        assert_eq!(second.time - first.time, SAMPLES);
        assert!(!second.starts);
    }

    #[test]
    fn an_answer_ends_with_silence_and_then_nothing() {
        let (mut mouth, start) = mouth();
        mouth.begin(id("a"));
        mouth.push(start, &id("a"), packets(2));
        mouth.finish(start, &id("a"));
        let sent = run(&mut mouth, start, 60);
        assert_eq!(sent.iter().filter(|(frame, _)| frame.is_some()).count(), 2 + TAIL as usize);
        assert!(sent.iter().any(|(_, spoken)| *spoken == Some(Spoken::Drained(id("a")))));
        assert_eq!(mouth.deadline(), None);
    }

    #[test]
    fn a_hush_tells_how_much_was_sent_and_leaves_only_silence() {
        let (mut mouth, start) = mouth();
        mouth.begin(id("a"));
        mouth.push(start, &id("a"), packets(50));
        run(&mut mouth, start, 5);
        assert_eq!(mouth.hush(start + ms(100)), Some((id("a"), FRAME * 5)));
        mouth.push(start + ms(100), &id("a"), packets(9));
        let silent = Arc::from([0u8].as_slice());
        for (frame, _) in run(&mut mouth, start + ms(100), 40) {
            assert!(frame.is_none_or(|frame| frame.packet == silent));
        }
    }

    #[test]
    fn an_answer_that_was_given_up_before_its_first_packet_is_never_heard() {
        let (mut mouth, start) = mouth();
        mouth.begin(id("a"));
        mouth.push(start, &id("a"), packets(5));
        mouth.abandon(start, &id("a"));
        assert_eq!(run(&mut mouth, start, 20), []);
        mouth.begin(id("b"));
        mouth.push(start, &id("b"), packets(5));
        run(&mut mouth, start, 1);
        mouth.abandon(start, &id("b"));
        let heard = run(&mut mouth, start + FRAME, 40);
        assert!(heard.iter().any(|(_, spoken)| *spoken == Some(Spoken::Drained(id("b")))));
    }

    #[test]
    fn a_stall_moves_the_grid_instead_of_sending_a_burst() {
        let (mut mouth, start) = mouth();
        mouth.begin(id("a"));
        mouth.push(start, &id("a"), packets(50));
        let (first, _) = mouth.poll(start).expect("due");
        let late = start + ms(500);
        let (second, _) = mouth.poll(late).expect("due");
        assert_eq!(mouth.poll(late), None, "one packet only");
        let gap = second.expect("a packet").time - first.expect("a packet").time;
        assert_eq!(gap, 500 * 48);
    }

    #[test]
    fn a_voice_that_is_behind_is_bridged_with_silence() {
        let (mut mouth, start) = mouth();
        mouth.begin(id("a"));
        mouth.push(start, &id("a"), packets(1));
        mouth.poll(start);
        let (bridge, _) = mouth.poll(start + FRAME).expect("the grid goes on");
        assert_eq!(bridge.expect("a packet").packet.as_ref(), &[0u8]);
    }

    fn mouth() -> (Mouth, Instant) {
        let start = Instant::now();
        (Mouth::new(start, Arc::from([0u8].as_slice())), start)
    }

    fn packets(count: u8) -> Vec<Packet> {
        (1..=count).map(|n| Arc::from([n].as_slice())).collect()
    }

    fn id(id: &str) -> ResponseId {
        ResponseId::new(id)
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn run(mouth: &mut Mouth, start: Instant, frames: u32) -> Vec<(Option<Outgoing>, Option<Spoken>)> {
        let mut all = Vec::new();
        for tick in 0..frames {
            while let Some(out) = mouth.poll(start + FRAME * tick) {
                all.push(out);
            }
        }
        all
    }
}
