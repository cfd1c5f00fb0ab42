//! `cargo xtask fuzz`: libFuzzer on every target of `tests/fuzz`.
//!
//! Needs no cargo-fuzz and no nightly compiler: what makes a program fuzzable are LLVM passes that the stable compiler
//! has, and the crate libfuzzer-sys. It does need a C++ compiler.

use crate::cache::files;
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use crate::toolchain::cargo;
use crate::unknown;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// How long all targets together are fuzzed by default.
const SECONDS: u64 = 60;
const FOLDER: &str = "tests/fuzz";
/// Longer inputs find nothing new about rules that look at one event or one response at a time.
const LONGEST_BYTES: &str = "-max_len=4096";
/// Inputs of the corpus are replayed in every test run: short ones are quicker, and easier to read.
const CORPUS_BYTES: &str = "-max_len=400";
/// A value of a few bytes must not need more.
const MEMORY: &str = "-rss_limit_mb=1024";

/// The flags of cargo-fuzz with `-s none`: counters and comparisons for libFuzzer.
const FLAGS: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
    "--cfg=fuzzing",
];

/// Fuzzes; `args` are the seconds, a target, `keep`, or nothing.
pub fn run(project: &Project, args: &[String]) -> Outcome {
    let bins = files(&project.path(FOLDER).join("bins"))?;
    let all: Vec<String> =
        bins.iter().filter_map(|path| path.file_stem()).map(|stem| stem.to_string_lossy().into_owned()).collect();
    let (mut seconds, mut chosen, mut keeping) = (SECONDS, all.clone(), false);
    for arg in args {
        match arg.parse() {
            Ok(given) => seconds = given,
            Err(_) if arg == "keep" => keeping = true,
            Err(_) if all.contains(arg) => chosen = vec![arg.clone()],
            Err(_) => return Err(unknown("fuzz", args)),
        }
    }
    let programs = build(project)?;
    let each = (seconds / chosen.len().max(1) as u64).max(1);
    for target in &chosen {
        if keeping {
            keep(project, &programs, target)?;
        } else {
            fuzz(project, &programs, target, each)?;
        }
    }
    Ok(())
}

/// Builds the fuzzers; returns their folder.
fn build(project: &Project) -> Outcome<PathBuf> {
    // The flags are for the fuzzers and not for the build scripts of their crates: only a named target separates them.
    let version = ask("rustc", &["--version", "--verbose"]).unwrap_or_default();
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.ok_or_else(|| Failure::new("`rustc --version --verbose` names no host"))?;
    let out = project.path("target/fuzz");
    let mut command = cargo();
    command.args(["build", "--quiet", "--release", "--bins", "--target", host, "--manifest-path"]);
    command.arg(project.path(FOLDER).join("Cargo.toml")).arg("--target-dir").arg(&out);
    command.env("CARGO_ENCODED_RUSTFLAGS", FLAGS.join("\u{1f}"));
    Step::new(project, "building the fuzzers", command).help("install a C++ compiler (Debian: g++)").run()?;
    Ok(out.join(host).join("release"))
}

/// The corpus of a target: one input a line, in hexadecimal digits.
fn corpus(project: &Project, target: &str) -> PathBuf {
    project.path(FOLDER).join("corpus").join(target).with_extension("txt")
}

/// The folder of libFuzzer's first inputs: the corpus, and what earlier runs on this machine found.
fn seeds(project: &Project, target: &str) -> Outcome<PathBuf> {
    let folder = project.path("target/fuzz/corpus").join(target);
    fs::create_dir_all(&folder).at("make", &folder)?;
    let corpus = corpus(project, target);
    for line in fs::read_to_string(&corpus).at("read", &corpus)?.lines() {
        let digits = line.as_bytes().chunks_exact(2);
        let bytes: Option<Vec<u8>> =
            digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        let bytes =
            bytes.ok_or_else(|| Failure::new(format!("`{}` has a line that is not hexadecimal", corpus.display())))?;
        // Any name that is the same for the same input: its beginning and its length.
        let path = folder.join(format!("kept-{}-{}", &line[..line.len().min(60)], bytes.len()));
        fs::write(&path, bytes).at("write", &path)?;
    }
    Ok(folder)
}

fn fuzz(project: &Project, programs: &Path, target: &str, seconds: u64) -> Outcome {
    println!("— fuzzing {target} for {seconds} s");
    let broken = project.path("target/fuzz/broken").join(target);
    fs::create_dir_all(&broken).at("make", &broken)?;
    let mut command = Command::new(programs.join(target));
    command.arg(seeds(project, target)?).arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", broken.display())).args([LONGEST_BYTES, MEMORY, "-timeout=10"]);
    let help = format!(
        "mend what the input in `{0}` shows, and keep it: `xxd -p -c 0 {0}/…` is a line of `{1}`",
        broken.display(),
        corpus(project, target).display()
    );
    Step::new(project, format!("fuzzing {target}"), command).help(help).run()
}

/// Rewrites the corpus: the smallest inputs that reach every place which any input found so far reaches.
fn keep(project: &Project, programs: &Path, target: &str) -> Outcome {
    let chosen = project.path("target/fuzz/chosen").join(target);
    let _ = fs::remove_dir_all(&chosen);
    fs::create_dir_all(&chosen).at("make", &chosen)?;
    let mut command = Command::new(programs.join(target));
    // How often a place is reached does not count: thousands of inputs would differ in nothing else.
    command.args(["-merge=1", "-use_counters=0", CORPUS_BYTES]).arg(&chosen).arg(seeds(project, target)?);
    Step::new(project, format!("choosing inputs of {target}"), command).run()?;
    let mut lines = Vec::new();
    for path in files(&chosen)? {
        let bytes = fs::read(&path).at("read", &path)?;
        lines.push(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
    lines.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    let corpus = corpus(project, target);
    fs::write(&corpus, lines.join("\n") + "\n").at("write", &corpus)
}
