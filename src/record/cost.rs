use crate::source::Span;
use std::time::Duration;

/// What a run cost. No result depends on it and no lock or result file holds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cost {
    /// From the checked program to kernels ready to run.
    pub compile: Duration,
    /// From the first tick to the last, the states being there before.
    pub passing: Duration,
    /// How many synapses there are, fixed ones too.
    pub synapses: u64,
    /// How the presentations of the timeline were computed, in the order they first came.
    pub stretches: Vec<Stretch>,
}

/// How the time of one presentation or rest of the timeline was computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// The statement.
    pub span: Span,
    /// In which order.
    pub order: Order,
    /// On how many threads.
    pub threads: u64,
    /// How often.
    pub times: u64,
    /// How many ticks, all times together.
    pub ticks: u64,
}

/// The order in which the loops over time and over cells are run; results do not depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Tick by tick, kernel by kernel.
    Step,
    /// Many ticks as one loop, all cells in each.
    Loop,
    /// A few cells at a time, each through many ticks.
    Rows,
}

impl Order {
    /// What it is called.
    pub fn word(self) -> &'static str {
        match self {
            Order::Step => "step",
            Order::Loop => "loop",
            Order::Rows => "rows",
        }
    }
}

impl Cost {
    /// Some ticks of a statement have passed.
    pub fn passed(&mut self, span: Span, order: Order, threads: u64, ticks: u64) {
        let alike = |s: &&mut Stretch| (s.span, s.order, s.threads) == (span, order, threads);
        match self.stretches.iter_mut().rev().find(alike) {
            Some(stretch) => {
                stretch.times += 1;
                stretch.ticks += ticks;
            }
            None => self.stretches.push(Stretch { span, order, threads, times: 1, ticks }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn turns_of_a_statement_are_one_stretch() {
        let (a, b) = (Span::new(SourceId(0), 0, 5), Span::new(SourceId(0), 6, 9));
        let mut cost = Cost::default();
        for (span, ticks) in [(a, 10), (b, 1), (a, 20)] {
            cost.passed(span, Order::Step, 1, ticks);
        }
        let said: Vec<_> = cost.stretches.iter().map(|s| (s.span, s.times, s.ticks)).collect();
        assert_eq!(said, [(a, 2, 30), (b, 1, 1)]);
    }
}
