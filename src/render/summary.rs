//! The last lines for people: how many of what, and what `--fix` would repair of it.

use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Lang, Safety, Severity, plural};

/// Returns `2 errors, 1 warning`.
pub(super) fn count(diagnostics: &[Diagnostic], lang: Lang) -> String {
    let parts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Advice]
        .into_iter()
        .map(|severity| (diagnostics.iter().filter(|d| d.severity() == severity).count(), severity))
        .filter(|(count, _)| *count > 0)
        .map(|(count, severity)| format!("{count} {}", severity_word(severity, count, lang)))
        .collect();
    parts.join(", ")
}

fn severity_word(severity: Severity, count: usize, lang: Lang) -> &'static str {
    let english = |one, many| if count == 1 { one } else { many };
    let russian = |one, few, many| plural(count as u64, one, few, many);
    match (lang, severity) {
        (Lang::En, Severity::Error) => english("error", "errors"),
        (Lang::En, Severity::Warning) => english("warning", "warnings"),
        (Lang::En, Severity::Advice) => english("remark", "remarks"),
        (Lang::Ru, Severity::Error) => russian("ошибка", "ошибки", "ошибок"),
        (Lang::Ru, Severity::Warning) => {
            russian("предупреждение", "предупреждения", "предупреждений")
        }
        (Lang::Ru, Severity::Advice) => russian("замечание", "замечания", "замечаний"),
    }
}

/// Returns what `--fix` would do, if it would do anything.
pub(crate) fn hint(diagnostics: &[Diagnostic], lang: Lang) -> Option<String> {
    let number = |safety| {
        diagnostics.iter().filter_map(Diagnostic::fix).filter(|fix| fix.safety == safety).count()
    };
    say_hint(number(Safety::Safe), number(Safety::Unsafe), diagnostics.len(), lang)
}

fn say_hint(safe: usize, guessed: usize, all: usize, lang: Lang) -> Option<String> {
    let command =
        if safe == 0 { "chainc check --fix --unsafe-fixes" } else { "chainc check --fix" };
    let what = |count: usize| match (lang, count == all) {
        (Lang::En, true) if all == 1 => "it".to_owned(),
        (Lang::En, true) => "them all".to_owned(),
        (Lang::En, false) => format!("{count} of them"),
        (Lang::Ru, true) if all == 1 => "это".to_owned(),
        (Lang::Ru, true) => "всё".to_owned(),
        (Lang::Ru, false) => format!("{count} из них"),
    };
    let (what, more) = match (safe, guessed) {
        (0, 0) => return None,
        (0, guessed) => (what(guessed), 0),
        (safe, guessed) => (what(safe), guessed),
    };
    Some(match (lang, more) {
        (Lang::En, 0) => format!("`{command}` repairs {what}"),
        (Lang::En, more) => {
            format!("`{command}` repairs {what}, and {more} more with `--unsafe-fixes`")
        }
        (Lang::Ru, 0) => format!("`{command}` исправит {what}"),
        (Lang::Ru, more) => {
            format!("`{command}` исправит {what}, с `--unsafe-fixes` — ещё {more}")
        }
    })
}

#[cfg(test)]
mod tests {
    use super::say_hint as hint;
    use chainc_compiler::diagnostic::Lang::{En, Ru};

    #[test]
    fn the_hint_says_how_many_and_with_which_words() {
        assert_eq!(hint(0, 0, 3, En), None);
        for (safe, guessed, all, said) in [
            (1, 0, 1, "`chainc check --fix` repairs it"),
            (2, 0, 2, "`chainc check --fix` repairs them all"),
            (2, 0, 3, "`chainc check --fix` repairs 2 of them"),
            (0, 1, 1, "`chainc check --fix --unsafe-fixes` repairs it"),
            (2, 3, 5, "`chainc check --fix` repairs 2 of them, and 3 more with `--unsafe-fixes`"),
        ] {
            assert_eq!(hint(safe, guessed, all, En).as_deref(), Some(said));
        }
        let said = "`chainc check --fix` исправит 2 из них, с `--unsafe-fixes` — ещё 3";
        assert_eq!(hint(2, 3, 9, Ru).as_deref(), Some(said));
    }
}
