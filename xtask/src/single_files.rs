//! The entries as single files for pages without a bundler: `pkg/bundle`.

use crate::cache::{Fingerprint, unless_done};
use crate::failure::{At, Outcome};
use crate::npm;
use crate::project::Project;
use crate::step::{Step, ask};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The names of the files, each with what it is made of.
const FILES: [(&str, &str); 4] = [
    ("tracer", "pkg/js/entry/inline.js"),
    ("agents", "pkg/js/agents/index.js"),
    ("tracer-and-agents", "pkg/js/bundle/tracer-and-agents.js"),
    ("view", "pkg/js/view/index.js"),
];
const FOLDER: &str = "pkg/bundle";
/// Prints the value of the attribute `integrity` (<https://www.w3.org/TR/SRI/>) of the file that is its argument.
const INTEGRITY: &str = r#"
const { createHash } = await import("node:crypto");
const { readFileSync } = await import("node:fs");
console.log(`sha384-${createHash("sha384").update(readFileSync(process.argv[1])).digest("base64")}`);
"#;

/// The path of the file with that name.
pub fn path(project: &Project, name: &str) -> PathBuf {
    project.path(FOLDER).join(format!("{name}.js"))
}

/// Makes the files, minified, with source maps that refer to the files of the package.
pub fn build(project: &Project) -> Outcome {
    let inputs = ["pkg/js", "pkg/wasm", "package-lock.json"].map(|path| project.path(path));
    let outputs = FILES.map(|(name, _)| path(project, name));
    unless_done(&project.made("bundle.stamp"), &Fingerprint::default().paths(&inputs)?, &outputs, || {
        let folder = project.path(FOLDER);
        if folder.exists() {
            fs::remove_dir_all(&folder).at("remove", &folder)?;
        }
        let mut command = Command::new(npm::program(project, "esbuild"));
        command.args(FILES.map(|(name, source)| format!("{name}={source}")));
        command.args(["--bundle", "--minify", "--format=esm", "--platform=browser", "--log-level=error"]);
        command.args(["--sourcemap", "--sources-content=false"]).arg(format!("--outdir={FOLDER}"));
        Step::new(project, "making single files for pages", command).run()
    })
}

/// What a page may put into `integrity` for each file, as a table for people.
pub fn integrity(project: &Project) -> String {
    let line = |(name, _): (&str, &str)| {
        let file = path(project, name).display().to_string();
        let value = ask("node", &["--input-type=module", "--eval", INTEGRITY, &file]).unwrap_or_default();
        format!("{FOLDER}/{name}.js  {}", value)
    };
    FILES.map(line).join("\n")
}
