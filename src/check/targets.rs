//! What the paths of a command ask for: projects, each once, and which of their files.

use crate::config;
use crate::failure::Failure;
use crate::project::{self, Project};
use chainc_compiler::SourceFile;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A project to check.
pub(super) struct Target {
    pub(super) project: Project,
    asked: Asked,
}

/// What of a project was asked for. The whole of it is checked; only this is changed.
enum Asked {
    /// What lies at or below these paths.
    Paths(BTreeSet<PathBuf>),
    /// The text that came in by standard input, under this name.
    Buffer(String),
}

impl Target {
    /// Tells whether a file of the project was asked for.
    pub(super) fn is_asked(&self, file: &SourceFile) -> bool {
        match &self.asked {
            Asked::Buffer(name) => *name == file.path,
            Asked::Paths(paths) => Path::new(&file.path)
                .canonicalize()
                .is_ok_and(|file| file.ancestors().any(|above| paths.contains(above))),
        }
    }

    /// Returns the text that came in by standard input, if one did.
    pub(super) fn buffer(&self) -> Option<&SourceFile> {
        match &self.asked {
            Asked::Buffer(name) => self.project.files.iter().find(|file| file.path == *name),
            Asked::Paths(_) => None,
        }
    }
}

/// Returns the projects that hold the paths.
pub(super) fn of_paths(paths: &[PathBuf]) -> Result<Vec<Target>, Failure> {
    let mut loading = Loading::default();
    let (mut folders, files): (Vec<&Path>, Vec<&Path>) =
        paths.iter().map(|path| project_of(path)).partition(|path| path.is_dir());
    // The outer ones first: they hold the inner ones, and files that belong to no project.
    folders.sort_by_key(|folder| whole(folder).components().count());
    for folder in folders {
        loading.folder(folder)?;
    }
    for file in files {
        loading.file(file)?;
    }
    Ok(loading.targets)
}

/// Returns the folder of a `chainc.yaml`: that file stands for its project.
fn project_of(path: &Path) -> &Path {
    let is_config = path.file_name().is_some_and(|name| name == config::FILE) && path.is_file();
    if is_config { project::parent(path) } else { path }
}

/// Returns the project that standard input belongs to.
pub(super) fn of_standard_input(name: Option<&Path>) -> Result<Target, Failure> {
    if let Some(name) = name.filter(|name| !project::is_chain(name)) {
        return Err(Failure::usage(format!(
            "`--stdin-name {}` is not the name of a .chain file",
            name.display()
        )));
    }
    let project = Project::load_with(name, project::read_standard_input()?)?;
    let name = name.map_or_else(|| project::BUFFER.to_owned(), project::shown);
    Ok(Target { project, asked: Asked::Buffer(name) })
}

#[derive(Default)]
struct Loading {
    targets: Vec<Target>,
    /// The folder of each target, or the file that is one alone.
    loaded: BTreeMap<PathBuf, usize>,
}

impl Loading {
    fn folder(&mut self, folder: &Path) -> Result<(), Failure> {
        let asked = whole(folder);
        match project::folder_around(folder) {
            Some(root) if whole(&root) != asked => {
                self.add(&asked, whole(&root), || Project::load(&root))?;
                self.add_all(&asked, Project::load_nested(folder)?);
            }
            None if self.holder(&asked).is_some() => {}
            _ => self.add_all(&asked, Project::load_all(folder)?),
        }
        Ok(())
    }

    fn file(&mut self, file: &Path) -> Result<(), Failure> {
        let asked = whole(file);
        let at = match (project::folder_around(project::parent(file)), self.holder(&asked)) {
            (Some(root), _) => self.add(&asked, whole(&root), || Project::load_around(file))?,
            (None, Some(at)) => at,
            (None, None) => self.add(&asked, asked.clone(), || Project::load_around(file))?,
        };
        match self.targets.get_mut(at) {
            Some(target) => target.project.include(file),
            None => Ok(()),
        }
    }

    /// Adds a project, if it is not there already, and returns where it stands.
    fn add(
        &mut self,
        asked: &Path,
        key: PathBuf,
        load: impl FnOnce() -> Result<Project, Failure>,
    ) -> Result<usize, Failure> {
        if let Some(at) = self.loaded.get(&key) {
            if let Some(Target { asked: Asked::Paths(paths), .. }) = self.targets.get_mut(*at) {
                paths.insert(asked.to_owned());
            }
            return Ok(*at);
        }
        let project = load()?;
        let at = self.targets.len();
        self.loaded.insert(key, at);
        self.targets.push(Target { project, asked: Asked::Paths([asked.to_owned()].into()) });
        Ok(at)
    }

    fn add_all(&mut self, asked: &Path, projects: Vec<Project>) {
        for project in projects {
            let key = whole(&project.folder);
            // It is loaded already: nothing can fail.
            let _ = self.add(asked, key, || Ok(project));
        }
    }

    /// Returns the target whose folder holds a path, or which is the path.
    fn holder(&self, path: &Path) -> Option<usize> {
        path.ancestors().find_map(|above| self.loaded.get(above)).copied()
    }
}

fn whole(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}
