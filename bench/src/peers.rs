//! The same chain on engines of others, for the reader to compare.
//!
//! Each is driven by a script under `bench/peers`, which runs its part of the work in Node.js, as
//! the engine's documentation recommends. The engine's server, or PostgreSQL, runs beside it on
//! data of its own in a temporary folder. What is counted is the CPU time of all of them, from the
//! moment the script is told to begin until the last end is on disk.

mod process;
mod server;

use crate::gauge::Used;
use process::Running;
use serde::Deserialize;
use serde_json::{Value, json};
use server::Server;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// An engine that can run the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A queue of jobs in PostgreSQL.
    PgBoss,
    /// Durable workflows as a library, with PostgreSQL beneath.
    Dbos,
    /// A server of durable workflows, with a store of its own.
    Restate,
}

impl Peer {
    const ALL: [Self; 3] = [Self::PgBoss, Self::Dbos, Self::Restate];

    /// The engines of a list like `pg-boss,dbos`, or `all` of them.
    pub(crate) fn list(names: &str) -> Result<Vec<Self>, String> {
        if names == "all" {
            return Ok(Self::ALL.to_vec());
        }
        let one = |name: &str| {
            let found = Self::ALL.into_iter().find(|peer| peer.name() == name);
            found.ok_or_else(|| format!("`{name}` is none of pg-boss, dbos and restate"))
        };
        names.split(',').map(one).collect()
    }

    const fn name(self) -> &'static str {
        match self {
            Self::PgBoss => "pg-boss",
            Self::Dbos => "dbos",
            Self::Restate => "restate",
        }
    }

    /// The packages whose versions are told.
    const fn packages(self) -> &'static [&'static str] {
        match self {
            Self::PgBoss => &["pg-boss"],
            Self::Dbos => &["@dbos-inc/dbos-sdk"],
            Self::Restate => &["@restatedev/restate-server", "@restatedev/restate-sdk"],
        }
    }

    /// The oldest Node.js that it says it runs on.
    const fn node(self) -> (u32, u32) {
        match self {
            Self::PgBoss => (22, 12),
            Self::Dbos | Self::Restate => (20, 0),
        }
    }

    fn folder(self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(self.name())
    }

    /// Fails with what is to be installed.
    pub(crate) fn check(self) -> Result<(), String> {
        let (name, (major, minor)) = (self.name(), self.node());
        let node = node()?;
        let mut numbers = node.split('.').map(|number| number.parse().unwrap_or(0));
        if (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) < (major, minor) {
            return Err(format!("{name} needs Node.js {major}.{minor} or later, here is {node}"));
        }
        for package in self.packages() {
            if self.version(package).is_none() {
                return Err(format!(
                    "{name} is not installed: run `npm ci --ignore-scripts` in bench/peers/{name}"
                ));
            }
        }
        match self {
            Self::PgBoss | Self::Dbos => server::postgres_folder().map(|_| ()),
            Self::Restate => server::restate_program(&self.folder()).map(|_| ()),
        }
    }

    fn version(self, package: &str) -> Option<String> {
        let file = self.folder().join("node_modules").join(package).join("package.json");
        let about: Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        Some(about.get("version")?.as_str()?.to_owned())
    }

    /// Runs the chain for so many customers.
    pub(crate) fn run(self, chains: u64) -> Result<Value, String> {
        eprintln!("{}: {chains} chains ...", self.name());
        let server = match self {
            Self::PgBoss | Self::Dbos => Server::postgres(self.name())?,
            Self::Restate => Server::restate(self.name(), &self.folder())?,
        };
        let mut script = Script::start(self, &server)?;
        let cpu = || Ok::<_, String>((process::cpu(script.running.id())?, server.cpu()?));
        let before = cpu()?;
        let began = Instant::now();
        writeln!(script.input, "{chains}").map_err(|e| format!("{}: {e}", self.name()))?;
        let ran: Ran = answer(self, &mut script.output)?;
        let wall = began.elapsed();
        let after = cpu()?;
        let used = |cpu: Duration| Used { wall, cpu, written: 0 };
        let (of_script, of_server) =
            (used(after.0.saturating_sub(before.0)), used(after.1.saturating_sub(before.1)));
        let all = used(of_script.cpu + of_server.cpu);

        // Who did not buy got both messages.
        let bought = (2 * ran.chains).saturating_sub(ran.messages);
        if ran.chains != chains || bought > chains.div_ceil(10) {
            return Err(format!("{}: {bought} bought, of {ran:?}", self.name()));
        }
        if bought * 20 < chains {
            let name = self.name();
            return Err(format!(
                "{name}: only {bought} of {chains} bought in time: is the machine busy?"
            ));
        }
        let versions = self.packages().iter().map(|one| (*one, self.version(one)));
        let mut versions: serde_json::Map<_, _> =
            versions.map(|(name, version)| (name.to_owned(), json!(version))).collect();
        versions.insert("node".into(), json!(node()?));
        if let Some(version) = server.version() {
            versions.insert("postgresql".into(), json!(version));
        }
        Ok(json!({
            "versions": versions,
            "chains": ran.chains,
            "messages": ran.messages,
            "bought": bought,
            "seconds": crate::seconds(all),
            "chains_per_second": crate::per_second(chains, all),
            "cpu_microseconds_per_chain": crate::cpu_each(chains, all),
            "cpu_microseconds_per_chain_in_node": crate::cpu_each(chains, of_script),
            "cpu_microseconds_per_chain_in_server": crate::cpu_each(chains, of_server),
        }))
    }
}

/// Runs the chain on some engines, one after the other.
pub(crate) fn run(peers: &[Peer], chains: u64) -> Result<Value, String> {
    let one = |peer: &Peer| Ok((peer.name().to_owned(), peer.run(chains)?));
    peers.iter().map(one).collect::<Result<serde_json::Map<_, _>, String>>().map(Value::Object)
}

/// What a script says when the last end is on disk.
#[derive(Debug, Deserialize)]
struct Ran {
    chains: u64,
    messages: u64,
}

/// A script says that it is warm.
#[derive(Debug, Deserialize)]
struct Ready {
    ready: bool,
}

/// The script that drives an engine. It ends when its input does.
struct Script {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    running: Running,
}

impl Script {
    /// Starts the script of an engine, and returns once it is warm.
    fn start(peer: Peer, server: &Server) -> Result<Self, String> {
        let mut command = Command::new("node");
        command.arg("chain.mjs").current_dir(peer.folder());
        command.env("NODE_ENV", "production").env("NODE_NO_WARNINGS", "1");
        command.envs(server.environment());
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut running = Running::start(&mut command, "TERM")?;
        let (input, output) = running.pipes()?;
        let mut script = Self { input, output: BufReader::new(output), running };
        let answer: Ready = answer(peer, &mut script.output)?;
        if answer.ready { Ok(script) } else { Err(format!("{} is not ready", peer.name())) }
    }
}

/// Reads the next thing that a script says.
fn answer<T: for<'a> Deserialize<'a>>(peer: Peer, from: &mut impl BufRead) -> Result<T, String> {
    let mut line = String::new();
    from.read_line(&mut line).map_err(|error| format!("{}: {error}", peer.name()))?;
    serde_json::from_str(&line).map_err(|error| {
        format!("{}: the script ended early, or said `{line}`: {error}", peer.name())
    })
}

fn node() -> Result<String, String> {
    let ran = Command::new("node").arg("--version").output();
    let ran = ran.map_err(|error| format!("Node.js is not installed: {error}"))?;
    Ok(String::from_utf8_lossy(&ran.stdout).trim().trim_start_matches('v').to_owned())
}

#[cfg(test)]
mod tests {
    use super::Peer;

    #[test]
    fn peers_are_named_one_by_one_or_all_together() {
        assert_eq!(Peer::list("restate,pg-boss"), Ok(vec![Peer::Restate, Peer::PgBoss]));
        assert_eq!(Peer::list("all").map(|all| all.len()), Ok(3));
        assert!(Peer::list("pg-boss,").is_err_and(|error| error.contains("none of pg-boss")));
    }
}
