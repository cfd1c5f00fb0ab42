//! `cargo xtask doc`: the API docs of Rust and TypeScript; a warning is an error.

use crate::failure::Outcome;
use crate::project::Project;
use crate::step::Step;
use crate::toolchain::cargo;
use crate::{build, npm};
use std::process::Command;

/// Makes `target/doc/js` from src/js and `target/doc/mlflow_ag2` from the crate.
pub fn run(project: &Project) -> Outcome {
    build::run(project)?; // the types of the glue
    let tools = npm::install_tools(project)?;
    let mut typedoc = Command::new("node");
    typedoc.arg(tools.join("node_modules/typedoc/bin/typedoc")).args(["--options", "docs/typedoc.json"]);
    Step::new(project, "documenting src/js", typedoc).run()?;
    let mut rustdoc = cargo();
    rustdoc
        .args(["doc", "--quiet", "--no-deps", "--package", "mlflow-ag2", "--target-dir"])
        .arg(project.path("target"))
        .env("RUSTDOCFLAGS", "--deny warnings");
    Step::new(project, "documenting the crate", rustdoc).run()?;
    println!("target/doc/js/index.html\ntarget/doc/mlflow_ag2/index.html");
    Ok(())
}
