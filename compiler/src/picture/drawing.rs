//! What a picture is made of: boxes, words, ways between them, each at its place.

use super::measure::Font;
use super::scene::Kind;

/// What something is, for its colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    Entry,
    Step(Kind),
    Rung(Kind),
    Wait,
    Question,
    Arm,
}

/// A place, whole pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) w: i32,
    pub(super) h: i32,
}

impl Rect {
    /// Tells whether two places have a point in common.
    #[cfg(test)]
    pub(super) fn meets(self, other: Self) -> bool {
        self.x < other.x + other.w
            && other.x < self.x + self.w
            && self.y < other.y + other.h
            && other.y < self.y + self.h
    }

    #[cfg(test)]
    pub(super) fn holds(self, other: Self) -> bool {
        self.x <= other.x
            && self.y <= other.y
            && other.x + other.w <= self.x + self.w
            && other.y + other.h <= self.y + self.h
    }
}

/// A line of text that begins at a point, or is centred on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) x: i32,
    /// The baseline.
    pub(super) y: i32,
    pub(super) text: String,
    pub(super) font: Font,
    pub(super) anchor: Anchor,
    pub(super) tone: Tone,
}

/// Which point of a text its place is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    End,
}

/// How loud a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tone {
    Plain,
    Muted,
}

/// A box with texts in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) rect: Rect,
    pub(super) paint: Paint,
    /// The step it is.
    pub(super) id: Option<String>,
    /// All of what it says, where some of it is cut off.
    pub(super) whole: String,
    pub(super) words: Vec<Words>,
    /// How much of its width is filled, in hundredths of a percent.
    pub(super) share: Option<u32>,
}

/// A way customers go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// From corner to corner; corners are rounded.
    pub(super) points: Vec<(i32, i32)>,
    pub(super) stroke: Stroke,
    /// True when it ends in an arrow.
    pub(super) arrow: bool,
}

/// How a way is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    /// The way.
    Solid,
    /// Only if a message was not delivered, or back to the next round.
    Dashed,
    /// Time passes.
    Dotted,
}

/// The end of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) end: End,
    pub(super) words: Words,
}

/// How a way ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All the way through.
    Through,
    /// The goal is reached.
    Success,
    /// Before the last step.
    Out,
}

/// How far a stop reaches around its middle.
pub(super) const STOP: i32 = 7;

/// A frame around rounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) rect: Rect,
    pub(super) id: String,
    pub(super) words: Vec<Words>,
    pub(super) whole: String,
}

/// Everything that is drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Drawing {
    pub(super) frames: Vec<Frame>,
    pub(super) ways: Vec<Way>,
    pub(super) tiles: Vec<Tile>,
    pub(super) stops: Vec<Stop>,
    pub(super) words: Vec<Words>,
    /// Days: where, and how far a line leads to what happens then.
    pub(super) days: Vec<(Words, i32)>,
}

impl Drawing {
    pub(super) fn shift(&mut self, dx: i32, dy: i32) {
        let words = |words: &mut Words| {
            words.x += dx;
            words.y += dy;
        };
        let rect = |rect: &mut Rect| {
            rect.x += dx;
            rect.y += dy;
        };
        for frame in &mut self.frames {
            rect(&mut frame.rect);
            frame.words.iter_mut().for_each(words);
        }
        for way in &mut self.ways {
            for point in &mut way.points {
                *point = (point.0 + dx, point.1 + dy);
            }
        }
        for tile in &mut self.tiles {
            rect(&mut tile.rect);
            tile.words.iter_mut().for_each(words);
        }
        for stop in &mut self.stops {
            stop.x += dx;
            stop.y += dy;
            words(&mut stop.words);
        }
        self.words.iter_mut().for_each(words);
        for (day, to) in &mut self.days {
            words(day);
            *to += dx;
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.frames.extend(other.frames);
        self.ways.extend(other.ways);
        self.tiles.extend(other.tiles);
        self.stops.extend(other.stops);
        self.words.extend(other.words);
        self.days.extend(other.days);
    }

    pub(super) fn way(&mut self, points: Vec<(i32, i32)>, stroke: Stroke, arrow: bool) {
        self.ways.push(Way { points, stroke, arrow });
    }
}
