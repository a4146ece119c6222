//! One probe or record of both sides.

use super::model::{How, Spot};
use super::names::{AxisNames, joined, place, shape};
use super::numbers::{Numbers, Times};
use super::side::Quantity;
use super::values::{Pairs, Place, apart, course, scan};
use crate::report::lock::{self, Builder, Difference, Item};
use crate::report::naming::{exact_seconds, seconds};
use crate::units::Unit;
use std::io;

/// How many steps a course is drawn in.
const STEPS: usize = 32;

/// What comparing finds.
pub(super) struct Found {
    /// None if nothing differs.
    pub how: Option<How>,
    pub numbers: usize,
    /// The largest difference as part of the largest number; infinite for what is no number.
    pub size: f64,
    /// What could not be compared.
    pub reason: Option<String>,
}

impl Found {
    fn differs(how: How) -> Self {
        Self { how: Some(how), numbers: 0, size: f64::INFINITY, reason: None }
    }

    fn same(numbers: usize) -> Self {
        Self { how: None, numbers, size: 0.0, reason: None }
    }
}

/// Two quantities of the same name.
pub(super) struct Both<'p, 'a> {
    a: &'p Quantity<'a>,
    b: &'p Quantity<'a>,
    /// The ticks of their runs in seconds, where known.
    ticks: [Option<f64>; 2],
    /// The unit both are shown in.
    pub unit: Unit,
    /// Their own axes.
    pub axes: Vec<AxisNames>,
    rounded: bool,
}

impl<'p, 'a> Both<'p, 'a> {
    pub fn new(a: &'p Quantity<'a>, b: &'p Quantity<'a>, ticks: [Option<f64>; 2]) -> Self {
        let unit = a.unit.clone().or(b.unit.clone()).unwrap_or_else(Unit::none);
        let own = if a.times.is_some() { a.shape.get(1..).unwrap_or(&[]) } else { &a.shape };
        let axes = joined(a.axes.as_deref(), b.axes.as_deref(), own);
        // numbers read back in another unit are converted, and that rounds
        let written = |q: &Quantity| matches!(q.numbers, Numbers::Written(_) | Numbers::Stored { .. });
        let other = |q: &Quantity| q.unit.as_ref().is_some_and(|u| u.factor() != unit.factor());
        let rounded = (written(a) && other(a)) || (written(b) && other(b));
        Self { a, b, ticks, unit, axes, rounded }
    }

    pub fn found(&self) -> Found {
        self.compare().unwrap_or_else(|e| Found::differs(How::Unreadable(e.to_string())))
    }

    fn compare(&self) -> io::Result<Found> {
        let (a, b) = (self.a, self.b);
        match [a, b].map(|q| !matches!(q.numbers, Numbers::Unreached)) {
            [true, true] => {}
            [false, false] => return Ok(Found::same(0)),
            reached => return Ok(Found::differs(How::Reached(reached))),
        }
        if let (Some(x), Some(y)) = (&a.unit, &b.unit)
            && x.dim != y.dim
        {
            return Ok(Found::differs(How::Unit([x.text.clone(), y.text.clone()])));
        }
        if !self.fit() {
            return Ok(Found::differs(How::Shape([a, b].map(shape_of))));
        }
        match (&a.numbers, &b.numbers) {
            (Numbers::Kept(_), _) | (_, Numbers::Kept(_)) => self.kept(),
            _ if a.times.is_some() => self.series(),
            _ => self.array(),
        }
    }

    /// Whether the axes besides the time are the same.
    fn fit(&self) -> bool {
        let (a, b) = (self.a, self.b);
        let skip = usize::from(a.times.is_some());
        let names = |q: &Quantity| -> Option<Vec<String>> {
            q.axes.as_ref().map(|axes| axes.iter().map(|x| x.name.clone()).collect())
        };
        let named = match (names(a), names(b)) {
            (Some(x), Some(y)) => x == y,
            _ => true,
        };
        a.times.is_some() == b.times.is_some() && a.shape.get(skip..) == b.shape.get(skip..) && named
    }

    /// Numbers of one side in the unit both are shown in.
    fn open<'n>(&self, q: &'n Quantity) -> io::Result<super::numbers::Open<'n>> {
        q.numbers.open(&self.unit)
    }

    fn array(&self) -> io::Result<Found> {
        let elements = self.a.count();
        let found = self.scan(1, &Pairs::All(elements))?;
        let spot = |p: Place| Spot {
            time: None,
            place: place(&self.axes, p.samples.0),
            values: p.values.map(|v| Some(v).filter(|v| !v.is_nan())),
        };
        let how = found.largest.map(|largest| match elements {
            1 => How::Number(spot(largest)),
            _ => How::Array { elements, differing: found.differing, largest: spot(largest) },
        });
        Ok(Found { how, numbers: found.numbers, size: found.size, reason: self.reason() })
    }

    fn scan(&self, width: usize, pairs: &Pairs) -> io::Result<super::values::Scan> {
        let mut b = self.open(self.b)?;
        let mut a = self.open(self.a)?;
        for (open, q) in [(&mut a, self.a), (&mut b, self.b)] {
            if let Some(unit) = q.unit.as_ref().filter(|u| **u != self.unit) {
                open.convert(unit);
            }
        }
        scan(&a, &b, width, pairs, self.rounded)
    }

    /// Why the last bits do not count, where they do not.
    fn reason(&self) -> Option<String> {
        let texts = [self.a, self.b].map(|q| q.unit.as_ref().map_or("", |u| u.text.as_str()));
        self.rounded
            .then(|| format!("the last bits: it is written in {} in A and in {} in B", texts[0], texts[1]))
    }

    fn series(&self) -> io::Result<Found> {
        let (a, b) = (self.a, self.b);
        let (Some(x), Some(y)) = (&a.times, &b.times) else { return Ok(Found::same(0)) };
        // a lock keeps the ends only: where they agree, so do all times
        let (x, y) = match (x.known(), y.known()) {
            (true, true) => (x, y),
            _ if x.len() != y.len() || x.ends() != y.ends() => {
                return Ok(Found::differs(How::Times([ticks_of(x), ticks_of(y)])));
            }
            (true, false) => (x, x),
            (false, true) => (y, y),
            (false, false) => (x, y),
        };
        let known = x.known() && y.known();
        let width = a.width();
        let pairs = if known { Pairs::of_times(x, y, self.ticks) } else { Pairs::All(x.len()) };
        let tick = self.ticks[0].or(self.ticks[1]);
        let found = self.scan(width, &pairs)?;
        let spot = |p: Place| self.spot(x, tick, p);
        let alone = [x.len() - pairs.len(), y.len() - pairs.len()];
        let how = if found.first.is_some() || alone != [0, 0] {
            let courses = self.courses([x, y], width, known)?;
            Some(How::Series {
                compared: pairs.len(),
                differing: found.differing,
                alone,
                first: found.first.map(spot),
                largest: found.largest.map(spot),
                end: found.end.map(spot),
                courses,
            })
        } else {
            None
        };
        let size = if alone == [0, 0] { found.size } else { f64::INFINITY };
        Ok(Found { how, numbers: found.numbers, size, reason: self.reason() })
    }

    fn spot(&self, times: &Times, tick: Option<f64>, p: Place) -> Spot {
        let ticks = times.tick(p.samples.0);
        let time = ticks.zip(tick).map(|(n, tick)| exact_seconds(n, tick));
        let place = place(&self.axes, p.element);
        let place = if time.is_none() { format!("sample {} {place}", p.samples.0) } else { place };
        let values = p.values.map(|v| Some(v).filter(|v| !v.is_nan()));
        Spot { time, place: place.trim_end().to_string(), values }
    }

    fn courses(&self, times: [&Times; 2], width: usize, known: bool) -> io::Result<[Vec<f64>; 2]> {
        let time = |side: usize, i: usize| match times[side].tick(i) {
            Some(ticks) if known => ticks as f64 * self.ticks[side].or(self.ticks[1 - side]).unwrap_or(1.0),
            _ => i as f64,
        };
        let last = |side: usize| times[side].len().saturating_sub(1);
        let span = (time(0, 0).min(time(1, 0)), time(0, last(0)).max(time(1, last(1))));
        let steps = STEPS.min(times[0].len().max(times[1].len()));
        let one = |side: usize, q: &Quantity| {
            let mut open = self.open(q)?;
            if let Some(unit) = q.unit.as_ref().filter(|u| **u != self.unit) {
                open.convert(unit);
            }
            course(&open, width, &|i| time(side, i), times[side].len(), span, steps)
        };
        Ok([one(0, self.a)?, one(1, self.b)?])
    }

    /// Where a lock keeps a few of many numbers and digests of the rest.
    fn kept(&self) -> io::Result<Found> {
        let (a, b) = (self.a, self.b);
        if let (Some(x), Some(y)) = (&a.times, &b.times)
            && (x.len() != y.len() || x.ends() != y.ends())
        {
            return Ok(Found::differs(How::Times([ticks_of(x), ticks_of(y)])));
        }
        let elements = a.count();
        if let (Some(mut x), Some(mut y)) = (self.item(a)?, self.item(b)?) {
            // the times were compared above; those of a probe are none
            (x.ticks, y.ticks) = (None, None);
            let Some(difference) = x.difference(&y) else { return Ok(Found::same(elements)) };
            return Ok(Found { numbers: elements, ..Found::differs(self.located(&difference, elements)) });
        }
        // numbers written in another unit have no digest in SI units: those kept are compared
        let (lock, other, lock_is_a) = match (&a.numbers, &b.numbers) {
            (Numbers::Kept(item), _) => (item, b, true),
            (_, Numbers::Kept(item)) => (item, a, false),
            _ => return Ok(Found::same(0)),
        };
        let read = other.numbers.open(&self.unit)?;
        let mut first = None;
        let kept = lock.kept();
        for (k, v) in kept.iter().enumerate() {
            let element = k * lock.every;
            let here = read.read(element, element + 1, 1)?.first().copied().unwrap_or(f64::NAN);
            let there = v.map_or(f64::NAN, |v| self.unit.from_si(v));
            let values = if lock_is_a { [there, here] } else { [here, there] };
            if apart(values, self.rounded) {
                first = Some(self.at(element, values.map(|v| Some(v).filter(|v| !v.is_nan()))));
                break;
            }
        }
        let reason = format!(
            "{} of its {elements} numbers: the lock keeps the others as digests in SI units, the folder has them in {}",
            elements - kept.len(),
            self.unit.text
        );
        let how = first.map(|first| How::Kept { elements, between: None, first: Some(first) });
        let size = if how.is_some() { f64::INFINITY } else { 0.0 };
        Ok(Found { how, numbers: kept.len(), size, reason: Some(reason) })
    }

    /// What a lock would keep; none of numbers whose SI values are not known to the last bit.
    fn item(&self, q: &Quantity) -> io::Result<Option<Item>> {
        Ok(match &q.numbers {
            Numbers::Kept(item) => Some(item.clone()),
            Numbers::Probe(value) => Some(lock::probe(value)),
            Numbers::Series(series) => Some(lock::record(series)?),
            Numbers::Written(_) | Numbers::Stored { .. } if self.unit.factor() == 1.0 => {
                let open = q.numbers.open(&self.unit)?;
                let mut builder = Builder::new(q.shape.clone());
                let all = open.read(0, q.count(), 1)?;
                all.into_iter().for_each(|v| builder.push(Some(v).filter(|v| !v.is_nan())));
                Some(builder.finish(None))
            }
            _ => None,
        })
    }

    fn located(&self, difference: &Difference, elements: usize) -> How {
        let shown = |v: &Option<f64>| v.map(|v| self.unit.from_si(v));
        match difference {
            Difference::Exact { element, locked, found } => How::Kept {
                elements,
                between: None,
                first: Some(self.at(*element, [shown(locked), shown(found)])),
            },
            Difference::Within { from, to, sample } => How::Kept {
                elements,
                between: Some((self.at(*from, [None, None]), self.at(*to, [None, None]))),
                first: sample.as_ref().map(|(i, x, y)| self.at(*i, [shown(x), shown(y)])),
            },
            Difference::Shape | Difference::Ticks => How::Shape([self.a, self.b].map(shape_of)),
        }
    }

    /// An element counted over all samples.
    fn at(&self, element: usize, values: [Option<f64>; 2]) -> Spot {
        let width = self.a.width().max(1);
        match (&self.a.times, &self.b.times) {
            (Some(x), Some(y)) => {
                let times = if x.known() { x } else { y };
                let samples = (element / width, element / width);
                let p = Place { samples, element: element % width, values: [0.0; 2] };
                Spot { values, ..self.spot(times, self.ticks[0].or(self.ticks[1]), p) }
            }
            _ => Spot { time: None, place: place(&self.axes, element), values },
        }
    }
}

fn shape_of(q: &Quantity) -> String {
    let skip = usize::from(q.times.is_some());
    let own = q.shape.get(skip..).unwrap_or(&[]);
    match q.axes.as_deref() {
        Some([]) => "one number".to_string(),
        Some(axes) => shape(axes),
        None if own.is_empty() => "one number".to_string(),
        None => own.iter().map(usize::to_string).collect::<Vec<_>>().join(" x "),
    }
}

fn ticks_of(times: &Times) -> String {
    let samples = super::words::plural(times.len(), "sample");
    match times.ends() {
        Some((first, last)) => format!("{samples}, ticks {first} to {last}"),
        None => samples,
    }
}

/// A stretch of time as output writes it.
pub(super) fn duration(ticks: u64, tick: f64) -> String {
    seconds(exact_seconds(ticks, tick))
}
