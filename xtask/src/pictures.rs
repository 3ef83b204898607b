//! The pictures of the documentation: what the program prints, drawn as SVG.
//!
//! Every character stands at a place of its own, so that columns and frames meet whatever
//! font a viewer has. `tests/pictures.rs` compares the texts with what is printed today.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Pixels from one character to the next, and from one line to the next.
const ADVANCE: usize = 9;
const LINE: usize = 19;
const PADDING: usize = 24;
/// Pixels more below the command.
const GAP: usize = 10;

/// How one character looks.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Style {
    fill: Option<&'static str>,
    bold: bool,
    dim: bool,
    underlined: bool,
}

/// Draws every picture anew.
pub(crate) fn draw(root: &Path) -> Result<(), String> {
    crate::run(Command::new(env!("CARGO")).args(["build", "--quiet"]).current_dir(root))?;
    let folder = root.join("docs/pictures");
    let check = ["check", "docs/pictures/winback.chain"];
    let printed = chainc(root, &check)?;
    write(&folder.join("check.svg"), &check, &printed.stderr)?;

    // A chain draws itself.
    let show = ["show", "docs/pictures/comeback.chain", "--lang", "en", "--as", "svg"];
    let path = folder.join("show.svg");
    std::fs::write(&path, chainc(root, &show)?.stdout)
        .map_err(|error| format!("{}: {error}", path.display()))?;

    let run = ["run", "examples/deli", "--replay", "2017-07-01..2017-12-31"];
    let place = std::env::temp_dir().join(format!("chainc-pictures-{}", std::process::id()));
    let printed = copy(&root.join("examples/deli"), &place.join("examples/deli"))
        .and_then(|()| chainc(&place, &run));
    let removed = std::fs::remove_dir_all(&place);
    write(&folder.join("run.svg"), &run, &printed?.stdout)?;
    removed.map_err(|error| format!("{}: {error}", place.display()))
}

/// Runs the program that was built beside this one.
fn chainc(folder: &Path, arguments: &[&str]) -> Result<Output, String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let program = own.with_file_name(format!("chainc{}", std::env::consts::EXE_SUFFIX));
    Command::new(&program)
        .args(arguments)
        .current_dir(folder)
        .env_remove("NO_COLOR")
        .env_remove("CHAINC_FORMAT")
        .env_remove("CHAINC_STORE")
        .env("CLICOLOR_FORCE", "1")
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))
}

/// Copies what people wrote, not what runs left behind.
fn copy(from: &Path, to: &Path) -> Result<(), String> {
    let fault = |error: std::io::Error| format!("{}: {error}", from.display());
    std::fs::create_dir_all(to).map_err(fault)?;
    for entry in std::fs::read_dir(from).map_err(fault)? {
        let path: PathBuf = entry.map_err(fault)?.path();
        let name = path.file_name().unwrap_or_default();
        let text = name.to_string_lossy();
        let written = [".chain", ".csv", ".html", ".yaml"].iter().any(|end| text.ends_with(end));
        if written && !text.contains("rejected") {
            std::fs::copy(&path, to.join(name)).map_err(fault)?;
        }
    }
    Ok(())
}

fn write(path: &Path, arguments: &[&str], printed: &[u8]) -> Result<(), String> {
    let command = format!("chainc {}", arguments.join(" "));
    let printed = std::str::from_utf8(printed).map_err(|error| error.to_string())?;
    if printed.trim().is_empty() {
        return Err(format!("`{command}` printed nothing"));
    }
    let screen = format!("\x1b[32;1m$\x1b[0m \x1b[1m{command}\x1b[0m\n{}", printed.trim_end());
    std::fs::write(path, svg(&command, &characters(&screen)?))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Returns the lines of a terminal's screen, character by character.
fn characters(screen: &str) -> Result<Vec<Vec<(char, Style)>>, String> {
    let mut style = Style::default();
    let mut lines = Vec::new();
    for line in screen.lines() {
        let mut shown = Vec::new();
        let mut parts = line.split("\x1b[");
        shown.extend(parts.next().unwrap_or_default().chars().map(|c| (c, style)));
        for part in parts {
            let (codes, rest) =
                part.split_once('m').ok_or_else(|| format!("only colours are known: `{part}`"))?;
            for code in codes.split(';') {
                style = styled(style, code)?;
            }
            shown.extend(rest.chars().map(|c| (c, style)));
        }
        lines.push(shown);
    }
    Ok(lines)
}

fn styled(style: Style, code: &str) -> Result<Style, String> {
    let colored = |fill| Ok(Style { fill: Some(fill), ..style });
    match code {
        "" | "0" => Ok(Style::default()),
        "1" => Ok(Style { bold: true, ..style }),
        "2" => Ok(Style { dim: true, ..style }),
        "4" => Ok(Style { underlined: true, ..style }),
        "31" => colored("#ff7b72"),
        "32" => colored("#7ee787"),
        "33" => colored("#e3b341"),
        "34" => colored("#79c0ff"),
        "35" => colored("#d2a8ff"),
        "36" => colored("#56d4dd"),
        "39" => Ok(Style { fill: None, ..style }),
        _ => Err(format!("the pictures know no colour {code}")),
    }
}

fn svg(title: &str, lines: &[Vec<(char, Style)>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0).max(68);
    let width = columns * ADVANCE + 2 * PADDING;
    let height = lines.len() * LINE + GAP + 2 * PADDING;
    let mut out = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>{}</title>
<rect x="0.5" y="0.5" width="{}" height="{}" rx="10" fill="#0d1117" stroke="#3d444d"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, 'DejaVu Sans Mono', 'Liberation Mono', Consolas, monospace" font-size="15" fill="#e6edf3">
"##,
        escaped(title.chars()),
        width - 1,
        height - 1,
    );
    for (row, line) in lines.iter().enumerate() {
        let below_command = if row == 0 { 0 } else { GAP };
        let y = PADDING + row * LINE + below_command + 14;
        let _ = write!(out, r#"<text y="{y}" xml:space="preserve" style="white-space:pre">"#);
        let mut x = PADDING;
        let begins_word = |one: char, next: char| one == ' ' && next != ' ';
        for run in line.chunk_by(|one, next| one.1 == next.1 && !begins_word(one.0, next.0)) {
            let style = run.first().map_or_else(Style::default, |first| first.1);
            let places: Vec<String> =
                (0..run.len()).map(|at| (x + at * ADVANCE).to_string()).collect();
            let (places, text) = (places.join(" "), escaped(run.iter().map(|shown| shown.0)));
            let _ = write!(out, r#"<tspan{} x="{places}">{text}</tspan>"#, attributes(style));
            x += run.len() * ADVANCE;
        }
        out.push_str("</text>\n");
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn attributes(style: Style) -> String {
    let mut out = style.fill.map_or_else(String::new, |fill| format!(r#" fill="{fill}""#));
    for (set, attribute) in [
        (style.bold, r#" font-weight="bold""#),
        (style.dim, r#" fill-opacity="0.55""#),
        (style.underlined, r#" text-decoration="underline""#),
    ] {
        out.push_str(if set { attribute } else { "" });
    }
    out
}

fn escaped(text: impl Iterator<Item = char>) -> String {
    text.fold(String::new(), |mut out, character| {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            other => out.push(other),
        }
        out
    })
}
