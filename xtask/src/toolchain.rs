//! The cargo that compiles for each target.
//!
//! The wasm32 standard library comes from rustup, or, where rustup cannot download it, is built once from Debian's
//! source of it. The source of one compiler does not build with another, so Debian's compiler (`rustc-web`, kept up to
//! date for its browsers) then also compiles our crate for wasm32; everything native stays with the toolchain at hand.

use crate::failure::{At, Failure, Outcome};
use crate::install;
use crate::project::Project;
use crate::step::{Step, ask};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The only target that ships.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Forces one source of the wasm32 standard library, to try out each.
const CHOICE: &str = "MLFLOW_AG2_WASM_TOOLCHAIN";
/// A download that hangs is a network that is not there.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(180);

const RUSTC: &str = "/usr/bin/rustc";
const LINKER: &str = "/usr/bin/rust-lld";
const PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const HELP: &str = "make `rustup target add wasm32-unknown-unknown` work, or install Debian's packages rustc-web \
    cargo-web rust-web-src rust-web-llvm and lld";
/// `std` as its own build makes it: with bitcode, which our link-time optimisation needs, and closed to stable code
/// where it is unstable.
const LIBRARY_FLAGS: &str = "-Cembed-bitcode=yes -Zforce-unstable-if-unmarked";
const EMPTY_CRATE: &str = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2021\"\n[workspace]\n\
    [profile.release]\ncodegen-units = 1\n";

/// Where the wasm32 standard library comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The toolchain at hand has it.
    AtHand,
    /// Debian's compiler and source.
    Debian,
}

/// The cargo that runs this program, for everything native.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Fails when the toolchain at hand lacks the cargo command of a rustup component.
pub fn require(component: &str, command: &str) -> Outcome {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    match ask(program, &[command, "--version"]) {
        Some(_) => Ok(()),
        None => {
            Err(Failure::new(format!("cargo has no `{command}`")).help(format!("rustup component add {component}")))
        }
    }
}

/// Finds the wasm32 standard library, or gets it: from rustup, else from Debian's source.
pub fn prepare(project: &Project) -> Outcome<Source> {
    let choice = std::env::var(CHOICE).unwrap_or_default();
    match choice.as_str() {
        "debian" => return Ok(Source::Debian),
        "rustup" | "" if is_at_hand() => return Ok(Source::AtHand),
        "rustup" | "" => {}
        other => {
            let help = "set it to `rustup` or `debian`, or not at all";
            return Err(Failure::new(format!("{CHOICE} is `{other}`")).help(help));
        }
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]);
    let added = Step::new(project, format!("rustup target add {TARGET}"), command)
        .help(format!("install rustup, or set {CHOICE}=debian on Debian"))
        .limit(DOWNLOAD_LIMIT)
        .run();
    match added {
        Ok(()) if is_at_hand() => Ok(Source::AtHand),
        Ok(()) if choice == "rustup" => Err(Failure::new(format!("rustup added {TARGET} to another toolchain"))
            .help("run `cargo xtask` with rustup's cargo")),
        Err(failure) if choice == "rustup" => Err(failure),
        _ => {
            eprintln!("… rustup cannot add {TARGET} here: Debian's rustc-web and its library source are used instead");
            Ok(Source::Debian)
        }
    }
}

/// A cargo command that can compile for wasm32.
pub fn wasm_cargo(project: &Project, source: Source) -> Outcome<Command> {
    if source == Source::AtHand {
        return Ok(cargo());
    }
    let sysroot = sysroot(project)?;
    let mut command = debian_cargo();
    // Flags of this one target, so that build scripts and macros are compiled against the compiler's own library.
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", format!("--sysroot {}", sysroot.display()));
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER);
    Ok(command)
}

fn is_at_hand() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = ask(rustc, &["--print", "target-libdir", "--target", TARGET]);
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}

/// The library in the cache, built when it is missing there.
fn sysroot(project: &Project) -> Outcome<PathBuf> {
    install::packages(project, &PACKAGES, HELP)?;
    // The package leaves the linker itself out: its link names the package that has it, such as `lld-22`.
    let linker = fs::read_link(LINKER).at("follow", Path::new(LINKER))?;
    install::packages(project, &[&linker.to_string_lossy()], HELP)?;
    let version = ask(RUSTC, &["--version"]).and_then(|line| line.split(' ').nth(1).map(str::to_owned));
    let version = version.ok_or_else(|| Failure::new(format!("`{RUSTC}` has no version")).help(HELP))?;
    let name = format!("wasm-library-{version}");
    let folder = project.cached(&name);
    let _lock = project.lock_cached(&name)?;
    if !folder.is_dir() {
        build_library(project, &folder)?;
    }
    Ok(folder)
}

/// Builds the library by building an empty crate.
fn build_library(project: &Project, folder: &Path) -> Outcome {
    let work = folder.with_extension("work");
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(work.join("src")).at("make", &work)?;
    fs::write(work.join("Cargo.toml"), EMPTY_CRATE).at("write", &work)?;
    fs::write(work.join("src/lib.rs"), "#![no_std]\n").at("write", &work)?;
    let mut command = debian_cargo();
    command
        .current_dir(&work)
        .args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("RUSTFLAGS", LIBRARY_FLAGS)
        .env("CARGO_TARGET_DIR", work.join("target"));
    Step::new(project, "building the wasm32 standard library, once (about a minute)", command).help(HELP).run()?;

    let made = work.join("target").join(TARGET).join("release/deps");
    let sysroot = work.join("sysroot");
    let libraries = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&libraries).at("make", &libraries)?;
    for entry in fs::read_dir(&made).at("read", &made)? {
        let file = entry.at("read", &made)?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if (name.ends_with(".rlib") || name.ends_with(".rmeta")) && !name.starts_with("libnothing") {
            fs::copy(&file, libraries.join(&name)).at("copy", &file)?;
        }
    }
    fs::rename(&sysroot, folder).at("make", folder)?;
    fs::remove_dir_all(&work).at("remove", &work)
}

/// Debian's cargo and compiler, without any setting of the toolchain that runs this program.
fn debian_cargo() -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    command.env("RUSTC", RUSTC).env("RUSTDOC", "/usr/bin/rustdoc");
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
