//! What is kept outside the program until it has been delivered.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::instance::lock;

/// Finished spans that were not handed out before, about half a megabyte of them:
/// `{ id, spans, bytes }[]`; empty if there are none. To be kept until `takeFinishedIds` names the id.
#[wasm_bindgen(js_name = takeUnpersisted)]
pub fn take_unpersisted() -> Array {
    let records = lock().tracer.take_unpersisted();
    let list = Array::new();
    for record in records {
        let object = Object::new();
        for (name, value) in [
            ("id", JsValue::from(record.id)),
            ("spans", JsValue::from(record.spans as f64)),
            ("bytes", Uint8Array::from(&record.bytes[..]).into()),
        ] {
            // A plain object takes every property.
            let _ = Reflect::set(&object, &name.into(), &value);
        }
        list.push(&object);
    }
    list
}

/// The ids of records that need not be kept any longer; each is named once.
#[wasm_bindgen(js_name = takeFinishedIds)]
pub fn take_finished_ids() -> Vec<u32> {
    lock().tracer.take_finished_ids()
}

/// Queues a record of an earlier process; false if it cannot be read.
#[wasm_bindgen]
pub fn restore(record: &[u8]) -> bool {
    lock().tracer.restore(record)
}
