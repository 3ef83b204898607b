//! `--fix`: the changes that findings offer, made until nothing new comes of it.
//!
//! A change is kept only if it leaves fewer findings than there were: fewer errors, or as
//! many errors and fewer warnings. Where several together fail that, they are halved until
//! those are found that do not help; these are left out.

use super::selection::Selection;
use super::targets::Target;
use crate::failure::Failure;
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Edit, Fix, Safety, Severity};
use chainc_grammar::syntax::Span;
use std::collections::BTreeMap;

/// Rounds after which it is enough: each may bring new findings, with new changes.
const ROUNDS: usize = 50;
/// How often a project is compiled at most to find out which changes help.
const TRIALS: usize = 400;

/// Which changes are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Daring {
    /// Those beyond doubt.
    Safe,
    /// Those that were most likely meant, as well.
    Unsafe,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Repaired {
    /// How many findings were repaired.
    pub(super) fixed: usize,
    /// How many more could be, with [`Daring::Unsafe`].
    pub(super) more: usize,
    /// The files that are other than they were.
    pub(super) changes: Vec<Change>,
    /// Findings whose repair would not have left fewer of them.
    pub(super) refused: Vec<Diagnostic>,
}

/// A file that is other than it was.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// Repairs the files of a project that were asked for, in memory. Returns what came of it,
/// and what is found now.
pub(super) fn repair(
    target: &mut Target,
    selection: &Selection,
    daring: Daring,
) -> Result<(Repaired, Vec<Diagnostic>), Failure> {
    let asked: Vec<bool> = target.project.files.iter().map(|file| target.is_asked(file)).collect();
    let places: BTreeMap<String, usize> = (0..)
        .zip(&target.project.files)
        .filter(|(at, _)| asked.get(*at) == Some(&true))
        .map(|(at, file)| (file.path.clone(), at))
        .collect();
    let before: Vec<String> = target.project.files.iter().map(|file| file.text.clone()).collect();
    let mut found = target.project.compile().diagnostics;
    let mut repaired = Repaired::default();
    let mut trials = TRIALS;
    for _ in 0..ROUNDS {
        let wanted = |found: &&Diagnostic| {
            places.contains_key(found.file())
                && selection.is_wanted(found)
                && found.fix().is_some_and(|fix| daring.makes(fix))
        };
        let candidates = apart(found.iter().filter(wanted));
        if candidates.is_empty() {
            break;
        }
        let mut round = Round::new(target, &places, &candidates, Weight::of(&found), &mut trials);
        round.settle(&candidates)?;
        let (kept, refused, now) = round.end()?;
        repaired.refused = refused;
        repaired.fixed += kept;
        match now {
            Some(now) => found = now,
            None => break,
        }
    }
    repaired.more = found
        .iter()
        .filter(|found| places.contains_key(found.file()) && selection.is_wanted(found))
        .filter_map(Diagnostic::fix)
        .filter(|fix| fix.safety == Safety::Unsafe && !daring.makes(fix))
        .count();
    repaired.changes = before
        .into_iter()
        .zip(&target.project.files)
        .filter(|(before, file)| *before != file.text)
        .map(|(before, file)| Change { path: file.path.clone(), before, after: file.text.clone() })
        .collect();
    Ok((repaired, found))
}

impl Daring {
    fn makes(self, fix: &Fix) -> bool {
        match fix.safety {
            Safety::Safe => true,
            Safety::Unsafe => self == Self::Unsafe,
            Safety::Display => false,
        }
    }
}

/// How much is wrong; less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Weight {
    errors: usize,
    warnings: usize,
    remarks: usize,
}

impl Weight {
    fn of(diagnostics: &[Diagnostic]) -> Self {
        let number =
            |severity| diagnostics.iter().filter(|found| found.severity() == severity).count();
        Self {
            errors: number(Severity::Error),
            warnings: number(Severity::Warning),
            remarks: number(Severity::Advice),
        }
    }

    fn sum(self) -> usize {
        self.errors + self.warnings + self.remarks
    }
}

/// Returns those findings whose changes do not touch: of two that do, the first.
fn apart<'d>(found: impl Iterator<Item = &'d Diagnostic>) -> Vec<&'d Diagnostic> {
    let mut taken: BTreeMap<(&str, u32), u32> = BTreeMap::new();
    let mut kept = Vec::new();
    for found in found {
        let edits = || found.fix().into_iter().flat_map(|fix| &fix.edits);
        let path = found.file();
        let is_taken = |span: Span| {
            let before = taken.range((path, 0)..=(path, span.end)).next_back();
            before.is_some_and(|(_, end)| *end >= span.start)
        };
        if edits().any(|edit| is_taken(edit.span)) {
            continue;
        }
        taken.extend(edits().map(|edit| ((path, edit.span.start), edit.span.end)));
        kept.push(found);
    }
    kept
}

/// One round: changes that do not touch, of texts that all of them speak of.
struct Round<'r, 'd> {
    target: &'r mut Target,
    /// The files that may change, with their texts when the round began.
    texts: BTreeMap<&'d str, (usize, String)>,
    kept: Vec<&'d Diagnostic>,
    refused: Vec<Diagnostic>,
    best: Weight,
    /// What is found with what was kept.
    found: Option<Vec<Diagnostic>>,
    trials: &'r mut usize,
}

impl<'r, 'd> Round<'r, 'd> {
    fn new(
        target: &'r mut Target,
        places: &BTreeMap<String, usize>,
        candidates: &[&'d Diagnostic],
        best: Weight,
        trials: &'r mut usize,
    ) -> Self {
        let text = |found: &&'d Diagnostic| {
            let at = *places.get(found.file())?;
            let file = target.project.files.get(at)?;
            Some((found.file(), (at, file.text.clone())))
        };
        let texts = candidates.iter().filter_map(text).collect();
        Self { target, texts, kept: Vec::new(), refused: Vec::new(), best, found: None, trials }
    }

    /// Keeps those of the changes that help.
    fn settle(&mut self, candidates: &[&'d Diagnostic]) -> Result<(), Failure> {
        if *self.trials == 0 {
            return Ok(());
        }
        *self.trials -= 1;
        let trial: Vec<&Diagnostic> = self.kept.iter().chain(candidates).copied().collect();
        self.write(&trial)?;
        let found = self.target.project.compile().diagnostics;
        let weight = Weight::of(&found);
        // Several together have to be worth as much as each alone; else one of them is not.
        let helps = match candidates {
            [_] => weight < self.best,
            several => weight.sum() + several.len() <= self.best.sum() && weight < self.best,
        };
        if helps {
            (self.kept, self.best, self.found) = (trial, weight, Some(found));
            return Ok(());
        }
        match candidates {
            [one] => self.refused.push((*one).clone()),
            several => {
                let (first, second) = several.split_at(several.len() / 2);
                self.settle(first)?;
                self.settle(second)?;
            }
        }
        Ok(())
    }

    /// Leaves the project with what was kept. Returns how many changes that are, those that
    /// do not help, and what is found now, if anything changed.
    #[expect(clippy::type_complexity, reason = "three things, named above")]
    fn end(mut self) -> Result<(usize, Vec<Diagnostic>, Option<Vec<Diagnostic>>), Failure> {
        let kept = std::mem::take(&mut self.kept);
        self.write(&kept)?;
        Ok((kept.len(), self.refused, self.found))
    }

    /// Writes the texts with these changes into the project.
    fn write(&mut self, changes: &[&Diagnostic]) -> Result<(), Failure> {
        let mut edits: BTreeMap<&str, Vec<&Edit>> = BTreeMap::new();
        for found in changes {
            let of_file = edits.entry(found.file()).or_default();
            of_file.extend(found.fix().into_iter().flat_map(|fix| &fix.edits));
        }
        let texts = self.texts.iter().map(|(path, (at, text))| {
            let edits = edits.remove(path).unwrap_or_default();
            (*at, edited(text, edits))
        });
        self.target.project.rewrite(texts)
    }
}

/// Makes edits that do not touch. Line ends become those of the text.
fn edited(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut new = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        let (start, end) = (edit.span.start as usize, edit.span.end as usize);
        new.push_str(text.get(at..start).unwrap_or_default());
        new.push_str(&edit.text.replace("\r\n", "\n").replace('\n', line_end));
        at = end;
    }
    new.push_str(text.get(at..).unwrap_or_default());
    new
}

#[cfg(test)]
mod tests {
    use super::edited;
    use chainc_compiler::diagnostic::Edit;
    use chainc_grammar::syntax::Span;

    #[test]
    fn edits_leave_everything_else_as_it_is() {
        let edit =
            |start, end, text: &str| Edit { span: Span::new(start, end), text: text.to_owned() };
        let (second, first) = (edit(7, 8, "}\n"), edit(3, 4, ""));
        assert_eq!(edited("\u{feff}ab\r\nc d", vec![&second, &first]), "\u{feff}b\r\n}\r\n d");
        assert_eq!(edited("abc", vec![&edit(1, 1, "\n")]), "a\nbc");
    }
}
