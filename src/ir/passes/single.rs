//! Single precision: what is computed with numbers of arrays that keep f32 is computed in f32.
//!
//! An operation that has an operand in single precision takes all of them so and gives such a number; operands in
//! double precision are rounded first, each once. A sum or a sum of products does the same with what it adds up, and
//! its result is in double precision. Other reductions, places of lookups and numbers of draws are in double precision,
//! where the numbers are the same. What [`Op::Widen`] names stays in double precision until it meets such an operand.
//!
//! Builders write kernels as if all numbers were alike; this pass alone decides, so precision is part of no other.

use crate::contract::reduce::Kind;
use crate::ir::{Effect, Kernel, Module, Op, Precision, Reg, Ty};
use crate::source::IndexVec;
use std::collections::HashMap;

/// Gives every value of every kernel its precision.
pub fn run(module: &mut Module) {
    if module.slots.iter().all(|s| s.precision == Precision::Double) {
        return;
    }
    let kernels = std::mem::take(&mut module.kernels);
    module.kernels = kernels.iter().map(|k| kernel(module, k)).collect();
}

/// Gives every value of a kernel its precision.
pub fn kernel(module: &Module, kernel: &Kernel) -> Kernel {
    let mut typed = Typed {
        module,
        made: Kernel { ops: IndexVec::new(), effects: Vec::new(), ..kernel.clone() },
        types: IndexVec::new(),
        place: IndexVec::new(),
        narrowed: HashMap::new(),
        widened: HashMap::new(),
    };
    for op in kernel.ops.iter() {
        let place = typed.op(op);
        typed.place.push(place);
    }
    for effect in &kernel.effects {
        typed.effect(effect);
    }
    typed.made
}

struct Typed<'m> {
    module: &'m Module,
    made: Kernel,
    types: IndexVec<Reg, Ty>,
    /// Where the values of the kernel are in the one that is made.
    place: IndexVec<Reg, Reg>,
    narrowed: HashMap<Reg, Reg>,
    widened: HashMap<Reg, Reg>,
}

impl Typed<'_> {
    fn push(&mut self, op: Op, ty: Ty) -> Reg {
        self.types.push(ty);
        self.made.ops.push(op)
    }

    fn narrow(&mut self, r: Reg) -> Reg {
        if self.types[r] != Ty::Num {
            return r;
        }
        if let Some(narrowed) = self.narrowed.get(&r) {
            return *narrowed;
        }
        let narrowed = self.push(Op::Narrow(r), Ty::Single);
        self.narrowed.insert(r, narrowed);
        narrowed
    }

    fn widen(&mut self, r: Reg) -> Reg {
        if self.types[r] != Ty::Single {
            return r;
        }
        if let Some(widened) = self.widened.get(&r) {
            return *widened;
        }
        let widened = self.push(Op::Widen(r), Ty::Num);
        self.widened.insert(r, widened);
        widened
    }

    /// Takes over an operation; where its value is.
    fn op(&mut self, op: &Op) -> Reg {
        let mut op = op.clone();
        op.map_uses(|r| self.place[r]);
        let single = op.uses().any(|r| self.types[r] == Ty::Single);
        match op {
            Op::Widen(a) => return self.widen(a),
            Op::Gather { .. } | Op::Random { .. } | Op::ToBits(_) => op.map_uses(|r| self.widen(r)),
            Op::Unary(..) | Op::Binary(..) | Op::Fma(..) | Op::Compare(..) | Op::Select(..) if single => {
                op.map_uses(|r| self.narrow(r));
            }
            _ => {}
        }
        // of one operation the types are those of a kernel that ends with it
        let ty = match op {
            Op::Load(ref access) => self.of_slot(access.slot),
            Op::Gather { slot, .. } => self.of_slot(slot),
            Op::Single(_) | Op::Narrow(_) => Ty::Single,
            Op::Unary(..) | Op::Binary(..) | Op::Fma(..) | Op::Select(..) if single => Ty::Single,
            Op::Truth(_) | Op::Compare(..) | Op::Logic(..) | Op::Not(_) => Ty::Truth,
            Op::Int(_) | Op::ToBits(_) | Op::Int2(..) | Op::Shift(..) => Ty::Bits,
            _ => Ty::Num,
        };
        self.push(op, ty)
    }

    fn of_slot(&self, slot: crate::ir::SlotId) -> Ty {
        match self.module.precision(slot) {
            Precision::Single => Ty::Single,
            Precision::Double => Ty::Num,
        }
    }

    fn effect(&mut self, effect: &Effect) {
        let mut effect = effect.clone();
        effect.map_uses(|r| self.place[r]);
        match &mut effect {
            Effect::Store { value, to, .. } => {
                *value = match self.module.precision(to.slot) {
                    Precision::Single => self.narrow(*value),
                    Precision::Double => self.widen(*value),
                };
            }
            Effect::Reduce { kind: Kind::Sum | Kind::Dot, a, b, .. } => {
                if [Some(*a), *b].into_iter().flatten().any(|r| self.types[r] == Ty::Single) {
                    *a = self.narrow(*a);
                    *b = b.map(|b| self.narrow(b));
                }
            }
            Effect::Reduce { a, .. } => *a = self.widen(*a),
        }
        self.made.effects.push(effect);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::ir::{parse, passes, text, verify};

    fn typed(kernel: &str) -> String {
        let head = "state \"w\" f32 [6] = 0.1\nstate \"y\" [2] = 0.0\ninput \"x\" [3] = 0.0\ntemporary \"s\" [6] = 0.0\n";
        let mut m = parse(&format!("{head}\nkernel \"k\" {kernel}")).unwrap();
        passes::run(&mut m);
        verify(&m).unwrap();
        let listing = text(&m);
        let body = listing.split_once("{\n").unwrap().1;
        body.lines().map(|l| l.split(';').next().unwrap().trim()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn factors_are_rounded_before_they_meet_a_weight() {
        // the factor of the row is a product in double precision
        assert_eq!(
            typed(
                "dense 2 x 3 { %0 = load \"w\" [3, 1] %1 = load \"y\" [1, 0] %2 = mul %1, %1 \
                 %3 = load \"x\" [0, 1] %4 = num -0.1 %5 = fma %4, %0, %0 %6 = fma %2, %3, %5 \
                 store %6 -> \"w\" [3, 1] }"
            ),
            "%0 = load \"w\" [3, 1]; %1 = load \"y\" [1, 0]; %2 = mul %1, %1; %3 = load \"x\" [0, 1]; \
             %4 = single -0.1; %5 = fma %4, %0, %0; %6 = narrow %2; %7 = narrow %3; %8 = fma %6, %7, %5; \
             store %8 -> \"w\" [3, 1]; }"
        );
    }

    #[test]
    fn a_sum_takes_single_numbers_and_gives_a_double_one() {
        assert_eq!(
            typed(
                "dense 2 x 3 reduce 1 { %0 = load \"w\" [3, 1] %1 = load \"x\" [0, 1] \
                   dot %0, %1 -> \"y\" [1] largest %0 -> \"s\" [1] }"
            ),
            "%0 = load \"w\" [3, 1]; %1 = load \"x\" [0, 1]; %2 = narrow %1; %3 = widen %0; \
             dot %0, %2 -> \"y\" [1]; largest %3 -> \"s\" [1]; }"
        );
    }

    #[test]
    fn what_is_widened_stays_so_until_it_meets_a_weight_again() {
        assert_eq!(
            typed(
                "dense 6 { %0 = load \"w\" [1] %1 = widen %0 %2 = mul %1, %1 %3 = add %2, %0 \
                 store %2 -> \"s\" [1] store %3 -> \"w\" [1] }"
            ),
            "%0 = load \"w\" [1]; %1 = widen %0; %2 = mul %1, %1; %3 = narrow %2; %4 = add %3, %0; \
             store %2 -> \"s\" [1]; store %4 -> \"w\" [1]; }"
        );
        // nothing is there to be widened
        assert_eq!(
            typed("dense 2 { %0 = load \"y\" [1] %1 = widen %0 store %1 -> \"y\" [1] }"),
            "%0 = load \"y\" [1]; store %0 -> \"y\" [1]; }"
        );
    }
}
