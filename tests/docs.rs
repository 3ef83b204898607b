//! The documentation is true: every example in it compiles as it says, every link in it
//! leads somewhere.
//!
//! A fenced block says what it is behind its fence:
//!
//! - `chain` compiles without errors, alone in a file of its own;
//! - `chain clean` without warnings, too;
//! - `chain error(slug)`, `chain warning(slug)` and `chain advice(slug)` raise that finding, and
//!   no other error;
//!   both may stand several times;
//! - `chain file=NAME.chain` stands in a file of that name;
//! - `chain project=ID file=NAME.chain` is compiled together with the blocks of the same
//!   project above it; the last block with a name is the file;
//! - `yaml chainc` is a `chainc.yaml` beside the smallest program.
//!
//! A block of `text` or `console` with a finding in it is what `check` prints of the program
//! above it, whole lines of it left out. Anything else that begins with `chain` is a mistake;
//! blocks of other languages are left alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use chainc_compiler::diagnostic::Code;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use support::{Folder, chainc, command};

/// Files that must exist; those with `true` must have examples.
const WANTED: [(&str, bool); 4] = [
    ("README.md", false),
    ("docs/tutorial.md", true),
    ("docs/language.md", true),
    ("docs/proofs.md", true),
];

/// What the smallest program is.
const SEED: &str = "segment recency 60..89 -> grant 300 -> sms offer -> wait 3d unless purchase -> push reminder -> fallback email\n";

#[derive(Debug, PartialEq)]
struct Block {
    /// The line of its fence, from 1.
    line: usize,
    kind: Kind,
    text: String,
}

#[derive(Debug, PartialEq)]
enum Kind {
    Chain(Chain),
    Config,
}

/// What a block of the language promises.
#[derive(Debug, PartialEq, Default)]
struct Chain {
    clean: bool,
    errors: BTreeSet<String>,
    warnings: BTreeSet<String>,
    advice: BTreeSet<String>,
    project: Option<String>,
    file: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Finding {
    slug: String,
    severity: String,
    message: String,
    file: String,
    start: Place,
}

#[derive(Debug, Deserialize)]
struct Place {
    line: usize,
    column: usize,
}

/// A page, cut into its blocks and the lines between them.
#[derive(Debug, PartialEq, Default)]
struct Page {
    blocks: Vec<Block>,
    prose: Vec<(usize, String)>,
    /// What could not be understood, with its line.
    faults: Vec<(usize, String)>,
}

/// Returns the fence a line begins with: its indent, its mark, its length, its words.
fn fence(line: &str) -> Option<(usize, char, usize, &str)> {
    let inner = line.trim_start();
    let mark = inner.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
    let words = inner.trim_start_matches(mark);
    let length = inner.len() - words.len();
    let opens = length >= 3 && !(mark == '`' && words.contains('`'));
    opens.then(|| (line.len() - inner.len(), mark, length, words.trim()))
}

fn page(text: &str) -> Page {
    let mut page = Page::default();
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let Some((indent, mark, length, words)) = fence(line) else {
            let bare = line.trim_start_matches(|c: char| " \t>-*+.)".contains(c) || c.is_numeric());
            if fence(bare).is_some() {
                page.faults.push((number, "a block in a quote or right behind a bullet".into()));
            }
            page.prose.push((number, line.to_owned()));
            continue;
        };
        let mut text = String::new();
        let closed = lines.any(|(_, line)| {
            let ends = fence(line).is_some_and(|(_, closing, long, words)| {
                closing == mark && long >= length && words.is_empty()
            });
            if !ends {
                let blank = line.len() - line.trim_start().len();
                text.push_str(line.get(indent.min(blank)..).unwrap_or_default());
                text.push('\n');
            }
            ends
        });
        if !closed {
            page.faults.push((number, "this block does not end".into()));
        }
        match kind(words) {
            Ok(Some(kind)) => page.blocks.push(Block { line: number, kind, text }),
            Ok(None) => {}
            Err(fault) => page.faults.push((number, fault)),
        }
    }
    page
}

/// Reads what stands behind a fence; `None` is a block of another language.
fn kind(info: &str) -> Result<Option<Kind>, String> {
    let mut words = info.split_whitespace();
    match words.next() {
        Some("yaml") if words.clone().eq(["chainc"]) => return Ok(Some(Kind::Config)),
        Some("yaml") if words.clone().any(|word| word.starts_with("chain")) => {
            return Err(format!("`{info}`: only `yaml chainc` is known"));
        }
        Some("chain") => {}
        Some(other) if other.to_lowercase().starts_with("chain") => {
            return Err(format!("`{info}`: `{other}` is not a language, `chain` is"));
        }
        _ => return Ok(None),
    }
    let mut chain = Chain::default();
    for word in words {
        let slug = |name: &str| {
            let slug = word.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')?;
            let plain = slug.chars().all(|c| c.is_ascii_lowercase() || c.is_numeric() || c == '-');
            (plain && !slug.is_empty()).then(|| slug.to_owned())
        };
        let new = if word == "clean" {
            !std::mem::replace(&mut chain.clean, true)
        } else if let Some(slug) = slug("error") {
            chain.errors.insert(slug)
        } else if let Some(slug) = slug("warning") {
            chain.warnings.insert(slug)
        } else if let Some(slug) = slug("advice") {
            chain.advice.insert(slug)
        } else if let Some(id) = word.strip_prefix("project=").filter(|id| !id.is_empty()) {
            chain.project.replace(id.to_owned()).is_none()
        } else if let Some(name) = word.strip_prefix("file=").filter(|name| is_file_name(name)) {
            chain.file.replace(name.to_owned()).is_none()
        } else {
            return Err(format!("`{info}`: `{word}` is not known"));
        };
        if !new {
            return Err(format!("`{info}`: `{word}` stands twice"));
        }
    }
    let promised = [&chain.errors, &chain.warnings, &chain.advice];
    if chain.clean && promised.iter().any(|slugs| !slugs.is_empty()) {
        return Err(format!("`{info}`: a clean block has no findings"));
    }
    if chain.project.is_some() && chain.file.is_none() {
        return Err(format!("`{info}`: which file of the project?"));
    }
    Ok(Some(Kind::Chain(chain)))
}

fn is_file_name(name: &str) -> bool {
    let stem = name.strip_suffix(".chain").unwrap_or_default();
    !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// Returns what is wrong with the findings of a block.
fn verdict(chain: &Chain, findings: &[Finding]) -> Result<(), String> {
    let slugs = |severity: &str| -> BTreeSet<String> {
        let these = findings.iter().filter(|finding| finding.severity == severity);
        these.map(|finding| finding.slug.clone()).collect()
    };
    let (errors, warnings, advice) = (slugs("error"), slugs("warning"), slugs("advice"));
    let fault = if chain.clean && !findings.is_empty() {
        "it is not clean".to_owned()
    } else if let Some(slug) = chain.errors.difference(&errors).next() {
        format!("the error {slug} is not reported")
    } else if let Some(slug) = chain.warnings.difference(&warnings).next() {
        format!("the warning {slug} is not reported")
    } else if let Some(slug) = chain.advice.difference(&advice).next() {
        format!("the advice {slug} is not reported")
    } else if let Some(slug) = errors.difference(&chain.errors).next() {
        format!("it has the error {slug}")
    } else {
        return Ok(());
    };
    let told = findings.iter().map(|f| {
        let Finding { slug, severity, message, file, start } = f;
        let name = Path::new(file).file_name().unwrap().display();
        format!("\n    {severity} {slug}, {name}:{}:{}: {message}", start.line, start.column)
    });
    Err(format!("{fault}; reported:{}", told.collect::<String>()))
}

/// Checks a file or a folder.
fn findings(path: &Path) -> Result<Vec<Finding>, String> {
    let output = chainc(&["check", "--format", "json", path.to_str().unwrap()]);
    match (output.status.code(), serde_json::from_slice(&output.stdout)) {
        (Some(0 | 1), Ok(findings)) => Ok(findings),
        _ => Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr))),
    }
}

/// Compiles the blocks of a page as they say, and returns the faults with their lines.
fn faults_of(blocks: &[Block]) -> Vec<(usize, String)> {
    let mut projects: BTreeMap<&str, Folder> = BTreeMap::new();
    let mut faults = Vec::new();
    for block in blocks {
        let result = match &block.kind {
            Kind::Config => config(&block.text),
            Kind::Chain(chain) => {
                let name = chain.file.as_deref().unwrap_or("example.chain");
                let checked = match &chain.project {
                    Some(id) => {
                        let folder = projects.entry(id).or_insert_with(Folder::new);
                        std::fs::write(folder.path().join(name), &block.text).unwrap();
                        findings(folder.path())
                    }
                    None => {
                        let folder = Folder::new();
                        std::fs::write(folder.path().join(name), &block.text).unwrap();
                        findings(&folder.path().join(name))
                    }
                };
                checked.and_then(|findings| verdict(chain, &findings))
            }
        };
        if let Err(fault) = result {
            faults.push((block.line, fault));
        }
    }
    faults
}

/// Loads a `chainc.yaml` beside the smallest program.
fn config(text: &str) -> Result<(), String> {
    let folder = Folder::new();
    std::fs::write(folder.path().join("chainc.yaml"), text).unwrap();
    std::fs::write(folder.path().join("seed.chain"), SEED).unwrap();
    let output = command(&["check", "."]).current_dir(folder.path()).output().unwrap();
    if output.status.success() {
        return Ok(());
    }
    Err(format!("{}\n{}", output.status, String::from_utf8_lossy(&output.stderr)))
}

/// Returns the targets of links and pictures in a line, `inline code` left out.
fn links(line: &str) -> Vec<String> {
    let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
    let mut found = Vec::new();
    for (opening, closing) in [("](", ')'), ("href=\"", '"'), ("src=\"", '"'), ("srcset=\"", '"')] {
        for rest in prose.split(opening).skip(1) {
            let target = rest.split(closing).next().unwrap_or_default();
            found.extend(target.split_whitespace().next().map(str::to_owned));
        }
    }
    if let Some((label, target)) =
        prose.split_once("]: ").filter(|(label, _)| label.starts_with('['))
    {
        found.extend(
            target.split_whitespace().next().filter(|_| !label.contains(']')).map(str::to_owned),
        );
    }
    let outside = |target: &str| target.contains("://") || target.starts_with("mailto:");
    found.retain(|target| !outside(target));
    found
}

/// Returns the anchor a heading gets on the web.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
}

fn anchors(page: &Page) -> BTreeSet<String> {
    let headings = page.prose.iter().filter(|(_, line)| line.starts_with('#'));
    headings.map(|(_, line)| anchor(line.trim_start_matches('#').trim())).collect()
}

/// Says what is wrong with a link of a page.
fn broken(path: &Path, target: &str) -> Option<String> {
    let (file, wanted) = target.split_once('#').unwrap_or((target, ""));
    let target = match file.strip_prefix('/') {
        Some(file) => root().join(file),
        None if file.is_empty() => path.to_owned(),
        None => path.parent().unwrap().join(file),
    };
    if !target.exists() {
        return Some(format!("the link to {file} leads nowhere"));
    }
    let markdown = target.extension().is_some_and(|extension| extension == "md");
    let known =
        |wanted| anchors(&page(&std::fs::read_to_string(&target).unwrap())).contains(wanted);
    (markdown && !wanted.is_empty() && !known(wanted))
        .then(|| format!("{} has no heading #{wanted}", target.display()))
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns every page of the documentation.
fn pages() -> Vec<(PathBuf, Page)> {
    let mut paths: Vec<PathBuf> = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
        .iter()
        .map(|name| root().join(name))
        .filter(|path| path.exists())
        .collect();
    walk(&root().join("docs"), &|name| name.ends_with(".md"), &mut paths);
    walk(&root().join("examples"), &|name| name == "README.md", &mut paths);
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        (path, page(&text))
    };
    paths.into_iter().map(read).collect()
}

fn walk(folder: &Path, wanted: &dyn Fn(&str) -> bool, paths: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    for path in found {
        if path.is_dir() {
            walk(&path, wanted, paths);
        } else if path.file_name().and_then(|name| name.to_str()).is_some_and(wanted) {
            paths.push(path);
        }
    }
}

#[track_caller]
fn assert_none(faults: &[(PathBuf, usize, String)]) {
    let told = faults.iter().map(|(path, line, fault)| {
        format!("\n{}:{line}: {fault}", path.strip_prefix(root()).unwrap().display())
    });
    assert!(faults.is_empty(), "{}", told.collect::<String>());
}

#[test]
fn every_example_compiles_as_it_says() {
    let mut faults = Vec::new();
    for (path, page) in pages() {
        let mut here = page.faults;
        here.extend(faults_of(&page.blocks));
        here.sort();
        faults.extend(here.into_iter().map(|(line, fault)| (path.clone(), line, fault)));
    }
    assert_none(&faults);
}

#[test]
fn the_pages_are_there_with_their_examples() {
    let pages = pages();
    for (name, with_examples) in WANTED {
        let found = pages.iter().find(|(path, _)| *path == root().join(name));
        let Some((_, page)) = found else { unreachable!("{name} is missing") };
        assert!(!with_examples || !page.blocks.is_empty(), "{name} has no example");
    }
}

#[test]
fn every_link_leads_somewhere() {
    let mut faults = Vec::new();
    for (path, page) in pages() {
        for (number, line) in &page.prose {
            let broken = links(line).into_iter().filter_map(|target| broken(&path, &target));
            faults.extend(broken.map(|fault| (path.clone(), *number, fault)));
        }
    }
    assert_none(&faults);
}

/// Codes whose page can show no program, and says why.
const WITHOUT_PROGRAM: [&str; 2] = ["unreadable-file", "invalid-utf8"];

#[test]
fn every_page_of_a_code_shows_one_program_that_raises_it_and_one_that_does_not() {
    let mut faults = Vec::new();
    for code in Code::ALL {
        for folder in ["docs/errors", "docs/errors/ru"] {
            let path = root().join(folder).join(code.slug()).with_extension("md");
            let page = page(&std::fs::read_to_string(&path).unwrap());
            let mut raising = 0;
            let mut clean = 0;
            for block in &page.blocks {
                let Kind::Chain(chain) = &block.kind else { continue };
                let slug = code.slug();
                let promised = [&chain.errors, &chain.warnings, &chain.advice];
                if promised.iter().any(|slugs| slugs.contains(slug)) {
                    raising += 1;
                    continue;
                }
                clean += 1;
                let folder = Folder::new();
                let file = folder.path().join("example.chain");
                std::fs::write(&file, &block.text).unwrap();
                if findings(&file).unwrap().iter().any(|finding| finding.slug == slug) {
                    faults.push((path.clone(), block.line, format!("it raises {slug}")));
                }
            }
            let wanted = if WITHOUT_PROGRAM.contains(&code.slug()) { (0, 0) } else { (1, 1) };
            if (raising, clean) != wanted {
                let fault = format!("{raising} programs raise it, {clean} do not");
                faults.push((path, 1, fault));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn no_page_of_a_code_is_left_over() {
    for folder in ["docs/errors", "docs/errors/ru"] {
        let mut pages = Vec::new();
        walk(&root().join(folder), &|name| name.ends_with(".md"), &mut pages);
        for page in pages {
            let slug = page.file_stem().unwrap().to_str().unwrap();
            assert!(Code::find(slug).is_some(), "{} is the page of no code", page.display());
        }
    }
}

/// Returns each program of a page that has what `check` prints of it right behind, in a
/// block of `text` or `console`, and the line of that block.
fn shown(text: &str) -> Vec<(usize, String, String)> {
    let mut found = Vec::new();
    let mut program: Option<String> = None;
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let Some((_, _, _, words)) = fence(line) else { continue };
        let inside = lines.by_ref().map(|(_, line)| line).take_while(|line| fence(line).is_none());
        let inside: String = inside.map(|line| format!("{line}\n")).collect();
        match words {
            "text" | "console" if inside.contains("\u{256d}\u{2500}[") => {
                found.extend(program.take().map(|program| (number, program, inside)));
            }
            words if words.starts_with("chain") => program = Some(inside),
            _ => {}
        }
    }
    found
}

#[test]
fn findings_are_shown_as_check_prints_them() {
    let mut faults = Vec::new();
    let mut checked = 0;
    for name in ["README.md", "docs/tutorial.md", "docs/language.md"] {
        let path = root().join(name);
        for (line, program, wanted) in shown(&std::fs::read_to_string(&path).unwrap()) {
            let folder = Folder::new();
            std::fs::write(folder.path().join("winback.chain"), program).unwrap();
            let output = command(&["check"]).current_dir(folder.path()).output().unwrap();
            let printed = String::from_utf8_lossy(&output.stderr).into_owned();
            let mut rest = printed.lines().map(str::trim_end);
            let lost = wanted.lines().find(|line| !rest.any(|other| other == line.trim_end()));
            faults.extend(lost.map(|lost| (path.clone(), line, format!("not printed: {lost}"))));
            checked += 1;
        }
    }
    assert_none(&faults);
    assert!(checked >= 2, "only {checked} are shown");
}

#[test]
fn blocks_are_found_with_their_lines_and_texts() {
    let text = "# A\n\n```chain\nsegment a\n```\ntext\n  ````chain clean file=b.chain\n  x\n    ```\n  ````\n\
                ~~~yaml chainc\nstore: x\n~~~\n```console\n$ chainc\n```\n";
    let page = page(text);
    assert_eq!(page.faults, []);
    let file = Some("b.chain".to_owned());
    assert_eq!(
        page.blocks,
        [
            Block { line: 3, kind: Kind::Chain(Chain::default()), text: "segment a\n".into() },
            Block {
                line: 7,
                kind: Kind::Chain(Chain { clean: true, file, ..Chain::default() }),
                text: "x\n  ```\n".into(),
            },
            Block { line: 11, kind: Kind::Config, text: "store: x\n".into() },
        ]
    );
    let prose: Vec<usize> = page.prose.iter().map(|(line, _)| *line).collect();
    assert_eq!(prose, [1, 2, 6]);
}

#[test]
fn what_stands_behind_a_fence_is_read_whole() {
    let info = "chain project=t error(unknown-word) file=a.chain error(fraction) warning(draft) \
                advice(long)";
    let set = |slugs: &[&str]| slugs.iter().map(|slug| (*slug).to_owned()).collect();
    assert_eq!(
        kind(info),
        Ok(Some(Kind::Chain(Chain {
            clean: false,
            errors: set(&["unknown-word", "fraction"]),
            warnings: set(&["draft"]),
            advice: set(&["long"]),
            project: Some("t".into()),
            file: Some("a.chain".into()),
        })))
    );
    for other in ["", "rust", "yaml", "yaml foo", "json chain", "sh"] {
        assert_eq!(kind(other), Ok(None), "{other}");
    }
    for wrong in [
        "chain claen",
        "chain error",
        "chain error()",
        "chain error(a b)",
        "chain error(Unknown)",
        "chain file=a.yaml",
        "chain file=../a.chain",
        "chain file=.chain",
        "chain project=t",
        "chain project= file=a.chain",
        "chain clean clean",
        "chain clean error(fraction)",
        "chain,clean",
        "chainc",
        "Chain",
        "yaml chain",
        "yaml chainc x",
    ] {
        assert!(kind(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn no_block_is_skipped_silently() {
    for text in
        ["```chain\nnever closed\n", "> ```chain\n> x\n> ```\n", "- ```chain\n", "1. ```chain\n"]
    {
        assert!(!page(text).faults.is_empty(), "{text}");
    }
    assert_eq!(page("Write ```` ```chain ```` and so on.\n").faults, []);
}

#[test]
fn promises_that_are_not_kept_are_told() {
    let compile = |text: &str| -> Vec<(usize, String)> {
        let page = page(text);
        assert_eq!(page.faults, []);
        faults_of(&page.blocks)
    };
    let block = |info: &str, text: &str| format!("```{info}\n{text}\n```\n");
    let good = "segment recency 60..89 -> sms offer";
    let bad = "segment recency 60–89 -> sms offer";
    for kept in [
        block("chain", good),
        block("chain error(foreign-range)", bad),
        block("chain warning(message-without-text)", good),
        block("chain clean", "segment a = tag x\nmessage m { sms \"Hi\" }\nsegment a -> sms m"),
        block("chain project=p file=m.chain", "message offer { sms \"Hi\" }")
            + &block("chain clean project=p file=c.chain", good)
            + &block("chain error(foreign-range) project=p file=c.chain", bad)
            + &block("chain clean project=p file=c.chain", good),
        block("yaml chainc", "store: sqlite:shop.db"),
    ] {
        assert_eq!(compile(&kept), [], "{kept}");
    }
    for broken in [
        block("chain", bad),
        block("chain clean", good),
        block("chain error(foreign-range)", good),
        block("chain error(fraction)", bad),
        block("chain warning(message-without-text)", bad),
        block("chain warning(fraction)", good),
        block("chain project=p file=m.chain", "message offer { sms \"Hi\" }")
            + &block("chain clean project=q file=c.chain", good),
        block("yaml chainc", "stoer: sqlite:shop.db"),
    ] {
        assert_eq!(compile(&broken).len(), 1, "{broken}");
    }
}

#[test]
fn links_are_found() {
    assert_eq!(
        links("[a](b.md#c) ![d](e.svg \"t\") `[f](g)` <img src=\"h.svg\"> [i](https://j) [k](#l)"),
        ["b.md#c", "e.svg", "#l", "h.svg"]
    );
    assert_eq!(links("[one]: two.md"), ["two.md"]);
    let readme = root().join("docs/language.md");
    assert!(broken(&readme, "nothing.md").is_some());
    assert!(broken(&readme, "errors.md#nothing-of-the-kind").is_some());
    assert_eq!(broken(&readme, "errors.md#codes"), None);
    assert_eq!(broken(&readme, "../Cargo.toml"), None);
    assert_eq!(anchor("Write `a`, then b-c"), "write-a-then-b-c");
}
