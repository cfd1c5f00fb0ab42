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
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::process::Command;

/// What esbuild writes of the parts of the bundle.
const METAFILE: &str = "autolog-alone.json";
/// A program of one line, for the part of the tracer that a bundler keeps.
const AUTOLOG_ALONE: &str = "import { autolog } from \"../../pkg/js/entry/inline.js\";\nautolog();\n";
const AUTOLOG_LAZY: &str = "import { autolog } from \"../../pkg/js/entry/lazy.js\";\nautolog();\n";
/// How the lazy entry imports the module, which a bundler that splits makes a file of its own.
const LAZY_IMPORT: &str = "../../wasm/inline.js";

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
        ("autolog() alone, inlined", bundle(project, "autolog-alone", AUTOLOG_ALONE)?, budget.autolog),
        ("autolog() alone, lazy", bundle(project, "autolog-lazy", AUTOLOG_LAZY)?, budget.lazy),
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
    is_over |= write_folders(project, &config.budget_minified_bytes, &mut text)?;
    Ok((text, is_over))
}

/// Adds a line for each folder whose files are part of `autolog()` alone. Whether one of them is over its budget, or
/// has none.
fn write_folders(project: &Project, budgets: &BTreeMap<String, usize>, text: &mut String) -> Outcome<bool> {
    let path = project.made(METAFILE);
    let metafile = fs::read_to_string(&path).at("read", &path)?;
    let unreadable = |cause| Failure::new(format!("cannot read `{}`: {cause}", path.display()));
    let metafile: serde_json::Value = serde_json::from_str(&metafile).map_err(unreadable)?;
    let outputs = metafile["outputs"].as_object().into_iter().flat_map(|outputs| outputs.values());
    let mut folders = BTreeMap::<&str, usize>::new();
    for (file, part) in outputs.filter_map(|output| output["inputs"].as_object()).flatten() {
        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let bytes = part["bytesInOutput"].as_u64().and_then(|bytes| usize::try_from(bytes).ok());
        *folders.entry(folder).or_default() += bytes.unwrap_or_default();
    }
    let mut is_over = false;
    let _ = write!(text, "\n\n{:<38}{:>12}{:>12}", "autolog() alone, by folder", "minified", "budget");
    for (folder, bytes) in folders {
        let Some(folder) = folder.strip_prefix("pkg/").filter(|_| bytes > 0) else { continue };
        let budget = budgets.get(folder).copied().unwrap_or_default();
        is_over |= bytes > budget;
        let _ = write!(text, "\n{folder:<38}{bytes:>12}{budget:>12}");
    }
    Ok(is_over)
}

/// What a bundler makes of the text of a program, without what the program imports later.
fn bundle(project: &Project, name: &str, program: &str) -> Outcome<Vec<u8>> {
    let entry = project.made(&format!("{name}.js"));
    fs::write(&entry, program).at("write", &entry)?;
    let mut command = Command::new(npm::program(project, "esbuild"));
    command.arg(format!("target/xtask/{name}.js"));
    command.args(["--bundle", "--minify", "--format=esm", "--platform=browser", "--log-level=error"]);
    if program == AUTOLOG_LAZY {
        command.arg(format!("--external:{LAZY_IMPORT}"));
    }
    let bundle = project.made(&format!("{name}.bundle.js"));
    command.arg(format!("--metafile={}", project.made(&format!("{name}.json")).display()));
    command.arg(format!("--outfile={}", bundle.display()));
    Step::new(project, format!("bundling {name}"), command).run()?;
    fs::read(&bundle).at("read", &bundle)
}
