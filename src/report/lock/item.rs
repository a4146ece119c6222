use crate::report::writers::hex;
use crate::units::format_exact;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Up to how many numbers are kept as they are.
const WHOLE: usize = 256;
/// How many blocks more numbers are split into, at most.
const BLOCKS: usize = 128;
/// How many words stand on a line.
const PER_LINE: usize = 8;

/// The numbers of one result: all of them if they are few, else digests and every so many-th.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// `scalar`, or the length of each axis: `3001 x 20`.
    pub shape: String,
    /// The SHA-256 of all numbers: 8 bytes each, little endian, SI; NaN where an element is missing.
    pub sha256: String,
    /// How many numbers there are.
    pub count: usize,
    /// How many numbers a block has; 1 if all are kept.
    pub every: usize,
    /// The first number of each block, in the fewest digits that mean it exactly; `-` if it is missing.
    values: Vec<String>,
    /// The first eight hex digits of the SHA-256 of each block; none if all numbers are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    blocks: Vec<String>,
    /// Of a record: the ticks of its first and last sample, `0 to 30000`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticks: Option<String>,
}

/// Reads numbers one after another into an [`Item`].
pub(in crate::report) struct Builder {
    shape: Vec<usize>,
    every: usize,
    seen: usize,
    all: Sha256,
    block: Sha256,
    values: Vec<String>,
    blocks: Vec<String>,
}

impl Builder {
    /// For a result of this shape.
    pub fn new(shape: Vec<usize>) -> Self {
        let count: usize = shape.iter().product();
        let every = if count <= WHOLE { 1 } else { count.div_ceil(BLOCKS) };
        Self {
            shape,
            every,
            seen: 0,
            all: Sha256::new(),
            block: Sha256::new(),
            values: Vec::new(),
            blocks: Vec::new(),
        }
    }

    /// Takes the next number; none if it is missing.
    pub fn push(&mut self, value: Option<f64>) {
        if self.seen.is_multiple_of(self.every) {
            self.end_block();
            self.values.push(value.map_or_else(|| "-".to_string(), format_exact));
        }
        let bytes = value.map_or(f64::NAN.to_bits() & !(1 << 63), f64::to_bits).to_le_bytes();
        self.all.update(bytes);
        self.block.update(bytes);
        self.seen += 1;
    }

    fn end_block(&mut self) {
        if self.every > 1 && self.seen > 0 {
            let digest = std::mem::take(&mut self.block).finalize();
            self.blocks.push(hex(&digest[..4]));
        }
    }

    /// The item, once all numbers were taken.
    pub fn finish(mut self, ticks: Option<(u64, u64)>) -> Item {
        self.end_block();
        let shape: Vec<_> = self.shape.iter().map(usize::to_string).collect();
        Item {
            shape: if shape.is_empty() { "scalar".to_string() } else { shape.join(" x ") },
            sha256: hex(&self.all.finalize()),
            count: self.seen,
            every: self.every,
            values: lines(&self.values),
            blocks: lines(&self.blocks),
            ticks: ticks.map(|(first, last)| format!("{first} to {last}")),
        }
    }
}

fn lines(words: &[String]) -> Vec<String> {
    words.chunks(PER_LINE).map(|c| c.join(" ")).collect()
}

fn words(lines: &[String]) -> Vec<&str> {
    lines.iter().flat_map(|l| l.split_whitespace()).collect()
}

/// Where two items differ first.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) enum Difference {
    /// Their shapes.
    Shape,
    /// The ticks of their samples.
    Ticks,
    /// The number at a place, exactly: as locked and as found.
    Exact { element: usize, locked: Option<f64>, found: Option<f64> },
    /// A number between two places, both included; and the first kept number that differs, if one does.
    Within { from: usize, to: usize, sample: Option<(usize, Option<f64>, Option<f64>)> },
}

impl Item {
    /// The first number of each block in SI units; none if it is missing.
    pub(in crate::report) fn kept(&self) -> Vec<Option<f64>> {
        words(&self.values).into_iter().map(number).collect()
    }

    /// Where `found` differs first from what is locked; none if every bit is the same.
    pub(in crate::report) fn difference(&self, found: &Item) -> Option<Difference> {
        if self.shape != found.shape || self.count != found.count {
            return Some(Difference::Shape);
        }
        if self.ticks != found.ticks {
            return Some(Difference::Ticks);
        }
        if self.sha256 == found.sha256 {
            return None;
        }
        let (old, new) = (words(&self.values), words(&found.values));
        let sample = (0..old.len().min(new.len())).find(|&i| old[i] != new[i]);
        let sample = sample.map(|i| (i * found.every, number(old[i]), number(new[i])));
        let (old, new) = (words(&self.blocks), words(&found.blocks));
        let block = (0..old.len().min(new.len())).find(|&i| old[i] != new[i]).map(|i| i * found.every);
        Some(match (sample, block) {
            (Some((element, locked, found)), None) => Difference::Exact { element, locked, found },
            (Some((element, locked, found)), Some(block)) if element <= block => {
                Difference::Exact { element, locked, found }
            }
            (sample, block) => {
                let from = block.unwrap_or(0);
                Difference::Within { from, to: (from + found.every).min(found.count) - 1, sample }
            }
        })
    }
}

fn number(word: &str) -> Option<f64> {
    word.parse().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn item(values: &[f64]) -> Item {
        let mut builder = Builder::new(vec![values.len()]);
        values.iter().for_each(|v| builder.push(Some(*v)));
        builder.finish(None)
    }

    #[test]
    fn a_few_numbers_are_kept_exactly() {
        let a = item(&[0.1, 1.0 / 3.0, -0.0]);
        assert_eq!(words(&a.values), ["0.1", "0.3333333333333333", "-0"]);
        assert_eq!(a.difference(&a.clone()), None);
        let b = item(&[0.1, 1.0 / 3.0, 0.0]);
        let expected = Difference::Exact { element: 2, locked: Some(-0.0), found: Some(0.0) };
        assert_eq!(a.difference(&b), Some(expected));
    }

    #[test]
    fn missing_numbers_are_their_own() {
        let mut builder = Builder::new(vec![2]);
        builder.push(None);
        builder.push(Some(1.0));
        let a = builder.finish(None);
        let b = item(&[2.0, 1.0]);
        assert_eq!(a.difference(&b), Some(Difference::Exact { element: 0, locked: None, found: Some(2.0) }));
    }

    #[test]
    fn a_difference_among_many_is_bracketed() {
        let many: Vec<f64> = (0..100_000).map(f64::from).collect();
        let a = item(&many);
        assert!(serde_json::to_string(&a).unwrap().len() < 5000, "locks stay small");
        let mut other = many.clone();
        other[12_345] += 1e-9;
        let Some(Difference::Within { from, to, sample: None }) = a.difference(&item(&other)) else {
            panic!()
        };
        assert!(from <= 12_345 && 12_345 <= to && to - from < 1000);
        other[50_000..].iter_mut().for_each(|v| *v += 1.0);
        let Some(Difference::Within { sample: Some((at, locked, found)), .. }) = a.difference(&item(&other))
        else {
            panic!()
        };
        assert!((50_000..51_000).contains(&at) && found.unwrap() - locked.unwrap() == 1.0);
    }

    #[test]
    fn the_first_of_a_block_is_exact() {
        let many: Vec<f64> = (0..1000).map(f64::from).collect();
        let mut other = many.clone();
        other[0] = 0.5;
        let found = item(&many).difference(&item(&other));
        assert_eq!(found, Some(Difference::Exact { element: 0, locked: Some(0.0), found: Some(0.5) }));
    }

    #[test]
    fn other_shapes_and_times_differ() {
        assert_eq!(item(&[1.0]).difference(&item(&[1.0, 2.0])), Some(Difference::Shape));
        let timed = |last| Item { ticks: Some(format!("0 to {last}")), ..item(&[1.0]) };
        assert_eq!(timed(1).difference(&timed(2)), Some(Difference::Ticks));
    }
}
