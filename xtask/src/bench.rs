//! `cargo xtask bench`: what tracing costs, beside other tracers.

use crate::browser::CHROMIUM;
use crate::cache::{Fingerprint, unless_done};
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::Step;
use crate::{build, join, npm, unknown};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where everything is made that a run needs.
const WORK: &str = "target/bench";
/// What a fresh checkout needs to download the peers.
const PEERS: [&str; 2] = ["package.json", "package-lock.json"];

/// Builds the package, packs it as it is published, installs the peers and measures all.
pub fn run(project: &Project, words: &[String]) -> Outcome {
    let is_quick = match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--quick"] => true,
        _ => return Err(unknown("bench", words)),
    };
    let (peers, chromium) = std::thread::scope(|threads| {
        let peers = threads.spawn(|| install_peers(project));
        let chromium = threads.spawn(|| CHROMIUM.find_or_install(project));
        println!("{}", build::run(project)?);
        Ok::<_, Failure>((join(peers)?, join(chromium)?))
    })?;
    let package = pack(project)?;
    let mut command = Command::new("node");
    command
        .arg(project.path("bench/run.mjs"))
        .args(["--package".as_ref(), package.as_os_str()])
        .args(["--peers".as_ref(), peers.as_os_str()])
        .args(["--work".as_ref(), project.path(WORK).as_os_str()])
        .env("CHROMIUM", chromium)
        .env("DENO", npm::program(project, "deno"))
        .env("BUN", npm::program(project, "bun"));
    if is_quick {
        command.arg("--quick");
    }
    // Before others, where this is allowed: what runs beside it disturbs least then.
    let may_hurry = Command::new("nice").args(["-n", "-10", "nice"]).output();
    if may_hurry.is_ok_and(|said| said.status.success() && said.stdout.trim_ascii() == b"-10") {
        command.arg("--nice=-10");
    }
    Step::new(project, "the benchmark", command).show()
}

/// Installs the pinned peers in the cache; gives their `node_modules`.
fn install_peers(project: &Project) -> Outcome<PathBuf> {
    let _lock = project.lock_cached("bench-peers")?;
    let inputs = Fingerprint::default().paths(&PEERS.map(|file| bench_file(project, file)))?;
    // Another version of the list has a folder of its own: checkouts share the cache.
    let folder = project.cached(&format!("bench-peers-{}", inputs.finish()));
    let packages = folder.join("node_modules");
    let note = folder.join("installed");
    unless_done(
        &note,
        &inputs,
        &[packages.join(".package-lock.json")],
        || {
            fs::create_dir_all(&folder).at("make", &folder)?;
            for file in PEERS {
                let to = folder.join(file);
                fs::copy(bench_file(project, file), &to).at("write", &to)?;
            }
            let mut command = Command::new("npm");
            command
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(&folder);
            Step::new(project, "installing the tracers to compare with", command)
                .cure("see that the npm registry can be reached")
                .run()
        },
    )?;
    Ok(packages)
}

fn bench_file(project: &Project, name: &str) -> PathBuf {
    project.path("bench").join(name)
}

/// Packs the package and unpacks it where programs find it; gives that `node_modules`.
fn pack(project: &Project) -> Outcome<PathBuf> {
    let work = project.path(WORK);
    let packages = work.join("node_modules");
    let package = packages.join("mlflow-ag2");
    remove(&package)?;
    fs::create_dir_all(&package).at("make", &package)?;
    let mut pack = Command::new("npm");
    pack.args(["pack", "--silent", "--pack-destination"])
        .arg(&work);
    let name = Step::new(project, "packing", pack).output()?;
    let tarball = work.join(String::from_utf8_lossy(&name).trim());
    let mut unpack = Command::new("tar");
    unpack
        .args(["-xz", "--strip-components=1", "-f"])
        .arg(&tarball)
        .arg("-C")
        .arg(&package);
    Step::new(project, "unpacking", unpack).run()?;
    Ok(packages)
}

fn remove(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).at("remove", folder)?;
    }
    Ok(())
}
