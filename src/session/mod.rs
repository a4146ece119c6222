//! What a front end talks to: text in, a checked experiment out, then its results.
//!
//! Knows no terminal and decides nothing about where files are; a [`Loader`](crate::sema::Loader) brings them.
//! ```no_run
//! # fn show(loader: &dyn plast::sema::Loader) -> Result<(), Box<plast::session::Refused>> {
//! use plast::{report, runtime, sema, session};
//!
//! let text = std::fs::read_to_string("settle.plast").unwrap_or_default();
//! let checked = session::check("settle.plast", &text, loader, &sema::Overrides::default())?;
//! let finished = checked.run(&[0], &runtime::Options::default(), &mut runtime::Silent)?;
//! for outcome in report::outcomes(&finished.reading(&checked)) {
//!     println!("{}: {:?}", outcome.text, outcome.verdict);
//! }
//! # Ok(())
//! # }
//! ```

mod cases;
mod checked;
pub mod interactive;
mod library;
mod memory;
mod parts;
mod tracking;

pub use crate::runtime::Silent;
pub use cases::select_cases;
pub use checked::{Checked, Finished, Refused, check};
pub use library::{RULES, library};
