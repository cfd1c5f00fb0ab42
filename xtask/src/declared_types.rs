//! The comments by which Deno finds the types of a JavaScript file, which it does not look for beside the file
//! (<https://docs.deno.com/runtime/fundamentals/typescript/>, `@ts-self-types`).

use crate::cache::files;
use crate::failure::{At, Outcome};
use crate::project::Project;
use std::fs;
use std::path::Path;

/// The types for frameworks, which are no code. The build has no package of a framework, so it cannot compile them.
const DECLARATIONS: &str = "js/view/jsx";

/// Copies the types for frameworks.
pub fn copy(project: &Project) -> Outcome {
    let source = project.path("src").join(DECLARATIONS);
    for file in files(&source)? {
        let copied = project.path("pkg").join(DECLARATIONS).join(file.file_name().unwrap_or_default());
        let text = fs::read_to_string(&file).at("read", &file)?;
        if fs::read_to_string(&copied).is_ok_and(|present| present == text) {
            continue;
        }
        if let Some(folder) = copied.parent() {
            fs::create_dir_all(folder).at("make", folder)?;
        }
        fs::write(&copied, text).at("write", &copied)?;
    }
    Ok(())
}

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
