//! A chain as a picture: who enters at the top, time downwards, ways side by side.
//!
//! [`scene`] says what is shown, [`layout`] where, [`drawing`] is what comes of it, [`svg`] and [`mermaid`] how. Input is the
//! IR and what is proved of it, output is text.

mod drawing;
mod layout;
mod measure;
mod mermaid;
mod scene;
mod svg;

use crate::diagnostic::Lang;
use crate::ir::{Chain, Program};
use layout::Layout;
use scene::Scene;

/// Returns a chain as an SVG file.
#[must_use]
pub fn svg(program: &Program, chain: &Chain, lang: Lang) -> String {
    let scene = Scene::of(program, chain, lang);
    svg::draw(&scene, &Layout::of(&scene))
}

/// Returns a chain as a Mermaid flowchart.
#[must_use]
pub fn mermaid(program: &Program, chain: &Chain, lang: Lang) -> String {
    mermaid::draw(&Scene::of(program, chain, lang))
}

/// Returns words with a capital at their beginning.
fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
