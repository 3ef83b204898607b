//! The servers that engines need: each with its data in a temporary folder that goes with it.

use super::process::{self, Running};
use std::fs::{DirBuilder, File};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A server that runs until this is dropped.
pub(super) struct Server {
    environment: Vec<(&'static str, String)>,
    version: Option<String>,
    // Is stopped before its folder goes.
    running: Running,
    _folder: Folder,
}

impl Server {
    /// Starts PostgreSQL on a cluster of its own, which is reached by a socket in its folder alone.
    ///
    /// Commits are synchronous, as they are by default. The rest is what is commonly set first:
    /// memory, and room for the log so that checkpoints are rare.
    pub(super) fn postgres(name: &str) -> Result<Self, String> {
        let programs = postgres_folder()?;
        let folder = Folder::make(name)?;
        let user = unprivileged()?;
        if let Some((user, group)) = user {
            chown(&folder.0, Some(user), Some(group)).map_err(|e| folder.failed(&e))?;
        }
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(&folder.0).stdin(Stdio::null());
            if let Some((user, group)) = user {
                command.uid(user).gid(group);
            }
            command
        };
        let data = folder.0.join("data");
        let mut initdb = program("initdb");
        initdb.arg("-D").arg(&data).args(["-U", "bench", "--auth=trust"]);
        initdb.args(["-E", "UTF8", "--no-locale"]);
        let made = initdb.output().map_err(|error| format!("initdb: {error}"))?;
        if !made.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&made.stderr)));
        }
        let mut postgres = program("postgres");
        postgres.arg("-D").arg(&data).arg("-k").arg(&folder.0);
        let settings = [
            "listen_addresses=",
            "fsync=on",
            "synchronous_commit=on",
            "shared_buffers=512MB",
            "max_wal_size=4GB",
            "max_connections=200",
        ];
        postgres.args(settings.iter().flat_map(|setting| ["-c", setting]));
        let running = folder.start(&mut postgres, "INT", || {
            let mut asked = program("pg_isready");
            asked.arg("-h").arg(&folder.0).stdout(Stdio::null());
            asked.status().is_ok_and(|status| status.success())
        })?;
        let version = program("postgres").arg("--version").output().ok();
        let version = version.and_then(|ran| {
            let text = String::from_utf8_lossy(&ran.stdout).into_owned();
            Some(text.split_whitespace().nth(2)?.to_owned())
        });
        let url = format!("postgres://bench@localhost/postgres?host={}", folder.0.display());
        let environment = vec![("PEER_DATABASE", url)];
        Ok(Self { environment, version, running, _folder: folder })
    }

    /// Starts the server of Restate on loopback, with the settings it has of itself.
    pub(super) fn restate(name: &str, scripts: &Path) -> Result<Self, String> {
        let folder = Folder::make(name)?;
        let [fabric, ingress, admin] = ports()?;
        let mut restate = Command::new(restate_program(scripts)?);
        restate.current_dir(&folder.0).stdin(Stdio::null());
        restate.args(["--no-logo", "--listen-mode", "tcp", "--bind-ip", "127.0.0.1"]);
        restate.args(["--node-name", "bench", "--log-filter", "warn"]);
        restate.arg("--base-dir").arg(folder.0.join("data"));
        restate.arg("--bind-port").arg(fabric.to_string());
        restate.env("RESTATE_INGRESS__BIND_PORT", ingress.to_string());
        restate.env("RESTATE_ADMIN__BIND_PORT", admin.to_string());
        restate.env("RESTATE_DISABLE_TELEMETRY", "true").env("DO_NOT_TRACK", "1");
        // It leaves folders behind where temporary ones are made.
        restate.env("TMPDIR", &folder.0);
        let running = folder.start(&mut restate, "INT", || {
            answers(ingress, "/restate/health") && answers(admin, "/health")
        })?;
        let environment = vec![
            ("PEER_INGRESS", format!("http://127.0.0.1:{ingress}")),
            ("PEER_ADMIN", format!("http://127.0.0.1:{admin}")),
        ];
        Ok(Self { environment, version: None, running, _folder: folder })
    }

    /// Where a script finds it.
    pub(super) fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// Which PostgreSQL it is.
    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// The CPU time of all its processes.
    pub(super) fn cpu(&self) -> Result<Duration, String> {
        process::cpu(self.running.id())
    }
}

/// Where PostgreSQL's programs are.
pub(super) fn postgres_folder() -> Result<PathBuf, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    // Debian keeps them here, by version.
    for entry in std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten() {
        folders.push(entry.path().join("bin"));
    }
    let programs = ["initdb", "postgres", "pg_isready"];
    let found = folders.into_iter().find(|folder| programs.iter().all(|p| folder.join(p).exists()));
    found.ok_or_else(|| "PostgreSQL is not installed: `apt-get install postgresql`".to_owned())
}

/// Where Restate's server is.
pub(super) fn restate_program(scripts: &Path) -> Result<PathBuf, String> {
    let processor = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let package = format!("node_modules/@restatedev/restate-server-linux-{processor}");
    let program = scripts.join(package).join("bin/restate-server");
    if program.exists() {
        return Ok(program);
    }
    Err("restate is not installed: run `npm ci --ignore-scripts` in bench/peers/restate".to_owned())
}

/// The user to run PostgreSQL as, which refuses to be run by root.
fn unprivileged() -> Result<Option<(u32, u32)>, String> {
    let me = std::fs::metadata("/proc/self").map_err(|error| format!("/proc/self: {error}"))?;
    if me.uid() != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let line = users.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let mut fields = line.split(':').skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    let found = find("postgres").or_else(|| find("nobody"));
    found.map(Some).ok_or_else(|| "there is no user `postgres` to run PostgreSQL as".to_owned())
}

/// Ports that were free a moment ago.
fn ports() -> Result<[u16; 3], String> {
    let listeners = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0"));
    let mut ports = [0; 3];
    for (port, listener) in ports.iter_mut().zip(listeners) {
        let address = listener.and_then(|listener| listener.local_addr());
        *port = address.map_err(|error| format!("no port is free: {error}"))?.port();
    }
    Ok(ports)
}

/// Whether a server answers a question for its health.
fn answers(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    };
    ask().is_ok_and(|line| line.split(' ').nth(1) == Some("200"))
}

/// A folder that only its owner may enter, and that is removed with all that is in it.
struct Folder(PathBuf);

impl Folder {
    fn make(name: &str) -> Result<Self, String> {
        let name = format!("chainc-bench-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self(path))
    }

    fn failed(&self, error: &std::io::Error) -> String {
        format!("{}: {error}", self.0.display())
    }

    /// Starts a server that writes what it has to say into a file here, and returns once it is
    /// ready.
    fn start(
        &self,
        command: &mut Command,
        signal: &'static str,
        ready: impl Fn() -> bool,
    ) -> Result<Running, String> {
        let path = self.0.join("log");
        let log = File::create(&path).map_err(|error| self.failed(&error))?;
        let copy = log.try_clone().map_err(|error| self.failed(&error))?;
        command.stdout(log).stderr(copy);
        let mut running = Running::start(command, signal)?;
        let until = Instant::now() + Duration::from_secs(60);
        while !ready() {
            if running.has_ended() || Instant::now() > until {
                let said = std::fs::read_to_string(&path).unwrap_or_default();
                return Err(format!("{} is not ready: {said}", command.get_program().display()));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Ok(running)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
