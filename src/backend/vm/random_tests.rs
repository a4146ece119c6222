//! Random kernels: the vm against the reference, with every instruction set, before and after the passes.

use super::tests::{agree, rows_agree};
use crate::contract::{Ops, philox, reduce};
use crate::ir::{
    Domain, Effect, Element, KernelBuilder, KernelId, Module, Num, Pattern, PatternId, Precision, SlotKind,
    Truth, parse, passes, text,
};
use proptest::prelude::*;

/// Draws decisions from a list of random words.
struct Choices<'a> {
    words: std::slice::Iter<'a, u32>,
}

impl Choices<'_> {
    fn below(&mut self, n: usize) -> usize {
        self.words.next().map_or(0, |w| *w as usize % n)
    }

    fn one<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

const NUMBERS: [f64; 10] = [0.0, -0.0, 1.0, -1.0, 0.5, 3.0, -1e-3, 1e200, f64::INFINITY, f64::NAN];

/// A module with one kernel whose body follows the choices.
fn module(words: &[u32]) -> Module {
    let mut c = Choices { words: words.iter() };
    let mut module = Module::new();
    let dims: &[usize] = match c.below(10) {
        0 => &[1],
        1 => &[3, 2],
        2 => &[37],
        3 => &[300],
        4 => &[5, 70],
        5 => &[40, 3],
        6 => &[4, 3, 19],
        7 => &[37, 1],
        8 => &[5, 7, 1],
        _ => &[],
    };
    let (domain, dims) = if dims.is_empty() {
        let rows: Vec<Vec<u32>> = (0..9)
            .map(|r| (0..20).filter(|k| (r * 7 + k * 3) % 4 != 0).map(|k| k as u32).collect())
            .collect();
        let p = Pattern::from_rows("p", 20, &rows);
        let p = if c.below(2) == 0 { p } else { p.transpose("p") };
        let dims = vec![p.rows, p.cols];
        module.patterns.push(p);
        (Domain::Sparse { pattern: PatternId(0), reduced: c.below(2) == 0 }, dims)
    } else {
        (Domain::Dense { dims: dims.to_vec(), reduced: c.below(dims.len() + 1) }, dims.to_vec())
    };
    let rank = dims.len();
    let sparse = matches!(domain, Domain::Sparse { .. });
    let cells: usize = if sparse { module.patterns[PatternId(0)].elements() } else { dims.iter().product() };
    let values = |key, n| (0..n).map(|i| philox::normal(key, i as u64, 0)).collect::<Vec<_>>();
    let longest = dims.iter().sum::<usize>() * 3;
    let w = module.slot_with("w", SlotKind::State, values(1, cells));
    let x = module.slot_with("x", SlotKind::Input, values(2, longest));
    let constant = module.slot_with("constant", SlotKind::Constant, NUMBERS.to_vec());
    let outs: Vec<_> =
        (0..3).map(|i| module.slot(format!("out{i}"), SlotKind::Temporary, cells.max(1), 0.0)).collect();

    let full: Vec<usize> = (0..rank).map(|d| dims[d + 1..].iter().product()).collect();
    let b = KernelBuilder::new("k", domain.clone());
    let own = || if sparse { b.load_element(w) } else { b.load(w, 0, &full) };
    let mut nums: Vec<Num> = vec![own(), b.load_scalar(constant, 2)];
    let mut truths: Vec<Truth> = vec![b.lt(nums[0], nums[1])];
    for _ in 0..4 + c.below(30) {
        let pick = |c: &mut Choices<'_>, from: &[Num]| from[from.len() - 1 - c.below(from.len().min(6))];
        let (p, q, r) = (pick(&mut c, &nums), pick(&mut c, &nums), pick(&mut c, &nums));
        let t = c.one(&truths);
        let clean = |v| b.bits(b.select(b.eq(v, v), v, b.num(1.5)));
        match c.below(26) {
            0 => nums.push(own()),
            1 => nums.push(b.num(c.one(&NUMBERS))),
            2 | 3 => {
                let mut strides = vec![0; rank];
                strides[c.below(rank)] = 1 + c.below(2);
                nums.push(b.load(x, c.below(3).min(longest / 3 - 1), &strides));
            }
            4 => nums.push(b.coord(c.below(rank))),
            5 => nums.push(b.gather(x, 0, longest, p)),
            6 => {
                let element = Element { base: 3, strides: (0..rank as u64).map(|d| d << 32 | 1).collect() };
                nums.push(b.uniform(77, element, q));
            }
            7 => nums.push(b.neg(p)),
            8 => nums.push(b.abs(p)),
            9 => nums.push(b.sqrt(p)),
            10 => nums.push(b.round_even(p)),
            11 | 12 => nums.push(b.add(p, q)),
            13 => nums.push(b.sub(p, q)),
            14 => nums.push(b.mul(p, q)),
            15 => nums.push(b.div(p, q)),
            16 => nums.push(b.min(p, q)),
            17 => nums.push(b.max(p, q)),
            18 | 19 => nums.push(b.fma(p, q, r)),
            20 => nums.push(b.clamp(p, q, r)),
            21 => nums.push(b.clamp(b.fma(p, q, r), b.num(0.0), b.num(1.0))),
            22 => nums.push(b.select(t, p, q)),
            23 => truths.push(c.one(&[b.lt(p, q), b.le(p, q), b.eq(p, q), b.not(t), b.or(t, b.lt(q, r))])),
            24 => nums.push(b.from_bits(b.shr(b.iadd(clean(p), b.int(1 << 40)), 1))),
            _ => nums.push(b.from_bits(b.ixor(clean(p), b.shl(b.iand(clean(q), b.int(255)), 20)))),
        }
    }
    let last = |c: &mut Choices<'_>| nums[nums.len() - 1 - c.below(nums.len().min(4))];
    let store = |value, slot| {
        let index = if sparse { crate::ir::Index::Element } else { crate::ir::Index::Strides(full.clone()) };
        b.store_to(value, crate::ir::Access { slot, base: 0, index }, false);
    };
    let (p, q, r) = (last(&mut c), last(&mut c), nums[c.below(nums.len())]);
    let (low, high, old) = (b.num(-0.5), b.num(0.5), own());
    let new = match c.below(6) {
        0 => b.fma(p, q, old),
        1 => b.clamp(b.fma(p, q, old), low, high),
        2 => b.fma(p, q, b.fma(b.num(-0.1), old, old)),
        3 => b.clamp(b.fma(p, q, b.fma(r, old, old)), low, high),
        4 => b.clamp(b.fma(p, q, b.fma(b.num(-0.1), old, old)), low, r),
        _ => p,
    };
    store(new, w);
    if c.below(2) == 0 {
        store(last(&mut c), outs[0]);
    }
    if domain.reduced() > 0 {
        for out in &outs[1..] {
            use reduce::Kind::{ArgMax, ArgMin, Dot, Max, Min, Sum};
            let kind = c.one(&[Sum, Dot, Dot, Min, Max, ArgMin, ArgMax]);
            let factor = (kind == Dot).then(|| last(&mut c));
            let mask = (c.below(3) == 0).then(|| c.one(&truths));
            let outer = domain.outer();
            let strides: Vec<usize> = (0..outer).map(|d| dims[d + 1..outer].iter().product()).collect();
            let to = crate::ir::Access { slot: *out, base: 0, index: crate::ir::Index::Strides(strides) };
            b.reduce_to(kind, last(&mut c), factor, mask, to, false);
        }
    }
    module.kernels.push(b.finish());
    module
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_kernels_agree(words in proptest::collection::vec(any::<u32>(), 20..200)) {
        let module = module(&words);
        agree(&module).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn random_kernels_agree_row_by_row(
        words in proptest::collection::vec(any::<u32>(), 20..200),
        which in any::<[bool; 6]>(),
        turn in 0_usize..1000,
        at_once in 1_usize..4,
    ) {
        let mut module = module(&words);
        let kernel = &mut module.kernels[KernelId(0)];
        kernel.by_row = true;
        match &mut kernel.domain {
            Domain::Dense { reduced, .. } => *reduced = 0,
            Domain::Sparse { reduced, .. } => *reduced = false,
        }
        // what is read of other rows would depend on which are run first
        kernel.effects.retain(|e| matches!(e, Effect::Store { .. }));
        let one_of_some = |id: &crate::ir::SlotId| which[id.0 as usize % which.len()];
        for slot in module.slots.ids().collect::<Vec<_>>().into_iter().filter(one_of_some) {
            module.slots[slot].precision = Precision::Single;
        }
        passes::single::run(&mut module);
        rows_agree(&module, turn, at_once).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn random_kernels_of_single_precision_agree(
        words in proptest::collection::vec(any::<u32>(), 20..200),
        which in any::<[bool; 6]>(),
    ) {
        let mut module = module(&words);
        // what reductions write to keeps double precision
        let reduced: Vec<_> = module.kernels[KernelId(0)].effects.iter().filter_map(|e| match e {
            Effect::Reduce { to, .. } => Some(to.slot),
            Effect::Store { .. } => None,
        }).collect();
        for (slot, single) in module.slots.ids().collect::<Vec<_>>().into_iter().zip(which) {
            if (single || slot.0 == 0) && !reduced.contains(&slot) {
                module.slots[slot].precision = Precision::Single;
            }
        }
        passes::single::run(&mut module);
        agree(&module).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn random_kernels_are_printed_and_read_back(words in proptest::collection::vec(any::<u32>(), 20..200)) {
        let listing = text(&module(&words));
        prop_assert_eq!(text(&parse(&listing).map_err(|e| TestCaseError::fail(e.to_string()))?), listing);
    }
}

/// A module with one kernel that learns in single precision: factors of rows and columns, weights side by side.
fn learning(words: &[u32]) -> Module {
    let mut c = Choices { words: words.iter() };
    let (rows, cols) = (c.one(&[1, 2, 3, 9, 17]), c.one(&[2, 3, 4, 7, 8, 15, 16, 19, 31, 33, 70, 100, 129]));
    let values = |key, n| (0..n).map(|i| philox::normal(key, i as u64, 0)).collect::<Vec<_>>();
    let mut module = Module::new();
    let (w, v) = (
        module.slot_with("w", SlotKind::State, values(1, rows * cols)),
        module.slot_with("v", SlotKind::State, values(2, rows * cols)),
    );
    module.slots[w].precision = Precision::Single;
    module.slots[v].precision = Precision::Single;
    let x = module.slot_with("x", SlotKind::Input, values(3, cols));
    let y = module.slot_with("y", SlotKind::Input, values(4, rows));
    let sums: Vec<_> =
        (0..2).map(|i| module.slot(format!("sum{i}"), SlotKind::Temporary, rows, 0.0)).collect();
    let reduced = c.below(3);
    let b =
        KernelBuilder::new("k", Domain::Dense { dims: vec![rows, cols], reduced: usize::from(reduced > 0) });
    let full = [cols, 1];
    let (x, y) = (b.load(x, 0, &[0, 1]), b.load(y, 0, &[1, 0]));
    let factors = [x, y, b.mul(x, x), b.mul(y, b.sub(y, b.num(0.5))), b.num(0.1), b.num(f64::MAX)];
    let mut nums = vec![b.load(w, 0, &full), b.load(v, 0, &full)];
    let mut truths = vec![b.lt(nums[0], nums[1]), b.le(y, b.num(0.0))];
    for _ in 0..2 + c.below(14) {
        let pick = |c: &mut Choices<'_>| {
            if c.below(3) == 0 { c.one(&factors) } else { nums[nums.len() - 1 - c.below(nums.len().min(5))] }
        };
        let (p, q, r) = (c.one(&nums), pick(&mut c), pick(&mut c));
        match c.below(14) {
            0 => nums.push(b.neg(p)),
            1 => nums.push(b.abs(p)),
            2 => nums.push(b.sqrt(p)),
            3 => nums.push(b.round_even(p)),
            4 => nums.push(b.add(p, q)),
            5 => nums.push(b.sub(q, p)),
            6 => nums.push(b.mul(p, q)),
            7 => nums.push(b.div(q, p)),
            8 => nums.push(b.clamp(p, q, r)),
            9 => nums.push(b.select(c.one(&truths), p, q)),
            10 => {
                let t = c.one(&truths);
                truths.push(c.one(&[b.lt(p, q), b.eq(q, p), b.not(t), b.and(truths[0], b.le(q, p))]));
            }
            _ => nums.push(b.fma(q, r, p)),
        }
    }
    let last = nums[nums.len() - 1];
    b.store_to(
        last,
        crate::ir::Access { slot: w, base: 0, index: crate::ir::Index::Strides(full.to_vec()) },
        c.below(2) == 0,
    );
    for sum in &sums[..reduced] {
        let factor = (c.below(2) == 0).then(|| c.one(&factors));
        let kind = if factor.is_some() { reduce::Kind::Dot } else { reduce::Kind::Sum };
        let mask = (c.below(3) == 0).then(|| c.one(&truths));
        let to = crate::ir::Access { slot: *sum, base: 0, index: crate::ir::Index::Strides(vec![1]) };
        b.reduce_to(kind, c.one(&nums), factor, mask, to, c.below(2) == 0);
    }
    module.kernels.push(b.finish());
    passes::run(&mut module);
    module
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kernels_that_learn_in_single_precision_agree(words in proptest::collection::vec(any::<u32>(), 20..100)) {
        agree(&learning(&words)).map_err(TestCaseError::fail)?;
    }
}
