//! A project: a folder with `chainc.yaml` and `.chain` files, or some `.chain` files alone.
//!
//! All `.chain` files of a project are one program. A folder inside that has its own
//! `chainc.yaml` is a project of its own.

use crate::config::{self, Config};
use crate::failure::Failure;
use chainc_compiler::{Compiled, Diagnostic, Settings, SourceFile};
use chainc_runtime::store::StoreUrl;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The longest `.chain` file that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// A project as it lies on the disk.
#[derive(Debug)]
pub(crate) struct Project {
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// Its `chainc.yaml`.
    pub(crate) config: Config,
    /// Its `.chain` files, in the order of their paths.
    pub(crate) files: Vec<SourceFile>,
    /// What was wrong with the files before they could be compiled.
    unreadable: Vec<Diagnostic>,
    bodies: BTreeMap<String, String>,
}

impl Project {
    /// Loads the project of a folder.
    pub(crate) fn load(folder: &Path) -> Result<Self, Failure> {
        let config = Config::read(folder)?;
        let mut paths = Vec::new();
        let mut nested = Vec::new();
        walk(folder, &mut paths, &mut nested)?;
        Self::of(folder, config, &paths)
    }

    /// Loads a project and every project inside of its folder.
    pub(crate) fn load_all(folder: &Path) -> Result<Vec<Self>, Failure> {
        let config = Config::read(folder)?;
        let mut paths = Vec::new();
        let mut nested = Vec::new();
        walk(folder, &mut paths, &mut nested)?;
        let mut projects = vec![Self::of(folder, config, &paths)?];
        for folder in nested {
            projects.extend(Self::load_all(&folder)?);
        }
        projects.retain(|project| !project.files.is_empty() || !project.unreadable.is_empty());
        Ok(projects)
    }

    /// Loads the project that a file belongs to: the nearest folder above it with a
    /// `chainc.yaml`, else the file alone.
    pub(crate) fn load_around(file: &Path) -> Result<Self, Failure> {
        if file.extension().is_none_or(|extension| extension != "chain") && file.exists() {
            return Err(Failure::usage(format!(
                "{} is not a .chain file; give one, or a project's folder",
                file.display()
            )));
        }
        let parent = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let found = parent.ancestors().find(|folder| folder.join(config::FILE).is_file());
        match found {
            Some(folder) if !folder.as_os_str().is_empty() => Self::load(folder),
            _ => Self::of(&parent, Config::default(), &[file.to_owned()]),
        }
    }

    fn of(folder: &Path, config: Config, paths: &[PathBuf]) -> Result<Self, Failure> {
        let mut files = Vec::new();
        let mut unreadable = Vec::new();
        for path in paths {
            let shown = shown(path);
            let size = std::fs::metadata(path).map_err(|error| unread(path, &error))?.len();
            if size > LARGEST {
                return Err(Failure::surroundings(format!(
                    "{shown} is larger than {} MB; a chain file is a page or two",
                    LARGEST >> 20
                )));
            }
            let bytes = std::fs::read(path).map_err(|error| unread(path, &error))?;
            match String::from_utf8(bytes) {
                Ok(text) => files.push(SourceFile { path: shown, text }),
                Err(error) => {
                    let offset = error.utf8_error().valid_up_to();
                    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                    unreadable.push(Diagnostic::invalid_utf8(&shown, offset));
                    // The text is kept for showing the place, not for compiling.
                    files.push(SourceFile { path: shown, text });
                }
            }
        }
        let mut project =
            Self { folder: folder.to_owned(), config, files, unreadable, bodies: BTreeMap::new() };
        for name in chainc_compiler::body_files(&project.files) {
            let path = folder.join(&name);
            // A file that is not there is the compiler's to report, at its place.
            if let Ok(bytes) = std::fs::read(&path) {
                let text = String::from_utf8(bytes)
                    .map_err(|_| Failure::usage(format!("{} is not UTF-8 text", path.display())))?;
                project.bodies.insert(name, text);
            }
        }
        Ok(project)
    }

    /// Compiles the project.
    pub(crate) fn compile(&self) -> Compiled {
        let settings = Settings {
            timezone: self.config.timezone.clone(),
            currency: self.config.currency.clone(),
        };
        if self.unreadable.is_empty() {
            return chainc_compiler::compile(&self.files, &self.bodies, &settings);
        }
        let broken: Vec<&str> = self.unreadable.iter().map(Diagnostic::file).collect();
        let whole: Vec<SourceFile> = self
            .files
            .iter()
            .filter(|file| !broken.contains(&file.path.as_str()))
            .cloned()
            .collect();
        let mut compiled = chainc_compiler::compile(&whole, &self.bodies, &settings);
        compiled.diagnostics.splice(0..0, self.unreadable.iter().cloned());
        compiled.program = None;
        compiled
    }

    /// Returns where the store is: what the command says, else the file, else `chainc.db`
    /// in the project.
    pub(crate) fn store(&self, told: Option<&str>) -> Result<PathBuf, Failure> {
        match (told, &self.config.store) {
            (Some(url), _) => Ok(StoreUrl::parse(url).map_err(Failure::usage)?.0),
            (None, Some(url)) => {
                let url = config::expand(url)?;
                let path = StoreUrl::parse(&url)
                    .map_err(|error| Failure::usage(format!("{}: {error}", config::FILE)))?
                    .0;
                Ok(self.folder.join(path))
            }
            (None, None) => Ok(self.folder.join("chainc.db")),
        }
    }
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>, nested: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = std::fs::read_dir(folder).map_err(|error| unread(folder, &error))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|error| unread(folder, &error))?.path());
    }
    paths.sort();
    for path in paths {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if hidden {
            continue;
        }
        if path.is_dir() {
            if path.join(config::FILE).is_file() {
                nested.push(path);
            } else if !path.is_symlink() {
                walk(&path, files, nested)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "chain") {
            files.push(path);
        }
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

fn unread(path: &Path, error: &std::io::Error) -> Failure {
    Failure::surroundings(format!("{} cannot be read: {error}", path.display()))
}
