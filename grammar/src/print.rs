//! From a syntax tree to its text.
//!
//! Writes every part with the words of the grammar and leaves the layout to the
//! formatter. A tree that holds something unreadable has no text.

use crate::format::format;
use crate::syntax::{
    Arm, Atom, Body, ChannelText, Comparison, Condition, Declaration, Delay, Event, File, Flow,
    GrantAmount, Item, Join, Label, Name, Node, Over, Part, Phrase, Quantity, Scalar, Setting,
    Step, Test, TestLine, Text, Unit,
};

/// Returns the text of a tree in the one layout: reading it gives the tree again. Nothing
/// for a tree with a bad node.
#[must_use]
pub fn print(file: &File) -> Option<String> {
    let mut out = Out::default();
    for declaration in &file.declarations {
        out.declaration(&declaration.value)?;
    }
    format(&out.0).ok()
}

/// The words so far, each line with its end.
#[derive(Default)]
struct Out(String);

impl Out {
    fn word(&mut self, word: &str) {
        self.0.push_str(word);
        self.0.push(' ');
    }

    fn end_line(&mut self) {
        self.0.push('\n');
    }

    fn name(&mut self, name: &Name) {
        self.word(&name.value);
    }

    fn text(&mut self, text: &Text) -> Option<()> {
        text.closed.then(|| self.word(&format!("\"{}\"", text.raw)))
    }

    fn declaration(&mut self, declaration: &Declaration) -> Option<()> {
        match declaration {
            Declaration::Chain(chain) => {
                self.description(chain.description.as_deref());
                self.block("chain", chain.name.as_ref()?, chain.title.as_ref(), &chain.items)?;
            }
            Declaration::Brand(brand) => {
                self.description(brand.description.as_deref());
                self.block("brand", brand.name.as_ref()?, brand.title.as_ref(), &brand.items)?;
            }
            Declaration::Experiment(experiment) => {
                self.description(experiment.description.as_deref());
                let (name, title) = (experiment.name.as_ref()?, experiment.title.as_ref());
                self.block("experiment", name, title, &experiment.items)?;
            }
            Declaration::Policy(policy) => {
                self.word("policy");
                self.items(&policy.items)?;
            }
            Declaration::Flow(flow) => {
                self.description(flow.description.as_deref());
                self.flow(flow)?;
            }
            Declaration::Segment(segment) => {
                self.description(segment.description.as_deref());
                self.word("segment");
                self.name(&segment.name);
                self.word("=");
                self.condition(&segment.condition.value)?;
                self.after("frozen", segment.frozen.as_ref())?;
            }
            Declaration::Message(message) => {
                self.description(message.description.as_deref());
                self.word("message");
                self.name(message.name.as_ref()?);
                self.word("{");
                for text in &message.texts {
                    self.end_line();
                    self.channel_text(text.as_ref()?)?;
                }
                self.end_line();
                self.word("}");
            }
            Declaration::Test(test) => {
                self.word("test");
                self.text(&test.title.as_ref()?.value)?;
                self.word("{");
                for line in test.lines.as_ref()? {
                    self.end_line();
                    self.test_line(&line.value)?;
                }
                self.end_line();
                self.word("}");
            }
            Declaration::Bad(_) => return None,
        }
        self.end_line();
        Some(())
    }

    fn description(&mut self, description: Option<&str>) {
        for line in description.into_iter().flat_map(|text| text.split('\n')) {
            self.word("##");
            self.word(line);
            self.end_line();
        }
    }

    fn block(
        &mut self,
        keyword: &str,
        name: &Name,
        title: Option<&Node<Text>>,
        items: &Option<Vec<Node<Item>>>,
    ) -> Option<()> {
        self.word(keyword);
        self.name(name);
        if let Some(title) = title {
            self.text(&title.value)?;
        }
        self.items(items.as_ref()?)
    }

    fn items(&mut self, items: &[Node<Item>]) -> Option<()> {
        self.word("{");
        for item in items {
            self.end_line();
            match &item.value {
                Item::Setting(setting) => self.setting(setting)?,
                Item::Flow(flow) => self.flow(flow)?,
                Item::Chain(chain) => {
                    self.description(chain.description.as_deref());
                    let (name, title) = (chain.name.as_ref()?, chain.title.as_ref());
                    self.block("chain", name, title, &chain.items)?;
                }
                Item::Bad => return None,
            }
        }
        self.end_line();
        self.word("}");
        Some(())
    }

    fn setting(&mut self, setting: &Setting) -> Option<()> {
        self.name(&setting.word);
        setting.atoms.iter().try_for_each(|atom| self.atom(&atom.value))
    }

    fn atom(&mut self, atom: &Atom) -> Option<()> {
        match atom {
            Atom::Word(word) => self.word(word),
            Atom::Quantity(quantity) => self.quantity(quantity)?,
            Atom::Text(text) => self.text(text)?,
            Atom::Compare(comparison) => self.word(comparison.as_str()),
        }
        Some(())
    }

    fn flow(&mut self, flow: &Flow) -> Option<()> {
        self.word("segment");
        self.condition(&flow.audience.value)?;
        self.after("frozen", flow.frozen.as_ref())?;
        for step in &flow.steps {
            self.word("->");
            self.step(&step.value)?;
        }
        Some(())
    }

    // ------------------------------------------------------------ conditions

    fn condition(&mut self, condition: &Condition) -> Option<()> {
        match condition {
            Condition::Joined { first, rest } => {
                self.condition(&first.value)?;
                for (join, next) in rest {
                    self.word(if join.value == Join::And { "and" } else { "or" });
                    self.condition(&next.value)?;
                }
            }
            Condition::Not(inner) => {
                self.word("not");
                self.condition(&inner.value)?;
            }
            Condition::Group(inner) => {
                self.word("(");
                self.condition(&inner.value)?;
                self.word(")");
            }
            Condition::Measure { word, test, window } => {
                self.name(word);
                if let Some(Test { sign, value }) = test {
                    let sign =
                        sign.as_ref().map_or("", |sign: &Node<Comparison>| sign.value.as_str());
                    self.word(sign);
                    self.quantity(&value.value)?;
                }
                self.window(window.as_ref())?;
            }
            Condition::Reach { word, channel } => {
                self.name(word);
                self.name(channel);
            }
            Condition::Label { word, label, window } => {
                self.name(word);
                self.label(&label.value)?;
                self.window(window.as_ref())?;
            }
            Condition::Named(name) => self.word(name),
            Condition::Bad => return None,
        }
        Some(())
    }

    fn window(&mut self, window: Option<&(Over, Node<Quantity>)>) -> Option<()> {
        let Some((over, period)) = window else { return Some(()) };
        self.word(if *over == Over::In { "in" } else { "per" });
        self.quantity(&period.value)
    }

    fn label(&mut self, label: &Label) -> Option<()> {
        match label {
            Label::Word(word) => self.word(word),
            Label::Text(text) => self.text(text)?,
        }
        Some(())
    }

    // ------------------------------------------------------------ steps

    fn step(&mut self, step: &Step) -> Option<()> {
        match step {
            Step::Grant { amount, expires, at } => {
                self.word("grant");
                self.amount(&amount.value)?;
                self.after("expires", expires.as_ref())?;
                if let Some(brand) = at {
                    self.word("at");
                    self.name(brand);
                }
            }
            Step::Cashback { rate, period, up_to } => {
                self.word("cashback");
                self.quantity(&rate.value)?;
                self.after("for", period.as_ref())?;
                self.after("up to", up_to.as_ref())?;
            }
            Step::Promo { pool, expires } => {
                self.word("promo");
                self.name(pool);
                self.after("expires", expires.as_ref())?;
            }
            Step::Send { channel, message, within } => {
                self.name(channel);
                self.name(message);
                self.after("within", within.as_ref())?;
            }
            Step::Fallback { channel, message, within } => {
                self.word("fallback");
                self.name(channel);
                if let Some(message) = message {
                    self.name(message);
                }
                self.after("within", within.as_ref())?;
            }
            Step::Wait { delay, unless } => {
                self.word("wait");
                match delay {
                    Delay::For(period) => self.quantity(&period.value)?,
                    Delay::Until(rule) => self.setting(rule)?,
                }
                for (at, event) in unless.iter().enumerate() {
                    self.word(if at == 0 { "unless" } else { "or" });
                    self.event(&event.value)?;
                }
            }
            Step::If { arms, otherwise } => {
                for (at, Arm { condition, body }) in arms.iter().enumerate() {
                    self.word(if at == 0 { "if" } else { "else if" });
                    self.condition(&condition.value)?;
                    self.body(body.as_ref()?)?;
                }
                if let Some(body) = otherwise {
                    self.word("else");
                    self.body(body)?;
                }
            }
            Step::Split { arms } => {
                self.word("split {");
                for arm in arms {
                    let arm = arm.as_ref()?;
                    self.end_line();
                    self.name(&arm.name);
                    self.quantity(&arm.share.value)?;
                    self.body(&arm.body)?;
                }
                self.end_line();
                self.word("}");
            }
            Step::Repeat { rule, body } => {
                self.setting(rule)?;
                self.body(body.as_ref()?)?;
            }
            Step::Exit => self.word("exit"),
            Step::Tag(label) => {
                self.word("tag");
                self.label(&label.value)?;
            }
            Step::Bad => return None,
        }
        Some(())
    }

    fn amount(&mut self, amount: &GrantAmount) -> Option<()> {
        match amount {
            GrantAmount::Fixed(quantity) => self.quantity(quantity)?,
            GrantAmount::ByRecency(rows) => {
                self.word("by recency {");
                for (at, row) in rows.iter().enumerate() {
                    let row = row.as_ref()?;
                    self.word(if at == 0 { "" } else { "," });
                    self.quantity(&row.days.value)?;
                    self.word(":");
                    self.quantity(&row.points.value)?;
                }
                self.word("}");
            }
        }
        Some(())
    }

    fn event(&mut self, event: &Event) -> Option<()> {
        match event {
            Event::Purchase => self.word("purchase"),
            Event::Clicked(message) => {
                self.word("clicked");
                self.name(message);
            }
            Event::Opened(message) => {
                self.word("opened");
                self.name(message);
            }
            Event::Own(event) => {
                self.word("event");
                self.label(&event.value)?;
            }
        }
        Some(())
    }

    fn body(&mut self, body: &Body) -> Option<()> {
        self.word("{");
        for (at, step) in body.value.iter().enumerate() {
            self.word(if at == 0 { "" } else { "->" });
            self.step(&step.value)?;
        }
        self.word("}");
        Some(())
    }

    // ------------------------------------------------------------ messages and tests

    fn channel_text(&mut self, text: &ChannelText) -> Option<()> {
        self.name(&text.channel);
        for Node { value: Part { role, file, text }, .. } in &text.parts {
            self.word(role.as_ref().map_or("", |role| role.value.as_str()));
            self.word(if *file { "file" } else { "" });
            self.text(&text.value)?;
        }
        Some(())
    }

    fn test_line(&mut self, line: &TestLine) -> Option<()> {
        match line {
            TestLine::Chain(name) => {
                self.word("chain");
                self.name(name);
            }
            TestLine::Given(phrases) => {
                self.word("given");
                self.phrases(phrases)?;
            }
            TestLine::Day { day, at, expect, phrases } => {
                self.after("day", Some(day))?;
                self.after("at", at.as_ref())?;
                self.word(if expect.is_some() { "expect" } else { "" });
                self.phrases(phrases)?;
            }
            TestLine::Bad => return None,
        }
        Some(())
    }

    fn phrases(&mut self, phrases: &[Phrase]) -> Option<()> {
        for (at, phrase) in phrases.iter().enumerate() {
            self.word(if at == 0 { "" } else { "," });
            phrase.value.iter().try_for_each(|atom| self.atom(&atom.value))?;
        }
        Some(())
    }

    // ------------------------------------------------------------ values

    /// Writes a quantity behind its word, if there is one.
    fn after(&mut self, word: &str, quantity: Option<&Node<Quantity>>) -> Option<()> {
        let Some(quantity) = quantity else { return Some(()) };
        self.word(word);
        self.quantity(&quantity.value)
    }

    fn quantity(&mut self, quantity: &Quantity) -> Option<()> {
        let text = match quantity {
            Quantity::One(scalar) => self::scalar(*scalar),
            Quantity::Range(from, to) => format!("{}..{}", scalar(from.value), scalar(to.value)),
            Quantity::Bad => return None,
        };
        self.word(&text);
        Some(())
    }
}

fn scalar(scalar: Scalar) -> String {
    match scalar {
        Scalar::Clock(hours, minutes) => format!("{hours:02}:{minutes:02}"),
        Scalar::Date(year, month, day) => format!("{year:04}-{month:02}-{day:02}"),
        Scalar::Number(number, unit) => {
            let unit = match unit {
                Unit::None => String::new(),
                Unit::Percent => "%".to_owned(),
                Unit::Points => " points".to_owned(),
                Unit::Currency(letters) => {
                    format!(" {}", letters.map(char::from).iter().collect::<String>())
                }
                Unit::Weeks => "w".to_owned(),
                Unit::Days => "d".to_owned(),
                Unit::Hours => "h".to_owned(),
                Unit::Minutes => "m".to_owned(),
                Unit::Cycles => " cycles".to_owned(),
            };
            decimal(number.digits, usize::from(number.scale)) + &unit
        }
    }
}

/// Writes a number, its digits grouped as people read large ones.
fn decimal(digits: u64, scale: usize) -> String {
    let digits = format!("{digits:0width$}", width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        let left = whole.len() - at;
        if at > 0 && left.is_multiple_of(3) && whole.len() > 4 {
            out.push('_');
        }
        out.push(digit);
    }
    if scale > 0 {
        out.push('.');
        out.push_str(fraction);
    }
    out
}
