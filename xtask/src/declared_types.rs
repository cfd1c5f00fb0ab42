//! The comments by which Deno finds the types of a JavaScript file, which it does not look for beside the file
//! (<https://docs.deno.com/runtime/fundamentals/typescript/>, `@ts-self-types`).

use crate::cache::files;
use crate::failure::{At, Outcome};
use std::fs;
use std::path::Path;

/// Writes the comment into every file below `folder` that has a file of types beside it.
pub fn declare(folder: &Path) -> Outcome {
    for file in files(folder)? {
        let types = file.with_extension("d.ts");
        if file.extension().is_some_and(|ending| ending == "js") && types.exists() {
            let name = types.file_name().unwrap_or_default().display();
            let code = fs::read_to_string(&file).at("read", &file)?;
            fs::write(&file, format!("/* @ts-self-types=\"./{name}\" */\n{code}")).at("write", &file)?;
        }
    }
    Ok(())
}
