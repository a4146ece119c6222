use super::{Id, IndexVec, Span};

/// Names one file of a [`SourceMap`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub u32);

impl Id for SourceId {
    fn from_index(index: usize) -> Self {
        Self(index as u32)
    }
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// One file: its name as the user knows it and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// What messages call it: a path, `<stdin>`, or `rules/bcm.plast` for a shipped rule.
    pub name: String,
    /// The whole text, CRLF already turned into LF.
    pub text: String,
    line_starts: Vec<u32>,
}

/// A line and a column, both counted from 1, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineCol {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub col: usize,
}

/// All files of one compilation.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    sources: IndexVec<SourceId, Source>,
}

impl SourceMap {
    /// An empty map.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file. CRLF and lone CR become LF, so that spans and digests do not depend on the platform.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> SourceId {
        let text = text.into().replace("\r\n", "\n").replace('\r', "\n");
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(i, _)| i as u32 + 1)).collect();
        self.sources.push(Source { name: name.into(), text, line_starts })
    }

    /// The file `id` names.
    pub fn get(&self, id: SourceId) -> &Source {
        &self.sources[id]
    }

    /// The text under a span.
    pub fn text(&self, span: Span) -> &str {
        self.get(span.source).text.get(span.range()).unwrap_or("")
    }

    /// Line and column where a span starts.
    pub fn line_col(&self, span: Span) -> LineCol {
        let source = self.get(span.source);
        let at = (span.start as usize).min(source.text.len());
        let line = source.line_starts.partition_point(|&s| s as usize <= at) - 1;
        let start = source.line_starts[line] as usize;
        LineCol { line: line + 1, col: source.text.get(start..at).map_or(1, |s| s.chars().count() + 1) }
    }

    /// All files, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (SourceId, &Source)> {
        self.sources.iter_enumerated()
    }
}
