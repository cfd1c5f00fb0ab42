//! The records that are stored outside the program until they have been delivered.

use wasm_bindgen::prelude::*;

use super::host::JsHost;
use super::instance::lock;
use super::views::{self, View};
use crate::Tracer;

/// Finished spans that were not handed out before, about half a megabyte of them:
/// `{ id, spans, bytes }[]`; empty if there are none. To be deleted once `takeFinishedIds` names the id.
#[wasm_bindgen(js_name = takeUnpersisted)]
pub fn take_unpersisted() -> JsValue {
    let records = lock().tracer.take_unpersisted();
    views::records(&records).into_js()
}

/// The ids of records that can be deleted; each is named once.
#[wasm_bindgen(js_name = takeFinishedIds)]
pub fn take_finished_ids() -> JsValue {
    let ids = lock().tracer.take_finished_ids();
    let ids = ids.into_iter().map(|id| View::Number(id.into()));
    View::List(ids.collect()).into_js()
}

/// Whether `restore` can read these bytes.
#[wasm_bindgen(js_name = isRecord)]
pub fn is_record(record: &[u8]) -> bool {
    Tracer::<JsHost>::is_record(record)
}

/// Queues a record of an earlier process, and gives its id in this one, to be deleted once `takeFinishedIds` names
/// it; 0 if it cannot be read.
#[wasm_bindgen]
pub fn restore(record: &[u8]) -> u32 {
    lock().tracer.restore(record).unwrap_or_default()
}
