//! The chain texts of the project.

use std::path::{Path, PathBuf};

/// Returns the root of the whole project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns every chain file of the tests and examples and every chain of the docs, with
/// where it stands.
pub(crate) fn corpus() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["tests", "examples"] {
        collect(&root().join(folder), "chain", &mut files);
    }
    let mut pages = Vec::new();
    collect(&root().join("docs"), "md", &mut pages);
    let mut corpus = Vec::new();
    for path in files {
        // Some are not UTF-8 on purpose.
        if let Ok(text) = std::fs::read_to_string(&path) {
            corpus.push((path.display().to_string(), text));
        }
    }
    for page in pages {
        let text = std::fs::read_to_string(&page).unwrap();
        for (at, block) in blocks(&text).into_iter().enumerate() {
            corpus.push((format!("{} {at}", page.display()), block));
        }
    }
    assert!(corpus.len() > 100, "the corpus is gone: {}", corpus.len());
    corpus
}

/// Returns the blocks of a page that hold chains.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if line.starts_with("```chain") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(block.join("\n") + "\n");
        }
    }
    blocks
}

/// Collects the files of a folder and the folders in it, in order.
pub(crate) fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, extension, files);
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
}
