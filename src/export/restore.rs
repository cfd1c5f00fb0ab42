//! Persistent storage: what is handed to it, and what comes back from it in a later session.

use super::chunk::{Payload, QueuedChunk};
use super::delivered::on_delivered;
use super::destination::DestinationState;
use super::endpoint::Endpoint;
use super::experiments::Wanted;
use super::exporter::Exporter;
use super::persist_format::{Restored, decode};
use super::persistence::{PersistRecord, RECORDS_BYTES, RecordedFor};
use crate::mlflow::ExperimentRef;
use crate::trace::MonotonicNanos;

impl Exporter {
    /// What waits or is in flight and was not handed out before: so much that it takes a page a few
    /// milliseconds. Ask again until nothing comes.
    pub(crate) fn take_unpersisted(&mut self) -> Vec<PersistRecord> {
        let mut batch = self.context.persistence.start_batch();
        for destination in &mut self.destinations {
            let workspace = destination.workspace().to_owned();
            let uses_artifacts = destination.state.uses_artifacts();
            let DestinationState { endpoint, discovery, queue, in_flight, trace_infos } = &mut destination.state;
            let server = endpoint.address().map_or("", |address| address);
            let experiments = &discovery.experiments;
            // The file of a trace carries all of it, so all of it has to come back at once.
            let most_bytes = if uses_artifacts { usize::MAX } else { RECORDS_BYTES };
            let mut index = 0;
            while !batch.is_full()
                && let Some(chunk) = queue.chunk_mut(index, most_bytes)
            {
                let experiment = experiments.id_or_name(&chunk.route);
                batch.add_chunk(chunk, &RecordedFor::new(server, &workspace, experiment));
                index += 1;
            }
            for request in in_flight.requests_mut() {
                for chunk in &mut request.chunks {
                    batch.add_chunk(chunk, &RecordedFor::new(server, &workspace, (&request.experiment, false)));
                }
            }
            for pending in trace_infos.iter_mut() {
                let experiment = pending.experiment.clone();
                batch.add_trace_info(pending, &RecordedFor::new(server, &workspace, (&experiment, false)));
            }
        }
        batch.finish()
    }

    /// The ids of records that can be deleted.
    pub(crate) fn take_finished_ids(&mut self) -> Vec<u32> {
        self.context.persistence.take_finished()
    }

    /// Whether these are the bytes of a record.
    pub(crate) fn is_record(bytes: &[u8]) -> bool {
        decode(bytes).is_some()
    }

    /// Queues what a record of a previous session holds, for the server and experiment that it was recorded for. The
    /// record stays stored until its id of this session is among the finished ones. Gives that id and how many spans it
    /// has; `None` if it cannot be read, or is for a server that this session has not set: a record does not decide who
    /// gets spans, and no other server gets them.
    pub(crate) fn restore(&mut self, bytes: &[u8]) -> Option<(u32, u64)> {
        let Restored { server, workspace, experiment, is_name, encoded } = decode(bytes)?;
        let known = self.destinations.iter().map(|known| &known.state.endpoint);
        let is_recorded = |endpoint: &&Endpoint| endpoint.address().is_some_and(|address| **address == *server);
        let endpoint = std::iter::once(&self.endpoint).chain(known).find(is_recorded)?.clone();
        let spans = encoded.span_count as u64;
        self.context.stats.restored += spans;
        let has_spans = !encoded.body.is_empty();
        let index = self.destination_at(&endpoint, &workspace);
        let last_route = &mut self.context.last_route;
        let experiments = &mut self.destinations[index].state.discovery.experiments;
        let named = ExperimentRef::Name(experiment.clone());
        let wanted = match &*experiment {
            "" => Wanted::Set(None),
            _ if is_name => Wanted::Set(Some(&named)),
            id => Wanted::Restored(id),
        };
        let route = experiments.select(wanted, last_route);
        let payload = Payload::Encoded(Box::new(encoded));
        let persist_id = self.context.persistence.assign();
        let id = persist_id.number();
        let mut chunk = QueuedChunk::new(payload, route, MonotonicNanos::default());
        chunk.persist_id = Some(persist_id);
        if has_spans {
            self.enqueue(chunk);
        } else {
            let state = &mut self.destinations[index].state;
            on_delivered(chunk, &experiment, state, &mut self.context);
        }
        Some((id, spans))
    }
}
