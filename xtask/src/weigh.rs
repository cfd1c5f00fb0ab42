//! What a page downloads, held against the budgets of `wasm-pack.toml`.

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

struct Weight {
    what: &'static str,
    raw: usize,
    gzip: usize,
    budget: usize,
}

/// Weighs what is in `pkg`; returns a table for people. Fails when something is over its budget.
pub fn run(project: &Project, table: &Table) -> Outcome<String> {
    let report = project.made("weights.txt");
    let inputs = Fingerprint::default()
        .path(&project.path("pkg"))?
        .path(&project.path("wasm-pack.toml"))?;
    unless_done(
        &project.made("weights.stamp"),
        &inputs,
        std::slice::from_ref(&report),
        || {
            let budget = &table.budget_gzip_bytes;
            let module = project
                .path(&table.out_dir)
                .join(format!("{}_bg.wasm", table.out_name));
            let weights = [
                weigh(
                    "WebAssembly module",
                    &fs::read(&module).at("read", &module)?,
                    budget.wasm,
                )?,
                weigh(
                    "tracer, module inlined",
                    &bundle(project, "pkg/js/entry/inline.js")?,
                    budget.tracer,
                )?,
                weigh(
                    "autolog() alone, inlined",
                    &bundle(project, &autolog_alone(project)?)?,
                    budget.autolog,
                )?,
                weigh(
                    "agent library",
                    &bundle(project, "pkg/js/agents/index.js")?,
                    budget.agents,
                )?,
                weigh(
                    "trace view",
                    &bundle(project, "pkg/js/view/index.js")?,
                    budget.view,
                )?,
            ];
            check(&weights)?;
            fs::write(&report, describe(&weights)).at("write", &report)
        },
    )?;
    fs::read_to_string(&report).at("read", &report)
}

fn weigh(what: &'static str, bytes: &[u8], budget: usize) -> Outcome<Weight> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    let packed = gzip.write_all(bytes).and_then(|()| gzip.finish());
    let packed =
        packed.map_err(|cause| Failure::new(format!("cannot gzip the {what}: {cause}")))?;
    Ok(Weight {
        what,
        raw: bytes.len(),
        gzip: packed.len(),
        budget,
    })
}

/// A program of one line: what a bundler leaves of the tracer for it.
fn autolog_alone(project: &Project) -> Outcome<String> {
    let program = project.made("autolog-alone.js");
    let entry = project.path("pkg/js/entry/inline.js");
    let text = format!(
        "import {{ autolog }} from {:?};\nautolog();\n",
        entry.display().to_string()
    );
    fs::write(&program, text).at("write", &program)?;
    Ok(program.display().to_string())
}

fn bundle(project: &Project, entry: &str) -> Outcome<Vec<u8>> {
    let mut command = Command::new(npm::program(project, "esbuild"));
    command.arg(entry).args([
        "--bundle",
        "--minify",
        "--format=esm",
        "--platform=browser",
        "--log-level=error",
    ]);
    Step::new(project, format!("bundling {entry}"), command).output()
}

fn describe(weights: &[Weight]) -> String {
    let mut text = format!("{:<26}{:>12}{:>12}{:>12}", "bytes", "raw", "gzip", "budget");
    for weight in weights {
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n{:<26}{:>12}{:>12}{:>12}",
            weight.what, weight.raw, weight.gzip, weight.budget
        );
    }
    text
}

fn check(weights: &[Weight]) -> Outcome {
    if weights.iter().all(|weight| weight.gzip <= weight.budget) {
        return Ok(());
    }
    let cure = "make it smaller, or raise the number in `wasm-pack.toml` and say why in the commit";
    Err(Failure::new(format!(
        "the package is over its budget:\n{}",
        describe(weights)
    ))
    .cure(cure))
}
