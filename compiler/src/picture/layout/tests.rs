//! Nothing in a picture lies on anything else, and every text fits its place.

use super::*;
use crate::diagnostic::Lang;
use crate::{Settings, SourceFile, body_files, compile};
use std::collections::BTreeMap;
use std::path::Path;

/// Returns the pictures of all chains that the tests of the program show.
fn layouts() -> Vec<(String, Layout)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/show");
    let mut out = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "chain") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = [SourceFile { path: name.clone(), text }];
        let read = |body: String| {
            let text = std::fs::read_to_string(folder.join(&body)).unwrap();
            (body, text)
        };
        let bodies: BTreeMap<String, String> = body_files(&file).into_iter().map(read).collect();
        let program = compile(&file, &bodies, &Settings::default()).program.unwrap();
        for chain in &program.chains {
            for lang in Lang::ALL {
                let scene = Scene::of(&program, chain, *lang);
                let name = format!("{name}, {}, {}", chain.name, lang.tag());
                out.push((name, Layout::of(&scene)));
            }
        }
    }
    assert!(out.len() > 20, "{} pictures", out.len());
    out
}

fn place(words: &Words) -> Rect {
    let w = width(&words.text, words.font);
    let x = match words.anchor {
        Anchor::Start => words.x,
        Anchor::End => words.x - w,
    };
    // From the top of a capital to the bottom of a tail.
    Rect { x, y: words.y - words.font.size, w, h: words.font.size + 3 }
}

/// Everything that must not lie on anything else.
fn solid(drawing: &Drawing) -> Vec<(String, Rect)> {
    let mut out = Vec::new();
    for tile in &drawing.tiles {
        out.push((tile.whole.clone(), tile.rect));
    }
    for stop in &drawing.stops {
        let Stop { x, y, .. } = *stop;
        let around = Rect { x: x - STOP, y: y - STOP, w: 2 * STOP, h: 2 * STOP };
        out.push((format!("the stop of {}", stop.words.text), around));
        out.push((stop.words.text.clone(), place(&stop.words)));
    }
    for words in drawing.words.iter().chain(drawing.days.iter().map(|(day, _)| day)) {
        out.push((words.text.clone(), place(words)));
    }
    for frame in &drawing.frames {
        for words in &frame.words {
            out.push((words.text.clone(), place(words)));
        }
    }
    out
}

#[test]
fn nothing_lies_on_anything_else() {
    for (name, layout) in layouts() {
        let solid = solid(&layout.drawing);
        for (at, (one, place)) in solid.iter().enumerate() {
            for (other, its) in &solid[at + 1..] {
                assert!(!place.meets(*its), "{name}: {one:?} {place:?} and {other:?} {its:?}");
            }
        }
    }
}

#[test]
fn every_text_stands_within_its_box_and_on_the_page() {
    for (name, layout) in layouts() {
        let page = Rect { x: 0, y: 0, w: layout.width, h: layout.height };
        for tile in &layout.drawing.tiles {
            for words in &tile.words {
                assert!(tile.rect.holds(place(words)), "{name}: {words:?} in {:?}", tile.rect);
            }
            let lines: Vec<Rect> = tile.words.iter().map(place).collect();
            for (at, line) in lines.iter().enumerate() {
                let clear = lines[at + 1..].iter().all(|other| !line.meets(*other));
                assert!(clear, "{name}: lines of {:?}", tile.whole);
            }
        }
        for (text, place) in solid(&layout.drawing) {
            assert!(page.holds(place), "{name}: {text:?} {place:?} on {page:?}");
        }
    }
}

#[test]
fn a_frame_holds_a_thing_whole_or_not_at_all() {
    for (name, layout) in layouts() {
        for frame in &layout.drawing.frames {
            for (text, place) in solid(&layout.drawing) {
                let apart = !frame.rect.meets(place);
                assert!(apart || frame.rect.holds(place), "{name}: {text:?} and {:?}", frame.whole);
            }
        }
    }
}

#[test]
fn no_way_runs_through_a_box_or_a_text() {
    for (name, layout) in layouts() {
        for way in &layout.drawing.ways {
            for pair in way.points.windows(2) {
                let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
                assert!(ax == bx || ay == by, "{name}: a slanted way {pair:?}");
                let line = Rect {
                    x: ax.min(bx),
                    y: ay.min(by),
                    w: (ax - bx).abs().max(1),
                    h: (ay - by).abs().max(1),
                };
                for (text, place) in solid(&layout.drawing) {
                    // A way may touch the box it comes from and the one it leads to.
                    let Rect { x, y, w, h } = place;
                    let inside = Rect { x: x + 1, y: y + 1, w: w - 2, h: h - 2 };
                    let stop = text.starts_with("the stop of ");
                    assert!(stop || !line.meets(inside), "{name}: {pair:?} through {text:?}");
                }
            }
        }
    }
}

#[test]
fn a_longer_wait_is_a_longer_way() {
    let height = |hours: i64| wait("1", "x", hours * 60, &[]).height;
    assert!(height(1) < height(24) && height(24) < height(72) && height(72) < height(30 * 24));
    assert!(height(30 * 24) < 2 * height(72));
}
