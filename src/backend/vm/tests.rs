use super::*;
use crate::backend::{Program as _, reference};
use crate::contract::{Ops, functions, philox, scalar};
use crate::ir::{Domain, Element, KernelBuilder, Num, Pattern, SlotKind, parse, passes};

/// Two numbers with the same bits; NaN equals NaN.
pub(super) fn same(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

/// Runs all kernels by the reference and with every instruction set, as they are and after the passes, and compares
/// every array in every bit.
pub(super) fn agree(module: &Module) -> Result<(), String> {
    ir::verify(module).map_err(|e| e.to_string())?;
    let mut expected = Arrays::new(module);
    let mut fault = false;
    for k in module.kernels.ids() {
        fault |= reference::run(module, k, &mut expected).is_err();
        if fault {
            break;
        }
    }
    let mut simplified = module.clone();
    passes::run(&mut simplified);
    for cpu in Cpu::all() {
        for (m, what) in [(module, "as built"), (&simplified, "simplified")] {
            let what = format!("{cpu}, {what}");
            same_arrays(Vm { cpu }, m, &expected, fault, &what)?;
            #[cfg(target_arch = "x86_64")]
            if let Some(native) = crate::backend::native::Native::new(cpu) {
                same_arrays(native, m, &expected, fault, &format!("{what}, native"))?;
            }
        }
    }
    Ok(())
}

/// Runs the rows of the only kernel, which do not see each other, from some row on and so many at once, with every
/// instruction set, and compares every array with what the reference makes of all rows.
pub(super) fn rows_agree(module: &Module, turn: usize, at_once: usize) -> Result<(), String> {
    ir::verify(module).map_err(|e| e.to_string())?;
    let id = KernelId(0);
    let mut expected = Arrays::new(module);
    reference::run(module, id, &mut expected).map_err(|e| e.to_string())?;
    let mut simplified = module.clone();
    passes::run(&mut simplified);
    let rows = module.kernels[id].rows(module);
    let mut runs: Vec<_> = (0..rows).step_by(at_once).map(|r| (id, r..rows.min(r + at_once))).collect();
    let many = runs.len().max(1);
    runs.rotate_left(turn % many);
    for cpu in Cpu::all() {
        for (m, what) in [(module, "as built"), (&simplified, "simplified")] {
            let what = format!("rows, {cpu}, {what}");
            rows_of(Vm { cpu }, m, &runs, &expected, &what)?;
            #[cfg(target_arch = "x86_64")]
            if let Some(native) = crate::backend::native::Native::new(cpu) {
                rows_of(native, m, &runs, &expected, &format!("{what}, native"))?;
            }
        }
    }
    Ok(())
}

fn rows_of(
    backend: impl Backend,
    m: &Module,
    runs: &[(KernelId, std::ops::Range<usize>)],
    expected: &Arrays,
    what: &str,
) -> Result<(), String> {
    let program = backend.compile(m).map_err(|e| e.to_string())?;
    let mut arrays = Arrays::new(m);
    program.run_rows(runs, &mut arrays, &mut program.scratch()).map_err(|e| format!("{what}: {e}"))?;
    compare(m, &arrays, expected, what)
}

/// Runs all kernels and compares every array in every bit.
fn same_arrays(
    backend: impl Backend,
    m: &Module,
    expected: &Arrays,
    fault: bool,
    what: &str,
) -> Result<(), String> {
    let program = backend.compile(m).map_err(|e| e.to_string())?;
    let mut arrays = Arrays::new(m);
    let mut scratch = program.scratch();
    let ids: Vec<_> = m.kernels.ids().collect();
    let result = program.run(&ids, &mut arrays, &mut scratch);
    if result.is_err() != fault {
        return Err(format!("{what}: the fault was {fault}, now {result:?}\n{}", ir::text(m)));
    }
    compare(m, &arrays, expected, what)
}

fn compare(m: &Module, arrays: &Arrays, expected: &Arrays, what: &str) -> Result<(), String> {
    for s in m.slots.ids() {
        for (i, (a, b)) in arrays.values(s).iter().zip(expected.values(s).iter()).enumerate() {
            if !same(*a, *b) {
                let name = &m.slots[s].name;
                return Err(format!("{what}: {name}[{i}] is {a:e}, not {b:e}\n{}", ir::text(m)));
            }
        }
    }
    Ok(())
}

fn check(text: &str) {
    agree(&parse(text).unwrap()).unwrap();
}

const SPECIAL: [f64; 14] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.1,
    -2.5,
    1e300,
    -1e300,
    1e-310,
    f64::MIN_POSITIVE,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    4_503_599_627_370_497.5,
];

/// All pairs, or triples, of special numbers in columns, and a kernel that applies `op` to them in every mixture of
/// array, row and constant operands.
fn every_form(arity: usize, op: impl Fn(&KernelBuilder, [Num; 3]) -> Num) {
    let n = SPECIAL.len();
    let mut module = Module::new();
    let column = |k: usize| (0..n * n).map(|i| SPECIAL[(i / n.pow(k as u32)) % n]).collect::<Vec<_>>();
    let arrays = [0, 1, 0].map(column);
    let slots: Vec<_> =
        (0..arity).map(|k| module.slot_with(format!("in{k}"), SlotKind::Input, arrays[k].clone())).collect();
    let rows: Vec<_> =
        (0..arity).map(|k| module.slot_with(format!("row{k}"), SlotKind::Input, SPECIAL.to_vec())).collect();
    for form in 0..3_usize.pow(arity as u32) {
        let out = module.slot(format!("out{form}"), SlotKind::Temporary, n * n * n, 0.0);
        let b = KernelBuilder::new(format!("k{form}"), Domain::Dense { dims: vec![n, n * n], reduced: 0 });
        let mut args = [b.num(0.0); 3];
        for (k, arg) in args.iter_mut().enumerate().take(arity) {
            *arg = match form / 3_usize.pow(k as u32) % 3 {
                0 => b.load(slots[k], 0, &[0, 1]),
                1 => b.load(rows[k], 0, &[1, 0]),
                _ => b.load_scalar(rows[k], (form + k) % n),
            };
        }
        // the row makes it a value of every element, so that all forms reach the element tape
        let v = op(&b, args);
        b.store_to(v, access(out, &[n * n, 1]), false);
        module.kernels.push(b.finish());
    }
    agree(&module).unwrap();
}

fn access(slot: ir::SlotId, strides: &[usize]) -> ir::Access {
    ir::Access { slot, base: 0, index: ir::Index::Strides(strides.to_vec()) }
}

#[test]
fn operations_on_one_number_agree_in_every_form() {
    every_form(1, |b, [x, ..]| b.neg(x));
    every_form(1, |b, [x, ..]| b.abs(x));
    every_form(1, |b, [x, ..]| b.sqrt(x));
    every_form(1, |b, [x, ..]| b.round_even(x));
    every_form(1, |b, [x, ..]| b.from_bits(b.shl(b.bits(b.abs(x)), 3)));
    every_form(1, |b, [x, ..]| b.from_bits(b.shr(b.bits(b.select(b.eq(x, x), x, b.num(0.0))), 12)));
}

#[test]
fn operations_on_two_numbers_agree_in_every_form() {
    every_form(2, |b, [x, y, _]| b.add(x, y));
    every_form(2, |b, [x, y, _]| b.sub(x, y));
    every_form(2, |b, [x, y, _]| b.mul(x, y));
    every_form(2, |b, [x, y, _]| b.div(x, y));
    every_form(2, |b, [x, y, _]| b.min(x, y));
    every_form(2, |b, [x, y, _]| b.max(x, y));
    every_form(2, |b, [x, y, _]| b.indicator(b.lt(x, y)));
    every_form(2, |b, [x, y, _]| b.indicator(b.le(x, y)));
    every_form(2, |b, [x, y, _]| b.indicator(b.eq(x, y)));
    every_form(2, |b, [x, y, _]| b.indicator(b.and(b.lt(x, y), b.not(b.eq(x, b.num(1.0))))));
    every_form(2, |b, [x, y, _]| b.indicator(b.or(b.lt(x, y), b.eq(y, b.num(1.0)))));
}

#[test]
fn operations_on_bits_agree_in_every_form() {
    // a NaN has no bits of its own: it is replaced first
    let clean = |b: &KernelBuilder, x| b.bits(b.select(b.eq(x, x), x, b.num(3.0)));
    every_form(2, |b, [x, y, _]| b.from_bits(b.iadd(clean(b, x), clean(b, y))));
    every_form(2, |b, [x, y, _]| b.from_bits(b.isub(clean(b, x), clean(b, y))));
    every_form(2, |b, [x, y, _]| b.from_bits(b.iand(clean(b, x), clean(b, y))));
    every_form(2, |b, [x, y, _]| b.from_bits(b.ior(clean(b, x), clean(b, y))));
    every_form(2, |b, [x, y, _]| b.from_bits(b.ixor(clean(b, x), clean(b, y))));
}

#[test]
fn operations_on_three_numbers_agree_in_every_form() {
    every_form(3, |b, [x, y, z]| b.fma(x, y, z));
    every_form(3, |b, [x, y, z]| b.select(b.lt(x, y), y, z));
    every_form(3, |b, [x, y, z]| b.clamp(x, y, z));
    every_form(3, |b, [x, y, z]| b.clamp(b.fma(x, y, z), b.num(0.0), b.num(1.0)));
    every_form(3, |b, [x, y, z]| b.clamp(b.fma(x, y, z), y, z));
    every_form(3, |b, [x, y, z]| b.fma(x, y, b.fma(z, x, x)));
    every_form(3, |b, [x, y, z]| b.clamp(b.fma(x, y, b.fma(b.num(-0.5), z, z)), b.num(0.0), b.num(3.0)));
}

#[test]
fn functions_compute_what_their_text_says() {
    let mut module = Module::new();
    let xs: Vec<f64> = (0..300).map(|i| f64::from(i - 150) * 0.37 + 0.01).collect();
    let x = module.slot_with("x", SlotKind::Input, xs.clone());
    let names = ["exp", "log", "tanh", "sin", "cos", "atan", "expm1", "sigmoid"];
    type Function = fn(&KernelBuilder, Num) -> Num;
    let emit: [Function; 8] = [
        functions::exp,
        functions::log,
        functions::tanh,
        functions::sin,
        functions::cos,
        functions::atan,
        functions::expm1,
        functions::sigmoid,
    ];
    let compute = [
        scalar::exp,
        scalar::log,
        scalar::tanh,
        scalar::sin,
        scalar::cos,
        scalar::atan,
        scalar::expm1,
        scalar::sigmoid,
    ];
    for (name, f) in names.iter().zip(emit) {
        let out = module.slot(*name, SlotKind::Temporary, 300, 0.0);
        let b = KernelBuilder::new(*name, Domain::cells(300));
        b.store_to(f(&b, b.load(x, 0, &[1])), access(out, &[1]), false);
        module.kernels.push(b.finish());
    }
    agree(&module).unwrap();
    passes::run(&mut module);
    let program = compile(&module).unwrap();
    let mut arrays = Arrays::new(&module);
    let ids: Vec<_> = module.kernels.ids().collect();
    program.run(&ids, &mut arrays, &mut program.scratch()).unwrap();
    for (name, f) in names.iter().zip(compute) {
        for (x, y) in xs.iter().zip(&arrays[module.find_slot(name).unwrap()]) {
            assert!(same(f(*x), *y), "{name}({x}) is {y}");
        }
    }
}

#[test]
fn random_numbers_are_those_of_their_names() {
    let mut module = Module::new();
    let tick = module.slot("tick", SlotKind::Input, 1, 5.0);
    let u = module.slot("u", SlotKind::State, 3 * 40, 0.0);
    let v = module.slot("v", SlotKind::State, 40, 0.0);
    module.patterns.push(Pattern::from_rows("p", 9, &[vec![1, 4, 8], vec![], (0..9).collect()]));
    let e = module.slot("e", SlotKind::State, 12, 0.0);
    let synapse = || Element { base: 0, strides: vec![1 << 32, 1] };
    let b = KernelBuilder::new("dense", Domain::Dense { dims: vec![3, 40], reduced: 0 });
    b.store(b.uniform(9, synapse(), b.load_scalar(tick, 0)), u, 0, &[40, 1]);
    module.kernels.push(b.finish());
    let b = KernelBuilder::new("cells", Domain::cells(40));
    b.store(b.normal(8, Element { base: 2, strides: vec![1] }, b.num(0.0)), v, 0, &[1]);
    module.kernels.push(b.finish());
    let b = KernelBuilder::new("sparse", Domain::Sparse { pattern: crate::ir::PatternId(0), reduced: false });
    b.store_element(b.uniform(7, synapse(), b.num(1.0)), e);
    module.kernels.push(b.finish());
    agree(&module).unwrap();
    let program = compile(&module).unwrap();
    let mut arrays = Arrays::new(&module);
    let ids: Vec<_> = module.kernels.ids().collect();
    program.run(&ids, &mut arrays, &mut program.scratch()).unwrap();
    assert_eq!(arrays[u][45], philox::uniform(9, (1 << 32) | 5, 5));
    assert_eq!(arrays[v][7], philox::normal(8, 9, 0));
    assert_eq!(arrays[e][4], philox::uniform(7, (2 << 32) | 1, 1));
}

#[test]
fn reductions_agree_at_every_length_and_phase() {
    let mut text = String::from("input \"a\" [6000] = {");
    for i in 0..6000 {
        let v = philox::uniform(1, i, 0) - 0.3;
        text += &format!("{}{v:?}", if i > 0 { ", " } else { "" });
    }
    text += "}\ntemporary \"y\" [400] = 0.0\n";
    for (n, (rows, middle, inner)) in
        [(20, 1, 1), (9, 1, 7), (7, 1, 16), (3, 1, 100), (3, 5, 7), (2, 3, 33), (1, 1, 3000), (2, 2, 1200)]
            .iter()
            .enumerate()
    {
        for (i, kind) in ["sum", "dot", "least", "largest", "argmin", "argmax"].iter().enumerate() {
            for mask in ["", " where %3"] {
                let b = if *kind == "dot" { ", %1" } else { "" };
                text += &format!(
                    "kernel \"{kind}{n}{mask}\" dense {rows} x {middle} x {inner} reduce 2 {{
                    %0 = load \"a\" [{}, {}, 1] %1 = load \"a\" [0, 7, 1] %2 = num 0.0 %3 = lt %2, %0
                    {kind} %0{b}{mask} -> \"y\" {} + [1] unchecked }}\n",
                    middle * inner,
                    inner + 1,
                    i * 60 + if mask.is_empty() { 0 } else { 30 },
                );
            }
        }
        text += &format!(
            "kernel \"row{n}\" dense {rows} x {inner} reduce 1 {{ %0 = load \"a\" [1, 0] %1 = load \"a\" [0, 1]
            dot %0, %1 -> \"y\" [1] }}\nkernel \"same{n}\" dense {rows} x {inner} reduce 1 {{
            %0 = load \"a\" [1, 0] sum %0 -> \"y\" 20 + [1] dot %0, %0 -> \"y\" 40 + [1] }}\n"
        );
    }
    check(&text);
}

#[test]
fn products_too_small_for_a_number_agree_at_every_length() {
    let mut text =
        String::from("input \"a\" [120] = 1e-200\ninput \"b\" [40] = -1e-200\ntemporary \"y\" [3] = 0.0\n");
    for inner in [1, 7, 16, 17, 33, 37] {
        text += &format!(
            "kernel \"y{inner}\" dense 3 x {inner} reduce 1 {{ %0 = load \"a\" [40, 1] %1 = load \"b\" [0, 1]
            dot %0, %1 -> \"y\" [1] }}\n"
        );
    }
    check(&text);
}

#[test]
fn reductions_of_nothing_have_the_value_of_nothing() {
    check(
        "state \"a\" [9] = 7.0\ntemporary \"y\" [30] = 5.0\n
        kernel \"none\" dense 20 x 0 reduce 1 { %0 = num 1.0 sum %0 -> \"y\" [1] }
        kernel \"small\" dense 3 x 0 reduce 1 { %0 = num 1.0 largest %0 -> \"y\" 20 + [1] unchecked }
        kernel \"middle\" dense 7 x 0 x 3 reduce 2 { %0 = num 1.0 argmax %0 -> \"y\" 23 + [1] unchecked }",
    );
}

#[test]
fn loops_in_any_order_and_with_any_step_agree() {
    let mut text = String::from("state \"a\" [1000] = {");
    for i in 0..1000 {
        text += &format!("{}{:?}", if i > 0 { ", " } else { "" }, philox::uniform(2, i, 0));
    }
    text += "}\nstate \"b\" [1000] = 0.0\nstate \"c\" [2100] = 0.0\n\
        kernel \"transpose\" dense 20 x 50 { %0 = load \"a\" [1, 20] store %0 -> \"b\" [50, 1] }\n\
        kernel \"scatter\" dense 20 x 50 { %0 = load \"a\" [50, 1] store %0 -> \"c\" 3 + [2, 40] }\n\
        kernel \"three\" dense 5 x 4 x 30 { %0 = load \"a\" [0, 30, 1] %1 = load \"a\" [7, 1, 0] %2 = add %0, %1
            %3 = coord 0 %4 = coord 1 %5 = coord 2 %6 = fma %3, %4, %5 %7 = mul %2, %6 store %7 -> \"c\" [30, 200, 1] }\n\
        kernel \"columns\" dense 40 x 20 { %0 = load \"a\" [0, 2] %1 = sqrt %0 %2 = load \"a\" [20, 1] %3 = mul %1, %2
            %4 = coord 1 %5 = add %3, %4 store %5 -> \"b\" [20, 1] }\n\
        kernel \"gather\" dense 30 x 30 { %0 = coord 1 %1 = num 1.5 %2 = mul %0, %1 %3 = gather \"a\" 5 + 40 at %2
            %4 = coord 0 %5 = gather \"a\" 0 + 25 at %4 %6 = add %3, %5 store %6 -> \"b\" [30, 1] unchecked }\n\
        kernel \"in place\" dense 10 x 100 { %0 = load \"a\" [100, 1] %1 = load \"b\" [100, 1]
            store %1 -> \"a\" [100, 1] unchecked store %0 -> \"b\" [100, 1] }\n\
        kernel \"chain\" dense 1000 { %0 = load \"a\" [1] %1 = neg %0 %2 = load \"b\" [1] %3 = add %1, %2
            store %3 -> \"a\" [1] unchecked %4 = sub %0, %2 store %4 -> \"b\" [1] unchecked store %1 -> \"c\" 500 + [1] unchecked }\n";
    check(&text);
}

#[test]
fn patterns_agree_also_transposed() {
    let rows: Vec<Vec<u32>> = (0..30)
        .map(|r| (0..50).filter(|c| philox::uniform(3, r * 50 + c, 0) < 0.4).map(|c| c as u32).collect())
        .collect();
    let mut module = Module::new();
    let p = Pattern::from_rows("p", 50, &rows);
    let n = p.elements();
    let t = p.transpose("t");
    let p = module.patterns.push(p);
    let t = module.patterns.push(t);
    let few = module.patterns.push(Pattern::from_rows("few", 50, &vec![vec![3, 49]; 9]));
    let values = |key, n: usize| (0..n).map(|i| philox::uniform(key, i as u64, 0)).collect::<Vec<_>>();
    let w = module.slot_with("w", SlotKind::State, values(4, n));
    let x = module.slot_with("x", SlotKind::Input, values(5, 100));
    let y = module.slot_with("y", SlotKind::State, values(6, 60));
    let z = module.slot("z", SlotKind::Temporary, 100, 0.0);
    for (name, pattern) in [("p", p), ("t", t)] {
        let b = KernelBuilder::new(format!("drive {name}"), Domain::Sparse { pattern, reduced: true });
        let product = b.mul(b.load_element(w), b.sqrt(b.load(x, 0, &[0, 2])));
        b.dot(product, b.load(x, 0, &[0, 1]), z, 0, &[1]);
        b.reduce(crate::contract::reduce::Kind::Max, b.load(x, 1, &[1, 0]), z, 50, &[1]);
        module.kernels.push(b.finish());
        let b = KernelBuilder::new(format!("learn {name}"), Domain::Sparse { pattern, reduced: false });
        let row = b.mul(b.load(y, 0, &[1, 0]), b.coord(0));
        let column = b.add(b.tanh(b.load(x, 0, &[0, 1])), b.coord(1));
        let old = b.load_element(w);
        let new = b.clamp(b.fma(row, column, b.fma(b.num(-0.1), old, old)), b.num(0.0), b.num(3.0));
        b.store_element(new, w);
        module.kernels.push(b.finish());
    }
    let e = module.slot("e", SlotKind::State, 18, 0.0);
    let b = KernelBuilder::new("few", Domain::Sparse { pattern: few, reduced: false });
    b.store_element(b.mul(b.coord(1), b.add(b.load(x, 0, &[1, 1]), b.sqrt(b.load(x, 0, &[0, 1])))), e);
    module.kernels.push(b.finish());
    agree(&module).unwrap();
}

impl KernelBuilder {
    fn tanh(&self, x: Num) -> Num {
        functions::tanh(self, x)
    }
}

#[test]
fn what_is_not_finite_stops_the_run_and_is_found() {
    for n in [3, 300] {
        let text = format!(
            "state \"a\" [{n}] = 1.0\nstate \"b\" [{n}] = 0.0\nstate \"c\" [{n}] = 0.0
            kernel \"first\" dense {n} {{ %0 = coord 0 %1 = num 2.0 %2 = sub %0, %1 %3 = num 1.0 %4 = div %3, %2
            store %0 -> \"a\" [1] store %4 -> \"b\" [1] }}
            kernel \"second\" dense {n} {{ %0 = num 1.0 store %0 -> \"c\" [1] }}"
        );
        for cpu in Cpu::all() {
            let module = parse(&text).unwrap();
            let program = Vm { cpu }.compile(&module).unwrap();
            let mut arrays = Arrays::new(&module);
            let found = program.run(&[KernelId(0), KernelId(1)], &mut arrays, &mut program.scratch());
            assert_eq!(found, Err(NonFinite { kernel: KernelId(0), slot: ir::SlotId(1), index: 2 }));
            assert_eq!(arrays[ir::SlotId(2)][0], 0.0);
        }
        check(&text);
        check(&text.replace("\"b\" [1]", "\"b\" [1] unchecked"));
    }
}

#[test]
fn kernels_of_few_elements_agree() {
    check(
        "state \"a\" [6] = {0.5, -1.0, 2.0, 3.0, 4.0, 0.1}\nstate \"y\" [6] = 0.0\nconstant \"k\" [1] = 2.0\n\
        pattern \"p\" 2 x 3 { 0 2 | 1 }\npattern \"t\" 3 x 2 { 0 | 1 | 0 } stored { 0 2 1 }\n\
        kernel \"one\" dense { %0 = load \"a\" [] %1 = load \"k\" [] %2 = fma %0, %1, %0 store %2 -> \"y\" [] }\n\
        kernel \"dot\" dense 2 x 3 reduce 1 { %0 = load \"a\" [3, 1] %1 = load \"a\" [0, 2] dot %0, %1 -> \"y\" 1 + [1] }\n\
        kernel \"all\" dense 6 reduce 1 { %0 = load \"a\" [1] %1 = num 0.0 %2 = lt %1, %0 argmin %0 where %2 -> \"y\" 3 + [] }\n\
        kernel \"p\" sparse \"p\" reduce 1 { %0 = load \"a\" element %1 = load \"a\" [0, 1] dot %0, %1 -> \"y\" 4 + [1] }\n\
        kernel \"t\" sparse \"t\" { %0 = load \"a\" element %1 = coord 0 %2 = coord 1 %3 = fma %0, %1, %2 store %3 -> \"a\" element }\n\
        kernel \"random\" dense 4 { %0 = num 3.0 %1 = random 0x07 word 1 draw %0 element 9 + [2] store %1 -> \"y\" [1] }",
    );
}

#[test]
fn a_listing_shows_what_is_computed_how_often() {
    let module = parse(
        "state \"w\" [2000] = 0.5\ninput \"x\" [100] = 1.0\nstate \"y\" [20] = 1.0\n
        kernel \"learn\" dense 20 x 100 { %0 = load \"w\" [100, 1] %1 = num -0.5 %2 = fma %1, %0, %0
        %3 = load \"y\" [1, 0] %4 = mul %3, %3 %5 = load \"x\" [0, 1] %6 = fma %4, %5, %2 store %6 -> \"w\" [100, 1] }",
    );
    let program = compile(&module.unwrap()).unwrap();
    let expected = "20 x 100 elements, blocks of 112
  each row, 2 registers
    r0 = load \"y\" Rows
    r1 = mul r0, r0
  each element, 0 registers
    \"w\" = ontodecayed row r1, \"x\", -0.5
";
    assert_eq!(program.listing(KernelId(0)), expected);
}

#[test]
fn a_fused_operation_of_single_precision_rounds_once() {
    // the product is a little more than half of what the sum is rounded to, by so little that f64 does not see it
    let half = 2.0_f64.powi(-12);
    let step = 2.0_f64.powi(-23);
    let (a, b) = (half * (1.0 + 2896.0 * step), half * (1.0 - 2895.0 * step));
    assert_eq!(a.mul_add(b, 1.0) as f32, 1.0);
    assert_eq!((a as f32).mul_add(b as f32, 1.0), 1.0 + 2.0_f32.powi(-23));
    for n in [1, 3, 40] {
        let text = format!(
            "state \"a\" f32 [{n}] = {a:?}\nstate \"b\" f32 [{n}] = {b:?}\nstate \"c\" f32 [{n}] = 1.0\n\
             kernel \"alone\" dense {n} {{ %0 = load \"a\" [1] %1 = load \"b\" [1] %2 = load \"c\" [1] \
             %3 = fma %0, %1, %2 store %3 -> \"c\" [1] }}\n\
             temporary \"e\" [{n}] = 0.0\n\
             kernel \"beside others\" dense {n} {{ %0 = load \"a\" [1] %1 = load \"b\" [1] %2 = load \"c\" [1] \
             %3 = fma %0, %1, %2 %4 = widen %3 store %4 -> \"e\" [1] }}"
        );
        check(&text);
        let module = parse(&text).unwrap();
        let mut arrays = Arrays::new(&module);
        let program = super::compile(&module).unwrap();
        program.run(&[ir::KernelId(0)], &mut arrays, &mut program.scratch()).unwrap();
        assert_eq!(arrays.value(ir::SlotId(2), n - 1), Some(1.0 + step));
    }
}

#[test]
fn any_number_of_reductions_agrees() {
    for n in [1, 9, 21] {
        let sums: String = (0..n).map(|i| format!("temporary \"s{i}\" [7] = 0.0\n")).collect();
        let reduce: String = (0..n)
            .map(|i| match i % 3 {
                0 => format!("sum %0 -> \"s{i}\" [1] "),
                1 => format!("dot %0, %1 -> \"s{i}\" [1] "),
                _ => format!("largest %1 -> \"s{i}\" [1] "),
            })
            .collect();
        check(&format!(
            "state \"w\" [259] = 0.25\ninput \"x\" [37] = 0.1\n{sums}\
             kernel \"k\" dense 7 x 37 reduce 1 {{ %0 = load \"w\" [37, 1] %1 = load \"x\" [0, 1] %2 = coord 1 \
             %3 = fma %1, %2, %0 store %3 -> \"w\" [37, 1] {reduce} }}"
        ));
    }
}
