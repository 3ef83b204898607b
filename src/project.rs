//! A project: a folder with `chainc.yaml` and `.chain` files, or some `.chain` files alone.
//!
//! All `.chain` files of a project are one program. A folder inside that has its own
//! `chainc.yaml` is a project of its own. A file or a folder inside belongs to the project
//! around it.

use crate::config::{self, Config};
use crate::failure::Failure;
use chainc_compiler::{Compiled, Diagnostic, Parsed, Settings, SourceFile};
use chainc_runtime::store::StoreUrl;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Component, Path, PathBuf};

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
    /// The files that could be compiled.
    parsed: Parsed,
    bodies: BTreeMap<String, String>,
}

impl Project {
    /// Loads the project of a folder.
    pub(crate) fn load(folder: &Path) -> Result<Self, Failure> {
        let config = Config::read(folder)?;
        let mut found = Walk::default();
        found.walk(folder)?;
        Self::of(folder, config, read_all(&found.files)?)
    }

    /// Loads a project and every project inside of its folder.
    pub(crate) fn load_all(folder: &Path) -> Result<Vec<Self>, Failure> {
        let config = Config::read(folder)?;
        let mut found = Walk::default();
        found.walk(folder)?;
        let mut projects = vec![Self::of(folder, config, read_all(&found.files)?)?];
        for folder in found.nested {
            projects.extend(Self::load_all(&folder)?);
        }
        projects.retain(|project| !project.files.is_empty());
        Ok(projects)
    }

    /// Loads the projects inside of a folder that is part of another one.
    pub(crate) fn load_nested(folder: &Path) -> Result<Vec<Self>, Failure> {
        let mut found = Walk::default();
        found.walk(folder)?;
        let mut projects = Vec::new();
        for folder in found.nested {
            projects.extend(Self::load_all(&folder)?);
        }
        Ok(projects)
    }

    /// Loads the project that a file belongs to: the nearest folder above it with a
    /// `chainc.yaml`, else the file alone.
    pub(crate) fn load_around(file: &Path) -> Result<Self, Failure> {
        let mut project = match folder_around(parent(file)) {
            Some(folder) => Self::load(&folder)?,
            None => Self::of(parent(file), Config::default(), Vec::new())?,
        };
        project.include(file)?;
        Ok(project)
    }

    /// Adds a file that was named, if it is not there already: hidden ones are not.
    pub(crate) fn include(&mut self, file: &Path) -> Result<(), Failure> {
        if !is_chain(file) && file.exists() {
            return Err(Failure::usage(format!(
                "{} is not a .chain file; give one, or a project's folder",
                file.display()
            )));
        }
        let (path, name) = (shown(file), file.file_name());
        let is_other_name = |known: &SourceFile| {
            let known = Path::new(&known.path);
            known.file_name() == name && is_same(known, file)
        };
        let is_there = self.files.iter().any(|known| known.path == path)
            || self.files.iter().any(is_other_name);
        if !is_there {
            self.add(read_all(&[file.to_owned()])?);
            self.files.sort_by(|a, b| a.path.cmp(&b.path));
            self.parse()?;
        }
        Ok(())
    }

    /// Loads the project that a text belongs to which is not on the disk as it is here. A
    /// name puts it in place of that file, without one it stands alone.
    pub(crate) fn load_with(name: Option<&Path>, bytes: Vec<u8>) -> Result<Self, Failure> {
        let Some(name) = name else {
            let text = Bytes { path: BUFFER.to_owned(), bytes };
            return Self::of(Path::new("."), Config::default(), vec![text]);
        };
        let Some(folder) = folder_around(parent(name)) else {
            let text = Bytes { path: shown(name), bytes };
            return Self::of(parent(name), Config::default(), vec![text]);
        };
        let mut found = Walk::default();
        found.walk(&folder)?;
        found.files.retain(|file| !is_same(file, name));
        let mut texts = read_all(&found.files)?;
        texts.push(Bytes { path: shown(name), bytes });
        texts.sort_by(|a, b| a.path.cmp(&b.path));
        Self::of(&folder, Config::read(&folder)?, texts)
    }

    fn of(folder: &Path, config: Config, texts: Vec<Bytes>) -> Result<Self, Failure> {
        let mut project = Self {
            folder: folder.to_owned(),
            config,
            files: Vec::new(),
            unreadable: Vec::new(),
            parsed: Parsed::default(),
            bodies: BTreeMap::new(),
        };
        project.add(texts);
        project.parse()?;
        Ok(project)
    }

    fn add(&mut self, texts: Vec<Bytes>) {
        for Bytes { path, bytes } in texts {
            match String::from_utf8(bytes) {
                Ok(text) => self.files.push(SourceFile { path, text }),
                Err(error) => {
                    let offset = error.utf8_error().valid_up_to();
                    let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                    self.unreadable.push(Diagnostic::invalid_utf8(&path, offset));
                    // The text is kept for showing the place, not for compiling.
                    self.files.push(SourceFile { path, text });
                }
            }
        }
    }

    /// Puts other texts in place of those of files, in memory.
    pub(crate) fn rewrite(
        &mut self,
        texts: impl IntoIterator<Item = (usize, String)>,
    ) -> Result<(), Failure> {
        for (at, text) in texts {
            if let Some(file) = self.files.get_mut(at) {
                file.text = text;
                self.parsed.replace(file);
            }
        }
        self.read_bodies()
    }

    fn parse(&mut self) -> Result<(), Failure> {
        let broken: BTreeSet<&str> = self.unreadable.iter().map(Diagnostic::file).collect();
        let whole = self.files.iter().filter(|file| !broken.contains(file.path.as_str()));
        self.parsed = Parsed::parse(whole);
        self.read_bodies()
    }

    /// Reads the files that messages name.
    fn read_bodies(&mut self) -> Result<(), Failure> {
        for name in self.parsed.body_files() {
            if self.bodies.contains_key(&name) {
                continue;
            }
            let path = self.folder.join(&name);
            // A file that is not there is the compiler's to report, at its place.
            if let Ok(bytes) = std::fs::read(&path) {
                let text = String::from_utf8(bytes)
                    .map_err(|_| Failure::usage(format!("{} is not UTF-8 text", path.display())))?;
                self.bodies.insert(name, text);
            }
        }
        Ok(())
    }

    /// Compiles the project.
    pub(crate) fn compile(&self) -> Compiled {
        let settings = Settings {
            timezone: self.config.timezone.clone(),
            currency: self.config.currency.clone(),
        };
        let mut compiled = self.parsed.compile(&self.bodies, &settings);
        if !self.unreadable.is_empty() {
            compiled.diagnostics.splice(0..0, self.unreadable.iter().cloned());
            compiled.program = None;
        }
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

/// What a text without a name is called.
pub(crate) const BUFFER: &str = "<stdin>";

/// A file as it lies on the disk.
struct Bytes {
    path: String,
    bytes: Vec<u8>,
}

fn read_all(paths: &[PathBuf]) -> Result<Vec<Bytes>, Failure> {
    paths.iter().map(|path| Ok(Bytes { path: shown(path), bytes: read(path)? })).collect()
}

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let size = std::fs::metadata(path).map_err(|error| unread(path, &error))?.len();
    if size > LARGEST {
        return Err(too_large(&shown(path)));
    }
    std::fs::read(path).map_err(|error| unread(path, &error))
}

/// Returns the chain files of a folder, and of the projects inside of it.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Walk::default();
    found.walk(folder)?;
    let mut files = found.files;
    for folder in found.nested {
        files.extend(files_below(&folder)?);
    }
    files.sort();
    Ok(files)
}

/// Reads standard input to its end.
pub(crate) fn read_standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(LARGEST + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::surroundings(format!("standard input: {error}")))?;
    if bytes.len() as u64 > LARGEST { Err(too_large("standard input")) } else { Ok(bytes) }
}

fn too_large(what: &str) -> Failure {
    Failure::surroundings(format!(
        "{what} is larger than {} MB; a chain file is a page or two",
        LARGEST >> 20
    ))
}

/// What a folder holds.
#[derive(Default)]
struct Walk {
    files: Vec<PathBuf>,
    /// Folders that are projects of their own.
    nested: Vec<PathBuf>,
}

impl Walk {
    fn walk(&mut self, folder: &Path) -> Result<(), Failure> {
        let entries = std::fs::read_dir(folder).map_err(|error| unread(folder, &error))?;
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry.map_err(|error| unread(folder, &error))?.path());
        }
        paths.sort();
        for path in paths {
            let hidden =
                path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if hidden {
                continue;
            }
            if path.is_dir() {
                if path.join(config::FILE).is_file() {
                    self.nested.push(path);
                } else if !path.is_symlink() {
                    self.walk(&path)?;
                }
            } else if is_chain(&path) {
                self.files.push(path);
            }
        }
        Ok(())
    }
}

/// Tells whether a path is named like a chain file.
pub(crate) fn is_chain(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "chain")
}

fn is_same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// Returns the folder of a file.
pub(crate) fn parent(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Returns the nearest folder with a `chainc.yaml`, this one or one above it.
pub(crate) fn folder_around(folder: &Path) -> Option<PathBuf> {
    let has_config = |folder: &&Path| folder.join(config::FILE).is_file();
    // As it was written, as far as that goes: `a` is not above `a/..`.
    let is_above = |above: &&Path| {
        !above.as_os_str().is_empty()
            && folder.strip_prefix(above).is_ok_and(|rest| !rest.components().any(is_up))
    };
    if let Some(found) = folder.ancestors().filter(is_above).find(has_config) {
        return Some(found.to_owned());
    }
    let whole = folder.canonicalize().ok()?;
    let found = whole.ancestors().find(has_config)?;
    let here = std::env::current_dir().ok()?;
    Some(match here.strip_prefix(found) {
        Ok(down) if down.as_os_str().is_empty() => PathBuf::from("."),
        Ok(down) => down.components().map(|_| "..").collect(),
        Err(_) => found.to_owned(),
    })
}

fn is_up(part: Component<'_>) -> bool {
    part == Component::ParentDir
}

/// Returns a path as people see it.
pub(crate) fn shown(path: &Path) -> String {
    let text = path.display().to_string();
    text.strip_prefix("./").unwrap_or(&text).to_owned()
}

fn unread(path: &Path, error: &std::io::Error) -> Failure {
    Failure::surroundings(format!("{} cannot be read: {error}", path.display()))
}
