//! What `check` says beside the findings themselves, in both languages.

use chainc_compiler::diagnostic::{Lang, plural};

/// Whether files were changed, or would have been.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    Did,
    Would,
}

/// There are no chain files.
pub(super) fn nothing_here(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "no .chain files here",
        Lang::Ru => "здесь нет файлов .chain",
    }
}

/// So many errors are not among the selected findings.
pub(super) fn hidden(errors: usize, lang: Lang) -> String {
    match lang {
        Lang::En => {
            let errors = if errors == 1 {
                "1 more error".to_owned()
            } else {
                format!("{errors} more errors")
            };
            format!("{errors} not among what `--select` names")
        }
        Lang::Ru => {
            let word = plural(errors as u64, "ошибку", "ошибки", "ошибок");
            format!("`--select` не показал ещё {errors} {word}")
        }
    }
}

/// A repair was left out.
pub(super) fn refused(code: &str, file: &str, lang: Lang) -> String {
    match lang {
        Lang::En => format!(
            "{code} in {file} was left as it is: with its repair there would be no fewer findings"
        ),
        Lang::Ru => {
            format!("{code} в {file} не исправлено: после исправления замечаний не стало бы меньше")
        }
    }
}

/// So much was repaired, and so much more could be.
pub(super) fn fixed(tense: Tense, fixed: usize, files: usize, more: usize, lang: Lang) -> String {
    match lang {
        Lang::En => {
            let findings = if fixed == 1 { "finding" } else { "findings" };
            let places = if files == 1 { "file" } else { "files" };
            let done = match (tense, fixed) {
                (Tense::Did, 0) => "nothing was fixed".to_owned(),
                (Tense::Would, 0) => "nothing to fix".to_owned(),
                (Tense::Did, _) => format!("fixed {fixed} {findings} in {files} {places}"),
                (Tense::Would, _) => format!("would fix {fixed} {findings} in {files} {places}"),
            };
            match more {
                0 => done,
                more => format!("{done}; {more} more with --unsafe-fixes"),
            }
        }
        Lang::Ru => {
            let count = fixed as u64;
            let findings = plural(count, "место", "места", "мест");
            let places = plural(files as u64, "файле", "файлах", "файлах");
            let verb = match tense {
                Tense::Did => plural(count, "исправлено", "исправлены", "исправлено"),
                Tense::Would => {
                    plural(count, "было бы исправлено", "были бы исправлены", "было бы исправлено")
                }
            };
            let done = match (tense, fixed) {
                (Tense::Did, 0) => "ничего не исправлено".to_owned(),
                (Tense::Would, 0) => "исправлять нечего".to_owned(),
                _ => format!("{verb} {fixed} {findings} в {files} {places}"),
            };
            match more {
                0 => done,
                more => format!("{done}; ещё {more} с --unsafe-fixes"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tense, fixed, hidden};
    use chainc_compiler::diagnostic::Lang;

    #[test]
    fn what_was_fixed_is_counted() {
        for (count, files, more, english, russian) in [
            (0, 0, 0, "nothing was fixed", "ничего не исправлено"),
            (1, 1, 0, "fixed 1 finding in 1 file", "исправлено 1 место в 1 файле"),
            (
                3,
                2,
                1,
                "fixed 3 findings in 2 files; 1 more with --unsafe-fixes",
                "исправлены 3 места в 2 файлах; ещё 1 с --unsafe-fixes",
            ),
            (21, 21, 0, "fixed 21 findings in 21 files", "исправлено 21 место в 21 файле"),
        ] {
            assert_eq!(fixed(Tense::Did, count, files, more, Lang::En), english);
            assert_eq!(fixed(Tense::Did, count, files, more, Lang::Ru), russian);
        }
        assert_eq!(hidden(2, Lang::Ru), "`--select` не показал ещё 2 ошибки");
    }
}
