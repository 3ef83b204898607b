//! Chores of the workspace: the one test command, and what is generated for the examples
//! and the documentation.

mod bench;
mod customers;
mod fuzz;
mod mall;
mod pictures;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

const USAGE: &str = "\
cargo xtask test             every test, with all the set-up they need
cargo xtask fuzz             searches texts that break a promise: [--seconds N] [--jobs N] [TARGET...]
cargo xtask example-data     examples/deli and examples/quiet-churn: invented customers
cargo xtask mall-data FILE   examples/mall: from the purchases of a CD shop
cargo xtask pictures         docs/pictures: what the program prints, drawn
cargo run --release -p xtask -- bench    how fast the compiler is, against its limits";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["test", rest @ ..] => test(rest),
        ["fuzz", rest @ ..] => fuzz::run(root(), rest),
        ["bench"] => bench::run(root()),
        ["parse-alone", path] => bench::parse_alone(path),
        ["pictures"] => pictures::draw(root()),
        ["example-data"] => customers::deli(&root().join("examples/deli")).and_then(|()| {
            customers::quiet_churn(&root().join("examples/quiet-churn"), "2017-08-01")
        }),
        ["mall-data", purchases] => mall::generate(&root().join("examples/mall"), purchases),
        _ => Err(USAGE.to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Runs every test. The tests start the servers they need themselves; what those are made
/// of is installed here, by package name.
fn test(arguments: &[&str]) -> Result<(), String> {
    let python = python_with_mail_server()?;
    run(Command::new(env!("CARGO"))
        .args(["test", "--workspace", "--no-fail-fast"])
        .args(arguments)
        .current_dir(root())
        .env("CHAINC_TEST_PYTHON", python))
}

/// Returns a Python that has `aiosmtpd`: a mail server that chainc did not write.
fn python_with_mail_server() -> Result<PathBuf, String> {
    let folder = root().join("target/test-python");
    let python = folder.join("bin/python");
    let has_server = |python: &Path| {
        let tried = Command::new(python).args(["-c", "import aiosmtpd"]).output();
        tried.is_ok_and(|output| output.status.success())
    };
    if has_server(&python) {
        return Ok(python);
    }
    if !runs("python3", &["-c", "import ensurepip, venv"]) {
        eprintln!("the mail tests need Python 3 with venv: installing python3-venv");
        run(Command::new("apt-get").args(["update", "-qq"])).map_err(|error| {
            format!("{error}\nthe mail tests need Python 3 with venv; install it and try again")
        })?;
        run(Command::new("apt-get").args(["install", "-y", "-qq", "python3-venv"]))?;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "aiosmtpd==1.4.6"]))?;
    if has_server(&python) {
        Ok(python)
    } else {
        Err("aiosmtpd was installed and cannot be loaded".into())
    }
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let tried = Command::new(program).args(arguments).output();
    tried.is_ok_and(|output| output.status.success())
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{} failed: {status}", command.get_program().display())),
        Err(error) => {
            Err(format!("{} cannot be started: {error}", command.get_program().display()))
        }
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask stands in the workspace")
}
