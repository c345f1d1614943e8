//! The program: everything is in the library, see [`casepost::cli`].

fn main() -> std::process::ExitCode {
    casepost::cli::main()
}
