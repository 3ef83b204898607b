//! What `fmt` says, in both languages.

use chainc_compiler::diagnostic::{Lang, plural};
use chainc_grammar::Left;

/// There are no chain files.
pub(super) fn nothing_here(lang: Lang) -> &'static str {
    match lang {
        Lang::En => "no .chain files here",
        Lang::Ru => "здесь нет файлов .chain",
    }
}

/// So many of the files were laid out, or would be.
pub(super) fn laid_out(is_done: bool, changed: usize, files: usize, lang: Lang) -> String {
    match lang {
        Lang::En => {
            let word = |count: usize| if count == 1 { "file" } else { "files" };
            match (changed, is_done) {
                (0, _) => format!("nothing to lay out in {files} {}", word(files)),
                (_, true) => format!("laid out {changed} of {files} {}", word(files)),
                (_, false) => format!("would lay out {changed} of {files} {}", word(files)),
            }
        }
        Lang::Ru => {
            let of = plural(files as u64, "файла", "файлов", "файлов");
            let word = plural(files as u64, "файл", "файла", "файлов");
            match (changed, is_done) {
                (0, _) => format!("форматировать нечего: {files} {word}"),
                (_, true) => format!("отформатировано: {changed} из {files} {of}"),
                (_, false) => format!("было бы отформатировано: {changed} из {files} {of}"),
            }
        }
    }
}

/// A file stays as it is.
pub(super) fn left(path: &str, left: Left, lang: Lang) -> String {
    let why = match (lang, left) {
        (Lang::En, Left::Merge) => "a merge left its marks in it, settle it first",
        (Lang::En, Left::Unread) => "nothing of it can be read, `chainc check` says why",
        (Lang::En, Left::Unproven) => "laid out, it could not be proved to mean the same",
        (Lang::Ru, Left::Merge) => "в нём остались пометки слияния, сначала разберите их",
        (Lang::Ru, Left::Unread) => "его не прочесть, `chainc check` скажет почему",
        (Lang::Ru, Left::Unproven) => "не удалось доказать, что смысл не изменится",
    };
    match lang {
        Lang::En => format!("{path} is left as it is: {why}"),
        Lang::Ru => format!("{path} оставлен как есть: {why}"),
    }
}

/// A file is not UTF-8 text.
pub(super) fn no_text(path: &str, at: usize, lang: Lang) -> String {
    match lang {
        Lang::En => format!("{path} is left as it is: byte {at} is not UTF-8 text"),
        Lang::Ru => format!("{path} оставлен как есть: байт {at} не текст в UTF-8"),
    }
}

/// So many files should have been laid out and were not.
pub(super) fn failed(files: usize, lang: Lang) -> String {
    match lang {
        Lang::En if files == 1 => "1 file could not be laid out".to_owned(),
        Lang::En => format!("{files} files could not be laid out"),
        Lang::Ru => {
            let word = plural(files as u64, "файл", "файла", "файлов");
            format!("не удалось отформатировать {files} {word}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{failed, laid_out};
    use chainc_compiler::diagnostic::Lang;

    #[test]
    fn files_are_counted() {
        for (is_done, changed, files, english, russian) in [
            (true, 0, 1, "nothing to lay out in 1 file", "форматировать нечего: 1 файл"),
            (true, 1, 1, "laid out 1 of 1 file", "отформатировано: 1 из 1 файла"),
            (
                false,
                2,
                22,
                "would lay out 2 of 22 files",
                "было бы отформатировано: 2 из 22 файлов",
            ),
        ] {
            assert_eq!(laid_out(is_done, changed, files, Lang::En), english);
            assert_eq!(laid_out(is_done, changed, files, Lang::Ru), russian);
        }
        assert_eq!(failed(2, Lang::Ru), "не удалось отформатировать 2 файла");
    }
}
