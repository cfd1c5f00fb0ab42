//! Panics of the module as traps. The standard library formats a message first, for an output that
//! wasm32-unknown-unknown does not have; this leaves the formatting out, as the tool wasm-snip does.

use wasm_bindgen_cli_support::Output;

/// What the names of those functions of the standard library begin with that only report a panic: they format a message
/// for an output that wasm32-unknown-unknown does not have, and trap.
const PANIC_MODULES: [&str; 2] = ["core::panicking::", "std::panicking::"];
/// What else the names of such functions end with.
const PANIC_FUNCTIONS: [&str; 8] = [
    "::assert_failed",
    "::expect_failed",
    "::handle_alloc_error",
    "::handle_error",
    "::panic_already_borrowed",
    "::panic_already_mutably_borrowed",
    "::slice_index_fail",
    "::unwrap_failed",
];

/// Lets panics trap at once: about 2 kB, gzipped.
pub fn trap_panics(output: &mut Output) {
    for function in output.wasm_mut().funcs.iter_mut() {
        let name = without_hashes(function.name.as_deref().unwrap_or_default());
        let is_panic = PANIC_MODULES.iter().any(|start| name.starts_with(start))
            || ["core::", "alloc::", "<alloc::"].iter().any(|start| name.starts_with(start))
                && PANIC_FUNCTIONS.iter().any(|end| name.ends_with(end));
        if is_panic {
            let mut body = function.kind.unwrap_local_mut().builder_mut().func_body();
            body.instrs_mut().clear();
            body.unreachable();
        }
    }
}

/// A name without the hash that each crate has in brackets behind its name.
fn without_hashes(name: &str) -> String {
    let mut parts = name.split('[');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(']') {
            Some((hash, rest)) if hash.len() == 16 => whole.push_str(rest),
            _ => {
                whole.push('[');
                whole.push_str(part);
            }
        }
    }
    whole
}
