//! Reading the files that `load` names: tables from `.csv`, arrays from `.npy` and `.png`.
//!
//! Everything here turns bytes into numbers or into a [`DataError`] of facts; finding the file is not its task.

mod csv;
mod error;
mod npy;
mod png;

pub use csv::load_csv;
pub use error::DataError;
pub use npy::load_npy;
pub use png::load_png;

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Loaded {
    /// Columns of equal length.
    Table(Table),
    /// Numbers without names.
    Array(Array),
}

/// Numbers in named columns, made by [`load_csv`].
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The columns in file order, all of the same length.
    pub columns: Vec<Column>,
    /// How many rows of numbers there are.
    pub rows: usize,
}

/// One column of a [`Table`].
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name; none in a file without a header row.
    pub name: Option<String>,
    /// The text of its unit, from `rate [Hz]`.
    pub unit: Option<String>,
    /// Its numbers as written, in that unit.
    pub values: Vec<f64>,
}

/// Numbers in row-major order, made by [`load_npy`] and [`load_png`].
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    /// The length of each axis, outermost first.
    pub shape: Vec<usize>,
    /// As many numbers as the product of the lengths.
    pub data: Vec<f64>,
}

impl Table {
    /// The table as an array of rows by columns.
    pub fn to_array(&self) -> Array {
        let mut data = Vec::with_capacity(self.rows * self.columns.len());
        for row in 0..self.rows {
            data.extend(self.columns.iter().map(|c| c.values[row]));
        }
        Array { shape: vec![self.rows, self.columns.len()], data }
    }
}

/// Reads a file's bytes as the end of its name says: `.csv` (also `.tsv`, `.txt`, `.dat`), `.npy` or `.png`.
pub fn load(path: &str, bytes: &[u8]) -> Result<Loaded, DataError> {
    let extension = path.rsplit_once('.').map_or("", |(_, e)| e).to_ascii_lowercase();
    match extension.as_str() {
        "csv" | "tsv" | "txt" | "dat" => load_csv(bytes).map(Loaded::Table),
        "npy" => load_npy(bytes).map(Loaded::Array),
        "png" => load_png(bytes).map(Loaded::Array),
        _ => Err(DataError::UnknownFormat { extension }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_name_says_the_format() {
        assert!(matches!(load("a.b.CSV", b"1,2\n"), Ok(Loaded::Table(_))));
        assert_eq!(load("a.mat", b""), Err(DataError::UnknownFormat { extension: "mat".into() }));
        assert_eq!(load("a", b""), Err(DataError::UnknownFormat { extension: String::new() }));
        assert!(matches!(load("a.npy", b"nothing"), Err(DataError::Broken { .. })));
    }
}
