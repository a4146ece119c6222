use super::align::{Cell, Indent, Line, Stop, aligned};
use super::breaks::{LIMIT, STEP, is_message, pieces, text, width, written};
use super::words::{Gap, Note, Role, Statement, Word, Words};
use std::ops::Range;

/// Makes lines of statements.
pub(super) struct Blocks<'w> {
    words: &'w [Word<'w>],
    all: &'w Words<'w>,
    lines: Vec<Line<'w>>,
    /// Where the comment behind the last line stood.
    column: Option<usize>,
}

impl<'w> Blocks<'w> {
    pub fn new(words: &'w Words<'w>) -> Self {
        Blocks { words: &words.words, all: words, lines: Vec::new(), column: None }
    }

    /// The whole text.
    pub fn text(mut self) -> String {
        self.inside(&self.all.top, 0, &self.all.end);
        aligned(self.lines)
    }

    fn push(&mut self, line: Line<'w>) {
        self.lines.push(line);
        self.column = None;
    }

    /// The statements of a block and the comments between them, up to the gap before its end.
    fn inside(&mut self, statements: &'w [usize], indent: usize, end: &'w Gap<'w>) {
        let mut begun = false;
        for &statement in statements {
            let statement = &self.all.statements[statement];
            let blank = self.notes(&self.words[statement.first].gap, Indent::At(indent), begun);
            let start = self.lines.len();
            self.statement(statement, indent);
            self.lines[start].blank = blank;
            begun = true;
        }
        self.notes(end, Indent::At(indent), begun);
    }

    /// The comments of a gap; whether a blank line stands between them and what follows.
    fn notes(&mut self, gap: &'w Gap<'w>, indent: Indent, mut begun: bool) -> bool {
        for note in &gap.notes {
            if !self.tail(note) {
                let mut line = Line::new(0, note.text.to_string());
                (line.indent, line.blank) = (indent, note.blank && begun);
                self.push(line);
                begun = true;
            }
        }
        gap.blank && begun
    }

    /// Puts a comment behind the last line, or under the comment there that it goes on with.
    fn tail(&mut self, note: &'w Note<'w>) -> bool {
        let Some(last) = self.lines.last_mut() else { return false };
        if !note.own_line && last.comment.is_none() {
            last.comment = Some(note.text);
        } else if note.own_line && !note.blank && self.column == Some(note.column) && !is_doc(note.text) {
            let mut line = Line::new(0, String::new());
            line.cells.clear();
            line.comment = Some(note.text);
            self.lines.push(line);
        } else {
            return false;
        }
        self.column = Some(note.column);
        true
    }

    fn statement(&mut self, statement: &'w Statement, indent: usize) {
        let whole = statement.first..statement.last + 1;
        if self.is_inline(statement) {
            let cells = self.cells(statement);
            let wide: usize = cells.iter().map(|c| width(&c.text) + 1).sum();
            if statement.braces.is_none() || indent + wide - 1 <= LIMIT {
                return self.broken(whole, statement.first, indent, 0, Some(cells));
            }
        }
        let Some((open, close)) = statement.braces else {
            return self.broken(whole, statement.first, indent, 0, None);
        };
        self.broken(statement.first..open, statement.first, indent, 2, None);
        if self.words[open].gap.notes.is_empty() {
            if let Some(cell) = self.lines.last_mut().and_then(|l| l.cells.last_mut()) {
                cell.text.push_str(" {");
            }
        } else {
            self.notes(&self.words[open].gap, Indent::At(indent + STEP), true);
            self.push(Line::new(indent, "{".to_string()));
        }
        self.inside(&statement.inside, indent + STEP, &self.words[close].gap);
        self.broken(close..statement.last + 1, statement.first, indent, 0, None);
    }

    /// Whether a statement stands on one line, or would if it were short enough.
    fn is_inline(&self, statement: &Statement) -> bool {
        let words = self.words;
        let Statement { first, last, .. } = *statement;
        if (first + 1..=last).any(|i| !words[i].gap.notes.is_empty()) {
            return false;
        }
        match statement.braces {
            None => written(words, &(first..last + 1), first).len() == 1,
            Some((open, close)) => {
                written(words, &(first..open), first).len() == 1
                    && written(words, &(close..last + 1), first).len() == 1
                    && (close == open + 1 || (open + 1..=close).all(|i| !words[i].gap.newline))
            }
        }
    }

    /// The lines of words that may be broken; `room` is what will follow the last one.
    fn broken(
        &mut self,
        range: Range<usize>,
        first: usize,
        indent: usize,
        room: usize,
        whole: Option<Vec<Cell<'w>>>,
    ) {
        let braced = whole.is_some() && range.clone().any(|i| self.words[i].role == Role::Brace);
        let parts = match braced {
            true => Vec::new(),
            false => pieces(self.words, range.clone(), first, indent, room),
        };
        if parts.len() < 2 {
            let mut line = Line::new(indent, String::new());
            line.cells = match whole {
                Some(cells) => cells,
                // the head of a block over several lines is in no column
                None if room > 0 => vec![Cell { stop: None, text: text(self.words, range.clone()) }],
                None => self.cells_of(range.clone(), first),
            };
            line.message = self.message(&range);
            line.expects = self.words[first].text == "expect" && self.words[first].role == Role::Keyword;
            return self.push(line);
        }
        let head = self.lines.len();
        for (n, part) in parts.into_iter().enumerate() {
            let at = part.under.map_or(Indent::At(part.indent), |behind| Indent::Under(head, behind));
            let mut blank = false;
            if n > 0 {
                blank = self.notes(&self.words[part.range.start].gap, at, true);
                blank &= !self.words[part.range.start].gap.notes.is_empty();
            }
            let mut line = Line::new(0, String::new());
            (line.indent, line.blank, line.message) = (at, blank, self.message(&part.range));
            line.cells = match n {
                0 => self.cells_of(part.range, first),
                _ => {
                    let range = self.without_message(&part.range);
                    vec![Cell { stop: None, text: text(self.words, range) }]
                }
            };
            self.push(line);
        }
    }

    /// The message at the end of a line, if something stands before it there.
    fn message(&self, range: &Range<usize>) -> Option<&'w str> {
        let last = range.end - 1;
        (range.len() > 1 && is_message(self.words, last)).then(|| &*self.words[last].text)
    }

    fn without_message(&self, range: &Range<usize>) -> Range<usize> {
        range.start..range.end - usize::from(self.message(range).is_some())
    }

    /// A statement on one line, by the columns it has a part in.
    fn cells(&self, statement: &Statement) -> Vec<Cell<'w>> {
        let Some((open, close)) = statement.braces else {
            return self.cells_of(statement.first..statement.last + 1, statement.first);
        };
        let mut cells = self.cells_of(statement.first..open, statement.first);
        cells.push(Cell { stop: Some(Stop::Brace(self.kind(statement.first))), text: "{".to_string() });
        let mut separator = " ";
        for (n, &inner) in statement.inside.iter().enumerate() {
            let inner = &self.all.statements[inner];
            let mut inside = self.cells(inner).into_iter();
            let Some(mut first) = inside.next() else { continue };
            // settings of cases differ too much to be a table
            let rest = if self.kind(inner.first) == "=" { joined(inside.by_ref()) } else { String::new() };
            first.text.push_str(&rest);
            if let Some(before) = cells.last_mut() {
                before.text.push_str(separator);
                if n == 0 {
                    before.text.push_str(&first.text);
                }
            }
            if n > 0 {
                first.stop = Some(Stop::Next(&self.words[inner.first].text));
                cells.push(first);
            }
            cells.extend(inside);
            // members end with `;` also behind a brace, statements do not
            let member = matches!(&*self.words[inner.first].text, "on" | "spike" | "values");
            separator = if inner.braces.is_some() && !member { " " } else { ";" };
        }
        if let Some(end) = cells.last_mut() {
            end.text.push_str(if statement.inside.is_empty() { "}" } else { " }" });
            if statement.last > close {
                end.text.push(' ');
                end.text.push_str(&text(self.words, close + 1..statement.last + 1));
            }
        }
        cells
    }

    /// Words without braces on one line, by the columns they have a part in; without the message.
    fn cells_of(&self, range: Range<usize>, first: usize) -> Vec<Cell<'w>> {
        let range = self.without_message(&range);
        let kind = self.kind(first);
        let mut cells = Vec::new();
        let (mut start, mut stop, mut assigned) = (range.start, None, kind == "normalise");
        for i in range.start + 1..range.end {
            let word = &self.words[i];
            let next = match word.role {
                _ if word.depth > 0 => continue,
                Role::Assign if !assigned => {
                    assigned = true;
                    Stop::Equals(kind)
                }
                Role::Arrow => Stop::Arrow,
                _ if kind == "synapses" && self.words[i - 1].role == Role::Colon => Stop::Colon,
                _ => continue,
            };
            cells.push(Cell { stop, text: text(self.words, start..i) });
            (start, stop) = (i, Some(next));
        }
        cells.push(Cell { stop, text: text(self.words, start..range.end) });
        cells
    }

    /// What statements are that share columns: the word they begin with, or `=` for equations and the like.
    fn kind(&self, first: usize) -> &'w str {
        let word = &self.words[first];
        match &*word.text {
            "state" | "trace" | "pre" | "post" | "syn" => "state",
            keyword if word.role == Role::Keyword => keyword,
            _ => "=",
        }
    }
}

/// Cells as the text behind another.
fn joined<'c>(cells: impl Iterator<Item = Cell<'c>>) -> String {
    cells.map(|c| format!(" {}", c.text)).collect()
}

/// Whether a comment documents something.
fn is_doc(comment: &str) -> bool {
    comment.starts_with("///") || comment.starts_with("//!")
}
