//! Which findings are wanted: `--select` and `--ignore`, and `check` in `chainc.yaml`.
//!
//! Errors are always shown, unless `--select` itself names errors: a program with errors
//! does not run, so nothing may hide them by and by. Warnings and remarks are shown as
//! selected and not ignored.

use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Code, Severity};
use std::collections::BTreeSet;

/// Which findings are wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Selection {
    /// `None` selects all.
    select: Option<BTreeSet<Code>>,
    ignore: BTreeSet<Code>,
}

impl Selection {
    /// Reads what a command says.
    pub(crate) fn of_command(select: &[String], ignore: &[String]) -> Result<Self, String> {
        let selected = codes("--select", select)?;
        Ok(Self { select: selected, ignore: ignored("--ignore", ignore)? })
    }

    /// Reads what `chainc.yaml` says, which never narrows the errors.
    pub(crate) fn of_config(select: &[String], ignore: &[String]) -> Result<Self, String> {
        let selected = codes("check.select", select)?;
        if selected.iter().flatten().any(|code| is_error(*code)) {
            return Err("`check.select` names errors; they are always shown, so name warnings \
                        and remarks only"
                .to_owned());
        }
        Ok(Self { select: selected, ignore: ignored("check.ignore", ignore)? })
    }

    /// Returns what holds for a project: what the command selects stands instead of all the
    /// project says, what it ignores is added.
    pub(crate) fn over(&self, project: &Self) -> Self {
        if self.select.is_some() {
            return self.clone();
        }
        let ignore = self.ignore.union(&project.ignore).copied().collect();
        Self { select: project.select.clone(), ignore }
    }

    /// Tells whether a finding is wanted, to be shown and to be repaired.
    pub(crate) fn is_wanted(&self, found: &Diagnostic) -> bool {
        let code = found.kind().code();
        let is_selected = self.select.as_ref().is_none_or(|codes| codes.contains(&code));
        is_selected && !self.ignore.contains(&code)
    }

    /// Tells whether a finding is shown.
    pub(crate) fn is_shown(&self, found: &Diagnostic) -> bool {
        let names_errors = self.select.iter().flatten().any(|code| is_error(*code));
        self.is_wanted(found) || (found.is_error() && !names_errors)
    }
}

fn is_error(code: Code) -> bool {
    code.severity() == Severity::Error
}

fn ignored(place: &str, words: &[String]) -> Result<BTreeSet<Code>, String> {
    let mut all = BTreeSet::new();
    for word in written(words) {
        let codes = meant(place, word)?;
        if codes.iter().any(|code| is_error(*code)) {
            return Err(format!(
                "`{place}` names `{word}`, and errors cannot be ignored: a program with errors \
                 does not run"
            ));
        }
        all.extend(codes);
    }
    Ok(all)
}

fn codes(place: &str, words: &[String]) -> Result<Option<BTreeSet<Code>>, String> {
    let mut all = None;
    for word in written(words) {
        all.get_or_insert_with(BTreeSet::new).extend(meant(place, word)?);
    }
    Ok(all)
}

/// Returns the words: a variable that is set to nothing says nothing.
fn written(words: &[String]) -> impl Iterator<Item = &str> {
    words.iter().map(|word| word.trim()).filter(|word| !word.is_empty())
}

/// Returns the codes a word means: `W0612`, `unused-message`, or the beginning of codes,
/// `W06` or `W`.
fn meant(place: &str, word: &str) -> Result<Vec<Code>, String> {
    let lower = word.to_ascii_lowercase();
    let upper = lower.to_ascii_uppercase();
    let is_meant = |code: &Code| code.slug() == lower || code.as_str().starts_with(&upper);
    let found: Vec<Code> = Code::ALL.iter().copied().filter(is_meant).collect();
    let is_letter = ["E", "W", "A"].contains(&upper.as_str());
    if is_letter || !found.is_empty() {
        return Ok(found);
    }
    Err(match Code::resembling(word) {
        Some(near) => {
            format!("`{place}` names `{word}`, which is no finding; did you mean `{near}`?")
        }
        None => {
            format!("`{place}` names `{word}`, which is no finding; `chainc explain` lists them")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Selection;
    use chainc_compiler::Diagnostic;
    use chainc_compiler::diagnostic::Code;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn a_word_is_a_code_a_slug_or_the_beginning_of_codes() {
        let ignored = |word: &str| Selection::of_config(&[], &words(&[word])).unwrap().ignore;
        assert_eq!(ignored("w0612"), ignored("unused-message"));
        assert_eq!(ignored("W0612").len(), 1);
        assert!(ignored("W06").is_superset(&ignored("W0612")) && ignored("W06").len() > 1);
        assert!(ignored("W").is_superset(&ignored("W06")));
    }

    #[test]
    fn what_is_no_finding_is_refused_with_what_was_probably_meant() {
        for (word, said) in [
            ("W0203", "did you mean `E0203`?"),
            ("unused-mesage", "did you mean `unused-message`?"),
            ("everything", "`chainc explain` lists them"),
        ] {
            let error = Selection::of_command(&words(&[word]), &[]).unwrap_err();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn errors_are_hidden_only_by_selecting_other_errors() {
        let error = Diagnostic::invalid_utf8("a.chain", 0);
        let shown = |select: &[&str]| {
            let selection = Selection::of_command(&words(select), &[]).unwrap();
            (selection.is_shown(&error), selection.is_wanted(&error))
        };
        assert_eq!(shown(&[]), (true, true));
        assert_eq!(shown(&["W"]), (true, false));
        assert_eq!(shown(&["E02"]), (false, false));
        assert_eq!(shown(&["E02", "invalid-utf8"]), (true, true));
        assert!(Selection::of_command(&[], &words(&["E02"])).is_err());
        assert!(Selection::of_config(&words(&["E02"]), &[]).is_err());
    }

    #[test]
    fn a_command_adds_to_what_a_project_ignores_and_replaces_what_it_selects() {
        let project = Selection::of_config(&words(&["W06"]), &words(&["W0612"])).unwrap();
        let ignoring = Selection::of_command(&[], &words(&["W0611"])).unwrap().over(&project);
        assert_eq!(ignoring.select, project.select);
        assert!(ignoring.ignore.contains(&Code::UnusedMessage) && ignoring.ignore.len() == 2);
        let selecting = Selection::of_command(&words(&["W02"]), &[]).unwrap();
        assert_eq!(selecting.over(&project), selecting);
    }
}
