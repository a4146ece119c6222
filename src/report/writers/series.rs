use crate::hir::Record;
use crate::record::Series;
use crate::report::Reading;
use crate::report::naming::exact_seconds;
use crate::units::format_exact;
use std::fs::File;
use std::io::{self, BufWriter, Write};

/// How many samples of each series are held at once.
const CHUNK: usize = 4096;

/// Whether a record is one number at a time.
pub(super) fn is_scalar(record: &Record) -> bool {
    record.axes.len() <= 1
}

/// Whether there is a scalar record at all.
pub(super) fn any(reading: &Reading) -> bool {
    reading.program().is_some_and(|p| p.records.iter().any(is_scalar))
}

/// A series being read along, a piece at a time.
struct Cursor<'a> {
    head: String,
    record: &'a Record,
    series: &'a Series,
    tick: f64,
    next: usize,
    piece: Vec<f64>,
    piece_from: usize,
}

impl Cursor<'_> {
    fn time(&self) -> Option<f64> {
        self.series.times().get(self.next)
    }

    /// The time as a decimal, exact where the tick is one: `0.3`, not `0.30000000000000004`.
    fn time_text(&self) -> String {
        let ticks = self.series.times().tick(self.next).unwrap_or(0);
        format_exact(exact_seconds(ticks, self.tick))
    }

    fn take(&mut self) -> io::Result<f64> {
        if self.next >= self.piece_from + self.piece.len() {
            self.piece_from = self.next;
            self.piece = self.series.read(self.next, self.next + CHUNK)?;
        }
        let value = self.piece.get(self.next - self.piece_from).copied().unwrap_or(f64::NAN);
        self.next += 1;
        Ok(self.record.unit.from_si(value))
    }
}

/// Writes all scalar records beside each other: a row for each time at which one was sampled, an empty cell for
/// those that were not; heads name the quantity, its case and its unit, `rate[silence] [Hz]`.
pub(super) fn write(reading: &Reading, file: &mut File) -> io::Result<()> {
    let mut cursors = Vec::new();
    for (i, program, run, control) in reading.runs() {
        for (record, series) in program.records.iter().zip(run.records.iter()) {
            if is_scalar(record) {
                let key = reading.key(&record.name, i, control);
                let head = match record.unit.text.as_str() {
                    "" => key,
                    unit => format!("{key} [{unit}]"),
                };
                let tick = program.tick;
                cursors.push(Cursor {
                    head,
                    record,
                    series,
                    tick,
                    next: 0,
                    piece: Vec::new(),
                    piece_from: 0,
                });
            }
        }
    }
    let mut out = csv::Writer::from_writer(BufWriter::new(file));
    out.write_record(std::iter::once("t [s]").chain(cursors.iter().map(|c| c.head.as_str())))?;
    let mut row: Vec<String> = Vec::new();
    while let Some(first) = earliest(&cursors) {
        let time = cursors[first].time();
        row.clear();
        row.push(cursors[first].time_text());
        for cursor in &mut cursors {
            row.push(if cursor.time() == time { format_exact(cursor.take()?) } else { String::new() });
        }
        out.write_record(&row)?;
    }
    out.into_inner().map_err(|e| io::Error::other(e.to_string()))?.flush()
}

fn earliest(cursors: &[Cursor]) -> Option<usize> {
    let times = cursors.iter().enumerate().filter_map(|(i, c)| Some((i, c.time()?)));
    times.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(i, _)| i)
}
