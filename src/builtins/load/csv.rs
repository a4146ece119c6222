use super::{Column, DataError, Table};
use std::collections::HashSet;

/// Reads a table of numbers.
///
/// Lines that start with `#` and empty lines do not count. What stands in double quotes is one field. If no field of the first line is a number, it is a header:
/// `rate [Hz], lag [ms], change`. Fields are separated by commas; where the first line has none, by semicolons, tabs
/// or blanks, whichever it has.
///
/// ```
/// let table = plast::builtins::load::load_csv(b"rate [Hz], change\n10, 0.9\n40, 1.4\n")?;
/// assert_eq!(table.columns[0].unit.as_deref(), Some("Hz"));
/// assert_eq!(table.columns[1].values, [0.9, 1.4]);
/// # Ok::<(), plast::builtins::load::DataError>(())
/// ```
pub fn load_csv(bytes: &[u8]) -> Result<Table, DataError> {
    let text = text_of(bytes)?;
    let mut lines = Lines::new(text);
    let Some((line, first)) = lines.next() else { return Err(DataError::Empty) };
    let width = first.len();
    let mut columns = vec![Column { name: None, unit: None, values: Vec::new() }; width];
    if first.iter().all(|f| f.parse::<f64>().is_err()) {
        read_header(&mut columns, line, &first)?;
    } else {
        read_row(&mut columns, line, &first)?;
    }
    while let Some((line, fields)) = lines.next() {
        if fields.len() != width {
            let separator = lines.separator();
            return Err(DataError::ColumnCount { line, expected: width, found: fields.len(), separator });
        }
        read_row(&mut columns, line, &fields)?;
    }
    let rows = columns.first().map_or(0, |c| c.values.len());
    if rows == 0 {
        return Err(DataError::Empty);
    }
    Ok(Table { columns, rows })
}

fn text_of(bytes: &[u8]) -> Result<&str, DataError> {
    // Spreadsheets like to put a byte order mark first.
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|e| DataError::NotText {
        line: 1 + bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count() as u64,
    })
}

fn read_row(columns: &mut [Column], line: u64, fields: &[String]) -> Result<(), DataError> {
    for (i, (column, field)) in columns.iter_mut().zip(fields).enumerate() {
        match field.parse::<f64>() {
            Ok(v) if v.is_finite() => column.values.push(v),
            Ok(_) => return Err(DataError::NotFinite { line, column: i + 1, text: field.clone() }),
            Err(_) if field.is_empty() => return Err(DataError::MissingField { line, column: i + 1 }),
            Err(_) if field.replacen(',', ".", 1).parse::<f64>().is_ok() => {
                return Err(DataError::DecimalComma { line, column: i + 1, text: field.clone() });
            }
            Err(_) => return Err(DataError::NotANumber { line, column: i + 1, text: field.clone() }),
        }
    }
    Ok(())
}

fn read_header(columns: &mut [Column], line: u64, fields: &[String]) -> Result<(), DataError> {
    let mut seen = HashSet::new();
    for (i, (column, field)) in columns.iter_mut().zip(fields).enumerate() {
        let (name, unit) = name_and_unit(field).ok_or_else(|| DataError::Header {
            line,
            column: i + 1,
            text: field.clone(),
        })?;
        if !seen.insert(name) {
            return Err(DataError::DuplicateColumn { name: name.into(), line, column: i + 1 });
        }
        column.name = Some(name.into());
        column.unit = unit.map(Into::into);
    }
    Ok(())
}

fn name_and_unit(field: &str) -> Option<(&str, Option<&str>)> {
    let (name, unit) = match field.split_once('[') {
        None => (field, None),
        Some((name, rest)) => (name.trim_end(), Some(rest.strip_suffix(']')?.trim())),
    };
    (!name.is_empty() && !name.contains(']') && unit != Some("")).then_some((name, unit))
}

/// The lines that count, split into trimmed fields.
struct Lines<'a> {
    lines: std::iter::Enumerate<std::str::Lines<'a>>,
    /// `None` for blanks.
    separator: Option<char>,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        let first = text.lines().find(|l| counts(l)).unwrap_or_default().trim();
        let separator = [',', ';', '\t'].into_iter().find(|s| split(first, *s).len() > 1);
        // A header such as `rate [Hz]` has a blank but only one column.
        let separator = separator.or((!first.contains(' ') || first.contains('[')).then_some(','));
        Lines { lines: text.lines().enumerate(), separator }
    }

    /// What the fields are separated by, in words.
    fn separator(&self) -> &'static str {
        match self.separator {
            None => "blanks",
            Some(';') => "semicolons",
            Some('\t') => "tabs",
            Some(_) => "commas",
        }
    }
}

impl Iterator for Lines<'_> {
    type Item = (u64, Vec<String>);

    fn next(&mut self) -> Option<Self::Item> {
        let (index, line) = self.lines.find(|(_, l)| counts(l))?;
        let fields = match self.separator {
            None => line.split_whitespace().map(String::from).collect(),
            Some(separator) => split(line, separator),
        };
        Some((index as u64 + 1, fields))
    }
}

/// Splits at separators outside double quotes; two quotes inside quotes are one.
fn split(line: &str, separator: char) -> Vec<String> {
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.extend(chars.next()),
            '"' => quoted = !quoted,
            c if c == separator && !quoted => fields.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    fields.push(field);
    fields.iter().map(|f| f.trim().to_string()).collect()
}

fn counts(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn values(text: &str) -> Vec<Vec<f64>> {
        load_csv(text.as_bytes()).unwrap().columns.into_iter().map(|c| c.values).collect()
    }

    #[test]
    fn reads_headers_with_units_and_skips_comments() {
        let t = load_csv(b"\xEF\xBB\xBF# Sjostrom 2001\nrate [Hz], lag [ ms ],change\n\n# none\n0.1, -10, 1\r\n10,10,1.2e0\n")
            .unwrap();
        let names: Vec<_> =
            t.columns.iter().map(|c| (c.name.as_deref().unwrap(), c.unit.as_deref())).collect();
        assert_eq!(names, [("rate", Some("Hz")), ("lag", Some("ms")), ("change", None)]);
        assert_eq!(t.columns[1].values, [-10.0, 10.0]);
        assert_eq!(t.columns[2].values, [1.0, 1.2]);
        assert_eq!(t.rows, 2);
        assert_eq!(t.to_array().data, [0.1, -10.0, 1.0, 10.0, 10.0, 1.2]);
    }

    #[test]
    fn reads_other_separators_and_quotes() {
        assert_eq!(values("1;2\n3;4"), [[1.0, 3.0], [2.0, 4.0]]);
        assert_eq!(values("1\t2\n3\t4\n"), [[1.0, 3.0], [2.0, 4.0]]);
        assert_eq!(values("  1 2\n3   4\n\n"), [[1.0, 3.0], [2.0, 4.0]]);
        assert_eq!(values("\"a\",\"b [s]\"\n\"1\",2"), [[1.0], [2.0]]);
        assert_eq!(values("\"a, in Hz\";b\n1;2"), [[1.0], [2.0]]);
        assert_eq!(values("rate [Hz]\n1\n2"), [[1.0, 2.0]]);
        assert_eq!(values("7\n8\n"), [[7.0, 8.0]]);
    }

    #[test]
    fn says_where_a_number_is_missing_or_wrong() {
        let err = |text: &str| load_csv(text.as_bytes()).unwrap_err();
        let wrong = |line, column, text: &str| DataError::NotANumber { line, column, text: text.into() };
        assert_eq!(err("a,b\n1,2\n3,x4\n"), wrong(3, 2, "x4"));
        assert_eq!(err("# c\n\n1,two\n"), wrong(3, 2, "two"));
        assert_eq!(err("1 2\n\n3 4..5"), wrong(3, 2, "4..5"));
        assert_eq!(err("1,2\n3,\n"), DataError::MissingField { line: 2, column: 2 });
        let count = |found, separator| DataError::ColumnCount { line: 2, expected: 2, found, separator };
        assert_eq!(err("1,2\n3\n"), count(1, "commas"));
        assert_eq!(err("rate, in Hz;change\n1;2\n"), count(1, "commas"));
        assert_eq!(err("1;2\n3;4;5\n"), count(3, "semicolons"));
        assert_eq!(err("1\t2\n3\n"), count(1, "tabs"));
        assert_eq!(err("1 2\n3\n"), count(1, "blanks"));
        assert_eq!(
            count(1, "commas").to_string(),
            "line 2 has 1 column, and the first has 2, separated by commas as in the first line"
        );
        let comma = DataError::DecimalComma { line: 2, column: 1, text: "0,5".into() };
        assert_eq!(err("a;b\n0,5;1\n"), comma);
        assert_eq!(err("a [Hz,b\n"), DataError::Header { line: 1, column: 1, text: "a [Hz".into() });
        assert_eq!(err("a,a\n1,2"), DataError::DuplicateColumn { name: "a".into(), line: 1, column: 2 });
        assert_eq!(err("a,b\n"), DataError::Empty);
        assert_eq!(err("# only\n"), DataError::Empty);
        assert_eq!(load_csv(b"1,2\n3,\xFF\n"), Err(DataError::NotText { line: 2 }));
        assert_eq!(wrong(3, 2, "x4").to_string(), "`x4` in line 3, column 2 is not a number");
    }
}
