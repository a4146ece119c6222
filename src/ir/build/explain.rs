//! What `plast check --explain` says: how each equation is stepped and why, and what a tick does.

use super::canonical::{Advance, Reason, advance};
use super::{BuildResult, Built, Every, Job, Work, build};
use crate::hir::{Axis, AxisId, Integrator, Program, Var, VarKind};
use crate::ir::passes::hoist::{Level, levels};
use crate::ir::{Domain, Kernel, Module, Op};
use crate::source::IndexVec;
use std::fmt::Write;

/// The equations of a program with their integrators, and the kernels of each plan.
pub fn explain(axes: &IndexVec<AxisId, Axis>, program: &Program) -> BuildResult<String> {
    let built = build(axes, program, false, None, false)?;
    let mut text = String::new();
    if built.events.any() {
        let how = match built.events.ticks {
            None => "time goes from spike to spike, decays between them in closed form".to_string(),
            Some(why) => {
                let (_, what) = super::fault::why_ticks(program, &built.timeline, why);
                let lazy = built.layout.lazy.iter_enumerated().filter(|(_, l)| l.is_some());
                let lazy: Vec<&str> = lazy.map(|(v, _)| program.vars[v].name.as_str()).collect();
                match lazy.as_slice() {
                    [] => format!("time goes tick by tick: {what}"),
                    _ => format!(
                        "time goes tick by tick: {what}\nonly at spikes, in closed form: {}",
                        lazy.join(", ")
                    ),
                }
            }
        };
        let _ = writeln!(text, "{how}\n");
    }
    equations(&built, program, &mut text);
    if built.events.any() && built.events.ticks.is_none() {
        spikes(&built, program, &mut text);
        return Ok(text);
    }
    for (i, plan) in built.plans.iter().enumerate() {
        let used = built.leaf_plans.iter().filter(|p| **p == i).count();
        if used == 0 && i == 0 && built.plans.len() > 1 {
            continue;
        }
        let taught = if plan.teaches.is_empty() { "" } else { ", taught" };
        let frozen: Vec<&str> = plan.frozen.iter().map(|v| program.vars[*v].name.as_str()).collect();
        let frozen =
            if frozen.is_empty() { String::new() } else { format!(", frozen: {}", frozen.join(" ")) };
        let _ = writeln!(text, "\na tick{taught}{frozen}");
        work(&built, "observe", &plan.observe, &mut text);
        for (due, update) in plan.updates.iter().enumerate() {
            let every: Vec<String> = (0..built.every.len())
                .filter(|i| due >> i & 1 == 1)
                .map(|i| match built.every[i] {
                    Every::Starts(n) | Every::Ends(n) => format!("every {n} ticks "),
                })
                .collect();
            work(&built, &format!("{}update", every.concat()), &update.work, &mut text);
            work(&built, &format!("{}settle", every.concat()), &update.settle, &mut text);
        }
        work(&built, "end of presentation", &plan.presentation.work, &mut text);
        let _ = writeln!(text, "  order: {}", built.order_text(&built.stretch(i, &[])));
        let mut changing: Vec<String> = Vec::new();
        for (leaf, _) in built.leaf_plans.iter_enumerated().filter(|(_, p)| **p == i) {
            let varies = built.timeline.leaves[leaf].inputs.iter().map(|i| i.varies);
            let inputs = built.inputs[leaf].iter().zip(varies).filter(|(_, varies)| *varies);
            let inputs: Vec<Option<&Work>> = inputs.map(|(work, _)| work.as_ref()).collect();
            if !inputs.is_empty() {
                let order = built.order_text(&built.stretch(i, &inputs));
                if !changing.contains(&order) {
                    let _ = writeln!(text, "  order, while an input changes: {order}");
                    changing.push(order);
                }
            }
        }
    }
    Ok(text)
}

/// What spikes do, kernel by kernel.
fn spikes(built: &Built, program: &Program, text: &mut String) {
    let name = |rows: &Option<super::Rows>| {
        rows.map(|r| built.module.kernels[r.kernel].name.split(" #").next().unwrap_or_default().to_string())
    };
    let Some(plan) = built.plans.first() else { return };
    for (id, heard) in plan.heard.iter_enumerated() {
        let Some(heard) = heard else { continue };
        for (word, side) in [("presynaptic", &heard.pre), ("postsynaptic", &heard.post)] {
            let kernels: Vec<String> =
                [name(&side.synapses), name(&side.cell)].into_iter().flatten().collect();
            if !kernels.is_empty() {
                let of = &program.projections[id].name;
                let _ = writeln!(text, "\na {word} spike at `{of}`: {}", kernels.join(", then "));
            }
        }
    }
}

fn equations(built: &Built, program: &Program, text: &mut String) {
    let names: Vec<&str> = program
        .vars
        .iter()
        .filter(|v| matches!(v.kind, VarKind::State { equation: Some(_), .. }))
        .chain(held(program))
        .map(|v| v.name.as_str())
        .collect();
    let width = names.iter().map(|n| n.chars().count()).max().unwrap_or(0);
    for (id, var) in program.vars.iter_enumerated() {
        let VarKind::State { equation: Some(equation), .. } = &var.kind else { continue };
        let (form, reason) = advance(program, id, equation);
        if built.layout.lazy[id].is_some() {
            let _ = writeln!(text, "{:<width$}  closed form    only spikes change and read it", var.name);
            continue;
        }
        let how = match form {
            Advance::Increment { .. } => "increment",
            Advance::Euler { .. } => "euler",
            Advance::Exponential { .. } => "exponential",
            Advance::Synapse(_) if reason == Reason::Increment => "increment",
            Advance::Synapse(_) => "euler",
            Advance::Stages { integrator: Integrator::Rk4, .. } => "rk4",
            Advance::Stages { .. } => "heun",
        };
        let why = match reason {
            Reason::Increment => "it is added as it is",
            Reason::Asked => "the program says so",
            Reason::ConstantCoefficient => "its own coefficient is constant",
            Reason::ChangingCoefficient => "its own coefficient changes, or it is not linear in itself",
            Reason::ReadsNotItself => "it does not read itself",
            Reason::Weight => "the default for a weight",
            Reason::Noise => "it has white noise, taken at the start of the tick (Ito)",
            Reason::NotLinear => "exponential needs an equation that is linear in its variable",
        };
        let _ = writeln!(text, "{:width$}  {how}: {why}", var.name);
    }
    for var in held(program) {
        let _ = writeln!(text, "{:width$}  held: its equation is ignored", var.name);
    }
}

fn held(program: &Program) -> impl Iterator<Item = &Var> {
    program.projections.iter().flat_map(|p| &p.held).map(|v| &program.vars[*v])
}

fn work(built: &Built, when: &str, work: &Work, text: &mut String) {
    for job in work {
        match job {
            Job::Kernels(run) => {
                for id in run {
                    let kernel = &built.module.kernels[*id];
                    let name = kernel.name.split(" #").next().unwrap_or_default();
                    let loops = loops(&built.module, &kernel.domain);
                    let _ = writeln!(text, "  {when}: {name}  ({loops}{})", hoisted(kernel));
                }
            }
            Job::Eval { .. } => {
                let _ = writeln!(text, "  {when}: evaluated without a kernel");
            }
        }
    }
}

/// How many operations are done once per row or per column, not for every element.
fn hoisted(kernel: &Kernel) -> String {
    let levels = levels(kernel);
    let count = |level: Level| {
        let computed = |op: &Op| !matches!(op, Op::Load(_) | Op::Num(_) | Op::Coord(_));
        kernel.ops.iter().zip(levels.iter()).filter(|(op, l)| **l == level && computed(op)).count()
    };
    let part = |n: usize, per: &str| match n {
        0 => String::new(),
        1 => format!(", 1 operation once per {per}"),
        _ => format!(", {n} operations once per {per}"),
    };
    if kernel.domain.rank() < 2 {
        return String::new();
    }
    part(count(Level::Row), "row") + &part(count(Level::Column), "column")
}

fn loops(module: &Module, domain: &Domain) -> String {
    match domain {
        Domain::Dense { dims, reduced } => {
            let (outer, inner) = dims.split_at(dims.len() - reduced);
            let product = |dims: &[usize]| {
                let dims: Vec<String> = dims.iter().map(ToString::to_string).collect();
                if dims.is_empty() { "1".into() } else { dims.join(" x ") }
            };
            match inner {
                [] => product(outer),
                _ => format!("{} sums over {}", product(outer), product(inner)),
            }
        }
        Domain::Sparse { pattern, .. } => {
            let p = &module.patterns[*pattern];
            format!("{} pairs of {} x {}", p.elements(), p.rows, p.cols)
        }
    }
}
