//! `chainc import`: a file of customers, purchases and the like into the store.

use crate::config::ImportConfig;
use crate::failure::Failure;
use crate::project::Project;
use crate::{render, say};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::ir::{AttributeKind, Policy};
use chainc_compiler::units::Currency;
use chainc_runtime::intake::{self, Complete, From, Kind, Reading, Report};
use chainc_runtime::store::{Store, sources};
use chainc_runtime::time::{Moment, Zone};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the command line says of where a file is from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said<'a> {
    /// The source.
    pub(crate) source: Option<&'a str>,
    /// Up to when it is complete with the file.
    pub(crate) watermark: Option<&'a str>,
}

/// Imports one file.
pub(crate) fn run(
    kind: Kind,
    file: &Path,
    said: Said<'_>,
    store: Option<&str>,
    project: Option<&Path>,
    lang: Lang,
) -> Result<(), Failure> {
    let project = match project {
        Some(folder) => Project::load(folder)?,
        None => Project::load(&nearest_project()?)?,
    };
    if let Some(wrong) = project.config.wrong_source(kind, said.source) {
        return Err(Failure::usage(format!("{wrong}; give one with `--source NAME`")));
    }
    let business = Business::of(&project, lang)?;
    // The file first: a wrong one must not leave an empty store behind.
    if !file.is_file() {
        return Err(Failure::surroundings(format!("there is no file {}", file.display())));
    }
    let mut reading = business.reading(project.config.import.of(kind));
    reading.from = business.from(said)?;
    intake::look(kind, file, &reading)?;
    let mut store = Store::open_or_create(&project.store(store)?)?.take_turns()?;
    let bar = Bar::new(file);
    let report = intake::import(&mut store, kind, file, &reading, &mut |bytes| bar.at(bytes))?;
    bar.done();
    say::talk(&told(kind, file, &report, &business.zone));
    Ok(())
}

/// Imports the files that `chainc.yaml` names, unless they were imported before.
pub(crate) fn configured_files(
    project: &Project,
    business: &Business,
    store: &mut Store,
) -> Result<(), Failure> {
    // Customers first, so that purchases and consents find them.
    for kind in Kind::ALL {
        let config = project.config.import.of(kind);
        let Some(name) = &config.file else { continue };
        let path = project.folder.join(name);
        let bar = Bar::new(&path);
        let mut reading = business.reading(config);
        // What the project says once may be behind what was said since.
        let complete = match config.watermark {
            Some(_) => Complete::Unsaid,
            None => Complete::LastPurchase,
        };
        reading.from = config.source.as_deref().map(|source| From { source, complete });
        let report = intake::import_once(store, kind, &path, &reading, &mut |bytes| bar.at(bytes))?;
        bar.done();
        if let Some(report) = report {
            say::talk(&told(kind, &path, &report, &business.zone));
        }
        if let (Some(source), Some(text)) = (&config.source, &config.watermark) {
            sources::set(store, source, business.moment(text)?)?;
        }
    }
    Ok(())
}

/// Looks whether the files that `chainc.yaml` names can come in, while there is no store yet.
pub(crate) fn look_at_files(project: &Project, business: &Business) -> Result<(), Failure> {
    for kind in Kind::ALL {
        let config = project.config.import.of(kind);
        if let Some(name) = &config.file {
            intake::look(kind, &project.folder.join(name), &business.reading(config))?;
            if let Some(text) = &config.watermark {
                business.moment(text)?;
            }
        }
    }
    Ok(())
}

/// Tells whether `chainc.yaml` names files of data.
pub(crate) fn has_files(project: &Project) -> bool {
    Kind::ALL.into_iter().any(|kind| project.config.import.of(kind).file.is_some())
}

/// What a project's files are read with: its zone and its currency.
pub(crate) struct Business {
    /// The business zone.
    pub(crate) zone: Zone,
    /// The currency.
    pub(crate) currency: Currency,
    /// What the customers' own columns hold.
    pub(crate) attributes: BTreeMap<String, AttributeKind>,
}

impl Business {
    /// Takes them from the policy. A project with mistakes has none to take: a purchase read
    /// in the wrong zone would count on the wrong day.
    fn of(project: &Project, lang: Lang) -> Result<Self, Failure> {
        if project.files.is_empty() {
            let config = &project.config;
            let zone = config.timezone.as_deref().map_or(Some(Zone::utc()), Zone::get);
            let currency = Currency::from_code(config.currency.as_deref().unwrap_or("RUB"));
            return match (zone, currency) {
                (Some(zone), Some(currency)) => {
                    Ok(Self { zone, currency, attributes: BTreeMap::new() })
                }
                (None, _) => Err(Failure::usage("chainc.yaml: `timezone` is no known zone")),
                (_, None) => Err(Failure::usage("chainc.yaml: `currency` is no known currency")),
            };
        }
        let compiled = project.compile();
        let Some(program) = compiled.program else {
            say::talk(&render::human_for_terminal(&compiled.diagnostics, &project.files, lang));
            say::talk(
                "nothing was imported: the zone and the currency of the file are the policy's",
            );
            return Err(Failure::no());
        };
        Ok(Self::from_policy(&program.policy))
    }

    /// Takes them from a policy.
    pub(crate) fn from_policy(policy: &Policy) -> Self {
        Self {
            // The compiler has checked the name.
            zone: Zone::get(&policy.timezone).unwrap_or_else(Zone::utc),
            currency: policy.currency.clone(),
            attributes: policy.attributes.clone(),
        }
    }

    /// What the command line says of where a file is from.
    fn from<'a>(&self, said: Said<'a>) -> Result<Option<From<'a>>, Failure> {
        let Some(source) = said.source else { return Ok(None) };
        let complete = match said.watermark {
            Some(text) => Complete::Until(self.moment(text)?),
            None => Complete::Unsaid,
        };
        Ok(Some(From { source, complete }))
    }

    fn moment(&self, text: &str) -> Result<Moment, Failure> {
        self.zone.parse(text).ok_or_else(|| {
            Failure::usage(format!(
                "the watermark `{text}` is no time; write one like 2026-03-01T23:59:59"
            ))
        })
    }

    fn reading<'a>(&'a self, config: &'a ImportConfig) -> Reading<'a> {
        Reading {
            zone: &self.zone,
            digits: self.currency.digits,
            columns: &config.columns,
            attributes: &self.attributes,
            from: None,
            now: Moment::now(),
        }
    }
}

fn nearest_project() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()
        .map_err(|error| Failure::surroundings(format!("the current folder is gone: {error}")))?;
    let found = here.ancestors().find(|folder| folder.join(crate::config::FILE).is_file());
    Ok(found.unwrap_or(&here).to_owned())
}

fn told(kind: Kind, file: &Path, report: &Report, zone: &Zone) -> String {
    let mut text = format!(
        "{}: {} {}, {} new, {} known already",
        file.display(),
        report.rows,
        if report.rows == 1 { "row" } else { "rows" },
        report.new,
        report.known
    );
    if report.aside > 0 {
        text.push_str(&format!(
            ", {} of unknown customers kept aside until those are imported",
            report.aside
        ));
    }
    if let Some(at) = report.watermark {
        text.push_str(&format!("\nthe source is complete up to {}", zone.rfc3339(at)));
    }
    if report.late > 0 {
        text.push_str(&format!(
            "\n{} of the new ones are from before the moment up to which the source had said it was complete; they are kept, and count",
            report.late
        ));
    }
    if !report.own_events.is_empty() {
        text.push_str(&format!("\nevents of your own: {}", own_events(report)));
    }
    if report.adopted > 0 {
        text.push_str(&format!(", {} purchases that were kept aside taken in", report.adopted));
    }
    if let Some(rejected) = &report.rejected_file {
        text.push_str(&format!(
            "\n{} rejected, with line and reason: {}",
            report.rejected,
            rejected.display()
        ));
    }
    if !report.unused.is_empty() {
        text.push_str(&format!(
            "\ncolumns without a use for {}: {}",
            kind.as_str(),
            report.unused.join(", ")
        ));
    }
    text
}

/// `3 visited, 1 rated`, so that a misspelt word is seen.
fn own_events(report: &Report) -> String {
    let all = &report.own_events;
    let mut words: Vec<String> =
        all.iter().take(SHOWN).map(|(word, n)| format!("{n} {word}")).collect();
    if all.len() > SHOWN {
        words.push(format!("and {} words more", all.len() - SHOWN));
    }
    words.join(", ")
}

/// How many words for events are shown.
const SHOWN: usize = 20;

/// A progress bar over the bytes of a file; indicatif shows it on a terminal only.
struct Bar(ProgressBar);

impl Bar {
    fn new(file: &Path) -> Self {
        let length = std::fs::metadata(file).map_or(0, |meta| meta.len());
        let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg} {wide_bar} {percent:>3}% {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.set_message(file.display().to_string());
        Self(bar)
    }

    fn at(&self, bytes: u64) {
        self.0.set_position(bytes);
    }

    fn done(&self) {
        self.0.finish_and_clear();
    }
}
