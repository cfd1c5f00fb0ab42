//! `cargo xtask bench`: the cost of tracing, compared with other tracers.

use crate::failure::{At, Failure, Outcome};
use crate::install::{CHROMIUM, MLFLOW, postgres, rotel};
use crate::project::Project;
use crate::step::Step;
use crate::{build, join, npm, unknown};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The folder of everything that a run makes.
const WORK: &str = "target/bench";

/// Builds the package, packs it as it is published, installs the peers and measures all.
pub fn run(project: &Project, args: &[String]) -> Outcome {
    match args.first().map(String::as_str) {
        Some("load") => return with_mlflow(project, "bench/load/load.mjs", &args[1..]),
        Some("soak") => return with_mlflow(project, "bench/soak/soak.mjs", &args[1..]),
        Some("wire") if args.len() == 1 => return wire(project),
        _ => {}
    }
    if args.iter().any(|arg| !["--quick", "--instructions"].contains(&arg.as_str())) {
        return Err(unknown("bench", args));
    }
    let (peers, chromium) = std::thread::scope(|threads| {
        let peers = threads.spawn(|| npm::install_list(project, "bench-peers", "bench"));
        let chromium = threads.spawn(|| CHROMIUM.find_or_install(project));
        println!("{}", build::run(project)?);
        Ok::<_, Failure>((join(peers)?, join(chromium)?))
    })?;
    let mut command = Command::new("node");
    command.arg("bench/run.mjs").arg("--package").arg(unpacked(project)?);
    command.arg("--peers").arg(peers.join("node_modules")).arg("--work").arg(project.path(WORK));
    command.env("CHROMIUM", chromium);
    command.env("DENO", npm::program(project, "deno")).env("BUN", npm::program(project, "bun"));
    command.args(args);
    // Before other programs, where this is allowed, so that they disturb least.
    let priority = Command::new("nice").args(["-n", "-10", "nice"]).output();
    if priority.is_ok_and(|printed| printed.status.success() && printed.stdout.trim_ascii() == b"-10") {
        command.arg("--nice=-10");
    }
    Step::new(project, "the benchmark", command).show()
}

/// Measures what the peers send, and when MLflow shows it.
fn wire(project: &Project) -> Outcome {
    let peers = npm::install_list(project, "bench-peers", "bench")?;
    println!("{}", build::run(project)?);
    let mut command = Command::new("node");
    command.arg("bench/wire.mjs").arg("--package").arg(unpacked(project)?);
    command.arg("--peers").arg(peers.join("node_modules")).arg("--work").arg(project.path(WORK));
    command.env("MLFLOW_AG2_PYTHON", MLFLOW.install(project)?);
    Step::new(project, "the bytes on the wire", command).show()
}

/// Runs a measurement that needs MLflow over PostgreSQL, a collector, a browser and Deno, with its own `args`.
fn with_mlflow(project: &Project, program: &str, args: &[String]) -> Outcome {
    println!("{}", build::run(project)?);
    unpacked(project)?;
    let mut command = Command::new("node");
    command.arg(program).arg("--work").arg(project.path(WORK)).args(args);
    command.env("MLFLOW_AG2_PYTHON", MLFLOW.install(project)?).env("POSTGRES", postgres(project)?);
    command.env("DENO", npm::program(project, "deno")).env("CHROMIUM", CHROMIUM.find_or_install(project)?);
    command.env("ROTEL", rotel(project)?);
    Step::new(project, program, command).show()
}

/// Packs the package and unpacks it where programs find it; returns that `node_modules`.
fn unpacked(project: &Project) -> Outcome<PathBuf> {
    let packages = project.path(WORK).join("node_modules");
    let package = packages.join("mlflow-ag2");
    let tarball = npm::pack(project, &project.made("bench"))?;
    let _ = fs::remove_dir_all(&package);
    fs::create_dir_all(&package).at("make", &package)?;
    let mut unpack = Command::new("tar");
    unpack.args(["-xz", "--strip-components=1", "-f"]).arg(tarball).arg("-C").arg(&package);
    Step::new(project, "unpacking the package", unpack).run()?;
    Ok(packages)
}
