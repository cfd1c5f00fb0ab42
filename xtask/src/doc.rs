//! `cargo xtask doc`: the docs site, and the API docs of Rust; a warning is an error.

use crate::failure::Outcome;
use crate::project::Project;
use crate::step::Step;
use crate::toolchain::cargo;
use crate::{build, npm};
use std::process::Command;

/// Makes `target/doc-site/site` from README.md, docs and src/js, and `target/doc/mlflow_ag2` from the crate.
pub fn run(project: &Project) -> Outcome {
    build::run(project)?; // the types of the glue
    let mut site = Command::new("node");
    site.arg("docs/site/build.js").arg(npm::install_doc_tools(project)?).arg("target/doc-site");
    Step::new(project, "making the docs site", site).run()?;
    let mut rustdoc = cargo();
    rustdoc
        .args(["doc", "--quiet", "--no-deps", "--package", "mlflow-ag2", "--target-dir"])
        .arg(project.path("target"))
        .env("RUSTDOCFLAGS", "--deny warnings");
    Step::new(project, "documenting the crate", rustdoc).run()?;
    println!("target/doc-site/site/index.html\ntarget/doc/mlflow_ag2/index.html");
    Ok(())
}
