/// Rows of cells, the first column flush left, the others flush right, two blanks between columns.
#[derive(Debug, Default)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    /// How many columns at the left are names.
    names: usize,
}

/// The width of a text in columns, near enough for the letters names are made of.
pub(crate) fn width(text: &str) -> usize {
    text.chars().count()
}

impl Table {
    /// An empty table whose first `names` columns are flush left.
    pub fn new(names: usize) -> Self {
        Self { rows: Vec::new(), names }
    }

    /// Appends a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    fn columns(&self) -> Vec<usize> {
        let n = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        (0..n)
            .map(|c| self.rows.iter().filter_map(|r| r.get(c)).map(|s| width(s)).max().unwrap_or(0))
            .collect()
    }

    /// How wide the lines are at most.
    pub fn width(&self) -> usize {
        let columns = self.columns();
        columns.iter().sum::<usize>() + 2 * columns.len().saturating_sub(1)
    }

    /// The lines, without blanks at their ends.
    pub fn lines(&self) -> Vec<String> {
        let columns = self.columns();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&columns).enumerate().map(|(c, (text, &w))| {
                let pad = " ".repeat(w.saturating_sub(width(text)));
                if c < self.names { format!("{text}{pad}") } else { format!("{pad}{text}") }
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
        };
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let mut table = Table::new(1);
        table.row(vec!["".into(), "a".into(), "bbb".into()]);
        table.row(vec!["θ".into(), "1.5".into(), "2".into()]);
        assert_eq!(table.lines(), ["     a  bbb", "θ  1.5    2"]);
        assert_eq!(table.width(), 11);
    }
}
