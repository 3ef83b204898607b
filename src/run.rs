//! `chainc run`: the chains of a project against its store.

use crate::config::{self, ChannelConfig, TlsConfig};
use crate::failure::Failure;
use crate::import::{self, Business};
use crate::project::Project;
use crate::{Format, order, render, say, table};
use chainc_compiler::diagnostic::Lang;
use chainc_compiler::ir;
use chainc_runtime::channel::Channel;
use chainc_runtime::channel::file::FileChannel;
use chainc_runtime::channel::smtp::{SmtpChannel, SmtpSettings, Tls};
use chainc_runtime::clock;
use chainc_runtime::engine::{Channels, Engine, Settings, Stop};
use chainc_runtime::links::Links;
use chainc_runtime::store::summary::{Loose, Summary};
use chainc_runtime::store::{RunLock, Store, StoreError, run_state};
use chainc_runtime::time::{Day, Moment, Zone};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How the clock is turned.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mode {
    /// What is due now, and out.
    Once,
    /// Until stopped.
    Service,
    /// Over history.
    Replay {
        /// From which day to which.
        range: Range,
        /// Forget an earlier replay.
        fresh: bool,
        /// Send for real.
        real_channels: bool,
    },
}

/// `2017-07-01..2017-12-31`: both days belong.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    from: Day,
    to: Day,
}

impl Range {
    /// Reads a range.
    pub(crate) fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| {
            Failure::usage(format!(
                "`--replay {text}`: {why}; write it like 2017-07-01..2017-12-31"
            ))
        };
        let (from, to) =
            text.split_once("..").ok_or_else(|| wrong("two days with `..` between"))?;
        let day = |text: &str| {
            Day::parse(text)
                .ok_or_else(|| wrong(&format!("`{text}` is not a day from 1970 to 2200")))
        };
        let range = Self { from: day(from)?, to: day(to)? };
        if range.from > range.to {
            return Err(wrong("the first day is after the last"));
        }
        Ok(range)
    }

    fn moments(self, zone: &Zone) -> (Moment, Moment) {
        (zone.start_of(self.from), zone.end_of(self.to))
    }
}

/// Runs a project.
pub(crate) fn run(
    folder: &Path,
    store: Option<&str>,
    mode: Mode,
    format: Format,
    lang: Lang,
) -> Result<(), Failure> {
    if !folder.is_dir() {
        return Err(Failure::usage(format!(
            "{} is not a folder; `chainc run` takes a project's folder",
            folder.display()
        )));
    }
    let project = Project::load(folder)?;
    let compiled = project.compile();
    if !compiled.diagnostics.is_empty() {
        say::talk(&render::human_for_terminal(&compiled.diagnostics, &project.files, lang));
    }
    let Some(program) = compiled.program else { return Err(Failure::no()) };
    let settings = settings(&project)?;
    // Before the store is touched; the engine asks again.
    settings.refuse_missing(&program)?;
    if let Some((placeholder, length, counted)) = settings.links.too_long(&program) {
        say::talk(&format!(
            "`{{{placeholder}}}` is {length} signs long, and SMS are counted with {counted}; write `longest \"{placeholder}\" {length}` in the policy"
        ));
    }
    if program.chains.is_empty() {
        return Err(Failure::usage(format!("there is no chain in {}", folder.display())));
    }
    let path = project.store(store)?;
    if !path.exists() && !import::has_files(&project) {
        return Err(StoreError::Missing { path: path.display().to_string() }.into());
    }
    let real = !matches!(mode, Mode::Replay { real_channels: false, .. });
    let channels = channels(&project, &path, real)?;
    let business = Business::from_policy(&program.policy);
    import::look_at_files(&project, &business)?;
    let mut store = Store::open_or_create(&path)?.take_turns()?;
    let _lock = RunLock::take(&path)?;
    if let Mode::Replay { fresh: true, .. } = mode {
        run_state::forget_replay(&mut store)?;
    }
    import::configured_files(&project, &business, &mut store)?;
    order::tell_of_standing(&store, &business.zone)?;

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::surroundings(format!("no thread could be started: {error}")))?;
    let stop = Stop::default();
    stop_on_signal(&runtime, stop.clone());
    let chains = program.chains.clone();
    let started = Instant::now();
    let engine = runtime.block_on(async {
        match mode {
            Mode::Once => clock::once(store, program, settings, channels, stop.clone()).await,
            Mode::Service => {
                say::talk("running; stop with Ctrl-C or SIGTERM");
                clock::serve(store, program, settings, channels, stop.clone()).await
            }
            Mode::Replay { range, .. } => {
                let span = range.moments(&business.zone);
                let bar = Days::new(range, business.zone.clone());
                let mut progress = |now| bar.at(now);
                let engine = clock::replay(
                    store,
                    program,
                    settings,
                    channels,
                    stop.clone(),
                    span,
                    &mut progress,
                )
                .await;
                bar.done();
                engine
            }
        }
    })?;
    finish(&engine, &chains, &business, started.elapsed(), stop.is_asked(), mode, format)
}

/// What the project's file says of its surroundings.
fn settings(project: &Project) -> Result<Settings, Failure> {
    let sources = project
        .config
        .source_rules()
        .map_err(|error| Failure::usage(format!("{}: {error}", config::FILE)))?;
    let base = |key: &str, text: &Option<String>| -> Result<Option<String>, Failure> {
        let Some(text) = text else { return Ok(None) };
        let base = config::expand(text)?;
        let is_address = base.starts_with("https://") || base.starts_with("http://");
        if !is_address || base.contains(char::is_whitespace) {
            return Err(Failure::usage(format!(
                "{}: `{key}` of `links` is `{base}`: write an address like https://shop.example/go",
                config::FILE
            )));
        }
        Ok(Some(base))
    };
    let links = &project.config.links;
    let links = Links {
        shop: base("shop", &links.shop)?,
        unsubscribe: base("unsubscribe", &links.unsubscribe)?,
    };
    Ok(Settings { sources, links })
}

/// Prints the numbers.
fn finish(
    engine: &Engine,
    chains: &[ir::Chain],
    business: &Business,
    took: Duration,
    stopped: bool,
    mode: Mode,
    format: Format,
) -> Result<(), Failure> {
    let summary = Summary::read(engine.store(), chains)?;
    match format {
        Format::Json => {
            let json = serde_json::to_string_pretty(&summary)
                .map_err(|error| Failure::surroundings(error.to_string()))?;
            say::data(&(json + "\n"))?;
        }
        Format::Human => say::data(&table::of(&summary, chains, &business.currency))?,
    }
    let loose = Loose::read(engine.store())?;
    if loose.stray_purchases > 0 {
        say::talk(&format!(
            "{} of unknown customers kept aside; import those customers to let them count",
            counted(loose.stray_purchases, "purchase", "purchases")
        ));
    }
    for (pool, codes) in &loose.dry_pools {
        say::talk(&format!(
            "pool `{pool}` has run dry: all of its {} given; `chainc import promo FILE` fills it",
            counted(*codes, "code is", "codes are")
        ));
    }
    if loose.unknown_messages > 0 {
        say::talk(&format!(
            "{} sent, though the provider's answer was lost",
            counted(loose.unknown_messages, "message counts as", "messages count as")
        ));
    }
    if loose.too_late > 0 {
        say::talk(&format!(
            "{} before a purchase was heard of that had been made by then",
            counted(loose.too_late, "message left", "messages left")
        ));
    }
    let undecided: i64 = summary.chains.iter().map(|chain| chain.undecided).sum();
    if undecided > 0 {
        let said = |(source, at): (&String, &Moment)| {
            format!("`{source}` up to {}", business.zone.rfc3339(*at))
        };
        let said: Vec<String> = loose.watermarks.iter().map(said).collect();
        let complete = if said.is_empty() { "nothing".to_owned() } else { said.join(", ") };
        say::talk(&format!(
            "{} held at a wait that is over, as nobody knows whether they have bought; complete is {complete}",
            counted(undecided, "customer is", "customers are")
        ));
    }
    if loose.stray_events > 0 {
        say::talk(&format!(
            "{} of unknown customers kept aside; import those customers to let them count",
            counted(loose.stray_events, "event", "events")
        ));
    }
    if loose.messageless_events > 0 {
        say::talk(&format!(
            "{} no message that had left to the customer; kept, without effect",
            counted(loose.messageless_events, "event fits", "events fit")
        ));
    }
    let steps = counted(engine.steps(), "step", "steps");
    let millis = took.as_millis().max(1);
    let per_second = i128::from(engine.steps()) * 1000 / i128::try_from(millis).unwrap_or(1);
    say::talk(&format!(
        "{steps} in {}.{:03} s ({per_second} a second)",
        millis / 1000,
        millis % 1000
    ));
    if stopped {
        say::talk("stopped as asked; the next run goes on from here");
    } else if engine.steps() == 0 && matches!(mode, Mode::Replay { .. }) {
        say::talk("this replay was done already; `--fresh` starts it over");
    }
    Ok(())
}

fn counted(n: i64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Listens from now on, not from when its task first runs: whoever reads "running" may ask.
fn stop_on_signal(runtime: &tokio::runtime::Runtime, stop: Stop) {
    use tokio::signal::unix::{SignalKind, signal};
    let _context = runtime.enter();
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return;
    };
    runtime.spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        stop.ask();
    });
}

/// Sets up the ways out; a file where `chainc.yaml` says nothing.
fn channels(project: &Project, store: &Path, real: bool) -> Result<Channels, Failure> {
    let mut files: BTreeMap<PathBuf, Arc<dyn Channel>> = BTreeMap::new();
    let mut channels = Channels::new();
    let mut told: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for channel in ir::Channel::ALL {
        let configs = &project.config.channels;
        let config = match channel {
            ir::Channel::Sms => &configs.sms,
            ir::Channel::Email => &configs.email,
            ir::Channel::Push => &configs.push,
            ir::Channel::Webhook => &configs.webhook,
        };
        let way: Arc<dyn Channel> = match config {
            Some(ChannelConfig::Smtp { host, port, tls, user, password, from }) if real => {
                if channel != ir::Channel::Email {
                    return Err(Failure::usage(format!(
                        "{}: `{channel}` cannot go by smtp; only `email` can",
                        config::FILE
                    )));
                }
                told.entry(format!("by smtp through {host}")).or_default().push(channel.as_str());
                Arc::new(smtp(host, *port, *tls, user.as_deref(), password.as_deref(), from)?)
            }
            other => {
                let path = match other {
                    Some(ChannelConfig::File { path: Some(path) }) => {
                        project.folder.join(config::expand(path)?)
                    }
                    _ => store.with_file_name(messages_name(store)),
                };
                // Most projects call nobody: that is not worth a word.
                if channel != ir::Channel::Webhook || config.is_some() {
                    told.entry(format!("into {}", path.display()))
                        .or_default()
                        .push(channel.as_str());
                }
                let file = || Arc::new(FileChannel::new(path.clone())) as Arc<dyn Channel>;
                files.entry(path.clone()).or_insert_with(file).clone()
            }
        };
        channels.insert(channel, way);
    }
    for (way, channels) in told {
        say::talk(&format!("{} go {way}", channels.join(", ")));
    }
    Ok(channels)
}

/// `chainc.db` has its messages in `chainc.messages.jsonl` beside it.
fn messages_name(store: &Path) -> String {
    let stem = store.file_stem().map_or("chainc".into(), |stem| stem.to_string_lossy());
    format!("{stem}.messages.jsonl")
}

fn smtp(
    host: &str,
    port: Option<u16>,
    tls: TlsConfig,
    user: Option<&str>,
    password: Option<&str>,
    from: &str,
) -> Result<SmtpChannel, Failure> {
    let (tls, usual) = match tls {
        TlsConfig::None => (Tls::None, 25),
        TlsConfig::Implicit => (Tls::Implicit, 465),
        TlsConfig::Starttls => (Tls::StartTls, 587),
    };
    let login = match (user, password) {
        (Some(user), Some(password)) => Some((config::expand(user)?, config::expand(password)?)),
        (None, None) => None,
        _ => {
            return Err(Failure::usage(format!(
                "{}: smtp wants `user` and `password`, or neither",
                config::FILE
            )));
        }
    };
    let settings = SmtpSettings {
        host: config::expand(host)?,
        port: port.unwrap_or(usual),
        tls,
        login,
        from: config::expand(from)?,
    };
    SmtpChannel::new(settings).map_err(|error| Failure::usage(format!("{}: {error}", config::FILE)))
}

/// A progress bar over the days of a replay; indicatif shows it on a terminal only.
struct Days {
    bar: ProgressBar,
    zone: Zone,
    from: Day,
}

impl Days {
    fn new(range: Range, zone: Zone) -> Self {
        let days = u64::try_from(range.to.0 - range.from.0 + 1).unwrap_or(0);
        let bar = ProgressBar::with_draw_target(Some(days), ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} days");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, zone, from: range.from }
    }

    fn at(&self, now: Moment) {
        let day = self.zone.day(now);
        self.bar.set_position(u64::try_from(day.0 - self.from.0).unwrap_or(0));
        self.bar.set_message(day.to_string());
    }

    fn done(&self) {
        self.bar.finish_and_clear();
    }
}
