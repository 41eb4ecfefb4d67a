//! The thread that reads partitions into a spool. Each partition has a queue of its own, so that its end is
//! known as its own and a large one leaves room for the others.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

use rdkafka::Timestamp as KafkaTime;
use rdkafka::consumer::Consumer;
use rdkafka::consumer::base_consumer::PartitionQueue;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Headers as _, Message as _};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};

use super::super::broker::{Url, place};
use super::super::pump::SpoolWriter;
use super::client::{Reader, Reasons, lost};
use super::plan::{Marks, Part, Plan, next_step};
use super::window::Window;
use crate::base::sync::caught;
use crate::base::text::plural;
use crate::input::codecs::bodies::{Body, CONTENT_ENCODING, CONTENT_TYPE};
use crate::model::error::{Error, Result};
use crate::model::message::{RecordWriter, Timestamp, TimestampKind};

/// What the thread works with.
pub(super) struct Fill {
    reader: Arc<Reader>,
    url: Url,
    window: Window,
    follow: bool,
    lanes: Vec<Lane>,
    /// Rings when an empty queue gets something.
    bell: Receiver<()>,
    nameless: u64,
    /// Offsets in the window.
    total: u64,
}

/// A partition on its way.
struct Lane {
    part: Part,
    /// What the records of its messages begin with.
    start: Vec<u8>,
    /// The offset after the last one seen.
    next: i64,
    queue: PartitionQueue<Reasons>,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Reading,
    /// All of the window is read; what comes is read too where the source is followed.
    Caught,
    /// Nothing more is wanted, or can be had.
    Over,
}

/// Messages of one partition before the next has its turn.
const TURN: usize = 512;
/// Long messages end a turn sooner.
const TURN_BYTES: u64 = 256 << 10;
/// Longest sleep without a ring, for cancelling and for librdkafka's own events.
const WAIT: Duration = Duration::from_millis(50);
/// How long a cluster may be silent before a window counts as broken off.
const SILENCE: Duration = Duration::from_secs(30);
impl Fill {
    /// Assigns the partitions; reading starts at once.
    ///
    /// # Errors
    /// When librdkafka refuses.
    pub fn start(reader: Arc<Reader>, url: Url, window: Window, follow: bool, plan: Plan) -> Result<Self> {
        let refused = |cause: KafkaError| {
            Error::new("The partitions cannot be assigned", place(&url), "Read again").because(cause)
        };
        let (ring, bell) = sync_channel(1);
        let mut list = TopicPartitionList::new();
        let mut lanes = Vec::new();
        let total = plan.offsets();
        for part in plan.parts {
            let wanted = part.start < part.end || follow;
            // Before they are assigned: not one message goes another way.
            let Some(mut queue) = reader.split_partition_queue(&part.topic, part.partition).filter(|_| wanted) else {
                continue;
            };
            let ring = ring.clone();
            queue.set_nonempty_callback(move || {
                let _rung_already = ring.try_send(());
            });
            list.add_partition_offset(&part.topic, part.partition, Offset::Offset(part.start)).map_err(refused)?;
            let state = if part.start < part.end { State::Reading } else { State::Caught };
            let mut start = Vec::new();
            RecordWriter::begin(&mut start).kafka_up_to_offset(&part.topic, part.partition);
            lanes.push(Lane { next: part.start, part, start, queue, state });
        }
        if !lanes.is_empty() {
            reader.assign(&list).map_err(refused)?;
        }
        Ok(Self { reader, url, window, follow, lanes, bell, nameless: 0, total })
    }

    /// Until the window is read, or for as long as anyone looks where the source is followed.
    pub fn run(&mut self, out: &mut SpoolWriter) -> Result<()> {
        let mut said_caught_up = false;
        let mut heard = Instant::now();
        while !out.is_stopped() {
            let took = self.round(out)?;
            out.records(self.done(), self.total);
            if took > 0 {
                heard = Instant::now();
            }
            if self.lanes.iter().all(|lane| lane.state == State::Over) {
                break;
            }
            if took == 0 {
                let reading = self.lanes.iter().any(|lane| lane.state == State::Reading);
                if !reading && !said_caught_up {
                    said_caught_up = true;
                    out.caught_up()?;
                }
                out.flush()?;
                if reading && heard.elapsed() > SILENCE {
                    return Err(self.broken_off());
                }
                // Errors outside of any partition's queue are told here.
                let _told = self.reader.poll(Duration::ZERO);
                let _rung = self.bell.recv_timeout(WAIT);
            }
        }
        self.tell(out);
        Ok(())
    }

    /// A turn for each partition; how many messages and ends came.
    fn round(&mut self, out: &mut SpoolWriter) -> Result<usize> {
        let mut took = 0;
        for at in 0..self.lanes.len() {
            let (before, began) = (took, out.position());
            for _ in 0..TURN {
                let Some(lane) = self.lanes.get_mut(at).filter(|lane| lane.state != State::Over) else { break };
                match lane.queue.poll(Duration::ZERO) {
                    None => break,
                    Some(Ok(message)) => {
                        took += 1;
                        if message.offset() >= lane.part.end && !self.follow {
                            lane.state = State::Over;
                            break;
                        }
                        lane.next = message.offset() + 1;
                        if self.window.takes_key(message.key()) {
                            let whole = out.record(|spool, line| lane.write(&message, spool, line))?;
                            self.nameless += u64::from(!whole);
                        }
                        drop(message);
                        lane.advance(self.follow);
                        if out.position() - began >= TURN_BYTES {
                            break;
                        }
                    }
                    Some(Err(KafkaError::PartitionEOF(_))) => {
                        took += 1;
                        lane.next = lane.next.max(lane.part.end);
                        lane.advance(self.follow);
                    }
                    Some(Err(error)) => {
                        took += 1;
                        self.trouble(at, &error, out);
                    }
                }
            }
            if took > before
                && let Some(lane) = self.lanes.get(at).filter(|lane| lane.state == State::Over)
            {
                lane.rest(&self.reader);
            }
        }
        Ok(took)
    }

    /// An error of one partition: the others go on.
    fn trouble(&mut self, at: usize, error: &KafkaError, out: &SpoolWriter) {
        let code = error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Fail);
        let Some(lane) = self.lanes.get_mut(at) else { return };
        let (topic, partition) = (Arc::clone(&lane.part.topic), lane.part.partition);
        match code {
            RDKafkaErrorCode::AutoOffsetReset | RDKafkaErrorCode::OffsetOutOfRange => {
                let moved = lane.begin_again(&self.reader, &self.url);
                out.warn(moved);
                lane.advance(self.follow);
            }
            RDKafkaErrorCode::TopicAuthorizationFailed
            | RDKafkaErrorCode::UnknownTopicOrPartition
            | RDKafkaErrorCode::UnknownTopic
            | RDKafkaErrorCode::UnknownPartition => {
                let what = format!("Partition {partition} of {topic} breaks off at offset {}", lane.next);
                out.warn(Error::new(what, place(&self.url), next_step(code)).because(code));
                lane.state = State::Over;
            }
            // Brokers come and go; librdkafka tries again.
            _ => {}
        }
    }

    /// Offsets of the window that are behind.
    fn done(&self) -> u64 {
        let left: u64 = self.lanes.iter().map(|lane| lane.part.end.saturating_sub(lane.next).max(0) as u64).sum();
        self.total.saturating_sub(left)
    }

    fn broken_off(&self) -> Error {
        let left = self.total - self.done();
        let what = format!("The cluster is silent; {} missing", plural(left, "offset is", "offsets are"));
        let error = Error::new(what, place(&self.url), "Check the brokers, then read again");
        match lost(self.reader.client()) {
            Some(reason) => error.because(reason.text()),
            None => error,
        }
    }

    /// What could not be kept as it was.
    fn tell(&self, out: &SpoolWriter) {
        if self.nameless > 0 {
            let what =
                format!("{} headers whose names are no UTF-8", plural(self.nameless, "message has", "messages have"));
            out.warn(Error::new(what, place(&self.url), "They are left out: tell their producer"));
        }
    }
}

impl Lane {
    /// Appends the message's record. Whether all of its headers are in it.
    fn write(&self, message: &BorrowedMessage<'_>, spool: &SpoolWriter, out: &mut Vec<u8>) -> bool {
        let topic = &*self.part.topic;
        let mut record = RecordWriter::from_offset(out, &self.start, message.offset());
        match message.timestamp() {
            KafkaTime::CreateTime(ms) if ms >= 0 => record.timestamp(Timestamp { ms, kind: TimestampKind::Create }),
            KafkaTime::LogAppendTime(ms) if ms >= 0 => record.timestamp(Timestamp { ms, kind: TimestampKind::Append }),
            _ => {}
        }
        record.key(message.key());
        spool.key(&mut record, topic, message.key());
        let mut whole = true;
        let (mut content_type, mut content_encoding) = (None, None);
        if let Some(headers) = message.headers() {
            // rdkafka unwraps the names of headers as UTF-8, which a broker does not check.
            let headers = caught(|| headers.iter().map(|h| (h.key, h.value)).collect::<Vec<_>>());
            whole = headers.is_ok();
            let headers = headers.unwrap_or_default();
            let said = |names: [&str; 2]| {
                let found = headers.iter().find(|(name, _)| names.iter().any(|known| name.eq_ignore_ascii_case(known)));
                std::str::from_utf8(found?.1?).ok()
            };
            (content_type, content_encoding) = (said(CONTENT_TYPE), said(CONTENT_ENCODING));
            record.headers(headers);
        }
        let stands = spool.value(&mut record, message.payload());
        if let Some(bytes) = message.payload() {
            spool.body(&mut record, stands, Body { place: topic, bytes, content_type, content_encoding });
        }
        record.end();
        whole
    }

    fn advance(&mut self, follow: bool) {
        if self.next >= self.part.end {
            self.state = if follow { State::Caught } else { State::Over };
        }
    }

    /// Nothing more is fetched of it.
    fn rest(&self, reader: &Reader) {
        let mut list = TopicPartitionList::new();
        list.add_partition(&self.part.topic, self.part.partition);
        // Where that fails, what comes is left in its queue, which is bounded.
        let _paused = reader.pause(&list);
    }

    /// What was to be read next is gone: goes on with the first that is there, and says what is lost.
    fn begin_again(&mut self, reader: &Reader, url: &Url) -> Error {
        let Part { topic, partition, .. } = &self.part;
        let key = (Arc::clone(topic), *partition);
        let marks = Marks::ask(url, reader, std::slice::from_ref(&key)).ok();
        let marks = marks.and_then(|marks| Some((*marks.low.get(&key)?, *marks.high.get(&key)?)));
        let at = place(url);
        match marks {
            Some((low, high)) if low > self.next && low <= high => {
                let lost = low.min(self.part.end.max(self.next)) - self.next;
                let what = format!(
                    "{topic}, partition {partition}: {} deleted by retention before it could be read",
                    plural(lost.max(0) as u64, "offset was", "offsets were"),
                );
                self.next = low;
                match reader.seek(topic, *partition, Offset::Offset(low), Duration::from_secs(5)) {
                    Ok(()) => Error::new(what, at, "Read a newer part: ?newest=N or ?from=TIME"),
                    Err(cause) => {
                        self.state = State::Over;
                        self.part.end = self.next;
                        Error::new(what, at, "Read again").because(cause)
                    }
                }
            }
            _ => {
                let what = format!(
                    "{topic}, partition {partition} breaks off at offset {}: its log is shorter now",
                    self.next
                );
                self.part.end = self.next;
                Error::new(what, at, "It was truncated or made anew; read again")
            }
        }
    }
}
