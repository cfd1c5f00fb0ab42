//! The bytes that a page downloads, compared with the budgets of `wasm-pack.toml`.

use crate::cache::{Fingerprint, unless_done};
use crate::failure::{At, Failure, Outcome};
use crate::npm;
use crate::project::Project;
use crate::step::Step;
use crate::table::Table;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Command;

/// A program of one line, for what a bundler leaves of the tracer.
const AUTOLOG_ALONE: &str = "import { autolog } from \"../../pkg/js/entry/inline.js\";\nautolog();\n";

/// Weighs the files in `pkg`; returns a table for people. Fails when something is over its budget.
pub fn run(project: &Project, table: &Table) -> Outcome<String> {
    let report = project.made("weights.txt");
    let inputs = Fingerprint::default().path(&project.path("pkg"))?.path(&project.path("wasm-pack.toml"))?;
    unless_done(&project.made("weights.stamp"), &inputs, std::slice::from_ref(&report), || {
        let (text, is_over) = weigh(project, table)?;
        if is_over {
            let help = "make it smaller, or raise the number in `wasm-pack.toml` and say why in the commit";
            return Err(Failure::new(format!("the package is over its budget:\n{text}")).help(help));
        }
        fs::write(&report, text).at("write", &report)
    })?;
    fs::read_to_string(&report).at("read", &report)
}

/// The table, and whether something in it is over its budget.
fn weigh(project: &Project, table: &Table) -> Outcome<(String, bool)> {
    let program = project.made("autolog-alone.js");
    fs::write(&program, AUTOLOG_ALONE).at("write", &program)?;
    let module = project.path(&table.out_dir).join(format!("{}_bg.wasm", table.out_name));
    let budget = &table.budget_gzip_bytes;
    let weighed = [
        ("WebAssembly module", fs::read(&module).at("read", &module)?, budget.wasm),
        ("tracer, module inlined", bundle(project, "pkg/js/entry/inline.js")?, budget.tracer),
        ("autolog() alone, inlined", bundle(project, "target/xtask/autolog-alone.js")?, budget.autolog),
        ("agent library", bundle(project, "pkg/js/agents/index.js")?, budget.agents),
        ("trace view", bundle(project, "pkg/js/view/index.js")?, budget.view),
    ];
    let mut text = format!("{:<26}{:>12}{:>12}{:>12}", "bytes", "raw", "gzip", "budget");
    let mut is_over = false;
    for (what, bytes, budget) in weighed {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        let packed = gzip.write_all(&bytes).and_then(|()| gzip.finish());
        let packed = packed.map_err(|cause| Failure::new(format!("cannot gzip the {what}: {cause}")))?.len();
        is_over |= packed > budget;
        // Writing to a String cannot fail.
        let _ = write!(text, "\n{what:<26}{:>12}{packed:>12}{budget:>12}", bytes.len());
    }
    Ok((text, is_over))
}

fn bundle(project: &Project, entry: &str) -> Outcome<Vec<u8>> {
    let mut command = Command::new(npm::program(project, "esbuild"));
    command.args([entry, "--bundle", "--minify", "--format=esm", "--platform=browser", "--log-level=error"]);
    Step::new(project, format!("bundling {entry}"), command).output()
}
