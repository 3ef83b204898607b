//! Brands: who speaks, from where, and how much.

use super::Scope;
use super::policy::{cap, quiet, settings_in, timezone};
use super::settings::{Line, Seen, unknown};
use crate::diagnostic::Findings;
use crate::ir::Brand;
use crate::resolved::{Declared, Resolved};
use crate::units::Currency;
use chainc_grammar::fault::Slot;
use chainc_grammar::syntax;
use std::collections::BTreeMap;

/// Checks every brand.
pub(crate) fn check(
    resolved: &Resolved<'_>,
    currency: &Currency,
    findings: &mut Findings,
) -> BTreeMap<String, Brand> {
    for declared in &resolved.more_brands {
        one(declared, currency, findings);
    }
    let brands = resolved.brands.iter();
    brands.map(|(name, node)| ((*name).to_owned(), one(node, currency, findings))).collect()
}

fn one(
    declared: &Declared<'_, &syntax::Brand>,
    currency: &Currency,
    findings: &mut Findings,
) -> Brand {
    let mut scope = Scope::new(declared.file, currency, findings);
    let title = declared.node.title.as_ref().map(|title| title.value.value());
    let mut brand = Brand { title, sender: None, timezone: None, quiet: None, caps: Vec::new() };
    let mut seen = Seen::default();
    for setting in settings_in(declared.node.items.as_deref().unwrap_or_default()) {
        let word = setting.word.value.as_str();
        match word {
            "cap" => brand.caps.extend(cap(setting, &mut seen, &mut scope)),
            "sender" | "timezone" | "quiet" => {
                let first = seen.first(word, setting.word.span, &mut scope);
                let mut other = brand.clone();
                read(setting, if first { &mut brand } else { &mut other }, &mut scope);
            }
            _ => unknown(Slot::BrandItem, setting, &mut scope),
        }
    }
    brand
}

fn read(setting: &syntax::Setting, brand: &mut Brand, scope: &mut Scope<'_>) {
    match setting.word.value.as_str() {
        "timezone" => brand.timezone = timezone(setting, scope),
        "quiet" => brand.quiet = quiet(setting, scope),
        _ => {
            let mut line = Line::new(scope, setting, "`sender \"Toys\"`");
            let Some(text) = line.text() else { return };
            line.done();
            brand.sender = Some(text.value.value());
        }
    }
}
