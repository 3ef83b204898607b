//! Paths as the place that shows the findings knows them: from the root of the repository,
//! wherever in it the command runs.

use crate::project;
use std::path::{Component, Path, PathBuf};

/// Variables in which GitHub and GitLab say where they have put the repository.
const ROOTS: [&str; 2] = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];

/// Where the command runs.
pub(super) struct Repository {
    root: PathBuf,
    /// From the root to the current folder.
    down: PathBuf,
}

impl Repository {
    /// Looks where the repository is; its root is the current folder if nobody says.
    pub(super) fn here() -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let named = ROOTS.into_iter().filter_map(std::env::var_os).map(PathBuf::from);
        let roots = named.filter_map(|root| root.canonicalize().ok());
        let above = roots.into_iter().find(|root| here.starts_with(root));
        let root = above.unwrap_or_else(|| here.clone());
        let down = here.strip_prefix(&root).unwrap_or(Path::new("")).to_owned();
        Self { root, down }
    }

    /// Returns a path from the root; a whole one if it lies elsewhere.
    pub(super) fn path(&self, path: &str) -> String {
        if path == project::BUFFER {
            return path.to_owned();
        }
        let whole = plain(&self.root.join(&self.down).join(path));
        let path = whole.strip_prefix(&self.root).unwrap_or(&whole);
        path.display().to_string()
    }
}

/// Returns a path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::Repository;
    use std::path::PathBuf;

    #[test]
    fn a_path_is_told_from_the_root() {
        let (root, down) = (PathBuf::from("/repo"), PathBuf::from("shop/win"));
        let repository = Repository { root, down };
        for (path, told) in [
            ("a.chain", "shop/win/a.chain"),
            ("../b.chain", "shop/b.chain"),
            ("/repo/c.chain", "c.chain"),
            ("/tmp/d.chain", "/tmp/d.chain"),
            ("<stdin>", "<stdin>"),
        ] {
            assert_eq!(repository.path(path), told);
        }
    }
}
