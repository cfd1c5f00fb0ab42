//! Which cargo compiles for what.

use crate::debian;
use crate::failure::{Failure, Outcome};
use crate::project::Project;
use crate::step::{Step, ask};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The only target that ships.
pub const TARGET: &str = "wasm32-unknown-unknown";
/// Forces one source of the wasm32 standard library, to try out each.
const CHOICE: &str = "MLFLOW_AG2_WASM_TOOLCHAIN";
/// A download that hangs is a network that is not there.
const DOWNLOAD_LIMIT: Duration = Duration::from_secs(180);

/// The cargo that runs this program, for everything native.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Where the wasm32 standard library comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The toolchain at hand has it.
    AtHand,
    /// Debian's compiler and source.
    Debian,
}

/// Finds the wasm32 standard library, or gets it: from rustup, else from Debian's source.
pub fn prepare(project: &Project) -> Outcome<Source> {
    let choice = std::env::var(CHOICE).unwrap_or_default();
    match choice.as_str() {
        "debian" => return Ok(Source::Debian),
        "rustup" | "" if is_at_hand() => return Ok(Source::AtHand),
        "rustup" | "" => {}
        other => {
            return Err(Failure::new(format!("{CHOICE} is `{other}`"))
                .cure("set it to `rustup` or `debian`, or not at all"));
        }
    }
    let mut command = Command::new("rustup");
    command.args(["target", "add", TARGET]);
    let added = Step::new(project, format!("rustup target add {TARGET}"), command)
        .cure(format!("install rustup, or set {CHOICE}=debian on Debian"))
        .limit(DOWNLOAD_LIMIT)
        .run();
    match added {
        Ok(()) if is_at_hand() => Ok(Source::AtHand),
        Ok(()) if choice == "rustup" => Err(Failure::new(format!(
            "rustup added {TARGET} to another toolchain"
        ))
        .cure("run `cargo xtask` with rustup's cargo")),
        Err(failure) if choice == "rustup" => Err(failure),
        _ => {
            eprintln!(
                "… rustup cannot add {TARGET} here: falling back to Debian's rustc-web and its library source"
            );
            Ok(Source::Debian)
        }
    }
}

/// A cargo command that can compile for wasm32.
pub fn wasm_cargo(project: &Project, source: Source) -> Outcome<Command> {
    match source {
        Source::AtHand => Ok(cargo()),
        Source::Debian => debian::cargo(project),
    }
}

fn is_at_hand() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let folder = ask(rustc, &["--print", "target-libdir", "--target", TARGET]);
    folder.is_some_and(|folder| Path::new(&folder).is_dir())
}
