//! A page of Markdown as a terminal shows it: headings, paragraphs, lists, blocks of code.
//!
//! The pages are our own, so this knows what they use and no more.

const BOLD: &str = "\x1b[1m";
const DIM: &str = "\x1b[2m";
const RED: &str = "\x1b[31m";
const GREEN: &str = "\x1b[32m";
const YELLOW: &str = "\x1b[33m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

/// Draws a page.
pub(crate) fn render(markdown: &str, color: bool, width: usize) -> String {
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut lines = markdown.lines();
    while let Some(line) = lines.next() {
        let item = line.starts_with("- ");
        if line.is_empty() || item || line.starts_with('#') || line.starts_with("```") {
            flush(&mut paragraph, &mut out, color, width);
        }
        if let Some(kind) = line.strip_prefix("```") {
            gap(&mut out);
            for code in lines.by_ref().take_while(|line| !line.starts_with("```")) {
                out.push_str(&code_line(code, kind, color));
            }
            out.push('\n');
        } else if line.starts_with('#') {
            gap(&mut out);
            let title = line.trim_start_matches('#').trim();
            out.push_str(&if color {
                format!("{BOLD}{title}{RESET}\n\n")
            } else {
                format!("{title}\n\n")
            });
        } else if line.is_empty() {
            gap(&mut out);
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(line.trim());
        }
    }
    flush(&mut paragraph, &mut out, color, width);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Leaves one empty line behind what is there.
fn gap(out: &mut String) {
    if !out.is_empty() && !out.ends_with("\n\n") {
        out.push('\n');
    }
}

fn flush(paragraph: &mut String, out: &mut String, color: bool, width: usize) {
    if paragraph.is_empty() {
        return;
    }
    let text = without_links(paragraph);
    let rest = if text.starts_with("- ") { "  " } else { "" };
    let lines = wrap(&text, width.saturating_sub(rest.len()));
    let text = lines.join(&format!("\n{rest}"));
    out.push_str(&if color { with_colored_code(&text) } else { text });
    out.push('\n');
    paragraph.clear();
}

/// Returns a line of code, indented. Colours tell a program with a finding from one without.
fn code_line(line: &str, kind: &str, color: bool) -> String {
    if line.is_empty() && !color {
        return "\n".to_owned();
    }
    if !color {
        return format!("    {line}\n");
    }
    let bar = match kind {
        _ if kind.contains("error(") => RED,
        _ if kind.contains("warning(") || kind.contains("advice(") => YELLOW,
        _ if kind.starts_with("chain") => GREEN,
        _ => DIM,
    };
    format!("  {bar}│{RESET} {}\n", highlighted(line))
}

/// Colours texts and comments.
fn highlighted(line: &str) -> String {
    let mut out = String::new();
    let mut in_text = false;
    for (at, c) in line.char_indices() {
        match c {
            '#' if !in_text => {
                let comment = line.get(at..).unwrap_or_default();
                return format!("{out}{DIM}{comment}{RESET}");
            }
            '"' if in_text => out += &format!("\"{RESET}"),
            '"' => out += &format!("{CYAN}\""),
            c => out.push(c),
        }
        in_text ^= c == '"';
    }
    if in_text {
        out.push_str(RESET);
    }
    out
}

/// Makes what stands in backticks bold. The backticks stay: a sentence reads the same
/// without colours.
fn with_colored_code(text: &str) -> String {
    let mut out = String::new();
    for (at, part) in text.split('`').enumerate() {
        match at {
            0 => out.push_str(part),
            odd if odd % 2 == 1 => out += &format!("{BOLD}`{part}"),
            _ => out += &format!("`{RESET}{part}"),
        }
    }
    out
}

/// Replaces `[words](target)` by the words.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('[') {
        let link = behind.split_once("](").and_then(|(words, target)| {
            let (_, after) = target.split_once(')')?;
            (!words.contains('[')).then_some((words, after))
        });
        out.push_str(before);
        rest = match link {
            Some((words, after)) => {
                out.push_str(words);
                after
            }
            None => {
                out.push('[');
                behind
            }
        };
    }
    out + rest
}

/// Breaks a text into lines of so many characters, where it has blanks.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let more = word.chars().count();
        match lines.last_mut() {
            Some(line) if length + 1 + more <= width => {
                line.push(' ');
                line.push_str(word);
                length += 1 + more;
            }
            _ => {
                lines.push(word.to_owned());
                length = more;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{render, wrap};

    const PAGE: &str = "# E0404 chain-without-flow\n\nThe chain has `settings` and\nnobody in it, see \
                        [the language](../language.md).\n\n- one\n- two `a` b\n\n\
                        ```chain error(chain-without-flow)\nchain x { # \"why\"\n\n}\n```\n\nAdd it:\n\n\
                        ```chain\nsms \"#1\"\n```\n";

    #[test]
    fn a_page_is_plain_text_without_colors() {
        assert_eq!(
            render(PAGE, false, 30),
            "E0404 chain-without-flow\n\nThe chain has `settings` and\nnobody in it, see the\nlanguage.\n\n\
             - one\n- two `a` b\n\n    chain x { # \"why\"\n\n    }\n\nAdd it:\n\n    sms \"#1\"\n"
        );
    }

    #[test]
    fn colors_tell_the_wrong_program_from_the_right_one() {
        let page = render(PAGE, true, 80);
        assert!(page.starts_with("\x1b[1mE0404 chain-without-flow\x1b[0m\n"), "{page}");
        assert!(page.contains("  \x1b[31m│\x1b[0m chain x { \x1b[2m# \"why\"\x1b[0m\n"), "{page}");
        assert!(page.contains("  \x1b[32m│\x1b[0m sms \x1b[36m\"#1\"\x1b[0m\n"), "{page}");
        assert!(page.contains("has \x1b[1m`settings`\x1b[0m and"), "{page}");
    }

    #[test]
    fn a_word_longer_than_a_line_stands_alone() {
        assert_eq!(wrap("a bcdefgh i j", 4), ["a", "bcdefgh", "i j"]);
        assert_eq!(wrap("", 4), [""; 0]);
    }
}
