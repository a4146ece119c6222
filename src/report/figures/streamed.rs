use super::build::Context;
use crate::hir::{AxisId, Expr, ExprKind, Value, ValueAxis};
use crate::record::Series;
use crate::report::stack::stack;
use std::sync::Arc;

/// A record of many elements, reduced sample by sample: long records of large populations are never in memory as a whole.
pub(super) struct Streamed {
    pub mean: Value,
    pub least: Value,
    pub largest: Value,
    /// Along which axes, and how many elements there are.
    pub over: Vec<AxisId>,
    pub elements: usize,
}

/// How many numbers of a record are held at once.
const CHUNK: usize = 1 << 20;

/// The record that an expression is, reduced along all axes of a sample, if these are for reduction: `few` elements are
/// not, nor is any axis that is `kept`.
pub(super) fn streamed(
    cx: &Context,
    e: &Expr,
    few: usize,
    kept: &dyn Fn(AxisId) -> bool,
) -> Result<Option<Streamed>, String> {
    let ExprKind::Record { id, control } = e.kind else { return Ok(None) };
    let record = cx.reading.program().and_then(|p| p.sampled(id));
    let Some((time, over)) = record.and_then(|r| r.axes.split_first()) else { return Ok(None) };
    let elements = over.iter().map(|a| cx.axis(*a).and_then(|a| a.size).unwrap_or(1)).product();
    if elements <= few || over.iter().any(|a| kept(*a)) {
        return Ok(None);
    }
    let (mut means, mut leasts, mut largests) = (Vec::new(), Vec::new(), Vec::new());
    for program in 0..cx.reading.experiment.programs.len() {
        let Some(series) = cx.reading.record(program, control, id) else {
            means.push(None);
            leasts.push(None);
            largests.push(None);
            continue;
        };
        let [mean, least, largest] =
            reduced(series, *time).map_err(|e| format!("its samples cannot be read: {e}"))?;
        means.push(Some(mean));
        leasts.push(Some(least));
        largests.push(Some(largest));
    }
    let joined = |values: &[Option<Value>]| stack(cx.reading, values);
    let all = (joined(&means), joined(&leasts), joined(&largests));
    let (Some(mean), Some(least), Some(largest)) = all else { return Ok(None) };
    Ok(Some(Streamed { mean, least, largest, over: over.to_vec(), elements }))
}

/// The mean, the least and the largest number of each sample.
fn reduced(series: &Series, time: AxisId) -> std::io::Result<[Value; 3]> {
    let (samples, width) = (series.samples(), series.width().max(1));
    let mut out = [(); 3].map(|()| Vec::with_capacity(samples));
    let at_once = (CHUNK / width).max(1);
    for from in (0..samples).step_by(at_once) {
        let to = (from + at_once).min(samples);
        for sample in series.read(from, to)?.chunks(width) {
            let known = sample.iter().enumerate().filter(|(k, _)| series.present().is_none_or(|p| p[*k]));
            let (mut sum, mut n) = (0.0, 0u32);
            let (mut least, mut largest) = (f64::INFINITY, f64::NEG_INFINITY);
            for (_, v) in known {
                (sum, n) = (sum + v, n + 1);
                (least, largest) = (least.min(*v), largest.max(*v));
            }
            out[0].push(sum / f64::from(n));
            out[1].push(least);
            out[2].push(largest);
        }
    }
    let times: Arc<[f64]> = series.times().iter().collect();
    let axis = ValueAxis { id: time, len: samples, coordinates: Some(times) };
    Ok(out.map(|data| Value { axes: vec![axis.clone()], data: data.into(), present: None }))
}
