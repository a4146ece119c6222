//! `load`: numbers from files, read once per check.

use super::LoadError;
use super::checker::Checker;
use super::dims::Term;
use super::items;
use super::typed::{Stage, Typed};
use crate::builtins::load::{self, Loaded};
use crate::diag::{Code, Diagnostic, list, nearest};
use crate::hir::{Axis, AxisId, Const, ConstId, ConstKind, Coordinates, ExprKind, Value, ValueAxis};
use crate::source::Span;
use crate::syntax::ast;
use crate::units::Unit;
use std::collections::HashMap;
use std::sync::Arc;

/// Files read so far, by path; `None` for one that was refused.
pub(super) type DataCache = HashMap<String, Option<Arc<File>>>;

/// A loaded file.
#[derive(Debug)]
pub(super) struct File {
    pub path: String,
    pub contents: Loaded,
    pub digest: Vec<u8>,
}

/// Whether an expression is a call of `load`.
pub(super) fn is_load(e: &ast::Expr) -> bool {
    matches!(&e.kind, ast::ExprKind::Call { callee, .. }
        if matches!(&callee.kind, ast::ExprKind::Name(n) if n.text == "load"))
}

/// A load call's parts.
pub(super) struct Load<'e> {
    file: Arc<File>,
    /// What `columns = [...]` calls the columns, with their units.
    columns: Vec<(String, Option<&'e ast::Unit>, Span)>,
    along: Option<String>,
    span: Span,
}

impl Checker<'_, '_> {
    /// Reads the file a `load` call names.
    pub fn load<'e>(&mut self, e: &'e ast::Expr) -> Option<Load<'e>> {
        let ast::ExprKind::Call { args, .. } = &e.kind else { return None };
        let mut path = None;
        let mut columns = Vec::new();
        let mut along = None;
        for arg in args {
            match (arg.name.as_ref().map(|n| n.text.as_str()), &arg.value.kind) {
                (None, ast::ExprKind::String(s)) if path.is_none() => {
                    path = Some((s.clone(), arg.value.span))
                }
                (Some("columns"), ast::ExprKind::List { items, .. }) => {
                    for item in items {
                        match &item.kind {
                            ast::ExprKind::Name(n) => columns.push((n.text.clone(), None, item.span)),
                            ast::ExprKind::In { value, unit } => match &value.kind {
                                ast::ExprKind::Name(n) => {
                                    columns.push((n.text.clone(), Some(unit), item.span))
                                }
                                _ => return self.bad_load(item.span),
                            },
                            _ => return self.bad_load(item.span),
                        }
                    }
                }
                (Some("along"), ast::ExprKind::Name(n)) => along = Some(n.text.clone()),
                _ => return self.bad_load(arg.value.span),
            }
        }
        let Some((path, span)) = path else { return self.bad_load(e.span) };
        let file = self.read_file(&path, span)?;
        Some(Load { file, columns, along, span: e.span })
    }

    fn bad_load<T>(&mut self, span: Span) -> Option<T> {
        self.report(
            Diagnostic::new(Code::E0205, span, "`load` does not take this argument", "not understood")
                .note("it is written `load(\"file.csv\")` or `load(\"file.csv\", columns = [rate Hz, change], along = axis)`"),
        );
        None
    }

    fn read_file(&mut self, path: &str, span: Span) -> Option<Arc<File>> {
        let path = &self.folders.path(span.source, path);
        if let Some(found) = self.data.get(path) {
            return found.clone();
        }
        let read = match self.loader.bytes(path) {
            Ok(bytes) => match load::load(path, &bytes) {
                Ok(contents) => Some(Arc::new(File { path: path.to_owned(), contents, digest: bytes })),
                Err(error) => {
                    self.report(Diagnostic::new(
                        Code::E0701,
                        span,
                        format!("cannot read `{path}`: {error}"),
                        "this file",
                    ));
                    None
                }
            },
            Err(LoadError { reason, nearest }) => {
                let mut d = Diagnostic::new(
                    Code::E0701,
                    span,
                    format!("cannot read `{path}`: {reason}"),
                    "this file",
                )
                .note("paths start at the folder of the file that names them");
                if let Some(near) = nearest {
                    d = d.help(format!("there is `{near}`"));
                }
                self.report(d);
                None
            }
        };
        self.data.insert(path.to_owned(), read.clone());
        read
    }

    fn data_axis(&mut self, name: &str, size: usize) -> AxisId {
        self.axes.intern(Axis { name: name.to_owned(), size: Some(size), coordinates: Coordinates::Index })
    }

    fn data_const(&mut self, name: String, axes: Vec<AxisId>, data: Vec<f64>, unit: Unit) -> ConstId {
        if let Some(id) = self.program.const_ids.get(&name) {
            return *id;
        }
        let value_axes =
            axes.iter().map(|a| ValueAxis { id: *a, len: self.axes.size(*a), coordinates: None }).collect();
        let value = Value { axes: value_axes, data: data.into(), present: None };
        let dim = unit.dim;
        let kind = ConstKind::Data(Arc::new(value));
        self.add_const(Const { name, axes, kind, dim, unit }, Term::from(dim))
    }

    /// Adds a constant array to the program.
    pub fn add_const(&mut self, constant: Const, term: Term) -> ConstId {
        let name = constant.name.clone();
        let id = self.program.consts.push(constant);
        self.program.const_terms.push(term);
        self.program.const_ids.insert(name, id);
        id
    }

    /// A constant array as an expression.
    pub fn const_value(&mut self, id: ConstId, span: Span) -> Typed {
        let axes = self.program.consts[id].axes.clone();
        let dim = self.program.const_terms[id.0 as usize].clone();
        let unit = Some(self.program.consts[id].unit.clone());
        let mut t = Typed::new(ExprKind::Const(id), axes, span, dim, Stage::Constant).with_unit(unit);
        if self.in_results() {
            let cases = self.case_axes_of_const(id);
            t.expr.axes = cases.into_iter().chain(t.expr.axes).collect();
        }
        t
    }

    /// A loaded file as one array: a table has the axes `line` and `column`.
    pub fn loaded_array(&mut self, load: &Load<'_>, span: Span) -> Typed {
        let array = match &load.file.contents {
            Loaded::Array(a) => a.clone(),
            Loaded::Table(t) => t.to_array(),
        };
        let mut names: Vec<String> = match (&load.file.contents, array.shape.len()) {
            (Loaded::Table(_), _) => vec!["line".into(), "column".into()],
            (_, 2) => vec!["row".into(), "col".into()],
            (_, n) => (0..n).map(|i| format!("axis{i}")).collect(),
        };
        if let (Some(along), Some(first)) = (&load.along, names.first_mut()) {
            first.clone_from(along);
        }
        let axes = names.iter().zip(&array.shape).map(|(n, s)| self.data_axis(n, *s)).collect();
        // one file may be loaded in several ways
        let key = format!("{} along {}", load.file.path, names.join(", "));
        let id = self.data_const(key, axes, array.data, Unit::none());
        self.const_value(id, span)
    }

    /// One column of a loaded table.
    pub fn loaded_column(
        &mut self,
        load: &Load<'_>,
        owner: &ast::Ident,
        name: &ast::Ident,
        span: Span,
    ) -> Typed {
        let Loaded::Table(table) = &load.file.contents else {
            return self.refuse(
                Diagnostic::new(
                    Code::E0208,
                    name.span,
                    format!("`{}` is an array, not a table", owner.text),
                    "no columns",
                )
                .help("index it: `NAME[0, 1]`"),
            );
        };
        let names: Vec<String> = (0..table.columns.len())
            .map(|i| match load.columns.get(i) {
                Some((n, _, _)) => n.clone(),
                None => table.columns[i].name.clone().unwrap_or_else(|| format!("column{i}")),
            })
            .collect();
        if load.columns.len() > table.columns.len() {
            let found = table.columns.len();
            return self.refuse(Diagnostic::new(
                Code::E0701,
                load.span,
                format!("`{}` has {found} columns, and {} are named", load.file.path, load.columns.len()),
                "more names than columns",
            ));
        }
        let Some(i) = names.iter().position(|n| *n == name.text) else {
            let mut d = Diagnostic::new(
                Code::E0208,
                name.span,
                format!("`{}` has no column `{}`", owner.text, name.text),
                "no such column",
            );
            if let Some(near) = nearest(&name.text, names.iter().map(String::as_str)) {
                d = d.fix(format!("a similar name is `{near}`"), name.span, near);
            }
            if let Some(all) = list(names.iter().map(String::as_str)) {
                d = d.note(format!("its columns: {all}"));
            }
            return self.refuse(d);
        };
        if let Some(again) = names.iter().skip(i + 1).position(|n| *n == name.text).map(|k| i + 1 + k) {
            let given = load.columns.get(again).or(load.columns.get(i)).map_or(load.span, |c| c.2);
            let headline = format!("two columns are called `{}`", name.text);
            let d = Diagnostic::new(Code::E0202, given, headline, "once more");
            let places = format!("they are columns {} and {}", i + 1, again + 1);
            return self.refuse(d.note(places).help("give each column another name"));
        }
        let unit = match load.columns.get(i).and_then(|(_, u, _)| *u) {
            Some(written) => self.unit(written),
            None => match &table.columns[i].unit {
                Some(text) => match unit_of_header(text) {
                    Some(unit) => Some(unit),
                    None => {
                        let mut d = Diagnostic::new(
                            Code::E0107,
                            load.span,
                            format!("`{text}` in the header of `{}` is not a unit", load.file.path),
                            "this file",
                        );
                        if let Some(near) = crate::units::suggest(text) {
                            d = d.help(format!("in the file, write `{near}`"));
                        }
                        return self.refuse(d);
                    }
                },
                None => Some(Unit::none()),
            },
        };
        let Some(unit) = unit else { return self.poison(span) };
        let axis = self.data_axis(load.along.as_deref().unwrap_or("line"), table.rows);
        let values = table.columns[i].values.iter().map(|v| unit.to_si(*v)).collect();
        let along = self.axes.name(axis);
        let key = format!("{}.{} of column {i} in {} along {along}", load.file.path, name.text, unit.text);
        let id = self.data_const(key, vec![axis], values, unit);
        self.const_value(id, span)
    }

    /// A loaded file in the shape of a stimulus's axes.
    pub fn loaded_stimulus(&mut self, load: &Load<'_>, name: &str, axes: &[AxisId]) -> Option<ConstId> {
        let array = match &load.file.contents {
            Loaded::Array(a) => a.clone(),
            Loaded::Table(t) => t.to_array(),
        };
        // dimensions of one element need not be declared
        let many = |sizes: Vec<usize>| sizes.into_iter().filter(|n| *n != 1).collect::<Vec<_>>();
        let declared = many(axes.iter().map(|a| self.axes.size(*a)).collect());
        if many(array.shape.clone()) != declared {
            let shape = array.shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ");
            let declared = self.axes.describe(axes);
            self.report(
                Diagnostic::new(
                    Code::E0401,
                    load.span,
                    format!("`{}` holds {shape} numbers", load.file.path),
                    format!("does not fill {declared}"),
                )
                .note(format!("`{name}` is declared as {declared}")),
            );
            return None;
        }
        Some(self.data_const(name.to_owned(), axes.to_vec(), array.data, Unit::none()))
    }
}

/// The unit in a column's header: `Hz`, `mV/ms`.
fn unit_of_header(text: &str) -> Option<Unit> {
    if text.is_empty() {
        return Some(Unit::none());
    }
    let mut factors = Vec::new();
    for (i, part) in text.split('/').enumerate() {
        for factor in part.split(['*', ' ']).filter(|f| !f.is_empty() && *f != "1") {
            let (name, power) = match factor.split_once('^') {
                Some((n, p)) => (n, p.parse::<i32>().ok()?),
                None => (factor, 1),
            };
            factors.push((crate::units::lookup(name)?, if i == 0 { power } else { -power }));
        }
    }
    Unit::new(&factors)
}

/// Kept for the manifest: which files were read, with their bytes.
pub(super) fn files(cache: &DataCache) -> Vec<(String, Vec<u8>)> {
    let mut all: Vec<_> = cache.values().flatten().map(|f| (f.path.clone(), f.digest.clone())).collect();
    all.sort();
    all
}

/// Whether an item is a `let` of loaded data.
pub(super) fn loads(item: &ast::Item) -> Option<&ast::Expr> {
    match &item.kind {
        ast::ItemKind::Let { value, .. } if is_load(value) => Some(value),
        _ => None,
    }
    .filter(|_| items::name(item).is_some())
}
