//! The checks, one file per family, and what they share.

pub(crate) mod audience;
pub(crate) mod bands;
pub(crate) mod branches;
pub(crate) mod brands;
pub(crate) mod canonical;
pub(crate) mod chain;
pub(crate) mod consent;
pub(crate) mod experiment;
pub(crate) mod flow;
mod foreign;
mod gifts;
pub(crate) mod grant;
pub(crate) mod measuring;
pub(crate) mod messages;
mod moments;
pub(crate) mod money;
pub(crate) mod overlaps;
mod parts;
pub(crate) mod policy;
mod predicate;
mod quantity;
pub(crate) mod scenarios;
pub(crate) mod settings;
mod template;
pub(crate) mod timing;
pub(crate) mod usage;

use crate::diagnostic::{Diagnostic, Findings, Kind, Place};
use crate::parsed::ParsedFile;
use crate::units::Currency;
use chainc_grammar::syntax::Span;

/// One file under examination: where findings get their places from.
pub(crate) struct Scope<'s> {
    pub(crate) file: &'s ParsedFile,
    pub(crate) currency: &'s Currency,
    findings: &'s mut Findings,
}

impl<'s> Scope<'s> {
    pub(crate) fn new(
        file: &'s ParsedFile,
        currency: &'s Currency,
        findings: &'s mut Findings,
    ) -> Self {
        Self { file, currency, findings }
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        self.file.place(span)
    }

    pub(crate) fn text(&self, span: Span) -> String {
        span.text(&self.file.text).trim().to_owned()
    }

    pub(crate) fn report(&mut self, kind: Kind, span: Span) {
        let found = Diagnostic::new(kind, self.place(span));
        self.findings.push(found);
    }

    /// Returns how many errors there are so far.
    pub(crate) fn errors(&self) -> usize {
        self.findings.errors()
    }

    pub(crate) fn push(&mut self, found: Diagnostic) {
        self.findings.push(found);
    }
}
