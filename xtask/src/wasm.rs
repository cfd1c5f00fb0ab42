//! Rust to `pkg/wasm`: the module, its JavaScript glue, and the module once more as text inside JavaScript.

use crate::build_config::BuildConfig;
use crate::cache::{Fingerprint, unless_done};
use crate::declared_types;
use crate::failure::{At, Failure, Outcome};
use crate::glue;
use crate::inline;
use crate::npm;
use crate::project::Project;
use crate::snip;
use crate::step::{Progress, Step};
use crate::toolchain::{self, TARGET};
use crate::unused_data;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// Passes of LLVM that make the module 0.6 kB smaller, gzipped, and that it does not use by itself.
const SIZE_FLAGS: [&str; 3] =
    ["-Cllvm-args=-enable-partial-inlining", "-Cllvm-args=-hoist-common-insts", "-Cllvm-args=-sink-common-insts"];
const TARGET_FLAGS: &str = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS";
/// What decides, beside the compiled module, what `pkg/wasm` is.
const PACKED_BY: [&str; 7] = [
    "wasm-pack.toml",
    "package-lock.json",
    "xtask/src/wasm.rs",
    "xtask/src/glue.rs",
    "xtask/src/inline.rs",
    "xtask/src/snip.rs",
    "xtask/src/unused_data.rs",
];
const MODULE_TYPES: &str = r#"type WasmModule = typeof globalThis extends {
  WebAssembly: { Module: abstract new (...values: never) => infer Made };
} ? Made : object;
/**
 * The compiled module, in hosts that import `.wasm` files as modules.
 *
 * @example
 * import module from "mlflow-ag2/mlflow_ag2.wasm";
 * import { autolog, init } from "mlflow-ag2/slim";
 *
 * init({ wasm: module });
 * autolog();
 */
declare const module: WasmModule;
export default module;
"#;
/// Compiles the crate for wasm32; returns the module as the compiler made it.
pub fn compile(project: &Project, table: &BuildConfig) -> Outcome<PathBuf> {
    let source = toolchain::prepare(project)?;
    let mut command = toolchain::wasm_cargo(project, source)?;
    let target_folder = project.path("target");
    // The crate is an `rlib` too, for its tests, and cargo compiles such a crate without
    // link-time optimisation, in any profile: a fifth of the module.
    command.args(["rustc", "--quiet", "--package", "mlflow-ag2", "--lib", "--crate-type", "cdylib"]);
    command.args(["--target", TARGET, "--profile", &table.profile, "--target-dir"]).arg(&target_folder);
    add_flags(&mut command)?;
    Step::new(project, "compiling Rust for wasm32", command).show()?;
    Ok(target_folder.join(TARGET).join(&table.profile).join("mlflow_ag2.wasm"))
}

/// Panics name source files: without their folder on this computer, so that every computer makes the same bytes. And
/// the passes that make the module small.
fn add_flags(command: &mut Command) -> Outcome {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cargo")));
    let sources = home.unwrap_or_default().join("registry/src");
    let mut flags: Vec<String> = command
        .get_envs()
        .filter_map(|(name, value)| (name == TARGET_FLAGS).then_some(value?.to_str()?.to_owned()))
        .collect();
    if sources.is_dir() {
        // One folder for each registry, named by its address.
        for entry in fs::read_dir(&sources).at("read", &sources)? {
            let folder = entry.at("read", &sources)?.path();
            flags.push(format!("--remap-path-prefix={}=crates", folder.display()));
        }
    }
    flags.extend(SIZE_FLAGS.map(str::to_owned));
    flags.push(unused_data::LINKER_FLAG.to_owned());
    flags.sort();
    command.env(TARGET_FLAGS, flags.join(" "));
    Ok(())
}

/// Makes `pkg/wasm` from the compiled module, unless that is done.
pub fn pack(project: &Project, table: &BuildConfig, compiled: &Path) -> Outcome {
    let out = project.path(&table.out_dir);
    let inputs = Fingerprint::default().path(compiled)?.paths(&PACKED_BY.map(|path| project.path(path)))?;
    unless_done(&project.made("wasm.stamp"), &inputs, std::slice::from_ref(&out), || {
        let glue = project.made("glue");
        let _ = fs::remove_dir_all(&glue);
        make_glue(table, compiled, &glue)?;
        glue::change(&glue, &table.out_name)?;
        let module = glue.join(format!("{}_bg.wasm", table.out_name));
        unused_data::clear(project, compiled, &module)?;
        optimise(project, table, &module)?;
        inline::write(&module, &glue)?;
        fs::write(glue.join(format!("{}_bg.d.wasm.ts", table.out_name)), MODULE_TYPES).at("write", &glue)?;
        declared_types::declare(&glue)?;
        let _ = fs::remove_dir_all(&out);
        fs::create_dir_all(out.parent().unwrap_or(&out)).at("make", &out)?;
        fs::rename(&glue, &out).at("make", &out)
    })
}

fn make_glue(table: &BuildConfig, compiled: &Path, folder: &Path) -> Outcome {
    let _progress = Progress::start("making the JavaScript glue");
    let mut glue = Bindgen::new();
    glue.input_path(compiled).out_name(&table.out_name).typescript(true);
    // Without a default path the glue has no `import.meta.url`, which bundlers and Workers stumble over.
    glue.omit_default_module_path(true);
    glue.remove_name_section(true).remove_producers_section(true);
    let made = glue.web(true).and_then(|glue| {
        let mut output = glue.generate_output()?;
        snip::trap_panics(&mut output);
        unused_data::remove_sections(&mut output);
        output.emit(folder)
    });
    made.map_err(|cause| Failure::new(format!("the JavaScript glue cannot be made: {cause:#}")))
}

fn optimise(project: &Project, table: &BuildConfig, module: &Path) -> Outcome {
    let mut command = Command::new(npm::program(project, "wasm-opt"));
    command.args(&table.wasm_opt).arg(module).arg("--output").arg(module);
    Step::new(project, "shrinking the WebAssembly module", command).run()
}
