//! The simulator: the real engine and store over virtual time, on a disk that fails.

fn main() -> std::process::ExitCode {
    chainc_sim::command::main()
}
