//! The `plast` command: parse arguments, call the verb, map to an exit code; nothing else.

fn main() -> std::process::ExitCode {
    plast::cli::main()
}
