use super::Reading;
use super::stack::{case_axes, collapse, stack};
use crate::eval::{Env, EvalError, Missing, StaticEnv, eval};
use crate::hir::{Axis, AxisId, ConstId, Expr, ParamId, ProbeId, Program, RecordId, Value, ValueAxis};
use crate::source::IndexVec;
use std::cell::RefCell;
use std::collections::HashMap;

/// Where the leaves of a result expression get their values: every case side by side, case axes first.
///
/// Parameters and stimuli keep only the case axes along which they change.
pub(super) struct ResultsEnv<'a> {
    reading: &'a Reading<'a>,
    stop: &'a dyn Fn() -> bool,
    consts: RefCell<HashMap<ConstId, Value>>,
    probes: RefCell<HashMap<(ProbeId, bool), Value>>,
    records: RefCell<HashMap<(RecordId, bool), Value>>,
    missing: RefCell<Vec<String>>,
    /// Which cases ran, where some did not.
    ran: Option<Value>,
}

impl<'a> ResultsEnv<'a> {
    pub fn new(reading: &'a Reading<'a>, stop: &'a dyn Fn() -> bool) -> Self {
        Self {
            reading,
            stop,
            consts: RefCell::default(),
            probes: RefCell::default(),
            records: RefCell::default(),
            missing: RefCell::default(),
            ran: (reading.which.len() < reading.experiment.programs.len()).then(|| {
                let cases = 0..reading.experiment.programs.len();
                let data = cases.map(|i| f64::from(u8::from(reading.which.contains(&i)))).collect();
                Value { axes: case_axes(reading), data, present: None }
            }),
        }
    }

    fn programs(&self) -> &'a [Program] {
        &self.reading.experiment.programs
    }

    /// Names of what expressions asked for and no run has.
    pub fn take_missing(&self) -> Vec<String> {
        std::mem::take(&mut self.missing.borrow_mut())
    }

    /// All cases side by side; all of it missing, with the shape it would have, if no run has any of it.
    fn stacked(&self, name: &str, axes: &[AxisId], values: &[Option<Value>]) -> Result<Value, EvalError> {
        if values.iter().all(Option::is_none) {
            self.missing.borrow_mut().push(name.to_string());
            return Ok(self.nothing(axes));
        }
        stack(self.reading, values).ok_or_else(|| EvalError::not_here(Missing::Extent))
    }

    fn nothing(&self, axes: &[AxisId]) -> Value {
        let size = |id: AxisId| self.axes().get(id).and_then(|a| a.size).unwrap_or(0);
        let own = axes.iter().map(|&id| ValueAxis { id, len: size(id), coordinates: None });
        let axes: Vec<_> = case_axes(self.reading).into_iter().chain(own).collect();
        let n = axes.iter().map(|a| a.len).product();
        Value { axes, data: vec![f64::NAN; n].into(), present: Some(vec![false; n].into()) }
    }
}

/// The value of an expression of the results, and the names of what it reads and no run has.
///
/// # Errors
/// Why it cannot be computed.
pub fn evaluate(reading: &Reading<'_>, expr: &Expr) -> Result<(Value, Vec<String>), EvalError> {
    let env = ResultsEnv::new(reading, &|| false);
    let value = eval(expr, &env)?;
    Ok((value, env.take_missing()))
}

impl Env for ResultsEnv<'_> {
    fn stopped(&self) -> bool {
        (self.stop)()
    }

    fn ran(&self) -> Option<&Value> {
        self.ran.as_ref()
    }

    fn axes(&self) -> &IndexVec<AxisId, Axis> {
        &self.reading.experiment.axes
    }

    fn tick(&self) -> f64 {
        self.reading.program().map_or(1.0, |p| p.tick)
    }

    fn seed(&self) -> u64 {
        self.reading.program().map_or(0, |p| p.seed)
    }

    fn param(&self, id: ParamId) -> Result<Value, EvalError> {
        let values: Vec<_> =
            self.programs().iter().map(|p| p.params.get(id).map(|p| Value::scalar(p.value))).collect();
        Ok(collapse(self.reading, self.stacked("a parameter", &[], &values)?))
    }

    fn constant(&self, id: ConstId) -> Result<Value, EvalError> {
        if let Some(known) = self.consts.borrow().get(&id) {
            return Ok(known.clone());
        }
        let values = self
            .programs()
            .iter()
            .map(|p| StaticEnv::new(&self.reading.experiment.axes, p).constant(id).map(Some))
            .collect::<Result<Vec<_>, _>>()?;
        let value = collapse(self.reading, self.stacked("a stimulus", &[], &values)?);
        self.consts.borrow_mut().insert(id, value.clone());
        Ok(value)
    }

    fn probe(&self, id: ProbeId, control: bool) -> Result<Value, EvalError> {
        if let Some(known) = self.probes.borrow().get(&(id, control)) {
            return Ok(known.clone());
        }
        let values: Vec<_> =
            (0..self.programs().len()).map(|i| self.reading.probe(i, control, id).cloned()).collect();
        let probe = self.reading.program().and_then(|p| p.probes.get(id));
        let (name, axes) = probe.map_or(("", &[][..]), |p| (p.name.as_str(), &p.axes));
        let value = self.stacked(name, axes, &values)?;
        self.probes.borrow_mut().insert((id, control), value.clone());
        Ok(value)
    }

    fn record(&self, id: RecordId, control: bool) -> Result<Value, EvalError> {
        if let Some(known) = self.records.borrow().get(&(id, control)) {
            return Ok(known.clone());
        }
        let mut values = Vec::new();
        for (i, program) in self.programs().iter().enumerate() {
            let axes = program.sampled(id).map_or(&[][..], |r| &r.axes);
            let series = self.reading.record(i, control, id);
            let value = series.map(|s| s.value(axes)).transpose();
            values.push(value.map_err(|_| EvalError::not_here(Missing::Record))?);
        }
        let record = self.reading.program().and_then(|p| p.sampled(id));
        let (name, axes) = record.map_or(("", &[][..]), |r| (r.name.as_str(), &r.axes));
        let value = self.stacked(name, axes, &values)?;
        self.records.borrow_mut().insert((id, control), value.clone());
        Ok(value)
    }
}
