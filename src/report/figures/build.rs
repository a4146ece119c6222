use super::model::{Figure, Panel};
use super::{bars, curves, histogram, image};
use crate::eval;
use crate::hir::{Axis, Coordinates, Expr, ReduceOp, Value, ValueAxis};
use crate::hir::{AxisId, ExprKind, Program};
use crate::report::env::ResultsEnv;
use crate::report::naming::Naming;
use crate::report::{Outcome, Reading, outcomes};
use crate::source::Span;

/// A plot or an image that cannot be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Undrawn {
    /// What was written.
    pub title: String,
    /// Why not.
    pub reason: String,
    /// Where it was written.
    pub span: Span,
}

/// Panels and what must be said of them, or why there are none.
pub(super) type Made = Result<(Vec<Panel>, Vec<String>), String>;

/// Draws every `plot` and `image` of an experiment, in source order.
///
/// What plots follow over time is drawn only if the run was asked to follow it
/// ([`Options::follow`](crate::runtime::Options::follow)).
pub fn figures(reading: &Reading) -> Vec<Result<Figure, Undrawn>> {
    let never = || false;
    let cx = Context {
        reading,
        env: ResultsEnv::new(reading, &never),
        naming: Naming::new(reading.experiment),
        outcomes: outcomes(reading),
    };
    let results = &reading.experiment.results;
    let plots = results.plots.iter().map(|plot| {
        let bare = plot.versus.is_none();
        let made = if bare && plot.values.iter().all(|v| is_histogram(&v.value)) {
            histogram::panels(&cx, plot)
        } else if bare && bars::are_single(&cx, plot) {
            bars::panels(&cx, plot)
        } else {
            curves::panels(&cx, plot)
        };
        (plot.span, title(plot), made)
    });
    let images = results.images.iter().map(|i| (i.span, i.text.clone(), image::panels(&cx, i)));
    let mut all: Vec<(Span, String, Made)> = plots.chain(images).collect();
    all.sort_by_key(|(span, ..)| *span);
    let numbered = all.into_iter().enumerate();
    numbered.map(|(i, (span, title, made))| figure(&cx, i + 1, span, title, made)).collect()
}

fn figure(cx: &Context, number: usize, span: Span, title: String, made: Made) -> Result<Figure, Undrawn> {
    let missing = cx.env.take_missing();
    match made {
        Ok((panels, notes)) if !panels.is_empty() => {
            let (stem, columns) = (stem(number, &title), columns(&panels));
            Ok(Figure { stem, title, span, panels, columns, notes })
        }
        Ok(_) if !missing.is_empty() => {
            Err(Undrawn { title, span, reason: format!("`{}` was never read", missing.join("`, `")) })
        }
        Ok(_) => Err(Undrawn { title, span, reason: "there is no number in it".into() }),
        Err(reason) => Err(Undrawn { title, span, reason }),
    }
}

/// How many panels differ in the last thing that their titles name only: these belong side by side.
fn columns(panels: &[Panel]) -> usize {
    let front = |p: &Panel| p.title.rsplit_once(", ").map(|(front, _)| front.to_string());
    let Some(first) = panels.first().and_then(front) else { return 0 };
    let alike = panels.iter().take_while(|p| front(p).as_ref() == Some(&first)).count();
    if alike < panels.len() && panels.len().is_multiple_of(alike) { alike } else { 0 }
}

fn is_histogram(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Reduce { op: ReduceOp::Histogram { .. }, .. })
}

/// What a plot is called: what stands behind `plot`, without how it is split.
fn title(plot: &crate::hir::Plot) -> String {
    let values: Vec<_> = plot.values.iter().map(|v| v.text.as_str()).collect();
    let versus = plot.versus.as_ref().map_or(String::new(), |v| format!(" vs {}", v.text));
    format!("{}{versus}", values.join(", "))
}

/// `1-mean-ff-w-vs-t`: the number keeps apart what letters do not.
fn stem(number: usize, title: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let text: String = title.chars().map(plain).collect();
    let words: Vec<_> = text.split('-').filter(|w| !w.is_empty()).collect();
    let mut stem = number.to_string();
    for word in words {
        if stem.chars().count() + word.chars().count() > 48 {
            break;
        }
        stem.push('-');
        stem.push_str(word);
    }
    stem
}

/// What figures are made from.
pub(super) struct Context<'r> {
    pub reading: &'r Reading<'r>,
    pub env: ResultsEnv<'r>,
    pub naming: Naming<'r>,
    /// How every expectation was judged.
    pub outcomes: Vec<Outcome>,
}

impl<'r> Context<'r> {
    pub fn eval(&self, e: &Expr) -> Result<Value, String> {
        eval::eval(e, &self.env).map_err(|e| e.to_string())
    }

    pub fn axis(&self, id: AxisId) -> Option<&'r Axis> {
        self.reading.experiment.axes.get(id)
    }

    pub fn is_time(&self, id: AxisId) -> bool {
        self.axis(id).is_some_and(|a| a.coordinates == Coordinates::Time)
    }

    /// Whether an axis is that of a `cases` block.
    pub fn is_case(&self, id: AxisId) -> bool {
        self.reading.experiment.cases.iter().any(|c| c.axis == id)
    }

    /// Whether an axis is that of cases that differ in their random numbers only.
    pub fn is_seed(&self, id: AxisId) -> bool {
        self.is_case(id) && self.naming.axis(id) == "seed"
    }

    /// `taught, region: 0`: where something stands along some axes, without axes of one place.
    pub fn entries(&self, axes: &[ValueAxis], places: &[usize]) -> Vec<String> {
        let several = axes.iter().zip(places).filter(|(a, _)| a.len > 1 || self.is_case(a.id));
        several.map(|(a, i)| self.naming.entry(a, *i)).collect()
    }

    /// The program of the case that lies at these places along these axes; along others the first one that ran.
    pub fn program(&self, axes: &[ValueAxis], places: &[usize]) -> Option<(usize, &'r Program)> {
        let fits = |program: usize| {
            let mut rest = program;
            self.reading.experiment.cases.iter().rev().all(|c| {
                let n = c.names.len().max(1);
                let own = rest % n;
                rest /= n;
                axes.iter().zip(places).all(|(a, p)| a.id != c.axis || *p == own)
            })
        };
        self.reading.cases().map(|(i, program, _)| (i, program)).find(|(i, _)| fits(*i))
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    #[test]
    fn file_names_are_plain() {
        assert_eq!(stem(1, "rate vs t"), "1-rate-vs-t");
        assert_eq!(stem(12, "mean(ff.w over cell)"), "12-mean-ff-w-over-cell");
        assert_eq!(stem(2, "response() / before vs t"), "2-response-before-vs-t");
        assert_eq!(stem(3, "../../etc"), "3-etc");
        assert_eq!(stem(4, &"long ".repeat(30)), "4-long-long-long-long-long-long-long-long-long");
    }
}
