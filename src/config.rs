//! `chainc.yaml`: where things are and how they are reached. Read here and nowhere else.
//!
//! Unknown keys are errors with a suggestion. `${NAME}` in a value is the environment's,
//! looked up when the value is used, so that `check` needs no secrets.

use crate::check::Selection;
use crate::failure::Failure;
use chainc_compiler::units::{Currency, Period};
use chainc_runtime::intake::Kind;
use chainc_runtime::sources::{Rule, Rules, Then};
use chainc_runtime::time::Zone;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The file's name.
pub(crate) const FILE: &str = "chainc.yaml";

/// What the file says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where the store is: `sqlite:shop.db`, from the project's folder.
    pub(crate) store: Option<String>,
    /// The business zone, where no policy names one.
    pub(crate) timezone: Option<String>,
    /// The currency, where no policy names one.
    pub(crate) currency: Option<String>,
    /// How each channel is reached; a file where nothing is said.
    #[serde(default)]
    pub(crate) channels: ChannelConfigs,
    /// Files of data and the names of their columns.
    #[serde(default)]
    pub(crate) import: ImportConfigs,
    /// Where purchases come from; each source says up to when it is complete.
    #[serde(default)]
    pub(crate) sources: BTreeMap<String, SourceConfig>,
    /// Where the links in messages lead.
    #[serde(default)]
    pub(crate) links: LinkConfigs,
    /// Which warnings and remarks `chainc check` shows.
    #[serde(default)]
    pub(crate) check: CheckConfig,
}

/// The `links` of the file: a message's key is put behind each.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkConfigs {
    /// `{link}`
    pub(crate) shop: Option<String>,
    /// `{unsubscribe}`
    pub(crate) unsubscribe: Option<String>,
}

/// A source of purchases.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SourceConfig {
    /// How long a wait is kept open for it: `2d`, `36h`, `30m`.
    grace: String,
    /// What holds then.
    then: ThenConfig,
}

/// What holds when a source stays silent.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ThenConfig {
    /// The wait goes on until it speaks.
    Hold,
    /// Nothing was bought.
    AssumeNone,
}

/// The `check` of the file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CheckConfig {
    /// Codes or slugs; all if there are none.
    #[serde(default)]
    select: Vec<String>,
    #[serde(default)]
    ignore: Vec<String>,
}

impl CheckConfig {
    /// Returns what it means.
    pub(crate) fn selection(&self) -> Result<Selection, String> {
        Selection::of_config(&self.select, &self.ignore)
    }
}

/// The `channels` of the file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ChannelConfigs {
    pub(crate) sms: Option<ChannelConfig>,
    pub(crate) email: Option<ChannelConfig>,
    pub(crate) push: Option<ChannelConfig>,
    pub(crate) webhook: Option<ChannelConfig>,
}

/// One way out.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum ChannelConfig {
    /// JSON lines in a file.
    File {
        /// The file, from the project's folder.
        path: Option<String>,
    },
    /// A mail relay.
    Smtp {
        /// Its name.
        host: String,
        /// Its port; by default what `tls` goes with.
        port: Option<u16>,
        /// How the way there is protected.
        #[serde(default)]
        tls: TlsConfig,
        /// The user, if the relay asks for one.
        user: Option<String>,
        /// The password.
        password: Option<String>,
        /// `Shop <shop@example.com>`
        from: String,
    },
}

/// How the way to a relay is protected.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum TlsConfig {
    /// Not at all.
    None,
    /// From the first byte, port 465.
    Implicit,
    /// After STARTTLS, port 587.
    #[default]
    Starttls,
}

/// The `import` of the file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportConfigs {
    #[serde(default)]
    pub(crate) customers: ImportConfig,
    #[serde(default)]
    pub(crate) purchases: ImportConfig,
    #[serde(default)]
    pub(crate) consents: ImportConfig,
    #[serde(default)]
    pub(crate) returns: ImportConfig,
    #[serde(default)]
    pub(crate) promo: ImportConfig,
    #[serde(default)]
    pub(crate) events: ImportConfig,
}

impl ImportConfigs {
    /// Returns what is said of files of a kind.
    pub(crate) const fn of(&self, kind: Kind) -> &ImportConfig {
        match kind {
            Kind::Customers => &self.customers,
            Kind::Purchases => &self.purchases,
            Kind::Consents => &self.consents,
            Kind::Returns => &self.returns,
            Kind::Promo => &self.promo,
            Kind::Events => &self.events,
        }
    }
}

/// How files of one kind are read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportConfig {
    /// A file that `chainc run` imports before it starts, from the project's folder.
    pub(crate) file: Option<String>,
    /// chainc's column name to the file's.
    #[serde(default)]
    pub(crate) columns: BTreeMap<String, String>,
    /// The source of purchases or returns that the file is of.
    pub(crate) source: Option<String>,
    /// Up to when that source is complete with this file; by default up to its last purchase.
    pub(crate) watermark: Option<String>,
}

impl Config {
    /// Reads the file of a folder; the defaults if there is none.
    pub(crate) fn read(folder: &Path) -> Result<Self, Failure> {
        let path = folder.join(FILE);
        let shown = path.display();
        if std::fs::metadata(&path).is_ok_and(|meta| meta.len() > LARGEST) {
            return Err(Failure::usage(format!(
                "{shown} is larger than {} KB; it is a page of settings",
                LARGEST >> 10
            )));
        }
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self::default());
            }
            Err(error) => {
                return Err(Failure::surroundings(format!("{shown} cannot be read: {error}")));
            }
        };
        let text = String::from_utf8(bytes)
            .map_err(|_| Failure::usage(format!("{shown} is not UTF-8 text")))?;
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let config: Self = serde_yaml::from_str(&text)
            .map_err(|error| Failure::usage(format!("{shown}: {}", shorten(&say(&error)))))?;
        config
            .look_up()
            .map_err(|error| Failure::usage(format!("{shown}: {}", shorten(&error))))?;
        Ok(config)
    }

    /// Returns what the sources of purchases mean.
    pub(crate) fn source_rules(&self) -> Result<Rules, String> {
        let rule = |(name, source): (&String, &SourceConfig)| {
            let grace = period(&source.grace).ok_or_else(|| {
                format!(
                    "`grace` of source `{name}` is `{}`: write a time like 2d, 36h or 30m",
                    source.grace
                )
            })?;
            let then = match source.then {
                ThenConfig::Hold => Then::Hold,
                ThenConfig::AssumeNone => Then::AssumeNone,
            };
            Ok((name.clone(), Rule { grace, then }))
        };
        self.sources.iter().map(rule).collect()
    }

    /// Tells why a name of a source cannot be taken; none must be given where none is declared.
    pub(crate) fn wrong_source(&self, kind: Kind, name: Option<&str>) -> Option<String> {
        let of_purchases = matches!(kind, Kind::Purchases | Kind::Returns);
        let known: Vec<&str> = self.sources.keys().map(String::as_str).collect();
        match name {
            None if of_purchases && !known.is_empty() => Some(format!(
                "{FILE} names the sources of purchases ({}), and this file of {} says none",
                known.join(", "),
                kind.as_str()
            )),
            None => None,
            Some(_) if !of_purchases => {
                Some(format!("{} have no source; purchases and returns do", kind.as_str()))
            }
            Some(name) if known.is_empty() => {
                Some(format!("there is no source `{name}`: {FILE} names none under `sources`"))
            }
            Some(name) if known.contains(&name) => None,
            Some(name) => {
                Some(format!("there is no source `{name}`; {}", suggestion(name, &known)))
            }
        }
    }

    /// Looks up the words that name something of the world or of the files.
    fn look_up(&self) -> Result<(), String> {
        if let Some(name) = &self.timezone
            && Zone::get(name).is_none()
        {
            return Err(format!(
                "`timezone` is `{name}`: no such zone; write one like `Asia/Yekaterinburg`"
            ));
        }
        if let Some(code) = &self.currency
            && Currency::from_code(code).is_none()
        {
            return Err(format!(
                "`currency` is `{code}`: no such currency; write a code like `USD`"
            ));
        }
        self.check.selection()?;
        self.source_rules()?;
        let import = &self.import;
        self.look_up_sources()?;
        // Not those of customers: any other column of theirs is an attribute.
        for (kind, config) in [
            (Kind::Purchases, &import.purchases),
            (Kind::Consents, &import.consents),
            (Kind::Returns, &import.returns),
            (Kind::Promo, &import.promo),
            (Kind::Events, &import.events),
        ] {
            let (known, _) = kind.columns();
            let place = kind.as_str();
            let mut unknown = config.columns.keys().filter(|name| !known.contains(&name.as_str()));
            if let Some(name) = unknown.next() {
                let help = suggestion(name, known);
                return Err(format!("unknown column `{name}` of {place}; {help}"));
            }
        }
        Ok(())
    }
}

impl Config {
    /// Files of purchases say where they are from; nothing else does.
    fn look_up_sources(&self) -> Result<(), String> {
        for kind in Kind::ALL {
            let config = self.import.of(kind);
            let wrong = self.wrong_source(kind, config.source.as_deref());
            if let Some(wrong) = wrong.filter(|_| config.file.is_some() || config.source.is_some())
            {
                let place = kind.as_str();
                return Err(format!("{wrong}; write `import: {place}: {{ source: NAME }}`"));
            }
            if config.watermark.is_some() && (kind != Kind::Purchases || config.source.is_none()) {
                return Err("`watermark` belongs beside the `source` of purchases".to_owned());
            }
        }
        Ok(())
    }
}

/// Reads `2d`, `1w`, `36h`, `30m`.
fn period(text: &str) -> Option<Period> {
    let text = text.trim();
    let unit = text.chars().last()?;
    let number: u32 = text.strip_suffix(unit)?.trim_end().parse().ok()?;
    let period = match unit {
        'w' => Period::Days(number.checked_mul(7)?),
        'd' => Period::Days(number),
        'h' => Period::Seconds(number.checked_mul(3_600)?),
        'm' => Period::Seconds(number.checked_mul(60)?),
        _ => return None,
    };
    let days = match period {
        Period::Days(days) => days,
        Period::Seconds(seconds) => seconds / 86_400,
    };
    (days <= 36_500).then_some(period)
}

/// The largest file that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// How much of a long word is shown in an error.
const SHOWN: usize = 500;

fn shorten(text: &str) -> String {
    if text.chars().count() <= SHOWN {
        return text.to_owned();
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

/// Says what is wrong with the file, with a suggestion where a word is not known.
fn say(error: &serde_yaml::Error) -> String {
    let place = error
        .location()
        .map(|at| format!("line {}, column {}: ", at.line(), at.column()))
        .unwrap_or_default();
    let (word, what, expected) = match error.without_snippet() {
        serde_yaml::Error::SerdeUnknownField { field, expected, .. } => (field, "key", expected),
        serde_yaml::Error::SerdeUnknownVariant { variant, expected, .. } => {
            (variant, "value", expected)
        }
        serde_yaml::Error::DuplicateMappingKey { key: Some(key), .. } => {
            return format!("{place}the key `{key}` stands here twice");
        }
        other => return other.to_string(),
    };
    format!("{place}unknown {what} `{word}`; {}", suggestion(word, expected))
}

fn suggestion(word: &str, known: &[&str]) -> String {
    chainc_grammar::words::nearest(word, known.iter().copied()).map_or_else(
        || {
            let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
            format!("known here: {}", known.join(", "))
        },
        |name| format!("did you mean `{name}`?"),
    )
}

/// Puts the environment's values for `${NAME}`.
pub(crate) fn expand(text: &str) -> Result<String, Failure> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after
            .split_once('}')
            .ok_or_else(|| Failure::usage(format!("{FILE}: `${{` without `}}`")))?;
        let value = std::env::var(name).map_err(|_| {
            Failure::usage(format!(
                "{FILE} wants the environment variable `{name}`, and it is not set"
            ))
        })?;
        out.push_str(before);
        out.push_str(&value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}
