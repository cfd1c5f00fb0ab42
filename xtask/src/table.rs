//! The build table `wasm-pack.toml`.

use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use serde::Deserialize;
use std::fs;

/// The content of `wasm-pack.toml`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Table {
    /// The kind of JavaScript glue; only `web` loads in every host.
    pub target: String,
    /// The folder of glue and module, from the root of the checkout.
    pub out_dir: String,
    /// The name of the glue file without its ending.
    pub out_name: String,
    /// The cargo profile of the module.
    pub profile: String,
    /// The options of wasm-opt.
    pub wasm_opt: Vec<String>,
    /// What may be downloaded at most.
    pub budget_gzip_bytes: Budget,
}

/// Limits in bytes after gzip.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The module alone.
    pub wasm: usize,
    /// The package's main entry as a bundle, module included.
    pub tracer: usize,
    /// What a bundler leaves of that entry for a program that calls `autolog()` and nothing else.
    pub autolog: usize,
    /// The agent library as a bundle.
    pub agents: usize,
    /// The element `<mlflow-trace>` as a bundle.
    pub view: usize,
}

/// Reads the table.
pub fn read(project: &Project) -> Outcome<Table> {
    let path = project.path("wasm-pack.toml");
    let text = fs::read_to_string(&path).at("read", &path)?;
    let table: Table =
        toml::from_str(&text).map_err(|cause| Failure::new(format!("`wasm-pack.toml` is wrong: {cause}")))?;
    if table.target != "web" {
        return Err(Failure::new(format!("`wasm-pack.toml` asks for target `{}`", table.target))
            .help("set it to `web`, which the entries in src/js/entry load"));
    }
    Ok(table)
}
