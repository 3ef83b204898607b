//! Writes a file anew, whole or not at all.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Puts a new text in place of the one that was read. The file keeps its permissions; a
/// link keeps leading to it. Somebody else's change since then is not written over.
pub(crate) fn replace(path: &Path, read: &[u8], new: &[u8]) -> io::Result<()> {
    let path = fs::canonicalize(path)?;
    let permissions = fs::metadata(&path)?.permissions();
    if permissions.readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is read-only"));
    }
    let beside = beside(&path);
    let written = write(&beside, new).and_then(|()| {
        fs::set_permissions(&beside, permissions)?;
        if fs::read(&path)? != read {
            return Err(io::Error::other("it has been changed meanwhile"));
        }
        fs::rename(&beside, &path)
    });
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Returns a name in the same folder, on the same disk, that no walk takes for a chain file.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use super::replace;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    /// A folder with one file, gone when the test is.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("chainc-{name}-{}", std::process::id()));
            fs::create_dir_all(&path).expect("a folder for the test");
            fs::write(path.join("a.chain"), "old").expect("a file in it");
            Self(path)
        }

        fn file(&self) -> PathBuf {
            self.0.join("a.chain")
        }

        fn names(&self) -> usize {
            fs::read_dir(&self.0).expect("a folder").count()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_file_keeps_its_permissions_and_leaves_nothing_beside_it() {
        let folder = Folder::new("replace");
        fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o640)).unwrap();
        replace(&folder.file(), b"old", b"new").unwrap();
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), "new");
        assert_eq!(fs::metadata(folder.file()).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(folder.names(), 1);
    }

    #[test]
    fn a_link_stays_a_link() {
        let folder = Folder::new("link");
        let link = folder.0.join("b.chain");
        symlink("a.chain", &link).unwrap();
        replace(&link, b"old", b"new").unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), "new");
    }

    #[test]
    fn what_somebody_else_wrote_meanwhile_stays() {
        let folder = Folder::new("meanwhile");
        let error = replace(&folder.file(), b"older", b"new").unwrap_err();
        assert!(error.to_string().contains("meanwhile"), "{error}");
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), "old");
        assert_eq!(folder.names(), 1);
    }

    #[test]
    fn a_file_that_is_read_only_stays() {
        let folder = Folder::new("read-only");
        fs::set_permissions(folder.file(), fs::Permissions::from_mode(0o440)).unwrap();
        assert!(replace(&folder.file(), b"old", b"new").is_err());
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), "old");
    }
}
