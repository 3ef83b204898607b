//! Why a command ends without its result, and the exit code that says so.

use crate::say;
use std::process::ExitCode;

/// The answer is no: findings, a chain with mistakes.
pub(crate) const NO: u8 = 1;
/// Wrong usage or configuration.
const USAGE: u8 = 2;
/// The surroundings failed: a file, a store, a disk.
const SURROUNDINGS: u8 = 3;

/// Why a command ends. The message is for a person: what, where, what to do.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    /// Empty if everything has been said already.
    message: String,
}

impl Failure {
    /// The command, or `chainc.yaml`, is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { code: USAGE, message: message.into() }
    }

    /// The command is right, and something around it failed.
    pub(crate) fn surroundings(message: impl Into<String>) -> Self {
        Self { code: SURROUNDINGS, message: message.into() }
    }

    /// The answer is no, and has been given.
    pub(crate) const fn no() -> Self {
        Self { code: NO, message: String::new() }
    }

    /// Says it and returns the exit code.
    pub(crate) fn report(self) -> ExitCode {
        if !self.message.is_empty() {
            say::talk(&format!("chainc: {}", self.message));
        }
        ExitCode::from(self.code)
    }
}

impl From<chainc_runtime::store::StoreError> for Failure {
    fn from(error: chainc_runtime::store::StoreError) -> Self {
        Self::surroundings(error.to_string())
    }
}

impl From<chainc_runtime::engine::RunError> for Failure {
    fn from(error: chainc_runtime::engine::RunError) -> Self {
        let message = error.to_string();
        match error {
            chainc_runtime::engine::RunError::Draft { .. }
            | chainc_runtime::engine::RunError::NoCodes { .. }
            | chainc_runtime::engine::RunError::NoLink { .. } => Self::usage(message),
            _ => Self::surroundings(message),
        }
    }
}

impl From<chainc_runtime::intake::IntakeError> for Failure {
    fn from(error: chainc_runtime::intake::IntakeError) -> Self {
        let message = error.to_string();
        match error {
            chainc_runtime::intake::IntakeError::Header { .. }
            | chainc_runtime::intake::IntakeError::Backwards { .. } => Self::usage(message),
            _ => Self::surroundings(message),
        }
    }
}
