//! Block registers: places that are used again once a value is no longer needed.

use super::fuse::arity;
use super::tape::{Dst, Instr, Src};
use std::collections::HashMap;

pub(super) fn row_sources(instr: &Instr) -> Vec<u32> {
    let mut found = Vec::new();
    for_each_source(&mut instr.clone(), |src| {
        if let Src::Row(r) = src {
            found.push(*r);
        }
    });
    found
}

pub(super) fn for_each_source(instr: &mut Instr, mut f: impl FnMut(&mut Src)) {
    match instr {
        Instr::Op { op, args, .. } => args.iter_mut().take(arity(*op)).for_each(f),
        Instr::Gather { index: a, .. }
        | Instr::Random { draw: a, .. }
        | Instr::Scatter { value: a, .. }
        | Instr::Polynomial { x: a, .. } => f(a),

        Instr::Reduce { a, b, mask, .. } => {
            f(a);
            b.iter_mut().for_each(&mut f);
            mask.iter_mut().for_each(f);
        }
        Instr::Load { .. } | Instr::LoadColumn { .. } | Instr::Coord { .. } => {}
    }
}

pub(super) fn destination(instr: &mut Instr) -> Option<&mut u32> {
    match instr {
        Instr::Op { dst: Dst::Reg(r), .. }
        | Instr::Load { dst: Dst::Reg(r), .. }
        | Instr::LoadColumn { dst: Dst::Reg(r), .. }
        | Instr::Gather { dst: Dst::Reg(r), .. }
        | Instr::Coord { dst: Dst::Reg(r), .. }
        | Instr::Polynomial { dst: Dst::Reg(r), .. }
        | Instr::Random { dst: Dst::Reg(r), .. } => Some(r),
        _ => None,
    }
}

/// Gives registers places that are used again once a value is no longer needed; a destination is never the place of
/// an operand. Values in `pinned` keep theirs. Returns the places and how many there are.
pub(super) fn allocate(code: &mut [Instr], pinned: &[u32]) -> (HashMap<u32, u32>, usize) {
    let mut last_use = HashMap::new();
    for (i, instr) in code.iter_mut().enumerate() {
        for_each_source(instr, |src| {
            if let Src::Reg(r) = src {
                last_use.insert(*r, i);
            }
        });
    }
    let mut places = HashMap::new();
    let mut free: Vec<u32> = Vec::new();
    let mut count = 0;
    for (i, instr) in code.iter_mut().enumerate() {
        let mut ending = Vec::new();
        for_each_source(instr, |src| {
            if let Src::Reg(r) = src {
                let place = places.get(r).copied().unwrap_or(0);
                if last_use.get(r) == Some(&i) && !pinned.contains(r) && !ending.contains(&place) {
                    ending.push(place);
                }
                *r = place;
            }
        });
        if let Some(r) = destination(instr) {
            let place = free.pop().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            places.insert(*r, place);
            if !last_use.contains_key(r) && !pinned.contains(r) {
                ending.push(place);
            }
            *r = place;
        }
        free.append(&mut ending);
    }
    (places, count as usize)
}
