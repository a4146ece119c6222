//! The stretches of a program: which of its plans go on for many ticks as one loop, and in which order.

use super::{Built, Delay, Job, Work};
use crate::ir::{Commit, KernelId, Order, Stretch, Tick};

/// Why ticks pass one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Single {
    /// Something is computed without a kernel.
    Evaluated,
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
        let arrival = |d: &Delay| Commit { from: d.arriving, to: self.layout.vars[d.var].slot, swap: false };
        let arrivals: Vec<Commit> = self.delays.iter().map(arrival).collect();
        Ok(Stretch::new(
            &self.module,
            &Tick {
                inputs: &changing,
                observe: &kernels(&plan.observe)?,
                update: &kernels(&update.work)?,
                commits: &update.commits,
                settle: &kernels(&update.settle)?,
                arrivals: &arrivals,
                clocks: &clocks,
            },
        ))
    }

    /// In words in which order a stretch takes rows and ticks.
    pub fn order_text(&self, stretch: &Result<Stretch, Single>) -> String {
        match stretch {
            Err(Single::Evaluated) => "tick by tick: something is evaluated without a kernel".into(),
            Ok(_) if !self.delays.is_empty() => "tick by tick: an output is read later".into(),
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
