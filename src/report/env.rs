use super::Reading;
use super::stack::{collapse, stack};
use crate::eval::{Env, EvalError, StaticEnv};
use crate::hir::{Axis, AxisId, ConstId, ParamId, Program, ProbeId, RecordId, Value};
use crate::source::IndexVec;
use std::cell::RefCell;
use std::collections::HashMap;

/// Where the leaves of a result expression get their values: every case side by side, case axes first.
///
/// Parameters and stimuli keep only the case axes along which they change.
pub(super) struct ResultsEnv<'a> {
    reading: &'a Reading<'a>,
    consts: RefCell<HashMap<ConstId, Value>>,
    probes: RefCell<HashMap<(ProbeId, bool), Value>>,
    records: RefCell<HashMap<(RecordId, bool), Value>>,
}

impl<'a> ResultsEnv<'a> {
    pub fn new(reading: &'a Reading<'a>) -> Self {
        Self {
            reading,
            consts: RefCell::default(),
            probes: RefCell::default(),
            records: RefCell::default(),
        }
    }

    fn programs(&self) -> &'a [Program] {
        &self.reading.experiment.programs
    }

    fn stacked(&self, what: &str, values: &[Option<Value>]) -> Result<Value, EvalError> {
        if values.iter().all(Option::is_none) {
            return Err(EvalError(format!("`{what}` was never read in the cases that ran")));
        }
        stack(self.reading, values).ok_or_else(|| EvalError(format!("`{what}` has another shape in each case")))
    }
}

impl Env for ResultsEnv<'_> {
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
        Ok(collapse(self.reading, self.stacked("parameter", &values)?))
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
        let value = collapse(self.reading, self.stacked("stimulus", &values)?);
        self.consts.borrow_mut().insert(id, value.clone());
        Ok(value)
    }

    fn probe(&self, id: ProbeId, control: bool) -> Result<Value, EvalError> {
        if let Some(known) = self.probes.borrow().get(&(id, control)) {
            return Ok(known.clone());
        }
        let values: Vec<_> =
            (0..self.programs().len()).map(|i| self.reading.probe(i, control, id).cloned()).collect();
        let name = self.reading.program().and_then(|p| p.probes.get(id)).map_or("", |p| p.name.as_str());
        let value = self.stacked(name, &values)?;
        self.probes.borrow_mut().insert((id, control), value.clone());
        Ok(value)
    }

    fn record(&self, id: RecordId, control: bool) -> Result<Value, EvalError> {
        if let Some(known) = self.records.borrow().get(&(id, control)) {
            return Ok(known.clone());
        }
        let mut values = Vec::new();
        for (i, program) in self.programs().iter().enumerate() {
            let axes = program.records.get(id).map_or(&[][..], |r| &r.axes);
            let series = self.reading.record(i, control, id);
            let value = series.map(|s| s.value(axes)).transpose();
            values.push(value.map_err(|e| EvalError(format!("a record cannot be read back: {e}")))?);
        }
        let name = self.reading.program().and_then(|p| p.records.get(id)).map_or("", |r| r.name.as_str());
        let value = self.stacked(name, &values)?;
        self.records.borrow_mut().insert((id, control), value.clone());
        Ok(value)
    }
}

