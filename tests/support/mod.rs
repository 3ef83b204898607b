//! What tests of the whole program share: a folder of their own, the binary, and a store
//! written out as text.

#![allow(dead_code, reason = "each test program uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "rows.rs"]
mod rows;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

/// A folder that is gone when the test is.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Returns an empty folder.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("chainc-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// Returns its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns its path as text.
    pub(crate) fn str(&self) -> &str {
        self.0.to_str().unwrap()
    }

    /// Copies what people wrote in a folder of the repository, not what runs left there.
    pub(crate) fn copy(&self, folder: &str) {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(source).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let written =
                [".chain", ".csv", ".html", ".yaml"].iter().any(|end| name.ends_with(end));
            if written && !name.contains("rejected") {
                std::fs::copy(&path, self.0.join(name)).unwrap();
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Returns the binary with arguments.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chainc"));
    command
        .args(arguments)
        .env("NO_COLOR", "1")
        .env("CHAINC_LANG", "en")
        .env_remove("CHAINC_STORE");
    command
}

/// Runs the binary to its end.
pub(crate) fn chainc(arguments: &[&str]) -> Output {
    command(arguments).output().unwrap()
}

/// Writes out every row of every table.
pub(crate) fn dump(store: &Path) -> String {
    rows::all(&rusqlite::Connection::open(store).unwrap()).join("\n")
}
