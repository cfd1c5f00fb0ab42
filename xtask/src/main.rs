//! `cargo xtask`: everything a person types to build, see and test mlflow-ag2.
//!
//! Each command sets up what it needs, says what takes longer than a second, and remembers what is already done.
#![warn(missing_docs)]
// The bans of clippy.toml keep the pure half of the library pure; a build tool lives on files, processes and the environment.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]

#[cfg(not(unix))]
compile_error!(
    "cargo xtask runs on Linux and macOS; on Windows use the Windows Subsystem for Linux"
);

mod apt;
mod bench;
mod browser;
mod build;
mod cache;
mod debian;
mod demo;
mod doc;
mod failure;
mod fuzz;
mod inline;
mod mlflow;
mod npm;
mod progress;
mod project;
mod release;
mod reproduce;
mod runner;
mod server;
mod site;
mod step;
mod table;
mod test;
mod test_plan;
mod toolchain;
mod tools;
mod typescript;
mod wasm;
mod weigh;

use failure::{Failure, Outcome};
use project::Project;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask build [--web]
    Builds the npm package into pkg/: Rust to WebAssembly, JavaScript glue, TypeScript; weighs it.
    --web                 also makes the page www, in target/www-site, for any web server to host

cargo xtask demo [--mlflow | --tracking-uri URL | --web [--port N]]
    Builds, runs a scripted two-agent chat and prints its trace. Needs no key, no server, no network.
    --mlflow              installs and starts a local MLflow server and sends the trace there
    --tracking-uri URL    sends the trace to your own server
    --web                 builds the page www and serves it on localhost, until Ctrl-C
    --port N              serves it there (default 8080)

cargo xtask bench [--quick]
    Measures what tracing costs beside other tracers, in Node, Deno, Bun and Chromium, in under 20 minutes;
    writes bench/RESULTS.md and bench/plots. Installs first what is missing.
    --quick               a smoke run of some three minutes, which writes nothing

cargo xtask test [rust | js | server | hosts] [NAME]
    Checks format and lints, then runs every test; installs first what is missing.
    rust      native tests of the core
    js        agents, shell and house rules
    server    against a real MLflow server
    hosts     the packed package: in every host, by its types, as a tarball; the page www in Chromium and Firefox
    NAME      only tests whose name (or, for TypeScript, file) contains it

cargo xtask fuzz [SECONDS] [TARGET] [keep]
    Looks for inputs that break the core, with libFuzzer (60 s for all targets of tests/fuzz).
    keep      puts what earlier runs found into the corpus that every test run replays

cargo xtask doc
    Makes the API docs of both halves in target/doc; a warning is an error.

cargo xtask release --dry-run
    Builds, tests the tarball, builds again in another folder and compares, prints what would be published.

Environment
    CHROMIUM, FIREFOX              browsers to test with, instead of those found or installed
    XDG_CACHE_HOME                 where downloads are kept between runs (default ~/.cache)
    MLFLOW_AG2_WASM_TOOLCHAIN      `rustup` or `debian`: where the wasm32 standard library comes from
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(words: &[String]) -> Outcome {
    let (command, rest) = match words.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", words),
    };
    match command {
        "build" if rest.is_empty() => {
            build::run(&Project::open()?).map(|weights| println!("{weights}"))
        }
        "build" if rest == ["--web"] => {
            let project = Project::open()?;
            build::with_site(&project).map(|weights| {
                println!(
                    "{weights}\nthe page is in {}",
                    site::folder(&project).display()
                );
            })
        }
        "demo" => demo::run(&Project::open()?, rest),
        "bench" => bench::run(&Project::open()?, rest),
        "doc" if rest.is_empty() => doc::run(&Project::open()?),
        "release" => release::run(&Project::open()?, rest),
        "test" => test::run(&Project::open()?, rest),
        "fuzz" => fuzz::run(&Project::open()?, rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        "build" | "doc" => Err(unknown(command, rest)),
        other => {
            Err(Failure::new(format!("unknown command `{other}`")).cure("see `cargo xtask help`"))
        }
    }
}

/// The failure for words that `command` does not know.
fn unknown(command: &str, words: &[String]) -> Failure {
    Failure::new(format!(
        "`cargo xtask {command}` does not know `{}`",
        words.join(" ")
    ))
    .cure("see `cargo xtask help`")
}

/// The result of a thread; what made it panic is on the screen already.
fn join<T>(thread: std::thread::ScopedJoinHandle<'_, Outcome<T>>) -> Outcome<T> {
    thread
        .join()
        .unwrap_or_else(|_| Err(Failure::new("a thread of this program broke")))
}
