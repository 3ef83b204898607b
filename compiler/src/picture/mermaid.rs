//! A scene as a Mermaid flowchart, as the pages of code hosts draw it.

use super::capital;
use super::scene::{Card, Kind, Node, Scene};
use crate::ir::Channel;
use std::fmt::Write as _;

/// The colours: both the box and what is written in it, so that they hold on light and dark.
const CLASSES: [(&str, &str); 12] = [
    ("entry", "fill:#f0f3f6,stroke:#8c959f,color:#1f2328"),
    ("gift", "fill:#fff6d9,stroke:#d4a72c,color:#1f2328"),
    ("sms", "fill:#e0f6e6,stroke:#4ac26b,color:#1f2328"),
    ("email", "fill:#e1f0ff,stroke:#54aeff,color:#1f2328"),
    ("push", "fill:#f4e8ff,stroke:#b88af5,color:#1f2328"),
    ("webhook", "fill:#ffe9dc,stroke:#fb8f44,color:#1f2328"),
    ("tag", "fill:#ffe8f2,stroke:#ff80c8,color:#1f2328"),
    ("wait", "fill:#f6f8fa,stroke:#8c959f,color:#1f2328"),
    ("ask", "fill:#f6f8fa,stroke:#8c959f,color:#1f2328"),
    ("done", "fill:#59636e,stroke:#59636e,color:#ffffff"),
    ("won", "fill:#1a7f37,stroke:#1a7f37,color:#ffffff"),
    ("over", "fill:#cf222e,stroke:#cf222e,color:#ffffff"),
];

/// How many characters of a text stand in a box.
const LONGEST: usize = 90;

/// Draws a scene.
pub(super) fn draw(scene: &Scene) -> String {
    let mut chart = Chart { out: String::new(), depth: 1, used: Vec::new(), links: Vec::new() };
    let mut entry = vec![capital(&scene.who)];
    entry.extend(scene.facts.iter().map(|fact| capital(fact)));
    chart.node("start", ["(", ")"], &entry, "entry");
    let open = chart.flow(&scene.nodes, vec![Open::from("start".to_owned())]);
    if !open.is_empty() {
        chart.node("over", ["((", "))"], std::slice::from_ref(&scene.end), "done");
        chart.join(&open, "over");
    }
    let mut out = String::new();
    let title = scene.title.as_deref().map(|title| format!(": {title}")).unwrap_or_default();
    let _ = writeln!(out, "---\ntitle: {}\n---", quoted(&format!("{}{title}", scene.name)));
    let _ = writeln!(out, "flowchart TD");
    out.push_str(&chart.out);
    for link in &chart.links {
        let _ = writeln!(out, "  {link}");
    }
    for (class, style) in CLASSES {
        if chart.used.contains(&class) {
            let _ = writeln!(out, "  classDef {class} {style}");
        }
    }
    out
}

/// The end of a way that goes on.
struct Open {
    from: String,
    /// What stands on the arrow.
    label: Option<String>,
    dashed: bool,
}

impl From<String> for Open {
    fn from(from: String) -> Self {
        Self { from, label: None, dashed: false }
    }
}

struct Chart {
    out: String,
    depth: usize,
    used: Vec<&'static str>,
    links: Vec<String>,
}

impl Chart {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "{}{text}", "  ".repeat(self.depth));
    }

    fn node(&mut self, id: &str, [open, close]: [&str; 2], lines: &[String], class: &'static str) {
        let lines: Vec<String> =
            lines.iter().filter(|line| !line.is_empty()).map(|line| escaped(line)).collect();
        self.line(&format!("{id}{open}\"{}\"{close}:::{class}", lines.join("<br/>")));
        self.used.push(class);
    }

    fn join(&mut self, open: &[Open], to: &str) {
        for Open { from, label, dashed } in open {
            let arrow = if *dashed { "-.->" } else { "-->" };
            let label = label.as_ref().map(|label| format!("|\"{}\"|", escaped(label)));
            self.links.push(format!("{from} {arrow}{} {to}", label.unwrap_or_default()));
        }
    }

    /// Writes nodes behind the ends of ways, and returns the ends of theirs.
    fn flow(&mut self, nodes: &[Node], mut open: Vec<Open>) -> Vec<Open> {
        for node in nodes {
            open = self.put(node, open);
        }
        open
    }

    fn put(&mut self, node: &Node, open: Vec<Open>) -> Vec<Open> {
        match node {
            Node::Card(card) => self.card(card, &open),
            Node::Wait { id, length, exits, .. } => {
                let own = name(id);
                self.node(&own, ["([", "])"], &[capital(length)], "wait");
                self.join(&open, &own);
                for (at, exit) in exits.iter().enumerate() {
                    let end = format!("{own}_end{}", at + 1);
                    let class = if exit.success { "won" } else { "over" };
                    self.node(&end, ["((", "))"], std::slice::from_ref(&exit.end), class);
                    let label = Some(exit.event.clone());
                    self.join(&[Open { from: own.clone(), label, dashed: true }], &end);
                }
                vec![own.into()]
            }
            Node::Fork { id, question, arms, .. } => {
                let own = name(id);
                self.node(&own, ["{{", "}}"], &[capital(question)], "ask");
                self.join(&open, &own);
                let mut ends = Vec::new();
                for arm in arms {
                    let label = match &arm.share_label {
                        Some(share) => format!("{} {share}", arm.label),
                        None => capital(&arm.label),
                    };
                    let way = Open { from: own.clone(), label: Some(label), dashed: false };
                    ends.extend(self.flow(&arm.nodes, vec![way]));
                }
                ends
            }
            Node::Loop { id, rule, nodes, .. } => {
                let own = name(id);
                self.line(&format!("subgraph {own}[\"{}\"]", escaped(&capital(rule))));
                self.depth += 1;
                self.line("direction TB");
                let first = nodes.first().map(|node| name(first_id(node)));
                let ends = self.flow(nodes, open);
                self.depth -= 1;
                self.line("end");
                if let Some(first) = first {
                    for end in &ends {
                        let back = Open { from: end.from.clone(), label: None, dashed: true };
                        self.join(&[back], &first);
                    }
                }
                ends
            }
            Node::Exit { id, label, .. } => {
                let own = name(id);
                self.node(&own, ["((", "))"], std::slice::from_ref(label), "over");
                self.join(&open, &own);
                Vec::new()
            }
        }
    }

    fn card(&mut self, card: &Card, open: &[Open]) -> Vec<Open> {
        let own = name(&card.id);
        let lines = [card.head.clone(), card.detail.clone(), card.days.clone().unwrap_or_default()];
        self.node(&own, ["[", "]"], &lines, class_of(card.kind));
        self.join(open, &own);
        let mut ends = vec![Open::from(own.clone())];
        let mut before = own;
        for rung in &card.rungs {
            let own = name(&rung.id);
            let lines = [rung.head.clone(), rung.detail.clone()];
            self.node(&own, ["[", "]"], &lines, class_of(Kind::Message(rung.channel)));
            let label = Some(rung.when.clone());
            self.join(&[Open { from: before, label, dashed: true }], &own);
            before = own.clone();
            ends.push(Open { from: own, label: None, dashed: true });
        }
        ends
    }
}

fn first_id(node: &Node) -> &str {
    match node {
        Node::Card(card) => &card.id,
        Node::Wait { id, .. } | Node::Fork { id, .. } | Node::Exit { id, .. } => id,
        Node::Loop { id, nodes, .. } => nodes.first().map_or(id, first_id),
    }
}

fn name(id: &str) -> String {
    format!("s{}", id.replace('.', "_"))
}

const fn class_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Gift => "gift",
        Kind::Message(Channel::Sms) => "sms",
        Kind::Message(Channel::Email) => "email",
        Kind::Message(Channel::Push) => "push",
        Kind::Message(Channel::Webhook) => "webhook",
        Kind::Tag => "tag",
    }
}

/// Returns a text as a label in quotes has it: what Mermaid or HTML could take for its own
/// stands as a code.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let length = text.chars().count();
    let mut before = '\n';
    for c in text.chars().take(if length > LONGEST { LONGEST - 1 } else { length }) {
        let last = std::mem::replace(&mut before, c);
        match c {
            // A number with a stop, or a dash, at the beginning would be a list.
            '.' if !last.is_ascii_digit() => out.push('.'),
            '-' | '+' if last != '\n' => out.push(c),
            ':' => out.push(':'),
            '\n' | '\r' | '\t' | '\u{a0}' => out.push(' '),
            c if c.is_control() => {}
            c if c.is_alphanumeric() || " ,!?%'/".contains(c) || !c.is_ascii() => {
                out.push(c);
            }
            c => {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    if length > LONGEST {
        out.push('…');
    }
    out
}

/// Returns a text as a value of YAML.
fn quoted(text: &str) -> String {
    // A title is cleaned as HTML, and what looks like a tag would be lost.
    let plain = |c: char| match c {
        '<' => '‹',
        '>' => '›',
        '&' => '+',
        c if c.is_control() => ' ',
        c => c,
    };
    let plain: String = text.chars().map(plain).collect();
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}
