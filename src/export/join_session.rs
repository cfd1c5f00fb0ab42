//! A finished trace becomes part of a session, because its conversation goes on in another trace.

use std::rc::Rc;

use super::exporter::Exporter;
use super::trace_info_export;
use super::trace_infos::PendingTraceInfo;
use crate::mlflow::api::trace_info::TraceInfo;
use crate::mlflow::names;
use crate::trace::TraceId;

impl Exporter {
    /// Puts a finished trace into a session, as long as memory holds it and unless it has one. The server gets it if
    /// the trace went to where traces go now; one that takes traces as files does not, since it would replace the rest.
    pub(crate) fn join_session(&mut self, id: TraceId, session: &Rc<str>) {
        let Some((trace, route_number)) = self.recent.find(id) else { return };
        if !trace.join_session(session) || trace.has_remote_root() {
            return;
        }
        let route = &self.current;
        let mut destinations = self.destinations.iter_mut();
        let Some(destination) = destinations.find(|known| known.has(route)) else { return };
        let state = &mut destination.state;
        let mut waits = state.has_root_chunk_of(id);
        for pending in state.trace_infos.iter_mut() {
            if pending.trace_id == id && pending.request.is_none() {
                pending.info.add_metadata(names::TRACE_SESSION, Some(session));
                pending.info.is_derived = false;
                waits = true;
            }
        }
        let is_elsewhere =
            route_number != route.number() || state.endpoint.server().is_none() || state.uses_artifacts();
        if waits || is_elsewhere {
            return;
        }
        let experiment = state.experiment_id(route).map(str::to_owned);
        if let (Some(experiment), Some(info)) = (experiment, TraceInfo::beyond_spans(&trace)) {
            let pending = PendingTraceInfo {
                info,
                trace_id: id,
                is_complete: false,
                trace: Some(trace),
                spans: 0,
                persist_id: None,
                experiment,
                route: route.clone(),
                attempts: Default::default(),
                request: None,
            };
            trace_info_export::enqueue(pending, state, &mut self.context);
        }
    }
}
