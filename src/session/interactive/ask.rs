//! The value of an expression now.

use super::document::{CheckedDocument, Failure, TYPED, check};
use super::names::Names;
use super::session::{Done, Session};
use super::value::Shown;
use crate::diag::{Code, Diagnostic, Sink};
use crate::hir::{self, Expr, StatementKind, Value, VarId};
use crate::record::{CaseRun, Recording, Run};
use crate::report::{Provenance, Reading, evaluate};
use crate::runtime::Live;
use crate::source::{IndexVec, Span};
use crate::syntax::{self, ast};
use crate::units::{Dim, Unit};

/// What an expression is, before it is evaluated.
pub(super) struct Question {
    /// The document with the expression in it.
    pub checked: CheckedDocument,
    pub expr: Expr,
    pub dim: Dim,
    pub unit: Unit,
    pub truth: bool,
    /// Whether it reads what was probed or recorded.
    pub of_results: bool,
}

/// The value of an expression, and what it is of.
pub(super) struct Looked {
    pub question: Question,
    pub value: Value,
}

/// What the probe of an expression is called in messages.
const THIS: &str = "this expression";

impl Session {
    /// The names that items have.
    pub(super) fn item_names(&self) -> Vec<String> {
        let mut names = Vec::new();
        for item in self.document.items() {
            names.extend(name_of(item).map(|n| n.text.clone()));
        }
        names.extend(super::info::used_names(self));
        names
    }

    pub(super) fn names(&self) -> Names<'_> {
        Names { items: self.item_names(), experiment: &self.checked.experiment, which: self.which }
    }

    /// Shows the value of an expression.
    pub(super) fn ask_for(&mut self, text: &str) -> Done {
        let looked = self.look(text)?;
        Ok(self.shown(&looked))
    }

    pub(super) fn shown(&self, looked: &Looked) -> String {
        let q = &looked.question;
        let axes = &q.checked.experiment.axes;
        Shown { value: &looked.value, unit: &q.unit, truth: q.truth, axes }.text(&self.style)
    }

    /// The value of an expression now.
    pub(super) fn look(&mut self, text: &str) -> Result<Looked, Failure> {
        let question = self.question(text)?;
        let value = self.answer(&question)?;
        Ok(Looked { question, value })
    }

    /// What an expression is.
    pub(super) fn question(&mut self, text: &str) -> Result<Question, Failure> {
        let whole = self
            .names()
            .expression(text, self.document.sources())
            .map_err(|(diagnostics, sources)| Failure { diagnostics, sources })?;
        let mut sources = self.document.sources().clone();
        let id = sources.add(TYPED, whole.clone());
        let mut sink = Sink::new();
        let Some(expr) = syntax::parse_expr(id, &whole, &mut sink).filter(|_| !sink.has_errors()) else {
            return Err(Failure { diagnostics: sink.into_sorted(), sources });
        };
        let refused = match self.as_probe(&expr, sources.clone()) {
            Ok(question) => return Ok(question),
            Err(refused) => refused,
        };
        if refused.diagnostics.iter().any(|d| d.code == Code::E0405) {
            return self.as_result(expr, sources);
        }
        Err(refused)
    }

    fn as_probe(&self, expr: &ast::Expr, sources: crate::source::SourceMap) -> Result<Question, Failure> {
        let mut file = self.document.file();
        let name = ast::Ident { text: THIS.into(), span: expr.span };
        let kind = ast::StatementKind::Probe { each: None, name, indices: Vec::new(), value: expr.clone() };
        let statement = ast::Statement { kind, stream: None, span: expr.span };
        let protocol = file.items.iter_mut().find_map(|i| match &mut i.kind {
            ast::ItemKind::Protocol(block) => Some(block),
            _ => None,
        });
        match protocol {
            Some(block) => block.statements.push(statement),
            None => file.items.push(item(
                ast::ItemKind::Protocol(ast::Block { statements: vec![statement], span: expr.span }),
                expr.span,
            )),
        }
        let checked = check(&file, sources, self.host.loader())?;
        let program = &checked.experiment.programs[self.which];
        let probe = program.probes.iter_enumerated().find(|(_, p)| p.name == THIS);
        let found = probe.and_then(|(id, p)| {
            program.protocol.iter().rev().find_map(|s| match &s.kind {
                StatementKind::Probe { id: of, value, .. } if *of == id => Some((value.clone(), p.clone())),
                _ => None,
            })
        });
        let Some((expr, probe)) = found else {
            return Err(Failure::global(Diagnostic::global(
                Code::E0001,
                "internal error: the value is lost",
            )));
        };
        let (dim, unit, truth) = (probe.dim, probe.unit, probe.truth);
        Ok(Question { checked, expr, dim, unit, truth, of_results: false })
    }

    fn as_result(&self, expr: ast::Expr, sources: crate::source::SourceMap) -> Result<Question, Failure> {
        let mut file = self.document.file();
        let span = expr.span;
        let plot =
            ast::Plot { values: vec![expr], versus: None, split: None, control: None, marks: Vec::new() };
        file.items.push(item(ast::ItemKind::Plot(plot), span));
        let checked = check(&file, sources, self.host.loader())?;
        let plot = checked.experiment.results.plots.last().and_then(|p| p.values.first()).cloned();
        let Some(crate::hir::Plotted { value: expr, dim, unit, .. }) = plot else {
            return Err(Failure::global(Diagnostic::global(
                Code::E0001,
                "internal error: the value is lost",
            )));
        };
        let truth = expr.ty == hir::Ty::Bool;
        Ok(Question { checked, expr, dim, unit, truth, of_results: true })
    }

    /// The value of a question.
    pub(super) fn answer(&mut self, question: &Question) -> Result<Value, Failure> {
        let (which, options) = (self.which, self.options.clone());
        let of = &question.checked.experiment;
        let fail =
            |d: Box<Diagnostic>| Failure { diagnostics: vec![*d], sources: question.checked.sources.clone() };
        if question.of_results {
            self.make_whole(&mut crate::runtime::Silent)?;
        }
        let live = self.run_of()?;
        if question.of_results {
            let mut carried = live.carry(of, &options, &|s| s).map_err(fail)?;
            let live = carried.as_mut().map_or(live, |c| &mut c.live);
            let recording = past_of(live, of, which).map_err(fail)?;
            let provenance = Provenance::default();
            let reading =
                Reading { experiment: of, recording: &recording, which: &[which], provenance: &provenance };
            let (value, missing) = evaluate(&reading, &question.expr)
                .map_err(|e| fail(crate::ir::build::fault::from_eval(&e, question.expr.span)))?;
            if let Some(name) = missing.first() {
                let headline = format!("`{name}` is not known yet");
                let d = Diagnostic::new(Code::E0804, question.expr.span, headline, "nothing was kept for it")
                    .help("`:run` goes on with the protocol");
                return Err(fail(Box::new(d)));
            }
            return Ok(of_case(value, of, which));
        }
        let mut read: Vec<VarId> = Vec::new();
        crate::ir::build::expr::variables(&question.expr, &mut read);
        if read.iter().all(|v| live.computes(*v)) {
            return live.eval(&question.expr, of).map_err(fail);
        }
        // nobody else reads it: a run that does is made for the purpose
        match live.carry(of, &options, &|s| s).map_err(fail)? {
            Some(mut carried) => carried.live.eval(&question.expr, of).map_err(fail),
            None => live.eval(&question.expr, of).map_err(fail),
        }
    }
}

/// What a run has left so far, as an experiment with more probes wants it: what is read at the end is read now.
pub(super) fn past_of(
    live: &mut Live,
    of: &hir::Experiment,
    which: usize,
) -> Result<Recording, Box<Diagnostic>> {
    let own = live.recording()?;
    let mut own = own.cases.into_iter().next().map(|c| c.main).unwrap_or_default();
    let (before, after) = (live.program().clone(), &of.programs[which]);
    let mut probes = IndexVec::new();
    for (id, probe) in after.probes.iter_enumerated() {
        let kept = before.probes.iter_enumerated().find(|(_, p)| p.name == probe.name && !p.implied);
        let value = match kept {
            Some((was, _)) => own.probes.get(was).cloned().flatten(),
            None => {
                let value = after.protocol.iter().rev().find_map(|s| match &s.kind {
                    StatementKind::Probe { id: of, value, .. } if *of == id => Some(value),
                    _ => None,
                });
                match value {
                    Some(value) if probe.implied => Some(live.eval(value, of)?),
                    _ => None,
                }
            }
        };
        probes.push(value);
    }
    let mut taken: Vec<Option<crate::record::Series>> =
        std::mem::take(&mut own.records).into_iter().map(Some).collect();
    let mut records = IndexVec::new();
    for record in after.records.iter() {
        let was =
            before.records.iter().position(|r| r.name == record.name && r.axes.len() == record.axes.len());
        let shape = record.axes.iter().skip(1).map(|a| of.axes[*a].size.unwrap_or(1)).collect();
        let series = was.and_then(|i| taken.get_mut(i)?.take());
        records.push(series.unwrap_or_else(|| crate::record::Series::new(shape, after.tick)));
    }
    let main = Run { probes, records, ..own };
    Ok(Recording { cases: vec![CaseRun { main, control: None }] })
}

/// Of a value for every case, that of one.
fn of_case(value: Value, experiment: &hir::Experiment, which: usize) -> Value {
    let is_case = |id: hir::AxisId| experiment.cases.iter().any(|c| c.axis == id);
    let cases = value.axes.iter().take_while(|a| is_case(a.id)).count();
    if cases == 0 {
        return value;
    }
    // the place of the case along all blocks, then along those that the value has
    let mut rest = which;
    let mut places: Vec<(hir::AxisId, usize)> = Vec::new();
    for block in experiment.cases.iter().rev() {
        places.push((block.axis, rest % block.names.len().max(1)));
        rest /= block.names.len().max(1);
    }
    let mut flat = 0;
    for axis in &value.axes[..cases] {
        let place = places.iter().find(|p| p.0 == axis.id).map_or(0, |p| p.1);
        flat = flat * axis.len + place.min(axis.len.saturating_sub(1));
    }
    let width: usize = value.axes[cases..].iter().map(|a| a.len).product();
    let part = flat * width..(flat + 1) * width;
    let present = value.present.as_ref().map(|p| p[part.clone()].into());
    Value { axes: value.axes[cases..].to_vec(), data: value.data[part].into(), present }
}

fn item(kind: ast::ItemKind, span: Span) -> ast::Item {
    ast::Item { kind, docs: String::new(), stream: None, allows: Vec::new(), span }
}

/// The name of an item, if it has one.
pub(super) fn name_of(item: &ast::Item) -> Option<&ast::Ident> {
    match &item.kind {
        ast::ItemKind::Let { name, .. }
        | ast::ItemKind::Fn { name, .. }
        | ast::ItemKind::Stimulus { name, .. } => Some(name),
        ast::ItemKind::Param(p) => Some(&p.name),
        ast::ItemKind::Population(p) => Some(&p.name),
        ast::ItemKind::Rule(r) => Some(&r.name),
        ast::ItemKind::Synapses(s) => Some(&s.name),
        ast::ItemKind::Record(r) => Some(&r.name),
        _ => None,
    }
}
