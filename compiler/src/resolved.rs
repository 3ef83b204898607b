//! Second stage: what is declared where, project-wide.
//!
//! Declarations of one kind share their names; two kinds do not: a message and a chain
//! may both be called `birthday`. A declaration that could not be read may have declared
//! any of its words, so that uses of them are not reported.

use crate::diagnostic::{Diagnostic, Findings, Kind, Place};
use crate::parsed::{Parsed, ParsedFile};
use chainc_grammar::fault::Named;
use chainc_grammar::syntax::{self, Declaration, Span};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

/// A project whose names are known.
#[derive(Debug)]
pub(crate) struct Resolved<'p> {
    /// In order of appearance; those without a readable name too, so that they are checked.
    pub(crate) chains: Vec<(String, Declared<'p, ChainSource<'p>>)>,
    pub(crate) segments: BTreeMap<&'p str, Declared<'p, &'p syntax::Segment>>,
    pub(crate) messages: BTreeMap<&'p str, Declared<'p, &'p syntax::Message>>,
    pub(crate) policy: Option<Declared<'p, &'p syntax::Policy>>,
    /// What was declared once more: its own mistakes are worth knowing all the same.
    pub(crate) more_policies: Vec<Declared<'p, &'p syntax::Policy>>,
    pub(crate) more_segments: Vec<Declared<'p, &'p syntax::Segment>>,
    pub(crate) more_messages: Vec<Declared<'p, &'p syntax::Message>>,
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
}

impl Parsed {
    pub(crate) fn resolve<'p>(&'p self, findings: &mut Findings) -> Resolved<'p> {
        let mut resolved = Resolved {
            chains: Vec::new(),
            segments: BTreeMap::new(),
            messages: BTreeMap::new(),
            policy: None,
            more_policies: Vec::new(),
            more_segments: Vec::new(),
            more_messages: Vec::new(),
            doubtful: BTreeSet::new(),
            first_chains: HashMap::new(),
            unread: self.files.iter().any(|file| file.parsed.unread),
            has_messages: false,
            perhaps_messages: false,
            whole: self.is_whole(),
        };
        for file in &self.files {
            let mut flow: Option<Span> = None;
            for declaration in &file.parsed.file.declarations {
                match &declaration.value {
                    Declaration::Chain(chain) => {
                        let (name, span) = match &chain.name {
                            Some(name) => (name.value.clone(), name.span),
                            None => (String::new(), declaration.span),
                        };
                        let node = ChainSource::Block(chain);
                        resolved.chain(name, Declared { file, span, node }, findings);
                    }
                    Declaration::Flow(node) => {
                        let span = node.keyword.span;
                        if let Some(first) = flow {
                            let kind = Kind::SeveralFlows { in_chain: false };
                            let found = Diagnostic::new(kind, file.place(span));
                            findings.push(found.related(file.place(first)));
                            let declared = Declared { file, span, node: ChainSource::Flow(node) };
                            resolved.chains.push((String::new(), declared));
                            continue;
                        }
                        flow = Some(span);
                        let declared = Declared { file, span, node: ChainSource::Flow(node) };
                        resolved.chain(stem(&file.path).to_owned(), declared, findings);
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
                    Declaration::Later => {}
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
    fn chain(
        &mut self,
        name: String,
        declared: Declared<'p, ChainSource<'p>>,
        findings: &mut Findings,
    ) {
        if !name.is_empty() {
            match self.first_chains.get(&name).and_then(|at| self.chains.get(*at)) {
                Some((_, first)) => {
                    let found = duplicate(Named::Chain, &name, declared.place(), first.place());
                    findings.push(found);
                }
                None => {
                    self.first_chains.insert(name.clone(), self.chains.len());
                }
            }
        }
        self.chains.push((name, declared));
    }

    /// Returns the chain of a name.
    pub(crate) fn chain_named(&self, name: &str) -> Option<&Declared<'p, ChainSource<'p>>> {
        self.chains.get(*self.first_chains.get(name)?).map(|(_, chain)| chain)
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
