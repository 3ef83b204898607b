//! `chainc status`: how the chains of a store stand.

use crate::failure::Failure;
use crate::language::Language;
use crate::project::Project;
use crate::{Format, order, render, say};
use chainc_compiler::Diagnostic;
use chainc_compiler::diagnostic::{Lang, plural};
use chainc_compiler::explain;
use chainc_compiler::units::{Currency, Minor, Points};
use chainc_runtime::store::Store;
use chainc_runtime::store::operations::{Operation, Standing};
use chainc_runtime::store::status::{At, Spent, Status};
use chainc_runtime::time::{Moment, Zone};
use clap::Args;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A chain's name; all chains if not given
    chain: Option<String>,
    /// The store, like sqlite:shop.db
    #[arg(long, value_name = "URL", env = "CHAINC_STORE")]
    store: Option<String>,
    /// The project's folder
    #[arg(long, default_value = ".", env = "CHAINC_PROJECT")]
    project: PathBuf,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Human, env = "CHAINC_FORMAT")]
    format: Format,
    #[command(flatten)]
    language: Language,
}

/// Prints how chains stand.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let lang = arguments.language.lang();
    let project = Project::load(&arguments.project)?;
    let store = Store::open(&project.store(arguments.store.as_deref())?)?;
    let compiled = project.compile();
    let Some(program) = compiled.program else {
        let errors: Vec<Diagnostic> =
            compiled.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        say::talk(&render::human_for_terminal(&errors, &project.files, lang));
        return Err(Failure::no());
    };
    if let Some(chain) = &arguments.chain {
        order::known(&project, &store, chain)?;
    }
    let mut all = Status::read(&store, &program)?;
    all.retain(|status| arguments.chain.as_ref().is_none_or(|chain| *chain == status.name));
    let shown = Shown {
        zone: Zone::get(&program.policy.timezone).unwrap_or_else(Zone::utc),
        currency: program.policy.currency.clone(),
        lang,
    };
    match arguments.format {
        Format::Human => say::data(&shown.page(&all)),
        Format::Json => {
            let chains: Vec<Value> = all.iter().map(|status| shown.json(status)).collect();
            let text = serde_json::to_string_pretty(&json!({ "chains": chains }))
                .map_err(|error| Failure::surroundings(error.to_string()))?;
            say::data(&(text + "\n"))
        }
    }
}

/// How moments and sums are shown.
struct Shown {
    zone: Zone,
    currency: Currency,
    lang: Lang,
}

impl Shown {
    fn page(&self, all: &[Status]) -> String {
        let mut page = explain::Page::default();
        for (at, status) in all.iter().enumerate() {
            if at > 0 {
                page.gap();
            }
            page.hanging("", 0, &format!("{}: {}", status.name, self.standing(status)));
            page.hanging("", 2, &self.in_it(status));
            let widest = status.places.iter().map(|at| at.step.chars().count()).max();
            let column = 4 + widest.unwrap_or(0) + 2;
            for at in &status.places {
                page.hanging(&format!("    {}", at.step), column, &self.at(at));
            }
            if let Some(words) = self.messages(status) {
                page.hanging("", 2, &words);
            }
            for budget in &status.budgets {
                page.hanging("", 2, &self.budget(budget, status));
            }
        }
        if all.is_empty() {
            page.hanging("", 0, self.by("there are no chains", "цепочек нет"));
        }
        page.finish()
    }

    const fn by(&self, english: &'static str, russian: &'static str) -> &'static str {
        match self.lang {
            Lang::En => english,
            Lang::Ru => russian,
        }
    }

    fn moment(&self, at: Moment) -> String {
        let day = explain::date(self.zone.day(at).to_date(), self.lang);
        format!("{day}, {}", self.zone.clock(at))
    }

    /// `paused since 1 March 2026, 10:00 by anna: wrong prices`
    fn standing(&self, status: &Status) -> String {
        let word = match status.standing {
            Standing::Running => self.by("running", "работает"),
            Standing::Paused => self.by("paused", "на паузе"),
            Standing::Stopped => self.by("stopped", "остановлена"),
        };
        let since = status.told.last().map(|last| self.since(last)).unwrap_or_default();
        let gone = if status.is_current {
            ""
        } else {
            self.by("; no longer in the project", "; в проекте её больше нет")
        };
        format!("{word}{since}{gone}")
    }

    fn since(&self, last: &Operation) -> String {
        let reason = last.reason.as_deref().map(|why| format!(": {why}")).unwrap_or_default();
        let at = self.moment(last.at);
        match self.lang {
            Lang::En => format!(" since {at} by {}{reason}", last.who),
            Lang::Ru => format!(" с {at} ({}{reason})", last.who),
        }
    }

    fn in_it(&self, status: &Status) -> String {
        let next = status.next().map(|at| self.moment(at));
        let n = status.in_it;
        match self.lang {
            Lang::En => {
                let customers = if n == 1 { "customer" } else { "customers" };
                let next = next.map(|at| format!("; next due {at}")).unwrap_or_default();
                format!("{n} {customers} in it, {} have entered{next}", status.entered)
            }
            Lang::Ru => {
                let many = plural(n.unsigned_abs(), "клиент", "клиента", "клиентов");
                let next = next.map(|at| format!("; ближайший срок {at}")).unwrap_or_default();
                format!("внутри {n} {many}, всего вошло {}{next}", status.entered)
            }
        }
    }

    fn at(&self, at: &At) -> String {
        let n = at.customers;
        let wait = plural(n.unsigned_abs(), "ждёт", "ждут", "ждут");
        let what = match (at.phase.as_str(), self.lang) {
            ("ready", Lang::En) => "due".to_owned(),
            ("ready", Lang::Ru) => "на очереди".to_owned(),
            ("waiting", Lang::En) => "waiting".to_owned(),
            ("waiting", Lang::Ru) => wait.to_owned(),
            ("sending", Lang::En) => "waiting for what becomes of the message".to_owned(),
            ("sending", Lang::Ru) => format!("{wait} исхода отправки"),
            ("undecided", Lang::En) => "waiting to hear of purchases".to_owned(),
            ("undecided", Lang::Ru) => format!("{wait} известий о покупках"),
            ("held", Lang::En) => "waiting for room in a budget".to_owned(),
            ("held", Lang::Ru) => format!("{wait} места в бюджете"),
            (other, _) => other.to_owned(),
        };
        let next = at.next.map(|next| match (self.lang, n) {
            (Lang::En, 1) => format!(" until {}", self.moment(next)),
            (Lang::En, _) => format!(", the first until {}", self.moment(next)),
            (Lang::Ru, 1) => format!(" до {}", self.moment(next)),
            (Lang::Ru, _) => format!(", первый до {}", self.moment(next)),
        });
        format!("{}: {n} {what}{}", at.text, next.unwrap_or_default())
    }

    fn messages(&self, status: &Status) -> Option<String> {
        let queue = status.queued;
        if queue.messages + status.on_their_way == 0 {
            return None;
        }
        let mut parts = Vec::new();
        if queue.messages > 0 {
            let next = queue.next.map(|at| self.moment(at));
            parts.push(match self.lang {
                Lang::En => {
                    let next = next.map(|at| format!(", the first for {at}")).unwrap_or_default();
                    format!("{} queued{next}", queue.messages)
                }
                Lang::Ru => {
                    let next = next.map(|at| format!(", первое на {at}")).unwrap_or_default();
                    format!("{} в очереди{next}", queue.messages)
                }
            });
        }
        if queue.held > 0 {
            let words = self.by("of them wait for room in a budget", "из них ждут места в бюджете");
            parts.push(format!("{} {words}", queue.held));
        }
        if status.on_their_way > 0 {
            parts.push(format!("{} {}", status.on_their_way, self.by("on their way", "в пути")));
        }
        Some(format!("{}: {}", self.by("messages", "сообщения"), parts.join("; ")))
    }

    fn budget(&self, budget: &Spent, status: &Status) -> String {
        let sum = |n: i64| {
            if budget.name == "points" {
                explain::points(Points(n), self.lang)
            } else {
                explain::money(Minor(n), &self.currency, self.lang)
            }
        };
        let shared = if budget.owner == status.name {
            String::new()
        } else {
            let name = budget.owner.trim_start_matches("experiment ");
            format!(" ({} `{name}`)", self.by("experiment", "эксперимент"))
        };
        let on = budget.name.strip_prefix("money on ").map(|channel| match self.lang {
            Lang::En => format!(" on {channel}"),
            Lang::Ru => format!(" на {channel}"),
        });
        let percent = budget.used.saturating_mul(100).checked_div(budget.limit).unwrap_or(0);
        let (used, limit) = (sum(budget.used), sum(budget.limit));
        let on = on.unwrap_or_default();
        match self.lang {
            Lang::En => format!("budget{on}{shared}: {used} of {limit} used, {percent}%"),
            Lang::Ru => format!("бюджет{on}{shared}: использовано {used} из {limit}, {percent}%"),
        }
    }

    fn json(&self, status: &Status) -> Value {
        let at = |moment: Moment| self.zone.rfc3339(moment);
        let told = |told: &Operation| {
            json!({
                "at": at(told.at),
                "standing": told.standing,
                "who": told.who,
                "reason": told.reason,
            })
        };
        json!({
            "name": status.name,
            "in_project": status.is_current,
            "standing": status.standing,
            "since": status.told.last().map(|last| at(last.at)),
            "operations": status.told.iter().map(told).collect::<Vec<_>>(),
            "entered": status.entered,
            "in_it": status.in_it,
            "next_due": status.next().map(at),
            "steps": status.places.iter().map(|place| json!({
                "step": place.step,
                "text": place.text,
                "phase": place.phase,
                "customers": place.customers,
                "next_due": place.next.map(at),
            })).collect::<Vec<_>>(),
            "messages": {
                "queued": status.queued.messages,
                "held": status.queued.held,
                "next_due": status.queued.next.map(at),
                "on_their_way": status.on_their_way,
            },
            "budgets": status.budgets.iter().map(|budget| json!({
                "owner": budget.owner,
                "budget": budget.name,
                "limit": budget.limit,
                "used": budget.used,
            })).collect::<Vec<_>>(),
        })
    }
}
