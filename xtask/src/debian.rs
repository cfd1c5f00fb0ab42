//! The wasm32 standard library where rustup cannot download it: built once from Debian's source of it.
//!
//! Debian ships a current compiler (`rustc-web`, kept up to date for its browsers) with the library's source, but not
//! the library for wasm32. The source of one compiler does not build with another, so this compiler then also
//! compiles our crate for wasm32; everything native stays with the toolchain at hand.

use crate::apt;
use crate::failure::{At, Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use crate::toolchain::TARGET;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const RUSTC: &str = "/usr/bin/rustc";
const CARGO: &str = "/usr/bin/cargo";
const LINKER: &str = "/usr/bin/rust-lld";
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const CURE: &str = "make `rustup target add wasm32-unknown-unknown` work, or install Debian's packages rustc-web cargo-web rust-web-src rust-web-llvm and lld";

/// `std` as its own build makes it: with bitcode, which our link-time optimisation needs, and closed to stable code
/// where it is unstable.
const LIBRARY_FLAGS: &str = "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked";
const EMPTY_CRATE: &str = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n[profile.release]\ncodegen-units = 1\n";

/// A command of Debian's cargo that compiles for wasm32 with the library in the cache.
pub fn cargo(project: &Project) -> Outcome<Command> {
    let sysroot = sysroot(project)?;
    let mut command = bare_cargo();
    // Flags of this one target, so that build scripts and macros are compiled against the compiler's own library.
    command.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
        format!("--sysroot {}", sysroot.display()),
    );
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER);
    Ok(command)
}

fn sysroot(project: &Project) -> Outcome<PathBuf> {
    apt::install(project, &PACKAGES, CURE)?;
    // The package leaves the linker itself out: its link names the package that has it, such as `lld-22`.
    let linker = fs::read_link(LINKER).at("follow", Path::new(LINKER))?;
    apt::install(project, &[&linker.to_string_lossy()], CURE)?;
    let version =
        ask(RUSTC, &["--version"]).and_then(|line| line.split(' ').nth(1).map(str::to_owned));
    let version = version
        .ok_or_else(|| Failure::new(format!("`{RUSTC}` does not tell its version")).cure(CURE))?;
    let name = format!("wasm-library-{version}");
    let folder = project.cached(&name);
    let _lock = project.lock_cached(&name)?;
    if !folder.is_dir() {
        eprintln!(
            "… the wasm32 standard library of rustc {version} is built from source, once (about a minute)"
        );
        build(project, &folder)?;
    }
    Ok(folder)
}

/// Builds the library by building a crate with nothing in it.
fn build(project: &Project, folder: &Path) -> Outcome {
    let work = folder.with_extension("work");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(work.join("src")).at("make", &work)?;
    fs::write(work.join("Cargo.toml"), EMPTY_CRATE).at("write", &work)?;
    fs::write(work.join("src/lib.rs"), "#![no_std]\n").at("write", &work)?;
    let mut command = bare_cargo();
    command.current_dir(&work).args([
        "build",
        "--release",
        "--target",
        TARGET,
        "-Zbuild-std=std,panic_abort",
    ]);
    command
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", LIBRARY_FLAGS)
        .env("CARGO_TARGET_DIR", work.join("target"));
    Step::new(project, "building the wasm32 standard library", command)
        .cure(CURE)
        .run()?;

    let made = work.join("target").join(TARGET).join("release/deps");
    let sysroot = work.join("sysroot");
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&libraries).at("make", &libraries)?;
    for entry in fs::read_dir(&made).at("read", &made)? {
        let file = entry.at("read", &made)?.path();
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        if (name.ends_with(".rlib") || name.ends_with(".rmeta")) && !name.starts_with("libnothing")
        {
            fs::copy(&file, libraries.join(&name)).at("copy", &file)?;
        }
    }
    fs::rename(&sysroot, folder).at("make", folder)?;
    fs::remove_dir_all(&work).at("remove", &work)
}

/// Debian's cargo and compiler, with nothing left of the toolchain that runs this program.
fn bare_cargo() -> Command {
    let mut command = Command::new(CARGO);
    command
        .env("RUSTC", RUSTC)
        .env("RUSTDOC", "/usr/bin/rustdoc");
    for name in [
        "CARGO",
        "RUSTUP_TOOLCHAIN",
        "RUSTC_WRAPPER",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
    ] {
        command.env_remove(name);
    }
    command
}
