use super::names::{name, unit_symbol};
use super::node::Math::{self, *};
use crate::syntax::ast::{
    Arg, AxisName, BinaryOp, Binder, BinderRange, Entry, Expr, ExprKind, Range, Reduce, UnaryOp, Unit,
};

/// How tightly an expression holds together; an operand that holds less tightly than its place asks for is put
/// between parentheses.
mod level {
    pub const LOWEST: u8 = 0;
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const COMPARE: u8 = 4;
    pub const TOLERANCE: u8 = 5;
    pub const ADD: u8 = 6;
    pub const MUL: u8 = 7;
    pub const NEG: u8 = 8;
    pub const FRACTION: u8 = 9;
    pub const POWER: u8 = 10;
    pub const ATOM: u8 = 11;
}

/// An expression as a paper prints it.
pub(in crate::report::html) fn expr(e: &Expr) -> Math {
    match &e.kind {
        ExprKind::Number(n) => number(&n.text, n.unit.as_ref()),
        ExprKind::String(text) => Text(format!("“{text}”")),
        ExprKind::Bool(value) => Word(value.to_string()),
        ExprKind::Name(id) => reserved(&id.text),
        // what stands before the dot owns what stands behind it, but a control is of a result
        ExprKind::Field { base, name: field } if field.text == "control" => {
            at(base, level::ATOM).sub(Word(field.text.clone()))
        }
        ExprKind::Field { base, name: field } => reserved(&field.text).sub(owner(base)),
        ExprKind::Derivative { base, name: of } => {
            let of = name(&of.text);
            derivative(base.as_ref().map_or_else(|| of.clone(), |b| of.clone().sub(owner(b))))
        }
        ExprKind::Unary { op: UnaryOp::Neg, operand } => Row(vec![Bare("−"), at(operand, level::NEG)]),
        ExprKind::Unary { op: UnaryOp::Not, operand } => Row(vec![Sign("¬"), at(operand, level::NOT)]),
        ExprKind::Binary { op, left, right } => binary(op.node, left, right),
        ExprKind::PlusMinus { value, tolerance } => {
            Row(vec![left_of(value, level::TOLERANCE), Sign("±"), at(tolerance, level::ADD)])
        }
        ExprKind::Between { value, lo, hi } => {
            Row(vec![left_of(value, level::TOLERANCE), Sign("∈"), interval(lo, hi)])
        }
        ExprKind::In { value, unit: to } => {
            Row(vec![left_of(value, level::TOLERANCE), Text(" in ".to_string()), unit(to)])
        }
        ExprKind::AtStart { value } => {
            let at = Row(vec![Letter("t".to_string()), Bare("="), Number("0".to_string())]);
            Fenced("", Box::new(expr(value)), "|").sub(at)
        }
        ExprKind::If { .. } => Cases(cases(e)),
        ExprKind::Call { callee, args } => call(callee, args),
        ExprKind::Reduce(reduce) => reduction(reduce),
        ExprKind::Index { base, entries } => {
            at(base, level::ATOM).sub(commas(entries.iter().map(entry).collect()))
        }
        ExprKind::Range(r) => range(r),
        ExprKind::List { items, unit: of } => {
            let list = Fenced("[", Box::new(Math::list(items.iter().map(expr))), "]");
            match of {
                Some(of) => Row(vec![list, Thin, unit(of)]),
                None => list,
            }
        }
    }
}

/// What stands on the left of `=` where a rate is given: `dv/dt`.
pub(super) fn derivative(of: Math) -> Math {
    let d = || Word("d".to_string());
    // a word would run into its d
    let above = match &of {
        Word(word) if word.chars().count() > 1 => Row(vec![d(), Thin, of]),
        _ => Row(vec![d(), of]),
    };
    above.over(Row(vec![d(), Letter("t".to_string())]))
}

/// Words that the language itself gives a meaning; `drive` and `tick` stand as they are.
fn reserved(text: &str) -> Math {
    match text {
        "inf" => Sign("∞"),
        "e" => Word("e".to_string()),
        _ => name(text),
    }
}

/// What stands before a dot, as a subscript.
fn owner(base: &Expr) -> Math {
    match &base.kind {
        ExprKind::Name(id) => Word(id.text.clone()),
        ExprKind::Field { base, name } => Row(vec![owner(base), Bare("."), Word(name.text.clone())]),
        _ => expr(base),
    }
}

pub(super) fn level_of(e: &Expr) -> u8 {
    match &e.kind {
        ExprKind::If { .. } | ExprKind::Range(_) => level::LOWEST,
        ExprKind::Binary { op, .. } => match op.node {
            BinaryOp::Or => level::OR,
            BinaryOp::And => level::AND,
            BinaryOp::Add | BinaryOp::Sub => level::ADD,
            BinaryOp::Mul => level::MUL,
            BinaryOp::Div => level::FRACTION,
            BinaryOp::Pow => level::POWER,
            _ => level::COMPARE,
        },
        ExprKind::Unary { op: UnaryOp::Not, .. } => level::NOT,
        ExprKind::Unary { op: UnaryOp::Neg, .. } => level::NEG,
        ExprKind::Between { .. } | ExprKind::In { .. } => level::COMPARE,
        ExprKind::PlusMinus { .. } => level::TOLERANCE,
        ExprKind::Reduce(r) if r.function.text == "sum" => level::MUL,
        ExprKind::Call { callee, args } if is_sum(callee, args) => level::MUL,
        ExprKind::Call { callee, args } if natural_power(callee, args).is_some() => level::POWER,
        ExprKind::Number(n) if n.unit.is_some() || n.text.contains(['e', 'E']) => level::MUL,
        ExprKind::Derivative { .. } => level::FRACTION,
        _ => level::ATOM,
    }
}

fn is_sum(callee: &Expr, args: &[Arg]) -> bool {
    matches!(&callee.kind, ExprKind::Name(id) if id.text == "sum") && args.len() == 1
}

/// An operand in a place that asks for at least this level.
pub(super) fn at(e: &Expr, least: u8) -> Math {
    if level_of(e) < least { expr(e).in_parentheses() } else { expr(e) }
}

/// An operand with something behind it: a sum or cases at its end would swallow that.
fn left_of(e: &Expr, least: u8) -> Math {
    if level_of(e) >= least && ends_open(e) { expr(e).in_parentheses() } else { at(e, least) }
}

fn ends_open(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Reduce(r) => r.function.text == "sum",
        ExprKind::Call { callee, args } => is_sum(callee, args),
        ExprKind::If { .. } => true,
        ExprKind::Unary { operand, .. } => ends_open(operand),
        ExprKind::Binary { op, right, .. } => {
            !matches!(op.node, BinaryOp::Div | BinaryOp::Pow)
                && level_of(right) >= level_of(e)
                && ends_open(right)
        }
        _ => false,
    }
}

fn binary(op: BinaryOp, left: &Expr, right: &Expr) -> Math {
    let row = |sign, l: u8, r: u8| Row(vec![left_of(left, l), Sign(sign), at(right, r)]);
    match op {
        BinaryOp::Add => row("+", level::ADD, level::MUL),
        BinaryOp::Sub => row("−", level::ADD, level::MUL),
        BinaryOp::Mul => product(left, right),
        BinaryOp::Div => expr(left).over(expr(right)),
        BinaryOp::Pow => power(left, right),
        BinaryOp::Eq => row("=", level::TOLERANCE, level::TOLERANCE),
        BinaryOp::Ne => row("≠", level::TOLERANCE, level::TOLERANCE),
        BinaryOp::Lt => row("<", level::TOLERANCE, level::TOLERANCE),
        BinaryOp::Le => row("≤", level::TOLERANCE, level::TOLERANCE),
        BinaryOp::Gt => row(">", level::TOLERANCE, level::TOLERANCE),
        BinaryOp::Ge => row("≥", level::TOLERANCE, level::TOLERANCE),
        BinaryOp::And => row("∧", level::AND, level::NOT),
        BinaryOp::Or => row("∨", level::OR, level::AND),
    }
}

/// A product: letters side by side, a dot where words would run together, a cross before digits.
fn product(left: &Expr, right: &Expr) -> Math {
    let least = if matches!(&right.kind, ExprKind::Unary { .. }) { level::FRACTION } else { level::MUL };
    // a product at the right was written in parentheses
    let nested = matches!(&right.kind, ExprKind::Binary { op, .. } if op.node == BinaryOp::Mul);
    let second = if nested { expr(right).in_parentheses() } else { at(right, least) };
    let first = left_of(left, level::MUL);
    let between = if !nested && starts_with_digit(right) {
        Sign("×")
    } else if is_wordy(last_factor(left)) || (!nested && is_wordy(first_factor(right))) {
        Sign("·")
    } else {
        Thin
    };
    Row(vec![first, between, second])
}

fn power(base: &Expr, exponent: &Expr) -> Math {
    let base = match &base.kind {
        // a fraction or a power as a base was written in parentheses
        ExprKind::Binary { .. } | ExprKind::Unary { .. } | ExprKind::Derivative { .. } => {
            expr(base).in_parentheses()
        }
        _ => at(base, level::ATOM),
    };
    base.sup(expr(exponent))
}

fn first_factor(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Binary { op, left, .. } if matches!(op.node, BinaryOp::Mul | BinaryOp::Pow) => {
            first_factor(left)
        }
        _ => e,
    }
}

fn last_factor(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::Binary { op, right, .. } if op.node == BinaryOp::Mul => last_factor(right),
        ExprKind::Unary { operand, .. } => last_factor(operand),
        _ => e,
    }
}

fn starts_with_digit(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(_) => true,
        ExprKind::Binary { op, left, .. }
            if matches!(op.node, BinaryOp::Pow | BinaryOp::Mul | BinaryOp::Div) =>
        {
            starts_with_digit(left)
        }
        _ => false,
    }
}

/// Whether it is a word of several letters, which would run into its neighbour.
fn is_wordy(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Name(id) => wordy_name(&id.text),
        ExprKind::Field { name, .. } => wordy_name(&name.text),
        ExprKind::Index { base, .. } => is_wordy(base),
        ExprKind::Number(n) => n.unit.is_some(),
        _ => false,
    }
}

fn wordy_name(text: &str) -> bool {
    match name(text) {
        Word(word) => word.chars().count() > 1,
        Sub(base, _) => matches!(*base, Word(_)),
        _ => false,
    }
}

/// `if c then a else if d then b else f` as one brace.
fn cases(e: &Expr) -> Vec<(Math, Math)> {
    let ExprKind::If { condition, then, otherwise } = &e.kind else {
        return vec![(expr(e), Text("otherwise".to_string()))];
    };
    let first = (expr(then), Row(vec![Text("if ".to_string()), expr(condition)]));
    std::iter::once(first).chain(cases(otherwise)).collect()
}

/// What an exponential is the power of, where that is short enough to stand up there.
fn natural_power<'e>(callee: &Expr, args: &'e [Arg]) -> Option<&'e Expr> {
    let (ExprKind::Name(id), [arg]) = (&callee.kind, args) else { return None };
    (id.text == "exp" && size(&arg.value) <= 7).then_some(&arg.value)
}

/// How many pieces an expression has; many where it is of a kind that is tall.
fn size(e: &Expr) -> usize {
    match &e.kind {
        ExprKind::Number(_) | ExprKind::Name(_) => 1,
        ExprKind::Field { .. } => 2,
        ExprKind::Unary { operand, .. } => 1 + size(operand),
        ExprKind::Binary { left, right, .. } => 1 + size(left) + size(right),
        _ => 100,
    }
}

fn call(callee: &Expr, args: &[Arg]) -> Math {
    let listed = || Math::list(args.iter().map(argument)).in_parentheses();
    let ExprKind::Name(id) = &callee.kind else {
        return Row(vec![expr(callee), listed()]);
    };
    let one = match args {
        [arg] if arg.name.is_none() => Some(&arg.value),
        _ => None,
    };
    if let Some(exponent) = natural_power(callee, args) {
        return Word("e".to_string()).sup(expr(exponent));
    }
    if let Some(value) = one
        && let Some(math) = around(&id.text, value)
    {
        return math;
    }
    match id.text.as_str() {
        "log" => Row(vec![Word("ln".to_string()), listed()]),
        "log10" => Row(vec![Word("log".to_string()).sub(Number("10".to_string())), listed()]),
        "log2" => Row(vec![Word("log".to_string()).sub(Number("2".to_string())), listed()]),
        "uniform" => Row(vec![Letter("𝒰".to_string()), listed()]),
        "normal" => Row(vec![Letter("𝒩".to_string()), listed()]),
        // the name of a function of the file is a letter or a word like any other
        other => match crate::builtins::lookup(other) {
            Some(_) => Row(vec![Word(other.to_string()), listed()]),
            None => Row(vec![name(other), listed()]),
        },
    }
}

fn argument(arg: &Arg) -> Math {
    match &arg.name {
        Some(id) => Row(vec![name(&id.text), Sign("="), expr(&arg.value)]),
        None => expr(&arg.value),
    }
}

/// Functions that mathematics writes around their operand.
fn around(function: &str, value: &Expr) -> Option<Math> {
    let fenced = |open, close| Some(Fenced(open, Box::new(expr(value)), close));
    match function {
        "abs" => fenced("|", "|"),
        "floor" => fenced("⌊", "⌋"),
        "ceil" => fenced("⌈", "⌉"),
        "norm" => fenced("‖", "‖"),
        "mean" => fenced("⟨", "⟩"),
        "sqrt" => Some(Root(Box::new(expr(value)))),
        "sum" => Some(Row(vec![Sign("∑"), Thin, at(value, level::MUL)])),
        _ => None,
    }
}

fn reduction(r: &Reduce) -> Math {
    let below = match &r.binder {
        Some(binder) => bound(binder),
        None => commas(r.over.iter().map(axis).collect()),
    };
    let function = r.function.text.as_str();
    if let [value] = r.args.as_slice() {
        match function {
            "sum" => {
                return Row(vec![Under(Box::new(Sign("∑")), Box::new(below)), Thin, at(value, level::MUL)]);
            }
            "mean" | "norm" => {
                if let Some(math) = around(function, value) {
                    return math.sub(below);
                }
            }
            _ => {}
        }
    }
    let args = Math::list(r.args.iter().map(expr)).in_parentheses();
    Row(vec![Under(Box::new(Word(function.to_string())), Box::new(below)), args])
}

fn bound(binder: &Binder) -> Math {
    let over = match &binder.over {
        BinderRange::Axis(name) => axis(name),
        BinderRange::Range(values) => expr(values),
    };
    let mut row = vec![name(&binder.name.text), Sign("∈"), over];
    if let Some(condition) = &binder.condition {
        row.extend([Sign(","), expr(condition)]);
    }
    Row(row)
}

/// An axis by its name.
pub(super) fn axis(axis: &AxisName) -> Math {
    match &axis.owner {
        Some(owner) => Word(format!("{}.{}", owner.text, axis.name.text)),
        None => name(&axis.name.text),
    }
}

fn entry(e: &Entry) -> Math {
    match &e.axis {
        Some(of) => Row(vec![axis(of), Bare("="), expr(&e.value)]),
        None => expr(&e.value),
    }
}

fn commas(pieces: Vec<Math>) -> Math {
    Math::list(pieces)
}

/// Values from one to another. The end of `0..n` is not among them, that of `0 .. 2 by 0.5` is.
fn range(r: &Range) -> Math {
    let (start, end) = match (r.start.as_deref(), r.end.as_deref()) {
        (Some(start), Some(end)) => (start, end),
        (Some(start), None) => return Row(vec![Bare("≥"), Thin, at(start, level::ADD)]),
        (None, Some(end)) => return Row(vec![Bare("<"), Thin, at(end, level::ADD)]),
        (None, None) => return Sign("…"),
    };
    if let Some(by) = &r.by {
        let ends = [at(start, level::ADD), Sign("…"), at(end, level::ADD)];
        return Row(ends.into_iter().chain([Text(" by ".to_string()), expr(by)]).collect());
    }
    match whole(start).zip(whole(end)) {
        Some((from, to)) if from < to => {
            let number = |n: u64| Number(n.to_string());
            Row(vec![number(from), Sign("…"), number(to - 1)])
        }
        _ => Fenced("[", Box::new(Math::list([expr(start), expr(end)])), ")"),
    }
}

fn whole(e: &Expr) -> Option<u64> {
    match &e.kind {
        ExprKind::Number(n) if n.unit.is_none() => n.text.parse().ok(),
        _ => None,
    }
}

/// `[lo, hi]`
pub(super) fn interval(lo: &Expr, hi: &Expr) -> Math {
    Fenced("[", Box::new(Math::list([expr(lo), expr(hi)])), "]")
}

/// Digits with a power of ten and a unit.
fn number(text: &str, of: Option<&Unit>) -> Math {
    let digits = |text: &str| Number(text.to_string());
    let value = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let exponent = exponent.trim_start_matches('+');
            let above = match exponent.strip_prefix('-') {
                Some(size) => Row(vec![Bare("−"), digits(size)]),
                None => digits(exponent),
            };
            let ten = digits("10").sup(above);
            if mantissa == "1" { ten } else { Row(vec![digits(mantissa), Sign("×"), ten]) }
        }
        None => digits(text),
    };
    match of {
        Some(of) => Row(vec![value, Thin, unit(of)]),
        None => value,
    }
}

/// A unit, upright, with powers: `mV ms⁻¹`.
fn unit(of: &Unit) -> Math {
    let mut row = Vec::new();
    for factor in &of.factors {
        if !row.is_empty() {
            row.push(Thin);
        }
        let symbol = Word(unit_symbol(&factor.name.text));
        row.push(match factor.power {
            1 => symbol,
            n if n < 0 => symbol.sup(Row(vec![Bare("−"), Number(n.unsigned_abs().to_string())])),
            n => symbol.sup(Number(n.to_string())),
        });
    }
    Row(row)
}
