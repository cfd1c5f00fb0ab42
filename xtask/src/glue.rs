//! The JavaScript glue cut down to what this package needs of it. As wasm-bindgen makes it, it serves
//! every program: it fetches and streams, and repeats each export in a function. Here nothing but numbers
//! crosses, the exports are called as they are, and the entries bring the module themselves.

use crate::failure::{Failure, Outcome};

/// The same types as in src/js/bridge/webassembly.ts, which must not be imported from here: it is compiled with these.
const TYPES: &str = r#"type WasmInstance<Name extends string, Otherwise> = typeof globalThis extends { WebAssembly: Record<Name, abstract new (...values: never) => infer Made> } ? Made : Otherwise;
type WasmMemory = WasmInstance<"Memory", { readonly buffer: ArrayBuffer }>;
type WasmModule = WasmInstance<"Module", object>;
"#;

/// The glue's JavaScript.
pub fn code(made: &str) -> Outcome<String> {
    let import = made
        .lines()
        .find(|line| line.starts_with("import "))
        .ok_or_else(|| changed("import"))?;
    let ours: Vec<&str> = between(import, "{", "}")?
        .split(',')
        .map(str::trim)
        .collect();
    let mut host = String::new();
    for function in between(made, "const import0 = {", "\n    };")?.split("\n        },") {
        let Some((name, _)) = function.split_once(": function(") else {
            continue;
        };
        if ours
            .iter()
            .any(|name| function.contains(&format!(" {name}(")))
        {
            host.push_str(function);
            host.push_str("\n        },");
        } else {
            // For objects and error messages that would cross: none does, and after an error the module traps anyway.
            let name = name.trim().trim_start_matches("__proto__: null,").trim();
            host.push_str(&format!("\n        {name}() {{}},"));
        }
    }
    Ok(format!(
        r#"{import}

let wasm;

function getArrayU8FromWasm0(at, length) {{
    return new Uint8Array(wasm.memory.buffer, at >>> 0, length);
}}

export function initSync({{ module }}) {{
    if (wasm === undefined) {{
        const host = {{{host}
        }};
        const compiled = module instanceof WebAssembly.Module ? module : new WebAssembly.Module(module);
        wasm = new WebAssembly.Instance(compiled, {{ "./mlflow_ag2_bg.js": host }}).exports;
        wasm.__wbindgen_start();
    }}
    return wasm;
}}
"#
    ))
}

/// The glue's types, for programs that are compiled without the DOM's types or for an older language than those need.
pub fn types(made: &str) -> Outcome<String> {
    let functions = between(made, "/* eslint-disable */\n", "export type InitInput")?
        .replace("export function ", "")
        // As the module has them: 0 or 1.
        .replace("): boolean;", "): number;");
    Ok(format!(
        "{TYPES}
/** What the module exports. A number beyond 2^31 comes out negative. */
export interface Tracer {{
readonly memory: WasmMemory;
{functions}}}

/** Instantiates the module, the first time it is called. */
export function initSync(source: {{ module: ArrayBuffer | ArrayBufferView | WasmModule }}): Tracer;
"
    ))
}

fn between<'text>(text: &'text str, start: &str, end: &str) -> Outcome<&'text str> {
    text.split_once(start)
        .and_then(|(_, rest)| rest.split_once(end))
        .map(|(found, _)| found)
        .ok_or_else(|| changed(start))
}

fn changed(what: &str) -> Failure {
    Failure::new(format!("the glue has no `{what}` where it is looked for")).cure(
        "wasm-bindgen makes its glue in another way now: see `target/xtask/glue` and mend xtask/src/glue.rs",
    )
}
