//! Whole traces for servers that take no OTLP: first the trace's info, then its spans as a file, to
//! where the server says that they belong (mlflow/tracing/export/mlflow_v3.py, `_log_trace`).

use std::rc::Rc;

use super::Settled;
use super::delivery::{Delivery, Flight};
use super::tracking::without_slashes_at_end;
use crate::buffer::{Load, Parcel};
use crate::mlflow::request::percent_encode;
use crate::mlflow::trace_info::{TraceInfo, trace_info};
use crate::mlflow::verdict::REFUSED;
use crate::mlflow::{Answer, Request, RequestKind, names, otlp, span_file, whole_info};
use crate::trace::{Part, Trace};

/// Code of a trace of which another program has the root.
const PART_OF_TRACE: &str = "part_of_trace";
/// Code of a server that does not hand files on.
const ARTIFACTS_ELSEWHERE: &str = "artifacts_not_served";

impl Delivery {
    /// The request that tells of the next whole trace.
    pub(super) fn next_whole(&mut self, server: String) -> Option<Request> {
        let mut parcels = self.queue.take_whole();
        // What another program holds of the trace is not known here, and the file would take its place.
        // (Python's exporter drops it as well.)
        while recorded(&parcels).is_some_and(|trace| trace.is_part()) {
            self.dropped.refused += self.forget(parcels);
            let message = "the tracking server takes only whole traces, and another program has the root of one: use MLflow 3.7 or newer with a database (`--backend-store-uri sqlite:///mlflow.db`)";
            self.report.error(PART_OF_TRACE, message.to_owned());
            parcels = self.queue.take_whole();
        }
        let trace = parcels.first()?.trace_id();
        let experiment = self.experiment_of(&parcels, &server)?;
        let bodies = bodies(&parcels);
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let said = said(&parcels);
        let body = whole_info::body(trace, &bodies, &experiment, said.as_ref());
        let url = [&server, names::TRACES_PATH].concat();
        let id = self.fly(RequestKind::TraceInfo, parcels, server, experiment);
        let request = Request::post(id, RequestKind::TraceInfo, url, names::JSON, body);
        Some(self.counted(request))
    }

    /// The request that carries the spans of the trace whose info has arrived.
    pub(super) fn next_file(&mut self) -> Option<Request> {
        let id = self.new_request_id();
        let decimals = self.decimals;
        let mut flights = self.flights.iter_mut();
        let flight = flights.find(|flight| flight.file_url.is_some())?;
        let url = flight.file_url.take()?;
        flight.id = id;
        flight.kind = RequestKind::Artifact;
        let trace = flight.parcels.first()?.trace_id();
        let bodies = bodies(&flight.parcels);
        let bodies: Vec<&[u8]> = bodies.iter().map(Vec::as_slice).collect();
        let body = span_file::encode(&trace, &bodies, decimals);
        let mut request = Request::post(id, RequestKind::Artifact, url, names::JSON, body);
        request.method = "PUT";
        Some(self.counted(request))
    }

    /// A request that carried spans or told of a trace was taken.
    pub(super) fn taken(&mut self, mut flight: Flight, answer: &Answer) -> Settled {
        match flight.kind {
            RequestKind::TraceInfo => {}
            RequestKind::Artifact => {
                // Its info went ahead of it, with all that was said.
                self.refusals = 0;
                self.delivered += self.forget(flight.parcels);
                return Settled::Done;
            }
            _ => return self.landed(flight, answer),
        }
        let location = answer.body.artifact_location.as_deref();
        match location.and_then(|location| file_url(&flight.server, location)) {
            Some(url) => {
                flight.file_url = Some(url);
                self.flights.push(flight);
                Settled::Done
            }
            None => {
                self.dropped.refused += self.forget(flight.parcels);
                let message = [
                    "the tracking server `",
                    self.target.uri(),
                    "` takes no spans: it keeps them where only it can write; start it with `--serve-artifacts`, or use MLflow 3.7 or newer with a database",
                ]
                .concat();
                self.report.error(ARTIFACTS_ELSEWHERE, message);
                Settled::Refused { reason: REFUSED }
            }
        }
    }
}

/// The trace, if it was recorded in this life of the program.
fn recorded(parcels: &[Parcel]) -> Option<&Rc<Trace>> {
    let mut parts = parcels.iter().filter_map(Parcel::part);
    parts.find_map(Part::whole)
}

/// The spans as OTLP bodies: of a recorded trace all of them, whether or not some were sent before.
fn bodies(parcels: &[Parcel]) -> Vec<Vec<u8>> {
    if let Some(trace) = recorded(parcels) {
        let whole = Part::all(trace.clone());
        return vec![otlp::encode(std::iter::once(&whole))];
    }
    let parcels = parcels.iter();
    parcels
        .map(|parcel| match &parcel.load {
            Load::Live(part) => otlp::encode(std::iter::once(part)),
            Load::Encoded(encoded) => encoded.body.clone(),
        })
        .collect()
}

/// What the program said of the trace as a whole.
fn said(parcels: &[Parcel]) -> Option<TraceInfo> {
    if let Some(trace) = recorded(parcels) {
        return trace_info(trace);
    }
    parcels.iter().find_map(|parcel| match &parcel.load {
        Load::Live(_) => None,
        Load::Encoded(encoded) => encoded.info.clone().map(TraceInfo::from),
    })
}

/// Where the file is put: `mlflow-artifacts:/1/traces/…/artifacts`, or with a host between two slashes
/// and one, which is the server itself (mlflow/store/artifact/mlflow_artifacts_repo.py).
fn file_url(server: &str, location: &str) -> Option<String> {
    let path = location.strip_prefix(names::ARTIFACTS_SCHEME)?;
    let path = match path.strip_prefix("//") {
        Some(host_and_path) => {
            let slash = host_and_path.bytes().position(|byte| byte == b'/')?;
            host_and_path.get(slash + 1..)?
        }
        None => path.strip_prefix('/')?,
    };
    let mut url = [server, names::ARTIFACTS_PATH].concat();
    percent_encode(without_slashes_at_end(path), b"/", &mut url);
    url.push_str(names::SPANS_FILE);
    Some(url)
}
