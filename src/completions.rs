//! `chainc completions`: a script that completes commands, flags and their values.

use crate::failure::Failure;
use crate::say;
use clap::{Args, Command, ValueEnum};
use clap_complete::Shell;

/// What the command is told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The shell
    shell: Known,
}

/// A shell that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Known {
    /// source <(chainc completions bash)
    Bash,
    /// chainc completions zsh > a file _chainc in a folder of $fpath
    Zsh,
    /// chainc completions fish | source
    Fish,
    /// chainc completions powershell | Out-String | Invoke-Expression
    Powershell,
}

/// Prints the script.
pub(crate) fn run(arguments: &Arguments, mut command: Command) -> Result<(), Failure> {
    let shell = match arguments.shell {
        Known::Bash => Shell::Bash,
        Known::Zsh => Shell::Zsh,
        Known::Fish => Shell::Fish,
        Known::Powershell => Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "chainc", &mut script);
    say::data(&String::from_utf8_lossy(&script))
}
