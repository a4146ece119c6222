//! The stretches of a program: which of its plans go on for many ticks as one loop, and in which order.

use super::{Built, Job, Work};
use crate::ir::{KernelId, Order, Stretch, Tick};

/// Why ticks pass one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Single {
    /// Something is computed without a kernel.
    Evaluated,
    /// An output is read later.
    Delayed,
}

/// The kernels of what kernels alone do.
fn kernels(work: &Work) -> Result<Vec<KernelId>, Single> {
    let runs = work.iter().map(|job| match job {
        Job::Kernels(run) => Ok(run.as_slice()),
        Job::Eval { .. } => Err(Single::Evaluated),
    });
    Ok(runs.collect::<Result<Vec<_>, _>>()?.concat())
}

impl Built {
    /// The stretch of a plan while these inputs change with time, each given as what computes it.
    ///
    /// # Errors
    /// Why there is none.
    pub fn stretch(&self, plan: usize, inputs: &[Option<&Work>]) -> Result<Stretch, Single> {
        if !self.delays.is_empty() {
            return Err(Single::Delayed);
        }
        let mut changing = Vec::new();
        for input in inputs {
            changing.extend(kernels(input.ok_or(Single::Evaluated)?)?);
        }
        let plan = &self.plans[plan];
        let none = super::Update::default();
        let update = plan.updates.first().unwrap_or(&none);
        let mut clocks = vec![self.run_ticks];
        if !inputs.is_empty() {
            clocks.push(self.presentation_ticks);
        }
        Ok(Stretch::new(
            &self.module,
            &Tick {
                inputs: &changing,
                observe: &kernels(&plan.observe)?,
                update: &kernels(&update.work)?,
                commits: &update.commits,
                settle: &kernels(&update.settle)?,
                clocks: &clocks,
            },
        ))
    }

    /// In words in which order a stretch takes rows and ticks.
    pub fn order_text(&self, stretch: &Result<Stretch, Single>) -> String {
        match stretch {
            Err(Single::Evaluated) => "tick by tick: something is evaluated without a kernel".into(),
            Err(Single::Delayed) => "tick by tick: an output is read later".into(),
            Ok(stretch) => match &stretch.order {
                Order::Rows { rows, .. } => {
                    format!("row by row: {rows} rows, a few at a time through all ticks")
                }
                Order::Ticks(None) => "tick by tick: there is one row".into(),
                Order::Ticks(Some(obstacle)) => {
                    let plain = |name: &str| name.split(" #").next().unwrap_or_default().to_string();
                    let kernel: Vec<String> = obstacle.kernel.split(" + ").map(plain).collect();
                    let slot = plain(&self.module.slots[obstacle.slot].name);
                    format!("tick by tick: {} reads {slot} of other rows", kernel.join(" + "))
                }
            },
        }
    }
}
