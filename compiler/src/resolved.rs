//! Second stage: what is declared where, project-wide.
//!
//! Declarations of one kind share their names; two kinds do not: a message and a chain
//! may both be called `birthday`. A declaration that could not be read may have declared
//! any of its words, so that uses of them are not reported.

use crate::diagnostic::{Diagnostic, Findings, Kind, Place};
use crate::parsed::{Parsed, ParsedFile};
use chainc_grammar::fault::Named;
use chainc_grammar::syntax::{self, Declaration, Item, Span};
use chainc_grammar::words;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How often a name that nobody declared is compared with one that is, in all: three hundred
/// such names in a project of three hundred. Without a limit the time would grow with the
/// product of both.
const GUESSES: usize = 100_000;

/// Something declared in a file.
#[derive(Debug)]
pub(crate) struct Declared<'p, T> {
    pub(crate) file: &'p ParsedFile,
    /// Where its name stands.
    pub(crate) span: Span,
    pub(crate) node: T,
}

impl<T> Declared<'_, T> {
    pub(crate) fn place(&self) -> Place {
        self.file.place(self.span)
    }
}

/// A chain with braces or without.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ChainSource<'p> {
    Block(&'p syntax::Chain),
    Flow(&'p syntax::Flow),
}

/// A chain and the experiment it stands in.
#[derive(Debug)]
pub(crate) struct ChainDeclared<'p> {
    /// Empty when unreadable.
    pub(crate) name: String,
    pub(crate) declared: Declared<'p, ChainSource<'p>>,
    /// Its place in [`Resolved::experiments`].
    pub(crate) experiment: Option<usize>,
}

/// A project whose names are known.
#[derive(Debug)]
pub(crate) struct Resolved<'p> {
    /// In order of appearance; those without a readable name too, so that they are checked.
    pub(crate) chains: Vec<ChainDeclared<'p>>,
    /// In order of appearance, also those of one name.
    pub(crate) experiments: Vec<Declared<'p, &'p syntax::Experiment>>,
    pub(crate) brands: BTreeMap<&'p str, Declared<'p, &'p syntax::Brand>>,
    pub(crate) tests: Vec<Declared<'p, &'p syntax::TestBlock>>,
    pub(crate) segments: BTreeMap<&'p str, Declared<'p, &'p syntax::Segment>>,
    pub(crate) messages: BTreeMap<&'p str, Declared<'p, &'p syntax::Message>>,
    pub(crate) policy: Option<Declared<'p, &'p syntax::Policy>>,
    /// What was declared once more: its own mistakes are worth knowing all the same.
    pub(crate) more_policies: Vec<Declared<'p, &'p syntax::Policy>>,
    pub(crate) more_segments: Vec<Declared<'p, &'p syntax::Segment>>,
    pub(crate) more_messages: Vec<Declared<'p, &'p syntax::Message>>,
    pub(crate) more_brands: Vec<Declared<'p, &'p syntax::Brand>>,
    /// Names that something unreadable may have declared.
    pub(crate) doubtful: BTreeSet<&'p str>,
    /// Where in `chains` a name was first declared.
    first_chains: HashMap<String, usize>,
    /// True when something unreadable may have declared anything.
    pub(crate) unread: bool,
    /// True when the program declares a message, readable or not.
    pub(crate) has_messages: bool,
    /// True when something unreadable may have been a message.
    pub(crate) perhaps_messages: bool,
    /// True when the trees hold all that was written.
    pub(crate) whole: bool,
    /// How many names can still be compared.
    guesses: Cell<usize>,
}

impl Parsed {
    pub(crate) fn resolve<'p>(&'p self, findings: &mut Findings) -> Resolved<'p> {
        let mut resolved = Resolved {
            chains: Vec::new(),
            experiments: Vec::new(),
            brands: BTreeMap::new(),
            tests: Vec::new(),
            segments: BTreeMap::new(),
            messages: BTreeMap::new(),
            policy: None,
            more_policies: Vec::new(),
            more_segments: Vec::new(),
            more_messages: Vec::new(),
            more_brands: Vec::new(),
            doubtful: BTreeSet::new(),
            first_chains: HashMap::new(),
            unread: self.files.iter().any(|file| file.parsed.unread),
            has_messages: false,
            perhaps_messages: false,
            whole: self.is_whole(),
            guesses: Cell::new(GUESSES),
        };
        for file in &self.files {
            let mut flow: Option<Span> = None;
            for declaration in &file.parsed.file.declarations {
                match &declaration.value {
                    Declaration::Chain(chain) => {
                        resolved.block(file, chain, declaration.span, None, findings);
                    }
                    Declaration::Experiment(node) => {
                        resolved.experiment(file, node, declaration.span, findings);
                    }
                    Declaration::Brand(node) => {
                        let Some(name) = &node.name else {
                            let span = declaration.span;
                            resolved.more_brands.push(Declared { file, span, node });
                            continue;
                        };
                        let declared = Declared { file, span: name.span, node };
                        if let Some(first) = resolved.brands.get(name.value.as_str()) {
                            let place = file.place(name.span);
                            let first = first.place();
                            findings.push(duplicate(Named::Brand, &name.value, place, first));
                            resolved.more_brands.push(declared);
                        } else {
                            resolved.brands.insert(&name.value, declared);
                        }
                    }
                    Declaration::Test(node) => resolved.test(file, node, findings),
                    Declaration::Flow(node) => {
                        let span = node.keyword.span;
                        if let Some(first) = flow {
                            let kind = Kind::SeveralFlows { in_chain: false };
                            let found = Diagnostic::new(kind, file.place(span));
                            findings.push(found.related(file.place(first)));
                            let declared = Declared { file, span, node: ChainSource::Flow(node) };
                            let name = String::new();
                            let chain = ChainDeclared { name, declared, experiment: None };
                            resolved.chains.push(chain);
                            continue;
                        }
                        flow = Some(span);
                        let declared = Declared { file, span, node: ChainSource::Flow(node) };
                        resolved.chain(stem(&file.path).to_owned(), declared, None, findings);
                    }
                    Declaration::Segment(node) => {
                        let (name, span) = (node.name.value.as_str(), node.name.span);
                        let declared = Declared { file, span, node };
                        if name.is_empty() {
                            resolved.more_segments.push(declared);
                            continue;
                        }
                        if let Some(first) = resolved.segments.get(name) {
                            let place = file.place(span);
                            findings.push(duplicate(Named::Segment, name, place, first.place()));
                            resolved.more_segments.push(declared);
                        } else {
                            resolved.segments.insert(name, declared);
                        }
                    }
                    Declaration::Message(node) => {
                        resolved.has_messages = true;
                        let Some(name) = &node.name else {
                            let span = declaration.span;
                            resolved.more_messages.push(Declared { file, span, node });
                            continue;
                        };
                        let declared = Declared { file, span: name.span, node };
                        if let Some(first) = resolved.messages.get(name.value.as_str()) {
                            let place = file.place(name.span);
                            let found =
                                duplicate(Named::Message, &name.value, place, first.place());
                            findings.push(found);
                            resolved.more_messages.push(declared);
                        } else {
                            resolved.messages.insert(&name.value, declared);
                        }
                    }
                    Declaration::Policy(node) => {
                        let declared = Declared { file, span: node.keyword.span, node };
                        if let Some(first) = &resolved.policy {
                            let found = Diagnostic::new(Kind::DuplicatePolicy, declared.place());
                            findings.push(found.related(first.place()));
                            resolved.more_policies.push(declared);
                        } else {
                            resolved.policy = Some(declared);
                        }
                    }
                    Declaration::Bad(names) => {
                        resolved.doubtful.extend(names.iter().map(String::as_str));
                        resolved.perhaps_messages = true;
                    }
                }
            }
        }
        resolved
    }
}

impl<'p> Resolved<'p> {
    fn block(
        &mut self,
        file: &'p ParsedFile,
        chain: &'p syntax::Chain,
        span: Span,
        experiment: Option<usize>,
        findings: &mut Findings,
    ) {
        let (name, span) = match &chain.name {
            Some(name) => (name.value.clone(), name.span),
            None => (String::new(), span),
        };
        let node = ChainSource::Block(chain);
        self.chain(name, Declared { file, span, node }, experiment, findings);
    }

    fn experiment(
        &mut self,
        file: &'p ParsedFile,
        node: &'p syntax::Experiment,
        span: Span,
        findings: &mut Findings,
    ) {
        let named = node.name.as_ref();
        if let Some(name) = named {
            let same = |other: &&Declared<'_, &syntax::Experiment>| {
                other.node.name.as_ref().is_some_and(|other| other.value == name.value)
            };
            if let Some(first) = self.experiments.iter().find(same) {
                let place = file.place(name.span);
                findings.push(duplicate(Named::Experiment, &name.value, place, first.place()));
            }
        }
        let span = named.map_or(span, |name| name.span);
        self.experiments.push(Declared { file, span, node });
        let experiment = Some(self.experiments.len() - 1);
        for item in node.items.iter().flatten() {
            if let Item::Chain(chain) = &item.value {
                self.block(file, chain, item.span, experiment, findings);
            }
        }
    }

    fn test(&mut self, file: &'p ParsedFile, node: &'p syntax::TestBlock, findings: &mut Findings) {
        let span = node.title.as_ref().map_or(node.keyword.span, |title| title.span);
        if let Some(title) = node.title.as_ref().filter(|title| title.value.closed) {
            let same = |other: &&Declared<'_, &syntax::TestBlock>| {
                other.node.title.as_ref().is_some_and(|other| other.value == title.value)
            };
            if let Some(first) = self.tests.iter().find(same) {
                let name = title.value.value();
                let place = file.place(span);
                findings.push(duplicate(Named::Test, &name, place, first.place()));
            }
        }
        self.tests.push(Declared { file, span, node });
    }

    fn chain(
        &mut self,
        name: String,
        declared: Declared<'p, ChainSource<'p>>,
        experiment: Option<usize>,
        findings: &mut Findings,
    ) {
        if !name.is_empty() {
            match self.chain_named(&name) {
                Some(first) => {
                    let found = duplicate(Named::Chain, &name, declared.place(), first.place());
                    findings.push(found);
                }
                None => {
                    self.first_chains.insert(name.clone(), self.chains.len());
                }
            }
        }
        self.chains.push(ChainDeclared { name, declared, experiment });
    }

    /// Returns the chain of a name.
    pub(crate) fn chain_named(&self, name: &str) -> Option<&Declared<'p, ChainSource<'p>>> {
        self.chains.get(*self.first_chains.get(name)?).map(|chain| &chain.declared)
    }

    /// Returns the declared name that was most likely meant, while there are guesses left.
    pub(crate) fn nearest<'w>(
        &self,
        name: &str,
        known: impl Iterator<Item = &'w str>,
    ) -> Option<&'w str> {
        let left = self.guesses.get();
        if left == 0 {
            return None;
        }
        let known: Vec<&str> = known.collect();
        self.guesses.set(left.saturating_sub(known.len()));
        words::nearest(name, known)
    }

    /// Returns true when a name may be declared by something that could not be read.
    pub(crate) fn is_doubtful(&self, name: &str) -> bool {
        self.unread || self.doubtful.contains(name)
    }
}

fn duplicate(of: Named, name: &str, place: Place, first: Place) -> Diagnostic {
    Diagnostic::new(Kind::DuplicateName { of, name: name.to_owned() }, place).related(first)
}

/// Returns the name of a file without folders and `.chain`.
fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".chain").unwrap_or(name)
}
