//! Names as one says them at the prompt: `theta` for `ff.theta`, where there is one.

use crate::builtins;
use crate::diag::{Code, Diagnostic, Sink};
use crate::hir::{Experiment, Var, VarKind};
use crate::sema::walk;
use crate::source::{SourceId, SourceMap, Span};
use crate::syntax;
use crate::syntax::ast::{self, Expr, ExprKind};

/// The variables that end in this name: `ff.theta` for `theta`. Of several, those that are computed.
pub(super) fn owners<'e>(experiment: &'e Experiment, which: usize, name: &str) -> Vec<&'e str> {
    let vars = experiment.programs.get(which).map(|p| &p.vars);
    let named = |v: &&Var| v.name.rsplit_once('.').is_some_and(|(_, own)| own == name);
    let all: Vec<&Var> = vars.into_iter().flat_map(|all| all.iter()).filter(named).collect();
    let computed = |v: &&&Var| matches!(v.kind, VarKind::State { .. } | VarKind::Instantaneous(_));
    let some: Vec<&str> = all.iter().filter(computed).map(|v| v.name.as_str()).collect();
    if some.is_empty() { all.iter().map(|v| v.name.as_str()).collect() } else { some }
}

/// Whether a name means something where no variable is meant.
fn is_taken(items: &[String], experiment: &Experiment, which: usize, name: &str) -> bool {
    items.iter().any(|i| i == name)
        || builtins::lookup(name).is_some()
        || experiment.axes.iter().any(|a| a.name == name)
        || experiment.programs.get(which).is_some_and(|p| {
            p.probes.iter().any(|q| q.name == name) || p.records.iter().any(|r| r.name == name)
        })
}

/// What bare names are to be replaced by, in the text of an expression.
fn edits(
    e: &Expr,
    known: &dyn Fn(&str) -> bool,
    owners: &dyn Fn(&str) -> Vec<String>,
    out: &mut Vec<(Span, String)>,
    faults: &mut Vec<Diagnostic>,
) {
    let mut bound: Vec<String> = Vec::new();
    walk::expr(e, &mut |node| {
        if let ExprKind::Reduce(r) = &node.kind
            && let Some(b) = &r.binder
        {
            bound.push(b.name.text.clone());
        }
    });
    // what stands before a dot, and what is called, is no variable
    let mut skipped: Vec<Span> = Vec::new();
    walk::expr(e, &mut |node| match &node.kind {
        ExprKind::Field { base, .. } => skipped.push(base.span),
        ExprKind::Derivative { base: Some(base), .. } => skipped.push(base.span),
        ExprKind::Call { callee, .. } => skipped.push(callee.span),
        _ => {}
    });
    walk::expr(e, &mut |node| {
        let ExprKind::Name(name) = &node.kind else { return };
        if skipped.contains(&node.span) || bound.contains(&name.text) || known(&name.text) {
            return;
        }
        match owners(&name.text).as_slice() {
            [] => {}
            [one] => out.push((name.span, one.clone())),
            [one, ..] => {
                let all = owners(&name.text);
                let all: Vec<String> = all.iter().map(|o| format!("`{o}`")).collect();
                let headline = format!("`{}` may be any of {}", name.text, all.join(", "));
                faults.push(Diagnostic::new(Code::E0201, name.span, headline, "which one?").fix(
                    format!("say whose it is, such as `{one}`"),
                    name.span,
                    one.clone(),
                ));
            }
        }
    });
}

/// Where names are looked up.
pub(super) struct Names<'n> {
    pub items: Vec<String>,
    pub experiment: &'n Experiment,
    pub which: usize,
}

impl Names<'_> {
    /// The text of an expression with bare names of variables made whole; the text as it is where it cannot be read.
    ///
    /// # Errors
    /// Names that several variables have.
    pub fn expression(
        &self,
        text: &str,
        sources: &SourceMap,
    ) -> Result<String, (Vec<Diagnostic>, SourceMap)> {
        match syntax::parse_expr(SourceId(0), text, &mut Sink::new()) {
            Some(e) => self.replace(text, sources, &[&e]),
            None => Ok(text.to_string()),
        }
    }

    /// The same of a plot or an image.
    ///
    /// # Errors
    /// Names that several variables have.
    pub fn figure(&self, text: &str, sources: &SourceMap) -> Result<String, (Vec<Diagnostic>, SourceMap)> {
        let file = syntax::parse(SourceId(0), text, &mut Sink::new());
        let item = file.as_ref().and_then(|f| f.items.first());
        match item.map(|i| &i.kind) {
            Some(ast::ItemKind::Plot(p)) => {
                let all: Vec<&Expr> = p.values.iter().chain(&p.versus).chain(&p.split).collect();
                let items = self.items.iter().cloned().chain(["t".to_string()]).collect();
                Names { items, ..*self }.replace(text, sources, &all)
            }
            Some(ast::ItemKind::Image { value, .. }) => self.replace(text, sources, &[value]),
            _ => Ok(text.to_string()),
        }
    }

    /// The same of statements.
    ///
    /// # Errors
    /// Names that several variables have.
    pub fn statements(
        &self,
        text: &str,
        sources: &SourceMap,
    ) -> Result<String, (Vec<Diagnostic>, SourceMap)> {
        let Some(statements) = syntax::parse_statements(SourceId(0), text, &mut Sink::new()) else {
            return Ok(text.to_string());
        };
        let span = Span::new(SourceId(0), 0, text.len());
        let block = ast::Block { statements, span };
        let mut all: Vec<&Expr> = Vec::new();
        let mut own: Vec<String> = Vec::new();
        walk::statements(&block, &mut |s| {
            match &s.kind {
                ast::StatementKind::For { name, .. }
                | ast::StatementKind::Together { name, .. }
                | ast::StatementKind::Pick { name, .. } => own.push(name.text.clone()),
                _ => {}
            }
            let mut outermost = |e| all.push(e);
            outermost_exprs(s, &mut outermost);
        });
        let items = self.items.iter().cloned().chain(own).collect();
        Names { items, ..*self }.replace(text, sources, &all)
    }

    fn replace(
        &self,
        text: &str,
        sources: &SourceMap,
        exprs: &[&Expr],
    ) -> Result<String, (Vec<Diagnostic>, SourceMap)> {
        let (mut found, mut faults) = (Vec::new(), Vec::new());
        let known = |name: &str| is_taken(&self.items, self.experiment, self.which, name);
        let owners = |name: &str| {
            owners(self.experiment, self.which, name).into_iter().map(str::to_string).collect::<Vec<_>>()
        };
        exprs.iter().for_each(|e| edits(e, &known, &owners, &mut found, &mut faults));
        if !faults.is_empty() {
            let mut sources = sources.clone();
            let id = sources.add(super::document::TYPED, text);
            for d in &mut faults {
                if let Some(l) = &mut d.primary {
                    l.span.source = id;
                }
            }
            return Err((faults, sources));
        }
        found.sort_by_key(|(span, _)| span.start);
        found.dedup();
        let mut out = text.to_string();
        for (span, whole) in found.iter().rev() {
            out.replace_range(span.range(), whole);
        }
        Ok(out)
    }
}

/// The expressions of a statement, those inside them left out.
fn outermost_exprs<'a>(s: &'a ast::Statement, f: &mut dyn FnMut(&'a Expr)) {
    let mut end = 0;
    walk::statement_exprs(s, &mut |e| {
        if e.span.start >= end {
            end = e.span.end;
            f(e);
        }
    });
}
