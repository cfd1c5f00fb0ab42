//! `cargo xtask`: everything a person types to build, see and test mlflow-ag2.
//!
//! Each command installs what it needs, prints the steps that it takes, and skips those that are already done.
// clippy.toml forbids I/O for the core; a build tool needs files, processes and the environment.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros)]
#![allow(unreachable_pub, reason = "a program has no outside")]

#[cfg(not(unix))]
compile_error!("cargo xtask runs on Linux and macOS; on Windows use the Windows Subsystem for Linux");

mod bench;
mod build;
mod build_config;
mod cache;
mod counts;
mod declared_types;
mod demo;
mod doc;
mod failure;
mod fuzz;
mod glue;
mod inline;
mod install;
mod npm;
mod project;
mod release;
mod single_files;
mod size_budget;
mod snip;
mod step;
mod test;
mod toolchain;
mod unused_data;
mod wasm;

use failure::{Failure, Outcome};
use project::Project;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask build [--web]
    Builds the npm package into pkg/: Rust to WebAssembly, JavaScript glue, TypeScript; checks the sizes.
    --web                 also makes the page www, in target/www-site, for any web server to host

cargo xtask demo [--scene NAME] [--tracking-uri URL] | --mlflow | --web [--port N]
    Builds, runs a scripted two-agent chat and prints its trace; needs no key, server or network.
    --scene NAME          runs another conversation, such as `triage`: a group with handoffs
    --mlflow              installs and starts a local MLflow server and sends the trace there
    --tracking-uri URL    sends the trace to your own server
    --web                 builds the page www and serves it on localhost, until Ctrl-C
    --port N              serves it there (default 8080)

cargo xtask check
    Checks format and lints of Rust and TypeScript, and runs the native tests and those of TypeScript that need
    Node alone, no server or other program: under a minute once it is built.

cargo xtask test [rust | FOLDER] [NAME]
    Checks format and lints, then runs every test; installs first what is missing.
    rust      native tests of the core and of xtask, with format and lints
    FOLDER    the tests of a folder of `tests`, for example `api` or `hosts`
    NAME      only tests whose name (or, for TypeScript, file) contains it

cargo xtask bench [--quick] [--instructions] | wire | load [OPTION]... | soak [--minutes N]
    Measures the cost of tracing and of other tracers in Node, Deno, Bun and Chromium, in under 20 minutes;
    writes bench/RESULTS.md and bench/plots. Installs first what is missing.
    --quick               a smoke run of some three minutes, which writes nothing
    --instructions        counts instructions in Node too, where `perf stat` or Valgrind can
    wire                  what each tracer sends, and when MLflow shows it: writes its part of RESULTS.md
    load [OPTION]...      many pages and one MLflow server over PostgreSQL (bench/load/README.md)
    soak [--minutes N]    three tabs for half an hour, with a server that is away: fails if memory grows

cargo xtask fuzz [SECONDS] [TARGET] [keep]
    Looks for inputs that break the core, with libFuzzer (60 s for all targets of tests/fuzz).
    keep      adds the inputs that earlier runs found to the corpus, which every test run replays

cargo xtask doc
    Makes the docs site in target/doc-site/site: the pages of docs and the API, with search. Makes the API docs of
    Rust in target/doc. A warning is an error.

cargo xtask release --dry-run
    Builds, tests the tarball, builds again in another folder and compares, prints what would be published.

Environment
    CHROMIUM, FIREFOX              browsers to test with, instead of those found or installed
    XDG_CACHE_HOME                 where downloads are kept between runs (default ~/.cache)
    MLFLOW_AG2_WASM_TOOLCHAIN      `rustup` or `debian`: where the wasm32 standard library comes from
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Outcome {
    let (command, rest) = args.split_first().map_or(("help", args), |(command, rest)| (command.as_str(), rest));
    match command {
        "build" if rest.is_empty() => println!("{}", build::run(&Project::open()?)?),
        "build" if rest == ["--web"] => {
            let project = Project::open()?;
            println!("{}", build::with_tests(&project)?);
            println!("the page is in {}", build::page_folder(&project).display());
        }
        "demo" => demo::run(&Project::open()?, rest)?,
        "bench" => bench::run(&Project::open()?, rest)?,
        "check" if rest.is_empty() => test::check(&Project::open()?)?,
        "doc" if rest.is_empty() => doc::run(&Project::open()?)?,
        "release" => release::run(&Project::open()?, rest)?,
        "test" => test::run(&Project::open()?, rest)?,
        "fuzz" => fuzz::run(&Project::open()?, rest)?,
        "help" | "--help" | "-h" => print!("{HELP}"),
        "build" | "check" | "doc" => return Err(unknown(command, rest)),
        other => return Err(Failure::new(format!("unknown command `{other}`")).help("see `cargo xtask help`")),
    }
    Ok(())
}

/// The error for arguments that `command` does not accept.
fn unknown(command: &str, args: &[String]) -> Failure {
    let args = args.join(" ");
    Failure::new(format!("`cargo xtask {command}` does not accept `{args}`")).help("see `cargo xtask help`")
}

/// The result of a thread; its panic is on the screen already.
fn join<T>(thread: std::thread::ScopedJoinHandle<'_, Outcome<T>>) -> Outcome<T> {
    thread.join().unwrap_or_else(|_| Err(Failure::new("a thread of this program broke")))
}
