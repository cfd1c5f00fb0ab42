//! `cargo xtask build`: `src` to `pkg`.

use crate::failure::Outcome;
use crate::project::Project;
use crate::{join, npm, site, table, typescript, wasm, weigh};

/// Builds the package; returns its weights as a table for people.
pub fn run(project: &Project) -> Outcome<String> {
    let _lock = project.lock("build")?;
    package(project)
}

/// Builds the package, and the tests and demos that use it.
pub fn with_tests(project: &Project) -> Outcome<String> {
    let _lock = project.lock("build")?;
    let weights = package(project)?;
    typescript::tests(project)?;
    site::build(project)?;
    Ok(weights)
}

/// Builds the package, and the page that shows it.
pub fn with_site(project: &Project) -> Outcome<String> {
    let _lock = project.lock("build")?;
    let weights = package(project)?;
    site::build(project)?;
    Ok(weights)
}

fn package(project: &Project) -> Outcome<String> {
    let table = table::read(project)?;
    // npm waits for the network, the compiler for the processor.
    let compiled = std::thread::scope(|threads| {
        let installing = threads.spawn(|| npm::install(project));
        let compiled = wasm::compile(project, &table);
        join(installing)?;
        compiled
    })?;
    wasm::pack(project, &table, &compiled)?;
    typescript::shell(project)?;
    weigh::run(project, &table)
}
