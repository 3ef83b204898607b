//! A layout as SVG: one file without scripts, fonts and pictures from elsewhere, legible on
//! light and on dark.

use super::drawing::{Anchor, End, Frame, Paint, Rect, STOP, Stop, Stroke, Tile, Tone, Way, Words};
use super::layout::Layout;
use super::scene::{Kind, Scene};
use crate::ir::Channel;
use std::fmt::Write as _;

/// The colours, as rules: what is said second holds where the reader prefers dark.
const STYLE: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','DejaVu Sans',sans-serif;\
fill:#1f2328}\
.b{font-weight:600}.m{fill:#59636e}\
.page{fill:#fff;stroke:#d1d9e0}\
.way{fill:none;stroke:#8c959f;stroke-width:1.6}.dash{stroke-dasharray:5 4}.dot{stroke-dasharray:1 6;stroke-linecap:round;stroke-width:2.6}\
.tip{fill:#8c959f}.day{stroke:#d1d9e0;stroke-dasharray:2 4}\
.tile{stroke-width:1.4}.rung{stroke-dasharray:5 4}\
.i{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}\
.entry{fill:#f0f3f6;stroke:#8c959f}.entry-i{stroke:#424a53}\
.gift{fill:#fff6d9;stroke:#d4a72c}.gift-i{stroke:#9a6700}\
.sms{fill:#e0f6e6;stroke:#4ac26b}.sms-i{stroke:#1a7f37}\
.email{fill:#e1f0ff;stroke:#54aeff}.email-i{stroke:#0969da}\
.push{fill:#f4e8ff;stroke:#b88af5}.push-i{stroke:#8250df}\
.webhook{fill:#ffe9dc;stroke:#fb8f44}.webhook-i{stroke:#bc4c00}\
.tag{fill:#ffe8f2;stroke:#ff80c8}.tag-i{stroke:#bf3989}\
.wait{fill:#fff;stroke:#8c959f}.wait-i{stroke:#59636e}\
.ask{fill:#fff;stroke:#8c959f}.ask-i{stroke:#59636e}\
.arm{fill:#f6f8fa;stroke:#d1d9e0}.share{fill:#8c959f}\
.frame{fill:#2da4bf;fill-opacity:.07;stroke:#2da4bf;stroke-width:1.4;stroke-dasharray:7 5}.frame-i{stroke:#1b7c8f}\
.done{fill:#fff;stroke:#59636e;stroke-width:2}.done-d{fill:#59636e}\
.stop{fill:#fff;stroke:#cf222e;stroke-width:2}.stop-d{fill:#cf222e}\
.won{fill:#fff;stroke:#1a7f37;stroke-width:2}.won-d{fill:#1a7f37}\
@media (prefers-color-scheme:dark){\
text{fill:#e6edf3}.m{fill:#9198a1}\
.page{fill:#0d1117;stroke:#3d444d}\
.way{stroke:#6e7681}.tip{fill:#6e7681}.day{stroke:#3d444d}\
.entry{fill:#1c2128;stroke:#6e7681}.entry-i{stroke:#b1bac4}\
.gift{fill:#2e2508;stroke:#9e7b12}.gift-i{stroke:#e3b341}\
.sms{fill:#0c2a16;stroke:#2ea043}.sms-i{stroke:#56d364}\
.email{fill:#0c2440;stroke:#316dca}.email-i{stroke:#79c0ff}\
.push{fill:#271843;stroke:#7d52c7}.push-i{stroke:#d2a8ff}\
.webhook{fill:#33190a;stroke:#bd561d}.webhook-i{stroke:#ffa657}\
.tag{fill:#371228;stroke:#a93c7f}.tag-i{stroke:#ff9bce}\
.wait{fill:#0d1117;stroke:#6e7681}.wait-i{stroke:#9198a1}\
.ask{fill:#0d1117;stroke:#6e7681}.ask-i{stroke:#9198a1}\
.arm{fill:#151b23;stroke:#3d444d}.share{fill:#6e7681}\
.frame-i{stroke:#56d4dd}\
.done{fill:#0d1117;stroke:#9198a1}.done-d{fill:#9198a1}\
.stop{fill:#0d1117;stroke:#f85149}.stop-d{fill:#f85149}\
.won{fill:#0d1117;stroke:#3fb950}.won-d{fill:#3fb950}}";

/// How round the corners of ways are.
const ROUND: i32 = 9;

/// Draws a layout.
pub(super) fn draw(scene: &Scene, layout: &Layout) -> String {
    let Layout { width, height, drawing } = layout;
    let title = scene.title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
    let title = escaped(&format!("{}{title}", scene.name));
    let mut out = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc">
<title id="title">{title}</title>
<desc id="desc">{}</desc>
<style>{STYLE}</style>
<rect class="page" x="0.5" y="0.5" width="{}" height="{}" rx="12"/>
"#,
        escaped(&scene.alt),
        width - 1,
        height - 1
    );
    for (day, to) in &drawing.days {
        let (from, y) = (day.x + super::measure::width(&day.text, day.font) + 8, day.y - 4);
        if from + 12 < *to {
            let _ = writeln!(out, r#"<path class="day" d="M{from} {y}H{}"/>"#, to - 6);
        }
        words(&mut out, day);
    }
    drawing.frames.iter().for_each(|frame| draw_frame(&mut out, frame));
    drawing.ways.iter().for_each(|way| draw_way(&mut out, way));
    drawing.tiles.iter().for_each(|tile| draw_tile(&mut out, tile));
    drawing.stops.iter().for_each(|stop| draw_stop(&mut out, stop));
    drawing.words.iter().for_each(|line| words(&mut out, line));
    out.push_str("</svg>\n");
    out
}

fn words(out: &mut String, words: &Words) {
    let anchor = match words.anchor {
        Anchor::Start => "",
        Anchor::End => r#" text-anchor="end""#,
    };
    let class = match (words.font.bold, words.tone) {
        (false, Tone::Plain) => "",
        (true, Tone::Plain) => r#" class="b""#,
        (false, Tone::Muted) => r#" class="m""#,
        (true, Tone::Muted) => r#" class="b m""#,
    };
    let Words { x, y, text, font, .. } = words;
    let _ = writeln!(
        out,
        r#"<text x="{x}" y="{y}" font-size="{}"{class}{anchor}>{}</text>"#,
        font.size,
        escaped(text)
    );
}

fn draw_tile(out: &mut String, tile: &Tile) {
    let Rect { x, y, w, h } = tile.rect;
    let (class, extra, round) = match tile.paint {
        Paint::Entry => ("entry", "", 10),
        Paint::Step(kind) => (kind_class(kind), "", 8),
        Paint::Rung(kind) => (kind_class(kind), " rung", 8),
        Paint::Wait => ("wait", "", h / 2),
        Paint::Question => ("ask", "", h / 2),
        Paint::Arm => ("arm", "", 6),
    };
    let _ = write!(out, "<g>");
    let id = tile.id.as_deref().map(|id| format!("{id}. ")).unwrap_or_default();
    let _ = writeln!(out, "<title>{}{}</title>", id, escaped(tile.whole.trim_end()));
    let _ = writeln!(
        out,
        r#"<rect class="tile {class}{extra}" x="{x}" y="{y}" width="{w}" height="{h}" rx="{round}"/>"#
    );
    if let Some(share) = tile.share {
        let inside = w - 24;
        let filled = inside * i32::try_from(share.min(10_000)).unwrap_or(0) / 10_000;
        let (x, y) = (x + 12, y + h - 9);
        let _ = writeln!(
            out,
            r#"<rect class="day" fill="none" x="{x}" y="{y}" width="{inside}" height="3"/>"#
        );
        let _ = writeln!(
            out,
            r#"<rect class="share" x="{x}" y="{y}" width="{filled}" height="3" rx="1.5"/>"#
        );
    }
    // Of a rung the icon stands beside its second line.
    let first = if matches!(tile.paint, Paint::Rung(_)) { 15 } else { 0 };
    let icon = match tile.paint {
        Paint::Entry => Some(PEOPLE),
        Paint::Step(kind) | Paint::Rung(kind) => Some(kind_icon(kind)),
        Paint::Wait => Some(CLOCK),
        Paint::Question => Some(WAYS),
        Paint::Arm => None,
    };
    if let Some(icon) = icon {
        let down = match tile.paint {
            Paint::Wait => 7,
            Paint::Question => 6,
            _ => 10 + first,
        };
        draw_icon(out, icon, class, x + 11, y + down);
    }
    tile.words.iter().for_each(|line| words(out, line));
    let _ = writeln!(out, "</g>");
}

fn draw_frame(out: &mut String, frame: &Frame) {
    let Rect { x, y, w, h } = frame.rect;
    let _ = writeln!(out, "<g><title>{}. {}</title>", frame.id, escaped(&frame.whole));
    let _ =
        writeln!(out, r#"<rect class="frame" x="{x}" y="{y}" width="{w}" height="{h}" rx="12"/>"#);
    draw_icon(out, ROUNDS, "frame", x + 11, y + 10);
    frame.words.iter().for_each(|line| words(out, line));
    let _ = writeln!(out, "</g>");
}

fn draw_icon(out: &mut String, path: &str, class: &str, x: i32, y: i32) {
    let _ =
        writeln!(out, r#"<path class="i {class}-i" transform="translate({x} {y})" d="{path}"/>"#);
}

fn draw_way(out: &mut String, way: &Way) {
    let mut points = way.points.clone();
    points.dedup();
    let class = match way.stroke {
        Stroke::Solid => "way",
        Stroke::Dashed => "way dash",
        Stroke::Dotted => "way dot",
    };
    let mut path = String::new();
    for (at, (x, y)) in points.iter().copied().enumerate() {
        let neighbours = (at.checked_sub(1).and_then(|at| points.get(at)), points.get(at + 1));
        match neighbours {
            (None, _) => {
                let _ = write!(path, "M{x} {y}");
            }
            (Some(_), None) => {
                let _ = write!(path, "L{x} {y}");
            }
            (Some(before), Some(behind)) => {
                let (from, to) = (towards((x, y), *before), towards((x, y), *behind));
                let _ = write!(path, "L{} {}Q{x} {y} {} {}", from.0, from.1, to.0, to.1);
            }
        }
    }
    let _ = writeln!(out, r#"<path class="{class}" d="{path}"/>"#);
    if let (true, [.., before, (x, y)]) = (way.arrow, points.as_slice()) {
        let (dx, dy) = ((x - before.0).signum(), (y - before.1).signum());
        // A triangle whose tip is the end of the way.
        let (bx, by) = (x - 7 * dx, y - 7 * dy);
        let (sx, sy) = (4 * dy, 4 * dx);
        let _ = writeln!(
            out,
            r#"<path class="tip" d="M{x} {y}L{} {}L{} {}Z"/>"#,
            bx + sx,
            by + sy,
            bx - sx,
            by - sy
        );
    }
}

/// Returns the point where a corner begins to be round, on the way to another point.
fn towards(corner: (i32, i32), other: (i32, i32)) -> (i32, i32) {
    let step = |from: i32, to: i32| {
        from + (to - from)
            .clamp(-ROUND, ROUND)
            .clamp(-(to - from).abs() / 2 - 1, (to - from).abs() / 2 + 1)
    };
    (step(corner.0, other.0), step(corner.1, other.1))
}

fn draw_stop(out: &mut String, stop: &Stop) {
    let Stop { x, y, .. } = stop;
    let class = match stop.end {
        End::Through => "done",
        End::Success => "won",
        End::Out => "stop",
    };
    let _ = writeln!(out, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{}"/>"#, STOP - 1);
    let _ = writeln!(out, r#"<circle class="{class}-d" cx="{x}" cy="{y}" r="2.6"/>"#);
    words(out, &stop.words);
}

const fn kind_class(kind: Kind) -> &'static str {
    match kind {
        Kind::Gift => "gift",
        Kind::Message(Channel::Sms) => "sms",
        Kind::Message(Channel::Email) => "email",
        Kind::Message(Channel::Push) => "push",
        Kind::Message(Channel::Webhook) => "webhook",
        Kind::Tag => "tag",
    }
}

// Icons on 16 by 16.
const PEOPLE: &str =
    "M8 7.5a2.6 2.6 0 1 0 0-5.2a2.6 2.6 0 0 0 0 5.2M2.8 14c.4-3 2.4-4.5 5.2-4.5s4.8 1.5 5.2 4.5";
const GIFT: &str = "M2.5 7.500h11v6h-11zM1.8 4.800h12.400v2.700h-12.400zM8 4.800v8.700M8 4.800c-4 0-4-3.4-1.8-3.400c1.4 0 1.8 2 1.8 3.400c0-1.4 .4-3.4 1.8-3.400c2.2 0 2.2 3.4-1.8 3.4";
const BUBBLE: &str = "M2 3h12v8h-6.500l-3 2.800v-2.800h-2.500zM5 7h.01M8 7h.01M11 7h.01";
const ENVELOPE: &str = "M1.8 3.500h12.400v9h-12.400zM1.8 4l6.2 5l6.2-5";
const BELL: &str = "M3.5 11.500c1-1 1-2.5 1-4.500a3.5 3.5 0 0 1 7 0c0 2 0 3.5 1 4.500zM6.8 13.500a1.3 1.3 0 0 0 2.4 0M8 3.500v-1.3";
const HOOK: &str = "M6.5 4.500a2.4 2.4 0 1 1 2.6 2.300l-2.4 4M11.2 9.600a2.4 2.4 0 1 1-1.5 3.200h-4.700M5.3 8.700a2.4 2.4 0 1 0 .9 3.9";
const LABEL: &str = "M2 2.500h5.500l6.5 6.500l-5 5l-7-7zM5 5.500h.01";
const CLOCK: &str = "M8 1.800a6.2 6.2 0 1 0 0 12.400a6.2 6.2 0 0 0 0-12.400M8 4.500v3.700l2.5 1.6";
const WAYS: &str = "M8 14v-4c0-3-5-2.5-5-6M8 10c0-3 5-2.5 5-6M1.2 5.600l1.8-1.900l1.8 1.900M11.2 5.600l1.8-1.900l1.8 1.9";
const ROUNDS: &str = "M13.5 8a5.5 5.5 0 1 1-1.7-4M13.5 1.800v3h-3";

const fn kind_icon(kind: Kind) -> &'static str {
    match kind {
        Kind::Gift => GIFT,
        Kind::Message(Channel::Sms) => BUBBLE,
        Kind::Message(Channel::Email) => ENVELOPE,
        Kind::Message(Channel::Push) => BELL,
        Kind::Message(Channel::Webhook) => HOOK,
        Kind::Tag => LABEL,
    }
}

/// Returns a text as XML has it. What XML cannot have at all is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\n' => out.push('\n'),
            '\t' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
