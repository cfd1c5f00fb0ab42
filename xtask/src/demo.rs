//! `cargo xtask demo`: the package at work, with nothing to set up.

use crate::failure::{Failure, Outcome};
use crate::install::MLFLOW;
use crate::project::Project;
use crate::{build, join, unknown};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Builds the demo and becomes the program that runs it, so that Ctrl-C reaches that program alone.
pub fn run(project: &Project, args: &[String]) -> Outcome {
    let mut command = Command::new("node");
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        // The demo must not depend on variables of the environment.
        [] => command.arg("target/www/demo.js").env_remove("MLFLOW_TRACKING_URI"),
        ["--scene", scene] => command.args(["target/www/demo.js", scene]).env_remove("MLFLOW_TRACKING_URI"),
        ["--scene", scene, "--tracking-uri", uri] => {
            command.args(["target/www/demo.js", scene]).env("MLFLOW_TRACKING_URI", uri)
        }
        ["--tracking-uri", uri] => command.arg("target/www/demo.js").env("MLFLOW_TRACKING_URI", uri),
        // The database stays between runs: a new database takes MLflow longer than all the rest.
        ["--mlflow"] => command.arg("target/tests/support/demo.js").arg(project.cached("demo-server")),
        ["--web"] => command.args(["target/www/serve.js", "target/www-site", "8080"]),
        ["--web", "--port", port] if port.parse::<u16>().is_ok() => {
            command.args(["target/www/serve.js", "target/www-site", port])
        }
        ["--web", "--port", port] => {
            let help = "for example `--port 8080`; 0 takes any that is free";
            return Err(Failure::new(format!("`{port}` is no port")).help(help));
        }
        ["--tracking-uri"] => {
            let help = "for example `--tracking-uri http://localhost:5000`";
            return Err(Failure::new("`--tracking-uri` needs a URL").help(help));
        }
        _ => return Err(unknown("demo", args)),
    };
    std::thread::scope(|threads| {
        let python = (args == ["--mlflow"]).then(|| threads.spawn(|| MLFLOW.install(project)));
        build::with_tests(project)?;
        if let Some(python) = python.map(join).transpose()? {
            command.env("MLFLOW_AG2_PYTHON", python);
        }
        Ok::<_, Failure>(())
    })?;
    Err(Failure::new(format!("cannot start `node`: {}", command.exec())))
}
