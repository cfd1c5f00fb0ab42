//! The bytes that a page downloads, compared with the budgets of `wasm-pack.toml`.

use crate::build_config::BuildConfig;
use crate::cache::{Fingerprint, unless_done};
use crate::failure::{At, Failure, Outcome};
use crate::npm;
use crate::project::Project;
use crate::single_files;
use crate::step::Step;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Command;

/// A program of one line, for the part of the tracer that a bundler keeps.
const AUTOLOG_ALONE: &str = "import { autolog } from \"../../pkg/js/entry/inline.js\";\nautolog();\n";

/// Measures the files in `pkg`; returns a table for people. Fails when something is over its budget.
pub fn run(project: &Project, config: &BuildConfig) -> Outcome<String> {
    let report = project.made("sizes.txt");
    let inputs = Fingerprint::default().path(&project.path("pkg"))?.path(&project.path("wasm-pack.toml"))?;
    unless_done(&project.made("sizes.stamp"), &inputs, std::slice::from_ref(&report), || {
        let (text, is_over) = measure(project, config)?;
        if is_over {
            let help = "make it smaller, or raise the number in `wasm-pack.toml` with the reason in the commit";
            return Err(Failure::new(format!("the package is over its budget:\n{text}")).help(help));
        }
        fs::write(&report, text).at("write", &report)
    })?;
    fs::read_to_string(&report).at("read", &report)
}

/// The table, and whether something in it is over its budget.
fn measure(project: &Project, config: &BuildConfig) -> Outcome<(String, bool)> {
    let program = project.made("autolog-alone.js");
    fs::write(&program, AUTOLOG_ALONE).at("write", &program)?;
    let module = project.path(&config.out_dir).join(format!("{}_bg.wasm", config.out_name));
    let single_file = |name: &str| -> Outcome<Vec<u8>> {
        let path = single_files::path(project, name);
        let code = fs::read_to_string(&path).at("read", &path)?;
        // Bundlers leave out what names the source map.
        Ok(code.split("//# sourceMappingURL=").next().unwrap_or_default().as_bytes().to_vec())
    };
    let budget = &config.budget_gzip_bytes;
    let measured = [
        ("WebAssembly module", fs::read(&module).at("read", &module)?, budget.wasm),
        ("tracer, module inlined", single_file("tracer")?, budget.tracer),
        ("autolog() alone, inlined", bundle(project, "target/xtask/autolog-alone.js")?, budget.autolog),
        ("agent library", single_file("agents")?, budget.agents),
        ("trace view", single_file("view")?, budget.view),
    ];
    let mut text = format!("{:<26}{:>12}{:>12}{:>12}", "bytes", "raw", "gzip", "budget");
    let mut is_over = false;
    for (what, bytes, budget) in measured {
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
