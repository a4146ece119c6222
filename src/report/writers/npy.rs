use std::io::{self, Write};

/// What the numbers of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Truth,
}

impl Kind {
    fn description(self) -> &'static str {
        match self {
            Kind::Number => "<f8",
            Kind::Truth => "|b1",
        }
    }

    /// Bytes per element.
    pub fn size(self) -> u64 {
        match self {
            Kind::Number => 8,
            Kind::Truth => 1,
        }
    }
}

/// Writes what stands before the numbers of a `.npy` file, format 1.0: row-major, little endian.
pub(super) fn header(out: &mut dyn Write, kind: Kind, shape: &[usize]) -> io::Result<()> {
    let shape = match shape {
        [n] => format!("({n},)"),
        _ => format!("({})", shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")),
    };
    let mut text =
        format!("{{'descr': '{}', 'fortran_order': False, 'shape': {shape}, }}", kind.description());
    // the numbers start at a multiple of 64 bytes, 10 of which are the magic number, the version and the length
    let length = (10 + text.len() + 1).next_multiple_of(64) - 10;
    text.extend(std::iter::repeat_n(' ', length - 1 - text.len()));
    text.push('\n');
    let length = u16::try_from(length).map_err(|_| io::Error::other("an array has too many axes"))?;
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&length.to_le_bytes())?;
    out.write_all(text.as_bytes())
}

/// Writes numbers behind a header.
pub(super) fn numbers(out: &mut dyn Write, kind: Kind, numbers: impl Iterator<Item = f64>) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(1 << 16);
    for v in numbers {
        match kind {
            Kind::Number => bytes.extend_from_slice(&v.to_le_bytes()),
            Kind::Truth => bytes.push(u8::from(v == 1.0)),
        }
        if bytes.len() >= (1 << 16) - 8 {
            out.write_all(&bytes)?;
            bytes.clear();
        }
    }
    out.write_all(&bytes)
}
