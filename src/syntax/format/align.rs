use super::breaks::{APART, LIMIT, width};
use std::ops::Range;

/// What stands in a column of its own, over the lines of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop<'a> {
    /// `=`, of statements that begin with this word.
    Equals(&'a str),
    /// What follows the colon of `synapses`.
    Colon,
    /// `->`
    Arrow,
    /// `{`, of statements that begin with this word.
    Brace(&'a str),
    /// A further statement in braces that begins with this word.
    Next(&'a str),
}

impl Stop<'_> {
    /// How many blanks at most may be put before it.
    fn spread(self) -> usize {
        match self {
            Stop::Equals("=") => 8,
            Stop::Equals(_) | Stop::Colon | Stop::Arrow => 12,
            Stop::Brace(_) => 16,
            Stop::Next(_) => 24,
        }
    }
}

/// A part of a line that starts in a column.
#[derive(Debug, Clone)]
pub(super) struct Cell<'a> {
    /// Which column; of the first cell nothing.
    pub stop: Option<Stop<'a>>,
    pub text: String,
}

/// Where a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Indent {
    /// At this column.
    At(usize),
    /// Under the `=` of this line, or so many columns behind it.
    Under(usize, usize),
}

/// A line to be.
#[derive(Debug)]
pub(super) struct Line<'a> {
    pub indent: Indent,
    /// Whether a blank line stands before it.
    pub blank: bool,
    pub cells: Vec<Cell<'a>>,
    /// The message of an expectation.
    pub message: Option<&'a str>,
    /// The comment behind it.
    pub comment: Option<&'a str>,
    /// Whether it is the line of an expectation.
    pub expects: bool,
}

impl<'a> Line<'a> {
    pub fn new(indent: usize, text: String) -> Self {
        let cells = vec![Cell { stop: None, text }];
        Line { indent: Indent::At(indent), blank: false, cells, message: None, comment: None, expects: false }
    }

    /// Nothing but the further lines of a comment behind something.
    pub fn is_tail(&self) -> bool {
        self.cells.is_empty()
    }
}

/// The width of the cells from `from` on, as they are.
fn rest(line: &Line, from: usize) -> usize {
    line.cells[from.min(line.cells.len())..].iter().map(|c| width(&c.text) + 1).sum()
}

/// The lines as text, with what belongs in columns moved there.
pub(super) fn aligned(mut lines: Vec<Line>) -> String {
    for run in runs(&lines, |before, line| !line.blank && before.indent == line.indent) {
        let indent = match lines[run.start].indent {
            Indent::At(column) => column,
            Indent::Under(..) => continue,
        };
        columns(&mut lines[run], 1, indent);
    }
    let mut texts: Vec<String> = Vec::with_capacity(lines.len());
    for line in &lines {
        let indent = match line.indent {
            Indent::At(column) => column,
            Indent::Under(head, behind) => column_of_equals(&lines[head]).unwrap_or(0) + behind,
        };
        let cells: Vec<&str> = line.cells.iter().map(|c| c.text.as_str()).collect();
        texts.push(format!("{:indent$}{}", "", cells.join(" ")));
    }
    let expectations = runs(&lines, |before, line| !line.blank && before.expects && line.expects);
    for run in expectations {
        tails(&mut texts[run.clone()], &lines[run], |line| line.message);
    }
    let commented = |line: &Line| line.comment.is_some() && !line.is_tail();
    let comments = runs(&lines, |before, line| {
        !line.blank
            && before.comment.is_some()
            && (line.is_tail() || (commented(line) && before.indent == line.indent))
    });
    for run in comments {
        tails(&mut texts[run.clone()], &lines[run], |line| line.comment);
    }
    let mut out = String::new();
    for (line, text) in lines.iter().zip(texts) {
        if line.blank {
            out.push('\n');
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    out
}

/// The longest ranges of lines in which each follows the one before.
fn runs(lines: &[Line], follows: impl Fn(&Line, &Line) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for i in 1..=lines.len() {
        if i == lines.len() || !follows(&lines[i - 1], &lines[i]) {
            runs.push(start..i);
            start = i;
        }
    }
    runs.retain(|r| r.start < lines.len());
    runs
}

/// Pads the cells before cell `k` of lines side by side, and then those behind.
///
/// `offset` is where the cells before `k` start, on all these lines.
fn columns(lines: &mut [Line], k: usize, offset: usize) {
    fn stop<'a>(line: &Line<'a>, k: usize) -> Option<Stop<'a>> {
        line.cells.get(k).and_then(|c| c.stop)
    }
    for run in runs(lines, |before, line| stop(before, k).is_some() && stop(before, k) == stop(line, k)) {
        let lines = &mut lines[run];
        let Some(spread) = stop(&lines[0], k).map(Stop::spread) else { continue };
        let mut start = 0;
        while start < lines.len() {
            let (mut least, mut most) = (usize::MAX, 0);
            let mut end = start;
            for line in &lines[start..] {
                let this = width(&line.cells[k - 1].text);
                let (low, high) = (least.min(this), most.max(this));
                if high - low > spread {
                    break;
                }
                (least, most, end) = (low, high, end + 1);
            }
            let group = &mut lines[start..end];
            start = end;
            if group.iter().any(|line| offset + most + rest(line, k) > LIMIT) {
                continue;
            }
            for line in group.iter_mut() {
                let cell = &mut line.cells[k - 1].text;
                let missing = most - width(cell);
                cell.extend(std::iter::repeat_n(' ', missing));
            }
            columns(group, k + 1, offset + most + 1);
        }
    }
}

/// The column of `=` in a line whose cells are padded.
fn column_of_equals(line: &Line) -> Option<usize> {
    let Indent::At(indent) = line.indent else { return None };
    let at = line.cells.iter().position(|c| matches!(c.stop, Some(Stop::Equals(_))))?;
    Some(indent + line.cells[..at].iter().map(|c| width(&c.text) + 1).sum::<usize>())
}

/// Farther to the right than this, what follows a line is not moved to the column of its neighbours.
const FAR: usize = 84;
/// By how much more than the shortest line of a group the others may be longer.
const SPREAD: usize = 50;

/// Appends what follows lines, such as comments, in one column as far as that is near.
fn tails<'l>(texts: &mut [String], lines: &[Line<'l>], tail: impl Fn(&Line<'l>) -> Option<&'l str>) {
    let mut group: Vec<usize> = Vec::new();
    let (mut least, mut most) = (usize::MAX, 0);
    // the further lines of a comment stand where it stands
    let heads: Vec<usize> =
        (0..lines.len()).filter(|&i| tail(&lines[i]).is_some() && !lines[i].is_tail()).collect();
    let mut columns: Vec<usize> = texts.iter().map(|t| width(t) + APART).collect();
    let settle = |group: &mut Vec<usize>, most: usize, columns: &mut Vec<usize>| {
        for i in group.drain(..) {
            let wide = tail(&lines[i]).map_or(0, width);
            if most + APART + wide <= LIMIT || columns[i] + wide > LIMIT {
                columns[i] = most + APART;
            }
        }
    };
    for i in heads {
        let this = columns[i] - APART;
        if this > FAR {
            continue;
        }
        let (low, high) = (least.min(this), most.max(this));
        if high - low > SPREAD {
            settle(&mut group, most, &mut columns);
            (least, most) = (this, this);
        } else {
            (least, most) = (low, high);
        }
        group.push(i);
    }
    settle(&mut group, most, &mut columns);
    for i in 0..lines.len() {
        let Some(tail) = tail(&lines[i]) else { continue };
        if lines[i].is_tail() && i > 0 {
            columns[i] = columns[i - 1];
        }
        let missing = columns[i].saturating_sub(width(&texts[i]));
        texts[i].extend(std::iter::repeat_n(' ', missing));
        texts[i].push_str(tail);
    }
}
