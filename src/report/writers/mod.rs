//! The files of `--out DIR`: `manifest.json`, `series.csv`, `arrays.npz`, `probes.json`, `expectations.json`.
//!
//! A folder appears whole or not at all: everything is written to a folder beside it that is then renamed. Files
//! depend on the results alone, not on the day or the machine, so they can be compared byte by byte.

mod arrays;
mod error;
mod folder;
mod manifest;
mod npy;
mod probes;
mod series;

pub use error::{WriteError, plain};
pub use folder::{Folder, rewrite_whole, write_whole};

use sha2::{Digest, Sha256};
use std::io::{self, Read};

/// The SHA-256 of some bytes, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// The SHA-256 of everything a reader gives, in hex, and how many bytes that is.
pub fn sha256_of(reader: &mut dyn Read) -> io::Result<(String, u64)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut total = 0;
    loop {
        let n = reader.read(&mut buffer)?;
        if n == 0 {
            return Ok((hex(&hasher.finalize()), total));
        }
        hasher.update(&buffer[..n]);
        total += n as u64;
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
