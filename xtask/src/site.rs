//! The page `www` as a folder that any web server can host.

use crate::cache::{Fingerprint, unless_done};
use crate::failure::{At, Outcome};
use crate::npm;
use crate::project::Project;
use crate::step::Step;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// What goes into the folder as it is.
const FILES: [&str; 3] = ["index.html", "style.css", "icon.svg"];

/// The folder that [`build`] fills.
pub fn folder(project: &Project) -> PathBuf {
    project.path("target/www-site")
}

/// Makes the page from `www` and the built package, which it imports by its public names.
///
/// One script: an import map would have to stand in the page itself, which a strict content security policy forbids.
/// Names stay as written, since a stack is one of the things that the page shows.
pub fn build(project: &Project) -> Outcome {
    let folder = folder(project);
    let inputs = Fingerprint::default()
        .path(&project.path("www"))?
        .path(&project.path("pkg"))?
        .path(&project.path("package-lock.json"))?;
    let outputs = [folder.join("main.js"), folder.join("index.html")];
    unless_done(&project.made("site.stamp"), &inputs, &outputs, || {
        fs::create_dir_all(&folder).at("make", &folder)?;
        for file in FILES {
            let source = project.path("www").join(file);
            fs::copy(&source, folder.join(file)).at("copy", &source)?;
        }
        let mut command = Command::new(npm::program(project, "esbuild"));
        command.args([
            "www/main.ts",
            "--bundle",
            "--minify-whitespace",
            "--minify-syntax",
            "--format=esm",
            "--target=es2023",
            "--log-level=warning",
            "--outfile=target/www-site/main.js",
        ]);
        Step::new(project, "making the page", command).run()
    })
}
