//! The folders of this checkout and of this machine, and the locks on them.

use crate::failure::{At, Failure, Outcome};
use crate::step::Progress;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

/// The folder of the checkout, and the cache that all checkouts of this machine share.
pub struct Project {
    root: PathBuf,
    cache: PathBuf,
}

impl Project {
    /// Opens the checkout that this program was built from.
    pub fn open() -> Outcome<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().filter(|root| root.join("wasm-pack.toml").is_file());
        let root = root.ok_or_else(|| {
            Failure::new("the checkout that this program was built in is gone").help("run it as `cargo xtask`")
        })?;
        let project = Self { root: root.to_path_buf(), cache: cache_folder()? };
        project.enter()?;
        Ok(project)
    }

    /// Makes it the current folder, from which npm, tsc, cargo and the tests resolve files.
    pub fn enter(&self) -> Outcome {
        std::env::set_current_dir(&self.root).at("enter", &self.root)
    }

    /// The same project in another folder.
    pub fn moved_to(&self, root: &Path) -> Self {
        Self { root: root.to_path_buf(), cache: self.cache.clone() }
    }

    /// A path inside the checkout.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path for this program's own files inside the build folder: gone after `cargo clean`, and then made again.
    pub fn made(&self, relative: &str) -> PathBuf {
        self.root.join("target/xtask").join(relative)
    }

    /// A path in the cache that all checkouts of this machine share.
    pub fn cached(&self, relative: &str) -> PathBuf {
        self.cache.join(relative)
    }

    /// Keeps other runs in this checkout away from `what` until the file is dropped.
    pub fn lock(&self, what: &str) -> Outcome<File> {
        lock(&self.made(&format!("{what}.lock")))
    }

    /// Keeps other runs on this machine away from the cached `name` until the file is dropped.
    pub fn lock_cached(&self, name: &str) -> Outcome<File> {
        lock(&self.cached(&format!("{name}.lock")))
    }
}

fn lock(path: &Path) -> Outcome<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).at("make", folder)?;
    }
    let file = File::create(path).at("write", path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let _progress =
                Progress::start(&format!("waiting for another cargo xtask that holds `{}`", path.display()));
            file.lock().at("lock", path)?;
        }
        Err(TryLockError::Error(cause)) => Err(cause).at("lock", path)?,
    }
    Ok(file)
}

fn cache_folder() -> Outcome<PathBuf> {
    let absolute = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    base.map(|base| base.join("mlflow-ag2")).ok_or_else(|| {
        Failure::new("no folder for downloads is known").help("set HOME or XDG_CACHE_HOME to an absolute path")
    })
}
