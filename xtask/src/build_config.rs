//! The build configuration `wasm-pack.toml`.

use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;

/// The content of `wasm-pack.toml`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct BuildConfig {
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
    /// The limits of downloads.
    pub budget_gzip_bytes: Budget,
    /// By folder of `pkg`: the limits of its part of `autolog()` alone, minified.
    pub budget_minified_bytes: BTreeMap<String, usize>,
}

/// Limits in bytes after gzip.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// The module alone.
    pub wasm: usize,
    /// The package's main entry as a bundle, module included.
    pub tracer: usize,
    /// The part that a bundler keeps of that entry for a program that calls `autolog()` and nothing else.
    pub autolog: usize,
    /// As `autolog`, of the entry whose module is a file of its own: what a page downloads before it.
    pub lazy: usize,
    /// The agent library as a bundle.
    pub agents: usize,
    /// The element `<mlflow-trace>` as a bundle.
    pub view: usize,
}

/// Reads the configuration.
pub fn read(project: &Project) -> Outcome<BuildConfig> {
    let path = project.path("wasm-pack.toml");
    let text = fs::read_to_string(&path).at("read", &path)?;
    let config: BuildConfig =
        toml::from_str(&text).map_err(|cause| Failure::new(format!("`wasm-pack.toml` is wrong: {cause}")))?;
    if config.target != "web" {
        return Err(Failure::new(format!("`wasm-pack.toml` has the target `{}`", config.target))
            .help("set it to `web`, which the entries in src/js/entry load"));
    }
    Ok(config)
}
