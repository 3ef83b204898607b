//! Where everything in a picture stands.
//!
//! A chain is made of rows and of branches that meet again, so its picture is made of
//! boxes in boxes: a block knows how far it reaches to both sides of the line that customers
//! walk on, its spine, and how high it is. Whole pixels; the spine of a block is at `x = 0`,
//! its top at `y = 0`, until the block around it moves it.

use super::drawing::{
    Anchor, Drawing, End, Frame, Paint, Rect, STOP, Stop, Stroke, Tile, Tone, Words,
};
use super::measure::{Font, lines, width};
use super::scene::{Arm, Card, Exit, Kind, Node, Rung, Scene};

/// The fonts of the parts.
pub(super) const NAME: Font = Font::bold(20);
pub(super) const TITLE: Font = Font::plain(14);
pub(super) const HEAD: Font = Font::bold(14);
pub(super) const BODY: Font = Font::plain(12);
pub(super) const SMALL: Font = Font::plain(11);

const CARD: i32 = 252;
const RUNG: i32 = 208;
const ARM: i32 = 216;
const WAIT: i32 = 340;
const ENTRY: i32 = 380;
const PAD: i32 = 12;
/// What an icon takes on the left of a head.
pub(super) const ICON: i32 = 24;
/// What a line of text is higher than its font.
const LEADING: i32 = 4;
/// The baseline of the first line of a box.
const FIRST: i32 = 23;
/// Between a box and the one below.
const GAP: i32 = 26;
/// Between a message and what is tried instead.
const STEP_ASIDE: i32 = 34;
/// Between ways side by side.
const ASIDE: i32 = 30;
/// From the boxes to the edge.
const EDGE: i32 = 28;
/// What the days take on the left.
const AXIS: i32 = 96;

/// Part of a picture around its spine.
#[derive(Debug, Default)]
struct Block {
    left: i32,
    right: i32,
    height: i32,
    /// False when nobody leaves it below.
    open: bool,
    /// True when it begins with time that passes.
    waits: bool,
    /// True when it ends with time that passes.
    waited: bool,
    drawing: Drawing,
}

/// A picture with its size.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) drawing: Drawing,
}

impl Layout {
    /// Finds a place for everything of a scene.
    pub(super) fn of(scene: &Scene) -> Self {
        let mut all = entry(scene);
        let flow = flow(&scene.nodes, None);
        let open = flow.open;
        below(&mut all, flow);
        if open {
            below(&mut all, stop(&scene.end, End::Through));
        }
        let head = heading(scene, all.left + all.right);
        let width = (all.left + all.right + AXIS).max(head.right) + 2 * EDGE;
        let height = EDGE + head.height + all.height + EDGE;
        // A narrow chain stands in the middle under its title.
        let free = width - 2 * EDGE - AXIS - all.left - all.right;
        let spine = EDGE + AXIS + all.left + free / 2;
        let mut drawing = head.drawing;
        drawing.shift(EDGE, EDGE);
        all.drawing.shift(spine, EDGE + head.height);
        for (day, _) in &mut all.drawing.days {
            day.x = EDGE;
        }
        drawing.add(all.drawing);
        Self { width, height, drawing }
    }
}

/// The name and the title, from the upper left corner.
fn heading(scene: &Scene, below: i32) -> Block {
    let room = (below + AXIS).max(560);
    let mut block = Block { open: true, ..Block::default() };
    let mut y = 0;
    let mut put = |text: &str, font: Font, most: usize, tone: Tone| {
        for line in lines(text, font, room, most) {
            y += font.size + 6;
            block.right = block.right.max(width(&line, font));
            block.drawing.words.push(Words {
                x: 0,
                y,
                text: line,
                font,
                anchor: Anchor::Start,
                tone,
            });
        }
    };
    put(scene.title.as_deref().unwrap_or(&scene.name), NAME, 2, Tone::Plain);
    if scene.title.is_some() {
        put(&scene.name, TITLE, 1, Tone::Muted);
    }
    block.height = y + 22;
    block
}

/// Puts a block below another, and leads the way there.
fn below(above: &mut Block, mut next: Block) {
    let gap = if above.height == 0 || next.waits { 0 } else { GAP };
    if gap > 0 && above.open {
        let stroke = if above.waited { Stroke::Dotted } else { Stroke::Solid };
        let from = above.height;
        above.drawing.way(vec![(0, from), (0, from + gap)], stroke, true);
    }
    if above.height == 0 {
        above.waits = next.waits;
    }
    above.waited = next.waited;
    next.drawing.shift(0, above.height + gap);
    above.height += gap + next.height;
    above.left = above.left.max(next.left);
    above.right = above.right.max(next.right);
    above.open = next.open;
    above.drawing.add(next.drawing);
}

/// Nodes below each other. Inside of another node the day they begin on is known already
/// where it is the day of that node.
fn flow(nodes: &[Node], around: Option<&Node>) -> Block {
    let mut all = Block { open: true, ..Block::default() };
    let outermost = around.is_none();
    let mut shown = around.and_then(days_of);
    for node in nodes {
        let days = days_of(node);
        let new = days.filter(|days| shown != Some(*days));
        shown = days.or(shown);
        let mut block = match node {
            // Inside of a branch the day stands in the box: another way has its own days.
            Node::Card(card) => step(card, new.filter(|_| !outermost)),
            Node::Wait { id, length, minutes, exits, .. } => wait(id, length, *minutes, exits),
            Node::Fork { id, question, arms, .. } => fork(id, question, arms, node),
            Node::Loop { id, rule, nodes, .. } => rounds(id, rule, nodes, node),
            Node::Exit { label, .. } => Block { open: false, ..stop(label, End::Out) },
        };
        if let Some(day) = new.filter(|_| outermost) {
            let words = Words {
                x: 0,
                y: 18,
                text: day.to_owned(),
                font: SMALL,
                anchor: Anchor::Start,
                tone: Tone::Muted,
            };
            block.drawing.days.push((words, -block.left));
        }
        below(&mut all, block);
    }
    all
}

fn days_of(node: &Node) -> Option<&str> {
    match node {
        Node::Card(card) => card.days.as_deref(),
        Node::Wait { days, .. }
        | Node::Fork { days, .. }
        | Node::Loop { days, .. }
        | Node::Exit { days, .. } => days.as_deref(),
    }
}

/// Texts in a column, from a corner.
struct Column {
    x: i32,
    y: i32,
    room: i32,
    words: Vec<Words>,
}

impl Column {
    fn new(rect_x: i32, room: i32) -> Self {
        Self { x: rect_x + PAD, y: 8, room, words: Vec::new() }
    }

    fn put(&mut self, text: &str, font: Font, most: usize, tone: Tone, indent: i32) {
        for text in lines(text, font, self.room - indent, most) {
            self.y += font.size + LEADING;
            let (x, y) = (self.x + indent, self.y - 3);
            self.words.push(Words { x, y, text, font, anchor: Anchor::Start, tone });
        }
    }

    fn height(&self) -> i32 {
        self.y + 9
    }
}

fn entry(scene: &Scene) -> Block {
    let left = ENTRY / 2;
    let mut column = Column::new(-left, ENTRY - 2 * PAD);
    column.put(&super::capital(&scene.who), HEAD, 4, Tone::Plain, ICON);
    for fact in &scene.facts {
        column.put(&super::capital(fact), BODY, 2, Tone::Muted, ICON);
    }
    let height = column.height();
    let tile = Tile {
        rect: Rect { x: -left, y: 0, w: ENTRY, h: height },
        paint: Paint::Entry,
        id: None,
        whole: scene.who.clone(),
        words: column.words,
        share: None,
    };
    let drawing = Drawing { tiles: vec![tile], ..Drawing::default() };
    Block { left, right: ENTRY - left, height, open: true, drawing, ..Block::default() }
}

fn step(card: &Card, day: Option<&str>) -> Block {
    let left = CARD / 2;
    let mut column = Column::new(-left, CARD - 2 * PAD);
    let mut day_words = None;
    if let Some(day) = day {
        let x = CARD - left - PAD;
        let words = Words {
            x,
            y: FIRST,
            text: day.to_owned(),
            font: SMALL,
            anchor: Anchor::End,
            tone: Tone::Muted,
        };
        column.room -= width(day, SMALL) + 8;
        day_words = Some(words);
    }
    column.put(&card.head, HEAD, 1, Tone::Plain, ICON);
    column.room = CARD - 2 * PAD;
    column.put(&card.detail, BODY, 2, Tone::Muted, ICON);
    let height = column.height();
    let mut words = column.words;
    words.extend(day_words);
    let tile = Tile {
        rect: Rect { x: -left, y: 0, w: CARD, h: height },
        paint: Paint::Step(card.kind),
        id: Some(card.id.clone()),
        whole: format!("{}\n{}", card.head, card.detail),
        words,
        share: None,
    };
    let mut block = Block {
        left,
        right: CARD - left,
        height,
        open: true,
        drawing: Drawing { tiles: vec![tile], ..Drawing::default() },
        ..Block::default()
    };
    ladder(&mut block, &card.rungs, height);
    block
}

/// Puts what is tried instead beside a message, and leads back to the spine below it.
fn ladder(block: &mut Block, rungs: &[Rung], card: i32) {
    let x = block.right + STEP_ASIDE;
    let mut y = 0;
    let mut from = vec![(block.right, 20), (x, 20)];
    for rung in rungs {
        let mut column = Column::new(x, RUNG - 2 * PAD);
        column.put(&rung.when, SMALL, 1, Tone::Muted, 0);
        column.put(&rung.head, HEAD, 1, Tone::Plain, ICON);
        column.put(&rung.detail, BODY, 1, Tone::Muted, ICON);
        let height = column.height();
        column.words.iter_mut().for_each(|words| words.y += y);
        block.drawing.way(from, Stroke::Dashed, true);
        block.drawing.tiles.push(Tile {
            rect: Rect { x, y, w: RUNG, h: height },
            paint: Paint::Rung(Kind::Message(rung.channel)),
            id: Some(rung.id.clone()),
            whole: format!("{}\n{}", rung.head, rung.detail),
            words: column.words,
            share: None,
        });
        y += height;
        from = vec![(x + RUNG / 2, y), (x + RUNG / 2, y + 18)];
        y += 18;
    }
    if rungs.is_empty() {
        return;
    }
    // Everybody meets again below, reached or not.
    let last = y - 18;
    let meet = last.max(card) + 16;
    block.drawing.way(
        vec![(x + RUNG / 2, last), (x + RUNG / 2, meet), (0, meet)],
        Stroke::Dashed,
        false,
    );
    block.drawing.way(vec![(0, card), (0, meet)], Stroke::Solid, false);
    block.right = x + RUNG;
    block.height = meet;
}

fn wait(id: &str, length: &str, minutes: i64, exits: &[Exit]) -> Block {
    // The longer the wait, the longer the way, but a month is not ten times three days.
    let hours = u64::try_from(minutes / 60).unwrap_or(0).saturating_add(1);
    let time = 24 + 5 * i32::try_from(hours.ilog2()).unwrap_or(0);
    let text = super::capital(length);
    let pill = (width(&text, HEAD) + ICON + 2 * PAD).min(WAIT);
    let text = super::measure::cut(&text, HEAD, pill - ICON - 2 * PAD);
    let (left, height) = (pill / 2, 30);
    let rows = i32::try_from(exits.len()).unwrap_or(0);
    let aside = (rows - 1).max(0) * 22;
    let top = time;
    let words = Words {
        x: -left + PAD + ICON,
        y: top + 20,
        text,
        font: HEAD,
        anchor: Anchor::Start,
        tone: Tone::Plain,
    };
    let mut drawing = Drawing::default();
    drawing.way(vec![(0, 0), (0, top)], Stroke::Dotted, false);
    let bottom = top + height + (time - GAP).max(aside).max(6);
    drawing.way(vec![(0, top + height), (0, bottom)], Stroke::Dotted, false);
    drawing.tiles.push(Tile {
        rect: Rect { x: -left, y: top, w: pill, h: height },
        paint: Paint::Wait,
        id: Some(id.to_owned()),
        whole: length.to_owned(),
        words: vec![words],
        share: None,
    });
    let mut right = pill - left;
    let edge = right;
    for (at, exit) in (0..).zip(exits) {
        let y = top + height / 2 + at * 22;
        let x = edge + 34;
        let points = if at == 0 {
            vec![(edge, y), (x - STOP, y)]
        } else {
            vec![(edge + 14, y - 22), (edge + 14, y), (x - STOP, y)]
        };
        drawing.way(points, Stroke::Solid, false);
        let text = format!("{} → {}", exit.event, exit.end);
        let text = super::measure::cut(&text, BODY, 240);
        let beside = x + STOP + 8;
        right = right.max(beside + width(&text, BODY));
        let words = Words {
            x: beside,
            y: y + 4,
            text,
            font: BODY,
            anchor: Anchor::Start,
            tone: Tone::Muted,
        };
        let end = if exit.success { End::Success } else { End::Out };
        drawing.stops.push(Stop { x, y, end, words });
    }
    Block { left, right, height: bottom, open: true, waits: true, waited: true, drawing }
}

fn stop(label: &str, end: End) -> Block {
    let words = Words {
        x: STOP + 8,
        y: STOP + 4,
        text: label.to_owned(),
        font: BODY,
        anchor: Anchor::Start,
        tone: Tone::Muted,
    };
    let right = STOP + 8 + width(label, BODY);
    let stop = Stop { x: 0, y: STOP, end, words };
    let drawing = Drawing { stops: vec![stop], ..Drawing::default() };
    Block { left: STOP, right, height: 2 * STOP, open: true, drawing, ..Block::default() }
}

fn fork(id: &str, question: &str, arms: &[Arm], node: &Node) -> Block {
    let text = super::capital(question);
    let pill = width(&text, BODY) + ICON + 2 * PAD;
    let (left, height) = (pill / 2, 28);
    let mut drawing = Drawing::default();
    drawing.tiles.push(Tile {
        rect: Rect { x: -left, y: 0, w: pill, h: height },
        paint: Paint::Question,
        id: Some(id.to_owned()),
        whole: question.to_owned(),
        words: vec![Words {
            x: -left + PAD + ICON,
            y: 18,
            text,
            font: BODY,
            anchor: Anchor::Start,
            tone: Tone::Plain,
        }],
        share: None,
    });
    let mut blocks: Vec<Block> = arms.iter().map(|arm| way(arm, node)).collect();
    // Side by side from 0 on; the spine is in the middle between the first and the last.
    let mut x = 0;
    let mut spines = Vec::new();
    for block in &blocks {
        spines.push(x + block.left);
        x += block.left + block.right + ASIDE;
    }
    let all = x - ASIDE;
    let middle = match (spines.first(), spines.last()) {
        (Some(first), Some(last)) => (first + last) / 2,
        _ => 0,
    };
    let bus = height + 16;
    let top = bus + 22;
    let meet = top + blocks.iter().map(|block| block.height).max().unwrap_or(0) + 18;
    let open = blocks.iter().any(|block| block.open);
    for (block, spine) in blocks.iter_mut().zip(&spines) {
        let x = spine - middle;
        drawing.way(vec![(0, height), (0, bus), (x, bus), (x, top)], Stroke::Solid, true);
        if block.open {
            let from = top + block.height;
            drawing.way(vec![(x, from), (x, meet), (0, meet), (0, meet + 8)], Stroke::Solid, false);
        }
        block.drawing.shift(x, top);
        drawing.add(std::mem::take(&mut block.drawing));
    }
    Block {
        left: middle.max(left),
        right: (all - middle).max(pill - left),
        height: if open { meet + 8 } else { meet - 18 },
        open,
        drawing,
        ..Block::default()
    }
}

/// One of several ways, from its label on.
fn way(arm: &Arm, fork: &Node) -> Block {
    let left = ARM / 2;
    let mut column = Column::new(-left, ARM - 2 * PAD);
    let mut share_words = None;
    if let Some(share) = &arm.share_label {
        column.room -= width(share, HEAD) + 8;
        share_words = Some(Words {
            x: ARM - left - PAD,
            y: FIRST,
            text: share.clone(),
            font: HEAD,
            anchor: Anchor::End,
            tone: Tone::Plain,
        });
    }
    let (font, most) = if arm.share.is_some() { (HEAD, 1) } else { (BODY, 4) };
    let label = if arm.share.is_some() { arm.label.clone() } else { super::capital(&arm.label) };
    column.put(&label, font, most, Tone::Plain, 0);
    let height = column.height() + if arm.share.is_some() { 4 } else { 0 };
    let mut words = column.words;
    words.extend(share_words);
    let tile = Tile {
        rect: Rect { x: -left, y: 0, w: ARM, h: height },
        paint: Paint::Arm,
        id: None,
        whole: arm.label.clone(),
        words,
        share: arm.share,
    };
    let mut block = Block {
        left,
        right: ARM - left,
        height,
        open: true,
        drawing: Drawing { tiles: vec![tile], ..Drawing::default() },
        ..Block::default()
    };
    if !arm.nodes.is_empty() {
        below(&mut block, flow(&arm.nodes, Some(fork)));
    }
    block
}

fn rounds(id: &str, rule: &str, nodes: &[Node], node: &Node) -> Block {
    const INSET: i32 = 22;
    const BACK: i32 = 26;
    let inner = flow(nodes, Some(node));
    // The way back stands on the left of everything inside.
    let back = inner.left + BACK;
    let left = back + INSET;
    let right = (inner.right + INSET).max(300 - left);
    let mut column = Column::new(-left, left + right - 2 * PAD);
    column.put(&super::capital(rule), HEAD, 3, Tone::Plain, ICON);
    let text = column.height();
    let head = text + 30;
    let bottom = head + inner.height;
    let mut drawing = Drawing::default();
    drawing.way(vec![(0, text), (0, head)], Stroke::Solid, true);
    let height = bottom + 44;
    if inner.open {
        drawing.way(vec![(0, bottom), (0, height)], Stroke::Solid, false);
        let (low, high) = (bottom + 18, head - 16);
        drawing.way(vec![(0, low), (-back, low), (-back, high), (-4, high)], Stroke::Dashed, true);
    }
    let open = inner.open;
    let mut inner = inner.drawing;
    inner.shift(0, head);
    drawing.add(inner);
    drawing.frames.push(Frame {
        rect: Rect { x: -left, y: 0, w: left + right, h: height },
        id: id.to_owned(),
        words: column.words,
        whole: rule.to_owned(),
    });
    Block { left, right, height, open, drawing, ..Block::default() }
}

#[cfg(test)]
mod tests;
