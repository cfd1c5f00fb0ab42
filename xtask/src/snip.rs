//! Panics of the module as traps. The standard library formats a message first, for an output that
//! wasm32-unknown-unknown does not have; this leaves the formatting out, as the tool wasm-snip does.

use wasm_bindgen_cli_support::Output;

/// What the names of those functions begin with that only report a panic: those of the standard library format a
/// message for an output that wasm32-unknown-unknown does not have, and trap; those of wasm-bindgen throw where others
/// panic.
const PANIC_MODULES: [&str; 3] = ["core::panicking::", "std::panicking::", "wasm_bindgen::throw_"];
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

/// What formatting begins with, of which nothing is left in the module unless the crate formats something itself.
const FORMATTING: &str = "core::fmt::write";
/// What formatting consists of besides: implementations for the types that panics name.
const FORMATTING_PART: &str = "core::fmt::";

/// Lets panics trap at once: about 3 kB, gzipped.
pub fn trap_panics(output: &mut Output) {
    let functions = &mut output.wasm_mut().funcs;
    let names = functions.iter().map(|function| without_hashes(function.name.as_deref().unwrap_or_default()));
    let names: Vec<String> = names.collect();
    let formats = names.iter().any(|name| name == FORMATTING);
    for (function, name) in functions.iter_mut().zip(names) {
        let is_panic = PANIC_MODULES.iter().any(|start| name.starts_with(start))
            || ["core::", "alloc::", "<alloc::"].iter().any(|start| name.starts_with(start))
                && PANIC_FUNCTIONS.iter().any(|end| name.ends_with(end));
        if is_panic || !formats && name.contains(FORMATTING_PART) {
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
