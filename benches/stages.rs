//! What each stage takes: reading and checking a file, making kernels, running each kernel, and a small experiment as a
//! whole. `cargo bench --bench stages`; a word behind `--` picks some, such as `kernel`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use plast::backend::vm::Vm;
use plast::backend::{Arrays, Backend, Program};
use plast::ir::build::build;
use plast::report::figures::{Terminal, figures};
use plast::runtime::{Options, Silent};
use plast::sema::{LoadError, Loader, Overrides};
use plast::session::{self, Checked};
use plast::source::SourceMap;
use plast::{diag, sema, syntax};
use std::hint::black_box;

const DENSE: &str = include_str!("../protocols/bench/dense_bcm.plast");
const SECOND: &str = include_str!("../protocols/one_second.plast");
const SCALING: &str = include_str!("../protocols/scaling.plast");

/// Brings the shipped rules and no file.
struct Shipped;

impl Loader for Shipped {
    fn library(&self, name: &str) -> Option<&'static str> {
        session::library(name)
    }
    fn library_names(&self) -> Vec<&'static str> {
        session::RULES.iter().map(|r| r.0).collect()
    }
    fn source(&self, _: &str) -> Result<(String, String), LoadError> {
        Err(LoadError { reason: "no files here".into(), nearest: None })
    }
    fn bytes(&self, _: &str) -> Result<Vec<u8>, LoadError> {
        Err(LoadError { reason: "no files here".into(), nearest: None })
    }
}

fn checked(name: &str, text: &str, settings: &[(&str, &str)]) -> Checked {
    let params = settings.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    let overrides = Overrides { params, ..Overrides::default() };
    session::check(name, text, &Shipped, &overrides).unwrap_or_else(|e| panic!("{name}: {:?}", e.diagnostics))
}

fn front(c: &mut Criterion) {
    let mut group = c.benchmark_group("compile");
    for (name, text) in [("dense_bcm", DENSE), ("one_second", SECOND), ("scaling", SCALING)] {
        let mut sources = SourceMap::new();
        let id = sources.add(name, text);
        let parse = || syntax::parse(id, text, &mut diag::Sink::new());
        group.bench_function(BenchmarkId::new("parse", name), |b| b.iter(|| black_box(parse())));
        let Some(file) = parse() else { panic!("{name} is no program") };
        group.bench_function(BenchmarkId::new("check", name), |b| {
            b.iter(|| {
                let (mut sources, mut sink) = (sources.clone(), diag::Sink::new());
                let checked =
                    sema::check(&file, &mut sources, &Shipped, &Overrides::default(), &mut sink).is_some();
                assert!(checked);
            })
        });
        let checked = checked(name, text, &[]);
        let (axes, program) = (&checked.experiment.axes, &checked.experiment.programs[0]);
        group.bench_function(BenchmarkId::new("lower", name), |b| {
            b.iter(|| black_box(build(axes, program, false, None, false).is_ok()))
        });
        code(&mut group, name, &checked, "vm", &Vm::default());
    }
}

/// From kernels to what a back end runs.
fn code<B: Backend>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    name: &str,
    checked: &Checked,
    backend_name: &str,
    backend: &B,
) {
    let Ok(built) = build(&checked.experiment.axes, &checked.experiment.programs[0], false, None, false)
    else {
        panic!("{name} cannot be lowered")
    };
    group.bench_function(BenchmarkId::new(format!("code {backend_name}"), name), |b| {
        b.iter(|| black_box(backend.compile(&built.module).is_ok()))
    });
}

fn kernels(c: &mut Criterion) {
    // one line for each back end
    kernels_of(c, "vm", &Vm::default());
}

/// Each kernel of the dense BCM job by itself, on weights that fit into a cache and on some that do not.
fn kernels_of<B: Backend>(c: &mut Criterion, backend_name: &str, backend: &B) {
    for (n, m) in [(50, 100), (1000, 1000)] {
        let sizes = [("N", n.to_string()), ("M", m.to_string()), ("T", "20".to_string())];
        let checked = checked("dense_bcm", DENSE, &sizes.each_ref().map(|(k, v)| (*k, v.as_str())));
        let Ok(built) = build(&checked.experiment.axes, &checked.experiment.programs[0], false, None, false)
        else {
            panic!("the dense job cannot be lowered")
        };
        let Ok(program) = backend.compile(&built.module) else {
            panic!("{backend_name} refuses the dense job")
        };
        let (mut arrays, mut scratch) = (Arrays::new(&built.module), program.scratch());
        let mut group = c.benchmark_group(format!("kernel {n} x {m}"));
        group.throughput(Throughput::Elements(n * m));
        for (id, kernel) in built.module.kernels.iter_enumerated() {
            group.bench_function(BenchmarkId::new(backend_name, &kernel.name), |b| {
                b.iter(|| assert!(program.run(&[id], &mut arrays, &mut scratch).is_ok()))
            });
        }
    }
}

fn experiments(c: &mut Criterion) {
    let mut group = c.benchmark_group("experiment");
    group.sample_size(10);
    // one line for each back end
    for (backend, options) in [("vm", Options { threads: 1, ..Options::default() })] {
        let small = [("N", "50"), ("M", "100"), ("T", "1000")];
        for (name, text, settings) in [("dense_bcm", DENSE, &small[..]), ("one_second", SECOND, &[])] {
            let checked = checked(name, text, settings);
            group.bench_function(BenchmarkId::new(backend, name), |b| {
                b.iter(|| black_box(checked.run(&[0], &options, &mut Silent).is_ok()))
            });
        }
    }
}

/// A rate sampled a million times, as a figure.
fn figure(c: &mut Criterion) {
    let text = "clock 1 ms
population source
population target { output y = drive*sin(2*pi*t/(7 s)) }
synapses ff: source -> target { fixed; w = 1 }
protocol { phase watch { present 1 on source for 1000 s } }
record rate = target.y every tick
plot rate vs t
";
    let checked = checked("figure", text, &[]);
    let finished = checked.run(&[0], &Options::default(), &mut Silent).unwrap_or_else(|e| panic!("{e:?}"));
    let reading = finished.reading(&checked);
    assert_eq!(finished.recording.cases[0].main.records.as_slice()[0].samples(), 1_000_001);
    let drawn = || figures(&reading).remove(0).unwrap_or_else(|u| panic!("{u:?}"));
    let mut group = c.benchmark_group("figure of 10^6 points");
    group.sample_size(20);
    group.bench_function("made", |b| b.iter(|| black_box(drawn())));
    group.bench_function("made and drawn as SVG", |b| b.iter(|| black_box(drawn().svg())));
    let figure = drawn();
    group.bench_function("PNG", |b| b.iter(|| black_box(figure.png())));
    let terminal = Terminal { width: 100, unicode: true, color: true };
    group.bench_function("characters", |b| b.iter(|| black_box(figure.terminal(&terminal))));
}

criterion_group!(stages, front, kernels, experiments, figure);
criterion_main!(stages);
