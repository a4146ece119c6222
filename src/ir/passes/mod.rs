//! Simplifications of kernels; each keeps every bit of every result.
//!
//! None changes the order of additions or merges operations that round: that would change results. What each does is
//! said in its file. First [`single`] decides what is computed in single precision; it alone is part of the meaning.

pub mod coalesce;
pub mod cse;
pub mod dce;
pub mod fold;
pub mod hoist;
pub mod single;

use super::Module;

/// Runs all passes over all kernels; in debug builds the module is verified after each.
pub fn run(module: &mut Module) {
    type Pass = fn(&mut Module);
    let passes: [(&str, Pass); 5] = [
        ("single", single::run),
        ("fold", fold::run),
        ("cse", cse::run),
        ("dce", dce::run),
        ("coalesce", coalesce::run),
    ];
    for (name, pass) in passes {
        pass(module);
        if cfg!(debug_assertions)
            && let Err(e) = super::verify(module)
        {
            // only a fault of the pass itself gets here
            panic!("{name} left the module out of order: {e}");
        }
    }
}
