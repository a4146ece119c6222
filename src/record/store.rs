use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Mutex, PoisonError};

/// Numbers that are appended and read back: in memory up to a limit, beyond it in a temporary file.
#[derive(Debug)]
pub(super) struct Store {
    /// What is not in the file yet.
    buffer: Vec<f64>,
    /// How many numbers the buffer may hold.
    limit: usize,
    /// How many numbers the file holds.
    spilled: usize,
    file: Option<Mutex<File>>,
}

impl Store {
    /// An empty store that keeps up to `limit` numbers in memory.
    pub(super) fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), limit: limit.max(1), spilled: 0, file: None }
    }

    pub(super) fn len(&self) -> usize {
        self.spilled + self.buffer.len()
    }

    #[cfg(test)]
    pub(super) fn is_spilled(&self) -> bool {
        self.file.is_some()
    }

    /// Another store with the same numbers.
    pub(super) fn copy(&self) -> io::Result<Self> {
        let mut copy = Self::new(self.limit);
        for from in (0..self.len()).step_by(self.limit) {
            copy.extend(&self.read(from, from + self.limit)?)?;
        }
        Ok(copy)
    }

    /// Appends numbers.
    pub(super) fn extend(&mut self, numbers: &[f64]) -> io::Result<()> {
        if self.buffer.len() + numbers.len() > self.limit && !self.buffer.is_empty() {
            self.spill()?;
        }
        self.buffer.extend_from_slice(numbers);
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(self.buffer.len() * 8);
        for number in &self.buffer {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        if self.file.is_none() {
            self.file = Some(Mutex::new(tempfile::tempfile()?));
        }
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(self.spilled as u64 * 8))?;
            file.write_all(&bytes)?;
        }
        self.spilled += self.buffer.len();
        self.buffer.clear();
        Ok(())
    }

    /// The numbers from place `from` up to `to` (excluded), as far as there are any.
    pub(super) fn read(&self, from: usize, to: usize) -> io::Result<Vec<f64>> {
        let to = to.min(self.len());
        let from = from.min(to);
        let mut numbers = Vec::with_capacity(to - from);
        if let (Some(file), true) = (&self.file, from < self.spilled) {
            let mut bytes = vec![0; (to.min(self.spilled) - from) * 8];
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            file.seek(SeekFrom::Start(from as u64 * 8))?;
            file.read_exact(&mut bytes)?;
            numbers.extend(bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)));
        }
        if to > self.spilled {
            numbers.extend_from_slice(&self.buffer[from.max(self.spilled) - self.spilled..to - self.spilled]);
        }
        Ok(numbers)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_across_the_file_and_memory() {
        let mut store = Store::new(10);
        let all: Vec<f64> = (0..47).map(|i| i as f64 * 0.1).collect();
        for part in all.chunks(3) {
            store.extend(part).unwrap();
        }
        assert!(store.is_spilled());
        assert_eq!(store.len(), 47);
        assert_eq!(store.read(0, 47).unwrap(), all);
        assert_eq!(store.read(20, 30).unwrap(), all[20..30]);
        assert_eq!(store.read(44, 99).unwrap(), all[44..]);
        let copy = store.copy().unwrap();
        store.extend(&[7.0]).unwrap();
        assert_eq!(store.read(46, 48).unwrap(), [all[46], 7.0]);
        assert_eq!(copy.read(0, 99).unwrap(), all);
    }

    #[test]
    fn stays_in_memory_while_small() {
        let mut store = Store::new(10);
        store.extend(&[1.0, 2.0]).unwrap();
        assert!(!store.is_spilled());
        assert_eq!(store.read(1, 2).unwrap(), [2.0]);
    }
}
