//! A mail server of the tests: started on the loopback, asked what it got, ended with them.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running mail server.
pub(crate) struct MailServer {
    child: Child,
    port: u16,
    lines: PathBuf,
}

impl MailServer {
    /// Starts one that notes what it gets in a file.
    pub(crate) fn start(lines: PathBuf) -> Self {
        let python = std::env::var_os("CHAINC_TEST_PYTHON");
        assert!(python.is_some(), "no Python with a mail server: run `cargo xtask test`");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/mail_server.py");
        let mut child = Command::new(python.expect("just asserted"))
            .arg(script)
            .arg(&lines)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the Python of CHAINC_TEST_PYTHON starts");
        let mut said = String::new();
        let stdout = child.stdout.take().expect("just piped");
        BufReader::new(stdout).read_line(&mut said).expect("its port");
        let port = said.trim().parse().expect("a port; is aiosmtpd there? run `cargo xtask test`");
        Self { child, port, lines }
    }

    /// Returns a `chainc.yaml` whose mail goes to this server.
    pub(crate) fn settings(&self) -> String {
        settings(self.port)
    }

    /// Returns what it has noted of one kind, in order.
    pub(crate) fn noted(&self, what: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.lines).unwrap_or_default();
        let all = text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON"));
        all.filter(|line: &Value| line["what"] == what).collect()
    }

    /// Returns whom it took mail for, in order.
    pub(crate) fn taken_for(&self) -> Vec<String> {
        let mails = self.noted("taken");
        mails
            .iter()
            .map(|mail| {
                mail.pointer("/to/0").and_then(Value::as_str).unwrap_or_default().to_owned()
            })
            .collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a `chainc.yaml` whose mail goes to a port of this machine.
pub(crate) fn settings(port: u16) -> String {
    format!(
        "channels:\n  email:\n    type: smtp\n    host: 127.0.0.1\n    port: {port}\n    \
         tls: none\n    from: Лавка <shop@example.com>\n"
    )
}

/// Returns a port on which nobody listens.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("its address").port()
}

/// Returns a header of a mail; it must stand there once.
#[track_caller]
pub(crate) fn header(mail: &Value, name: &str) -> String {
    let all = mail["headers"].as_array().expect("headers");
    let mut found = all.iter().filter(|pair| pair[0] == name);
    let value = found.next().map(|pair| pair[1].as_str().unwrap_or_default().to_owned());
    assert!(found.next().is_none(), "{name} stands there twice: {mail:#}");
    assert!(value.is_some(), "{name} is missing: {mail:#}");
    value.unwrap_or_default()
}
