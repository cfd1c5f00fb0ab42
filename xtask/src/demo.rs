//! `cargo xtask demo`: the package at work, with nothing to set up.

use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::server::Server;
use crate::step::Step;
use crate::{build, join, mlflow, site, unknown};
use std::io::{IsTerminal, stdin};
use std::process::Command;

const PROGRAM: &str = "target/www/demo.js";
const PAGE_SERVER: &str = "target/www/serve.js";
const DEFAULT_PORT: u16 = 8080;

/// Where the trace goes.
enum Destination {
    Memory,
    LocalServer,
    Server(String),
    /// A page in a browser, served at this port.
    Page(u16),
}

/// Builds and runs the demo.
pub fn run(project: &Project, words: &[String]) -> Outcome {
    match destination(words)? {
        Destination::Memory => {
            build::with_tests(project)?;
            show(project, None)
        }
        Destination::Server(uri) => {
            build::with_tests(project)?;
            show(project, Some(&uri))
        }
        Destination::LocalServer => show_in_local_server(project),
        Destination::Page(port) => {
            build::with_tests(project)?;
            serve(project, port)
        }
    }
}

fn destination(words: &[String]) -> Outcome<Destination> {
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Ok(Destination::Memory),
        ["--mlflow"] => Ok(Destination::LocalServer),
        ["--tracking-uri", uri] => Ok(Destination::Server(uri.to_owned())),
        ["--web"] => Ok(Destination::Page(DEFAULT_PORT)),
        ["--web", "--port", port] => match port.parse() {
            Ok(port) => Ok(Destination::Page(port)),
            Err(_) => Err(Failure::new(format!("`{port}` is no port"))
                .cure("for example `--port 8080`; 0 takes any that is free")),
        },
        ["--tracking-uri"] => {
            let cure = "for example `--tracking-uri http://localhost:5000`";
            Err(Failure::new("`--tracking-uri` needs a URL").cure(cure))
        }
        _ => Err(unknown("demo", words)),
    }
}

fn show_in_local_server(project: &Project) -> Outcome {
    let python = std::thread::scope(|threads| {
        let python = threads.spawn(|| mlflow::install(project, &mlflow::CURRENT));
        build::with_tests(project)?;
        join(python)
    })?;
    // Kept between runs: a new database takes MLflow longer than all the rest.
    let mut server = Server::start(project, &python, &project.cached("demo-server"))?;
    show(project, Some(&server.uri()))?;
    if stdin().is_terminal() {
        println!("\nMLflow runs at {} until you press Ctrl-C", server.uri());
        server.wait();
    }
    Ok(())
}

/// Prints the address and serves until Ctrl-C, which ends the server too.
fn serve(project: &Project, port: u16) -> Outcome {
    let mut command = Command::new("node");
    command
        .arg(project.path(PAGE_SERVER))
        .arg(site::folder(project))
        .arg(port.to_string());
    Step::new(project, "the page's server", command).show()
}

fn show(project: &Project, tracking_uri: Option<&str>) -> Outcome {
    let mut command = Command::new("node");
    command.arg(project.path(PROGRAM));
    match tracking_uri {
        Some(uri) => command.env("MLFLOW_TRACKING_URI", uri),
        // The demo must not depend on what this shell happens to have set.
        None => command.env_remove("MLFLOW_TRACKING_URI"),
    };
    Step::new(project, "the demo", command).show()
}
