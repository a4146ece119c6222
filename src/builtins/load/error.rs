use thiserror::Error;

/// Why a data file cannot be read. Lines and columns count from 1; a column is the number of a field in its line.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum DataError {
    /// A field that should be a number.
    #[error("`{text}` in line {line}, column {column} is not a number")]
    NotANumber {
        /// Its line.
        line: u64,
        /// Its column.
        column: usize,
        /// What stands there.
        text: String,
    },
    /// A number with a comma for its point.
    #[error("`{text}` in line {line}, column {column} has a comma: decimals follow a point")]
    DecimalComma {
        /// Its line.
        line: u64,
        /// Its column.
        column: usize,
        /// What stands there.
        text: String,
    },
    /// A number that is infinite or none at all.
    #[error("`{text}` in line {line}, column {column} is not a finite number")]
    NotFinite {
        /// Its line.
        line: u64,
        /// Its column.
        column: usize,
        /// What stands there.
        text: String,
    },
    /// The same in an array.
    #[error("its element {index} is {value}, which is not a finite number")]
    ElementNotFinite {
        /// Its place, in row-major order from 0.
        index: usize,
        /// What stands there.
        value: f64,
    },
    /// A field with nothing in it.
    #[error("line {line} has nothing in column {column}")]
    MissingField {
        /// Its line.
        line: u64,
        /// Its column.
        column: usize,
    },
    /// A line with more or fewer fields than the first.
    #[error(
        "line {line} has {found} {}, and the first has {expected}, separated by {separator} as in the first line",
        if *found == 1 { "column" } else { "columns" }
    )]
    ColumnCount {
        /// The line.
        line: u64,
        /// As in the first line.
        expected: usize,
        /// As in this line.
        found: usize,
        /// What the first line is separated by, in words: `commas`.
        separator: &'static str,
    },
    /// A header that is not a name, or not a name with a unit in brackets.
    #[error("the header `{text}` in line {line}, column {column} is not a name or `name [unit]`")]
    Header {
        /// Its line.
        line: u64,
        /// Its column.
        column: usize,
        /// What stands there.
        text: String,
    },
    /// Two columns with one name.
    #[error("two columns are called `{name}`")]
    DuplicateColumn {
        /// The name.
        name: String,
        /// The line of the header.
        line: u64,
        /// The second of the two.
        column: usize,
    },
    /// No numbers at all.
    #[error("there are no numbers in it")]
    Empty,
    /// Bytes that are not UTF-8 text.
    #[error("line {line} is not text (UTF-8)")]
    NotText {
        /// The first such line.
        line: u64,
    },
    /// An array whose elements are of a type that is not read.
    #[error(
        "its elements have the type `{descriptor}`; floats of 4 and 8 bytes, integers and truth values are read"
    )]
    ElementType {
        /// The type as the file states it.
        descriptor: String,
    },
    /// The file is damaged, or not of the format that its name promises.
    #[error("it is not a complete {format} file: {detail}")]
    Broken {
        /// `.npy`, `PNG`, ...
        format: &'static str,
        /// What the reader of that format says.
        detail: String,
    },
    /// The end of the name is not one of the known formats.
    #[error("files ending in `.{extension}` are not read (those that are: `.csv`, `.npy`, `.png`)")]
    UnknownFormat {
        /// The end of the name, without the dot.
        extension: String,
    },
}
