//! Nanoseconds per synapse and tick of the dense BCM job of `tests/bench/limit.c`, and per element of functions.
//!
//! The least of many runs, as `limit.c` reports it. `cargo bench --bench vm -- 2` gives each line two seconds.

use plast::backend::vm::Vm;
use plast::backend::{Arrays, Backend, Cpu, Program};
use plast::contract::{Ops, functions, philox};
use plast::ir::{Commit, Domain, Element, KernelBuilder, KernelId, Module, Pattern, Plan, SlotKind, passes};
use std::time::Instant;

/// M inputs, N rate neurons, all-to-all plastic weights: three kernels a tick.
fn bcm(n: usize, m: usize) -> (Module, Vec<KernelId>, Plan) {
    let mut module = Module::new();
    let x: Vec<f64> = (0..m).map(|j| if m > 1 { j as f64 / (m - 1) as f64 } else { 1.0 }).collect();
    let x = module.slot_with("x", SlotKind::Input, x);
    let w = module.slot("w", SlotKind::State, n * m, 0.5 / m as f64);
    let theta = module.slot("theta", SlotKind::State, n, 0.1);
    let next = module.slot("theta'", SlotKind::State, n, 0.0);
    let drive = module.slot("drive", SlotKind::Temporary, n, 0.0);
    let y = module.slot("y", SlotKind::Temporary, n, 0.0);

    let b = KernelBuilder::new("drive", Domain::Dense { dims: vec![n, m], reduced: 1 });
    b.dot(b.load(w, 0, &[m, 1]), b.load(x, 0, &[0, 1]), drive, 0, &[1]);
    let k1 = module.kernels.push(b.finish());

    let b = KernelBuilder::new("y", Domain::cells(n));
    b.store(functions::relu(&b, b.load(drive, 0, &[1])), y, 0, &[1]);
    let k2 = module.kernels.push(b.finish());

    let b = KernelBuilder::new("update", Domain::Dense { dims: vec![n, m], reduced: 0 });
    let (yi, t) = (b.load(y, 0, &[1, 0]), b.load(theta, 0, &[1, 0]));
    let a = b.mul(b.mul(b.num(1e-6), yi), b.sub(yi, t));
    let old = b.load(w, 0, &[m, 1]);
    let new = b.fma(a, b.load(x, 0, &[0, 1]), b.fma(b.num(-1e-7), old, old));
    b.store(b.clamp(new, b.num(0.0), b.num(3.0)), w, 0, &[m, 1]);
    let k3 = module.kernels.push(b.finish());

    let b = KernelBuilder::new("theta", Domain::cells(n));
    let (yi, t) = (b.load(y, 0, &[1]), b.load(theta, 0, &[1]));
    b.store(b.fma(b.num(1e-3), b.sub(b.mul(yi, yi), t), t), next, 0, &[1]);
    let k4 = module.kernels.push(b.finish());

    let commits = vec![Commit { from: next, to: theta, swap: true }];
    let plan = Plan { name: "all".into(), commits, ..Plan::default() };
    passes::run(&mut module);
    (module, vec![k1, k2, k3, k4], plan)
}

/// The same job where a tenth of the synapses exist.
fn sparse(seconds: f64) {
    let (n, m) = (1000, 1000);
    let exists = |i: u64, j: u64| philox::uniform(1, i << 32 | j, 0) < 0.1;
    let rows: Vec<Vec<u32>> =
        (0..n).map(|i| (0..m).filter(|j| exists(i, *j)).map(|j| j as u32).collect()).collect();
    let mut module = Module::new();
    let pattern = Pattern::from_rows("ff", m as usize, &rows);
    let count = pattern.elements();
    let pattern = module.patterns.push(pattern);
    let x = module.slot("x", SlotKind::Input, m as usize, 0.5);
    let y = module.slot("y", SlotKind::Temporary, n as usize, 0.0);
    let w = module.slot("w", SlotKind::State, count, 0.01);
    let b = KernelBuilder::new("drive", Domain::Sparse { pattern, reduced: true });
    b.dot(b.load_element(w), b.load(x, 0, &[0, 1]), y, 0, &[1]);
    let drive = module.kernels.push(b.finish());
    let b = KernelBuilder::new("update", Domain::Sparse { pattern, reduced: false });
    let (yi, old) = (b.load(y, 0, &[1, 0]), b.load_element(w));
    let new = b.fma(b.mul(b.num(1e-6), yi), b.load(x, 0, &[0, 1]), b.fma(b.num(-1e-7), old, old));
    b.store_element(b.clamp(new, b.num(0.0), b.num(3.0)), w);
    let update = module.kernels.push(b.finish());
    passes::run(&mut module);
    let Ok(program) = Vm::default().compile(&module) else { return };
    let (mut scratch, mut arrays) = (program.scratch(), Arrays::new(&module));
    for (name, k) in [("drive", drive), ("update", update)] {
        let t = best(seconds, || assert!(program.run(&[k], &mut arrays, &mut scratch).is_ok()));
        println!("sparse {name:8} {:8.3} ns/synapse", t / count as f64);
    }
}

/// The least time a call took, in nanoseconds: other work on the machine only ever adds.
fn best(seconds: f64, mut call: impl FnMut()) -> f64 {
    let mut least = f64::INFINITY;
    let begin = Instant::now();
    let mut calls = 1;
    while begin.elapsed().as_secs_f64() < seconds {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        let spent = start.elapsed().as_secs_f64() * 1e9;
        least = least.min(spent / f64::from(calls));
        if spent < 20_000.0 {
            calls *= 2;
        }
    }
    least
}

fn ticks(seconds: f64, only: Option<&str>) {
    for (n, m) in [(1, 1), (1, 100), (20, 100), (50, 100), (1000, 1000), (4000, 4000)] {
        if only.is_some_and(|o| o != format!("{n}x{m}")) {
            continue;
        }
        let (module, kernels, plan) = bcm(n, m);
        for cpu in Cpu::all() {
            if n * m > 2000 && cpu.to_string() == "sse2" {
                continue;
            }
            let Ok(program) = (Vm { cpu }).compile(&module) else { continue };
            let mut scratch = program.scratch();
            let mut arrays = Arrays::new(&module);
            let tick = best(seconds, || {
                assert!(program.run(&kernels, &mut arrays, &mut scratch).is_ok());
                arrays.commit(&plan.commits);
            });
            let per = |ns: f64| ns / (n * m) as f64;
            print!("{n:5} x {m:<5} {cpu:7} {tick:12.1} ns/tick {:8.4} ns/synapse/tick:", per(tick));
            for (i, k) in kernels.iter().enumerate() {
                let t = best(seconds / 4.0, || {
                    assert!(program.run(&kernels[i..=i], &mut arrays, &mut scratch).is_ok())
                });
                print!("  {} {t:.0}", module.kernels[*k].name);
            }
            println!();
        }
    }
}

fn elementary(seconds: f64) {
    type Function = fn(&KernelBuilder, plast::ir::Num) -> plast::ir::Num;
    let functions: [(&str, Function); 6] = [
        ("exp", functions::exp),
        ("tanh", functions::tanh),
        ("log", functions::log),
        ("sin", functions::sin),
        ("pow 1.5", |b, x| functions::pow(b, x, b.num(1.5))),
        ("normal", |b, x| b.normal(1, Element { base: 0, strides: vec![1] }, x)),
    ];
    for (name, f) in functions {
        let mut module = Module::new();
        let x = module.slot_with(
            "x",
            SlotKind::Input,
            (0..4000).map(|i| f64::from(i) * 1e-3).collect::<Vec<_>>(),
        );
        let y = module.slot("y", SlotKind::Temporary, 4000, 0.0);
        let b = KernelBuilder::new(name, Domain::cells(4000));
        b.store(f(&b, b.add(b.load(x, 0, &[1]), b.num(1.0))), y, 0, &[1]);
        let k = module.kernels.push(b.finish());
        passes::run(&mut module);
        let Ok(program) = Vm::default().compile(&module) else { continue };
        let mut scratch = program.scratch();
        let mut arrays = Arrays::new(&module);
        let t = best(seconds, || assert!(program.run(&[k], &mut arrays, &mut scratch).is_ok()));
        println!("{name:8} {:8.3} ns/element", t / 4000.0);
    }
}

fn main() {
    // `cargo bench` passes --bench; a number is how many seconds each line may take, a size such as 50x100 the only one
    let seconds = std::env::args().find_map(|a| a.parse().ok()).unwrap_or(0.5);
    let only = std::env::args().find(|a| a.starts_with(|c: char| c.is_ascii_digit()) && a.contains('x'));
    ticks(seconds, only.as_deref());
    if only.is_none() {
        sparse(seconds);
        elementary(seconds);
    }
}
