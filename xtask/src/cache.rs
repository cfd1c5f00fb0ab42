//! Stamps of finished steps, so that a step is repeated only when its inputs or outputs changed.
//!
//! Contents are compared, not times: a fresh clone, a switched branch or a touched file costs nothing.

use crate::failure::{At, Outcome};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// A hash of files; equal when nothing changed.
#[derive(Default)]
pub struct Fingerprint {
    state: DefaultHasher,
}

impl Fingerprint {
    /// Adds a file or a whole folder, by name and content; what is missing counts as missing.
    pub fn path(mut self, path: &Path) -> Outcome<Self> {
        for file in files(path)? {
            file.hash(&mut self.state);
            fs::read(&file).at("read", &file)?.hash(&mut self.state);
        }
        Ok(self)
    }

    /// Adds several files or folders.
    pub fn paths(self, paths: &[PathBuf]) -> Outcome<Self> {
        paths.iter().try_fold(self, |sum, path| sum.path(path))
    }

    /// The hash as text.
    pub fn finish(&self) -> String {
        format!("{:016x}", self.state.finish())
    }
}

/// Does `work` unless the file `stamp` records that these `inputs` made the `outputs` that are there.
pub fn unless_done(stamp: &Path, inputs: &Fingerprint, outputs: &[PathBuf], work: impl FnOnce() -> Outcome) -> Outcome {
    let note = |outputs: &[PathBuf]| -> Outcome<String> {
        Ok(format!("{} {}", inputs.finish(), Fingerprint::default().paths(outputs)?.finish()))
    };
    let made = outputs.iter().all(|output| output.exists());
    if made && fs::read_to_string(stamp).is_ok_and(|old| note(outputs).is_ok_and(|new| new == old)) {
        return Ok(());
    }
    work()?;
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder).at("make", folder)?;
    }
    fs::write(stamp, note(outputs)?).at("write", stamp)
}

/// All files under `path` in a stable order; the path itself if it is a file; nothing if it is missing.
pub fn files(path: &Path) -> Outcome<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        for entry in fs::read_dir(path).at("read", path)? {
            found.extend(files(&entry.at("read", path)?.path())?);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scratch(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("xtask-cache-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a temporary folder");
        folder
    }

    #[test]
    fn work_is_done_again_only_when_an_input_or_an_output_changed() {
        let folder = scratch("again");
        let (input, output, stamp) = (folder.join("in"), folder.join("out"), folder.join("stamp"));
        fs::write(&input, "one").expect("input");
        let mut runs = 0;
        let mut build = || {
            let inputs = Fingerprint::default().path(&input).expect("readable");
            unless_done(&stamp, &inputs, std::slice::from_ref(&output), || {
                runs += 1;
                fs::copy(&input, &output).at("write", &output).map(drop)
            })
            .expect("built");
        };
        build();
        build();
        fs::write(&input, "two").expect("input");
        build();
        fs::write(&output, "spoilt").expect("output");
        build();
        fs::remove_file(&output).expect("output");
        build();
        build();
        assert_eq!(runs, 4);
        assert_eq!(fs::read_to_string(&output).expect("output"), "two");
    }

    #[test]
    fn a_file_that_moved_changes_the_fingerprint_of_its_folder() {
        let folder = scratch("moved");
        fs::write(folder.join("a"), "same").expect("file");
        let before = Fingerprint::default().path(&folder).expect("readable").finish();
        fs::rename(folder.join("a"), folder.join("b")).expect("renamed");
        assert_ne!(before, Fingerprint::default().path(&folder).expect("readable").finish());
    }
}
