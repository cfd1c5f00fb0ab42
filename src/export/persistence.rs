//! What is handed to persistent storage, so that a later session of the program can deliver it.

use std::cell::Cell;
use std::rc::Rc;

use super::chunk::QueuedChunk;
use super::persist_format;
use super::trace_infos::PendingTraceInfo;

/// What is handed out at once, in bytes as they are stored: a page takes some milliseconds for it.
pub(super) const RECORDS_BYTES: usize = 1 << 19;

/// A record for persistent storage, to be deleted once its id is reported as finished.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersistRecord {
    /// Its number in this session.
    pub id: u32,
    /// How many spans it has.
    pub spans: usize,
    /// The address of the server that they belong to.
    pub server: String,
    /// All of it, for [`crate::Tracer::restore`] of a later session.
    pub bytes: Vec<u8>,
}

/// A record, as each piece refers to it of what was one chunk when the record was written.
#[derive(Clone, Debug)]
pub(super) struct PersistId(Rc<StoredRecord>);

#[derive(Debug)]
struct StoredRecord {
    number: u32,
    /// Whether a piece of it was given up unsent.
    stays: Cell<bool>,
}

impl PersistId {
    /// The number of the record in this session.
    pub(super) fn number(&self) -> u32 {
        self.0.number
    }

    /// Gives up one piece unsent: the record stays for the next session, whatever happens to the other pieces.
    pub(super) fn give_up(self) {
        self.0.stays.set(true);
    }

    /// Lets go of one piece that is done; gives the number of the record if it can be deleted now.
    fn finish(self) -> Option<u32> {
        let record = Rc::into_inner(self.0)?;
        (!record.stays.get()).then_some(record.number)
    }
}

/// Which records were handed out, and which are finished.
#[derive(Debug, Default)]
pub(super) struct PersistLedger {
    last: u32,
    finished: Vec<u32>,
}

impl PersistLedger {
    /// Notes that a chunk was delivered or is lost for good. Its record is finished with the last piece of it.
    pub(super) fn finish(&mut self, id: Option<PersistId>) {
        self.finished.extend(id.and_then(PersistId::finish));
    }

    /// The numbers of records that were finished since the last call.
    pub(super) fn take_finished(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.finished)
    }

    /// Begins to hand out records.
    pub(super) fn start_batch(&mut self) -> PersistBatch<'_> {
        PersistBatch { ledger: self, records: Vec::new(), budget_bytes: RECORDS_BYTES }
    }

    /// The id of a record that was not stored in this session before.
    pub(super) fn assign(&mut self) -> PersistId {
        self.last = self.last.wrapping_add(1);
        PersistId(Rc::new(StoredRecord { number: self.last, stays: Cell::new(false) }))
    }
}

/// Records that are being written.
#[derive(Debug)]
pub(super) struct PersistBatch<'a> {
    ledger: &'a mut PersistLedger,
    records: Vec<PersistRecord>,
    budget_bytes: usize,
}

impl PersistBatch<'_> {
    /// Whether no more records are to be written now.
    #[must_use]
    pub(super) const fn is_full(&self) -> bool {
        self.budget_bytes == 0
    }

    /// Writes a chunk that was recorded for this place, unless it is written already.
    pub(super) fn add_chunk(&mut self, chunk: &mut QueuedChunk, place: &RecordedFor<'_>) {
        if chunk.persist_id.is_none() && !self.is_full() {
            let bytes = persist_format::encode_chunk(chunk, place);
            chunk.persist_id = Some(self.add(chunk.span_count(), bytes, place));
        }
    }

    /// Writes the info of a trace whose spans were delivered to this place, unless it is written already.
    pub(super) fn add_trace_info(&mut self, pending: &mut PendingTraceInfo, place: &RecordedFor<'_>) {
        if pending.persist_id.is_none() && !pending.info.is_derived && !self.is_full() {
            let bytes = persist_format::encode_trace_info(pending, place);
            pending.persist_id = Some(self.add(pending.spans as usize, bytes, place));
        }
    }

    /// The records.
    #[must_use]
    pub(super) fn finish(self) -> Vec<PersistRecord> {
        self.records
    }

    fn add(&mut self, spans: usize, bytes: Vec<u8>, place: &RecordedFor<'_>) -> PersistId {
        self.budget_bytes = self.budget_bytes.saturating_sub(bytes.len());
        let id = self.ledger.assign();
        self.records.push(PersistRecord { id: id.number(), spans, server: place.server.to_owned(), bytes });
        id
    }
}

/// The place that spans were recorded for, as a record names it.
#[derive(Debug)]
pub(super) struct RecordedFor<'a> {
    /// The address of the server.
    pub server: &'a str,
    /// The workspace; empty: none.
    pub workspace: &'a str,
    /// The id of the experiment; as long as that is not known its name.
    pub experiment: &'a str,
    /// Whether it is the name.
    pub is_name: bool,
}

impl<'a> RecordedFor<'a> {
    /// The place with this server, workspace and experiment, of which the id is known or only the name.
    #[must_use]
    pub(super) const fn new(server: &'a str, workspace: &'a str, (experiment, is_name): (&'a str, bool)) -> Self {
        Self { server, workspace, experiment, is_name }
    }
}
