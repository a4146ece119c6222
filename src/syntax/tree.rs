//! The tree as indented text, for `debug ast` and for tests.

use super::ast::*;
use crate::source::{Span, Spanned};

/// Prints a file's tree: one line for each item, member or statement, expressions in prefix form.
///
/// ```
/// use plast::{diag::Sink, source::SourceId, syntax};
/// let file = syntax::parse(SourceId(0), "let a = -2 ms + b^2", &mut Sink::new()).unwrap();
/// assert_eq!(syntax::text(&file), "let a (+ (- [2 ms]) (^ b 2))\n");
/// ```
pub fn text(file: &File) -> String {
    let mut out = String::new();
    for line in file.docs.lines() {
        out.push_str(&format!("//! {line}\n"));
    }
    for item in &file.items {
        print(&Tree::item(item), 0, &mut out);
    }
    out
}

/// Prints one expression in prefix form.
pub fn expr_text(expr: &Expr) -> String {
    Tree::expr(expr).line()
}

fn print(tree: &Tree, depth: usize, out: &mut String) {
    for doc in tree.docs.lines() {
        out.push_str(&format!("{:1$}/// {doc}\n", "", depth * 2));
    }
    out.push_str(&format!("{:1$}{2}", "", depth * 2, tree.label));
    for kid in tree.kids.iter().filter(|k| k.inline && !k.is_empty_part()) {
        out.push(' ');
        out.push_str(&kid.line());
    }
    out.push('\n');
    for kid in tree.kids.iter().filter(|k| !k.inline) {
        print(kid, depth + 1, out);
    }
}

/// A node of any kind: what the printer and the span tests see.
pub(super) struct Tree {
    label: String,
    docs: String,
    pub span: Option<Span>,
    pub kids: Vec<Tree>,
    inline: bool,
}

impl Tree {
    fn block(label: impl Into<String>, span: Option<Span>, kids: Vec<Tree>) -> Self {
        Tree { label: label.into(), docs: String::new(), span, kids, inline: false }
    }

    fn leaf(label: impl Into<String>, span: Option<Span>) -> Self {
        Tree { inline: true, ..Tree::block(label, span, Vec::new()) }
    }

    fn part(label: impl Into<String>, kids: Vec<Tree>) -> Self {
        Tree { inline: true, ..Tree::block(label, None, kids) }
    }

    fn ident(ident: &Ident) -> Self {
        Tree::leaf(&ident.text, Some(ident.span))
    }

    fn string(string: &Spanned<String>) -> Self {
        Tree::leaf(format!("{:?}", string.node), Some(string.span))
    }

    /// A group with nothing in it, such as the axes of a single cell.
    fn is_empty_part(&self) -> bool {
        self.kids.is_empty() && self.span.is_none() && matches!(self.label.as_str(), "axes" | "params")
    }

    fn line(&self) -> String {
        if self.kids.is_empty() {
            return self.label.clone();
        }
        let kids: Vec<_> = self.kids.iter().map(Tree::line).collect();
        format!("({} {})", self.label, kids.join(" "))
    }

    /// Whether this is a node of the kind `label`.
    pub fn is(&self, label: &str) -> bool {
        self.label == label
    }

    /// Whether two trees say the same, wherever they stand.
    pub fn same(&self, other: &Tree) -> bool {
        (&self.label, &self.docs, self.inline) == (&other.label, &other.docs, other.inline)
            && self.kids.len() == other.kids.len()
            && self.kids.iter().zip(&other.kids).all(|(a, b)| a.same(b))
    }

    pub fn file(file: &File) -> Self {
        let end = file.items.last().map_or(0, |i| i.span.end);
        let span = Span { source: file.source, start: 0, end };
        Tree::block("file", Some(span), file.items.iter().map(Tree::item).collect())
    }

    fn item(item: &Item) -> Self {
        use ItemKind::*;
        let name = Tree::ident;
        let expr = Tree::expr;
        let (label, mut kids) = match &item.kind {
            Clock(value) => ("clock", vec![expr(value)]),
            Seed(value) => ("seed", vec![expr(value)]),
            Precision(word) => ("precision", vec![name(word)]),
            Integrate(word) => ("integrate", vec![name(word)]),
            Use(UsePath::Library(path)) => ("use", path.iter().map(name).collect()),
            Use(UsePath::File(path)) => ("use", vec![Tree::string(path)]),
            Let { name: n, axes, value } => ("let", vec![name(n), Tree::axes(axes), expr(value)]),
            Fn { name: n, params, body } => {
                ("fn", vec![name(n), Tree::part("params", params.iter().map(name).collect()), expr(body)])
            }
            Param(param) => ("param", Tree::param(param)),
            Cases(super::ast::Cases::Named { name: n, cases }) => {
                ("cases", [name(n)].into_iter().chain(cases.iter().map(Tree::case)).collect())
            }
            Cases(super::ast::Cases::Values { name: n, values }) => ("cases", vec![name(n), expr(values)]),
            Stimulus { name: n, axes, value } => ("stimulus", vec![name(n), Tree::axes(axes), expr(value)]),
            Population(p) => {
                let mut kids = vec![name(&p.name), Tree::axes(&p.axes)];
                kids.extend(p.spiking.map(|s| Tree::leaf("spiking", Some(s))));
                kids.extend(p.members.iter().map(Tree::member));
                ("population", kids)
            }
            Cell(c) => {
                ("cell", [name(&c.name)].into_iter().chain(c.members.iter().map(Tree::member)).collect())
            }
            Rule(r) => {
                ("rule", [name(&r.name)].into_iter().chain(r.members.iter().map(Tree::member)).collect())
            }
            Synapses(s) => {
                let mut kids = vec![name(&s.name), name(&s.pre), name(&s.post)];
                kids.extend(s.members.iter().map(Tree::member));
                ("synapses", kids)
            }
            Protocol(block) => ("protocol", Tree::statements(block)),
            Record(r) => {
                let mut kids = vec![name(&r.name), expr(&r.value), Tree::part("every", vec![expr(&r.every)])];
                if !r.during.is_empty() {
                    kids.push(Tree::part("during", r.during.iter().map(name).collect()));
                }
                ("record", kids)
            }
            Expect { condition, message } => {
                ("expect", [expr(condition)].into_iter().chain(message.iter().map(Tree::string)).collect())
            }
            Plot(plot) => {
                let mut kids: Vec<_> = plot.values.iter().map(expr).collect();
                kids.extend(plot.versus.iter().map(|e| Tree::part("vs", vec![expr(e)])));
                kids.extend(plot.split.iter().map(|e| Tree::part("split-by", vec![expr(e)])));
                if !plot.marks.is_empty() {
                    kids.push(Tree::part("mark", plot.marks.iter().map(expr).collect()));
                }
                kids.extend(plot.control.map(|s| Tree::leaf("with-control", Some(s))));
                ("plot", kids)
            }
            Image { value, axes } => {
                ("image", vec![expr(value), Tree::part("as", axes.iter().map(Tree::axis_name).collect())])
            }
        };
        kids.extend(item.stream.iter().map(|s| Tree::part("stream", vec![Tree::string(s)])));
        kids.extend(item.allows.iter().map(Tree::allow));
        Tree { docs: item.docs.clone(), ..Tree::block(label, Some(item.span), kids) }
    }

    fn allow(allow: &Allow) -> Self {
        let kids =
            [Tree::ident(&allow.name)].into_iter().chain(allow.reason.iter().map(Tree::string)).collect();
        Tree { span: Some(allow.span), ..Tree::part("allow", kids) }
    }

    fn param(param: &Param) -> Vec<Tree> {
        let mut kids = vec![Tree::ident(&param.name), Tree::expr(&param.value)];
        if let Some((lo, hi)) = &param.range {
            kids.push(Tree::part("in", vec![Tree::expr(lo), Tree::expr(hi)]));
        }
        kids
    }

    fn case(case: &Case) -> Self {
        let mut kids = vec![Tree::ident(&case.name)];
        kids.extend(
            case.settings
                .iter()
                .map(|(name, value)| Tree::part("=", vec![Tree::ident(name), Tree::expr(value)])),
        );
        Tree::block("case", Some(case.span), kids)
    }

    fn axes(axes: &[Axis]) -> Self {
        let axis = |a: &Axis| Tree::part(":", vec![Tree::ident(&a.name), Tree::expr(&a.extent)]);
        Tree::part("axes", axes.iter().map(axis).collect())
    }

    fn axis_name(axis: &AxisName) -> Self {
        match &axis.owner {
            Some(owner) => Tree::part(".", vec![Tree::ident(owner), Tree::ident(&axis.name)]),
            None => Tree::ident(&axis.name),
        }
    }

    fn member(member: &Member) -> Self {
        use MemberKind::*;
        let name = Tree::ident;
        let expr = Tree::expr;
        let (label, mut kids) = match &member.kind {
            Param(param) => ("param", Tree::param(param)),
            State(s) => {
                let mut kids = vec![name(&s.name)];
                kids.extend(
                    s.side
                        .iter()
                        .map(|side| Tree::leaf(format!("{:?}", side.node).to_lowercase(), Some(side.span))),
                );
                kids.extend(s.trace.map(|t| Tree::leaf("trace", Some(t))));
                kids.extend(s.value.iter().map(expr));
                ("state", kids)
            }
            Equation(e) => {
                let mut left = vec![name(&e.name)];
                left.extend(e.factor.iter().map(expr));
                let label = match e.form {
                    Form::Rate => "rate",
                    Form::Increment => "increment",
                    Form::Instantaneous => "value",
                };
                let lhs = Tree { span: Some(e.lhs), ..Tree::part("of", left) };
                (label, vec![lhs, expr(&e.value)])
            }
            Output { name: n, value } => ("output", vec![name(n), expr(value)]),
            Update(super::ast::Update::Every(value)) => ("update-every", vec![expr(value)]),
            Update(super::ast::Update::PerPresentation) => ("update-per-presentation", Vec::new()),
            Normalise(n) => {
                let mut kids = vec![expr(&n.quantity), expr(&n.target)];
                kids.extend(n.every.iter().map(|e| Tree::part("every", vec![expr(e)])));
                kids.push(name(&n.mode));
                ("normalise", kids)
            }
            Bounds { name: n, lo, hi } => ("bounds", vec![name(n), expr(lo), expr(hi)]),
            Integrate(word) => ("integrate", vec![name(word)]),
            Rule { rule } => ("rule", vec![expr(rule)]),
            Fixed => ("fixed", Vec::new()),
            Inhibitory => ("inhibitory", Vec::new()),
            Connect { how, except_self } => {
                let (label, mut kids) = match how {
                    super::ast::Connect::All => ("connect-all", Vec::new()),
                    super::ast::Connect::OneToOne => ("connect-one-to-one", Vec::new()),
                    super::ast::Connect::Random(p) => ("connect-random", vec![expr(p)]),
                    super::ast::Connect::Where(c) => ("connect-where", vec![expr(c)]),
                };
                kids.extend(except_self.map(|s| Tree::leaf("except-self", Some(s))));
                (label, kids)
            }
            Delay { time, place } => {
                ("delay", [expr(time)].into_iter().chain(place.iter().map(name)).collect())
            }
            SpikeWhen { condition, reset, refractory } => {
                let mut kids = vec![expr(condition)];
                kids.extend(reset.iter().map(Tree::change));
                kids.extend(refractory.iter().map(|r| Tree::part("refractory", vec![expr(r)])));
                ("spike-when", kids)
            }
            Spikes(SpikeSource::Poisson(rate)) => ("spikes-poisson", vec![expr(rate)]),
            Spikes(SpikeSource::At { times, cells }) => {
                let mut kids = vec![expr(times)];
                kids.extend(cells.iter().map(|c| Tree::part("of", vec![expr(c)])));
                ("spikes-at", kids)
            }
            On { event, changes } => {
                let event = Tree::leaf(format!("{:?}", event.node).to_lowercase(), Some(event.span));
                ("on", [event].into_iter().chain(changes.iter().map(Tree::change)).collect())
            }
            Ties(word) => ("ties", vec![name(word)]),
            Values { name: n, source, settings } => {
                let mut kids = vec![name(n)];
                kids.extend(source.iter().map(Tree::string));
                kids.extend(settings.iter().map(|(n, v)| Tree::part("=", vec![name(n), expr(v)])));
                ("values", kids)
            }
            Needs(needs) => {
                let need = |(side, n): &(Spanned<Side>, Ident)| {
                    let side = Tree::leaf(format!("{:?}", side.node).to_lowercase(), Some(side.span));
                    Tree::part(".", vec![side, name(n)])
                };
                ("needs", needs.iter().map(need).collect())
            }
            MemberKind::Cell(value) => ("cell", vec![expr(value)]),
            Start { name: n, value } => ("start", vec![name(n), expr(value)]),
            Hold { name: n, value } => ("hold", vec![name(n), expr(value)]),
        };
        kids.extend(member.allows.iter().map(Tree::allow));
        Tree { docs: member.docs.clone(), ..Tree::block(label, Some(member.span), kids) }
    }

    fn change(change: &Change) -> Self {
        let mut kids: Vec<_> = change.owner.iter().map(Tree::ident).collect();
        kids.push(Tree::ident(&change.name));
        kids.push(Tree::leaf(format!("{:?}", change.op).to_lowercase(), None));
        kids.push(Tree::expr(&change.value));
        Tree::block("change", Some(change.span), kids)
    }

    fn cells(cells: &Cells) -> Self {
        let kids = [Tree::ident(&cells.population)].into_iter().chain(cells.slice.iter().map(Tree::entry));
        Tree::part("cells", kids.collect())
    }

    fn groups(groups: &Groups) -> Self {
        Tree::part("every", vec![Tree::expr(&groups.every), Tree::expr(&groups.count)])
    }

    fn tail(tail: &Tail) -> Vec<Tree> {
        let mut kids = Vec::new();
        kids.extend(tail.times.iter().map(|(n, f)| Tree::part("times", vec![Tree::expr(n), Tree::expr(f)])));
        kids.extend(tail.groups.iter().map(|g| Tree::groups(g)));
        kids.extend(tail.length.iter().map(|l| Tree::part("for", vec![Tree::expr(l)])));
        kids
    }

    fn statements(block: &Block) -> Vec<Tree> {
        block.statements.iter().map(Tree::statement).collect()
    }

    fn length(length: &Length) -> Tree {
        match length {
            Length::For(value) => Tree::part("for", vec![Tree::expr(value)]),
            Length::Until { condition, within } => {
                let mut kids = vec![Tree::expr(condition)];
                kids.extend(within.iter().map(|w| Tree::part("within", vec![Tree::expr(w)])));
                Tree::part("until", kids)
            }
        }
    }

    fn looped(over: &Loop) -> Tree {
        match over {
            Loop::Of(name) => Tree::part("of", vec![Tree::ident(name)]),
            Loop::In(value) => Tree::part("in", vec![Tree::expr(value)]),
            Loop::Shuffle(inner) => Tree::part("shuffle", vec![Tree::looped(inner)]),
        }
    }

    fn statement(statement: &Statement) -> Self {
        use StatementKind::*;
        let name = Tree::ident;
        let expr = Tree::expr;
        let with = |mut head: Vec<Tree>, body: &Block| {
            head.extend(Tree::statements(body));
            head
        };
        let (label, mut kids) = match &statement.kind {
            Phase { name: n, frozen, body } => {
                let mut head = vec![name(n)];
                head.extend(frozen.iter().map(|f| Tree {
                    span: Some(f.span),
                    ..Tree::part("frozen", f.names.iter().map(name).collect())
                }));
                ("phase", with(head, body))
            }
            Present { inputs, length } => {
                let mut kids: Vec<_> = inputs
                    .iter()
                    .map(|i| {
                        let mut on = vec![expr(&i.value), name(&i.population)];
                        on.extend(i.slice.iter().map(Tree::entry));
                        Tree::part("on", on)
                    })
                    .collect();
                kids.push(Tree::length(length));
                ("present", kids)
            }
            Rest { length } => ("rest", vec![Tree::length(length)]),
            Repeat { count, body } => ("repeat", with(vec![expr(count)], body)),
            For { name: n, over, body } => ("for", with(vec![name(n), Tree::looped(over)], body)),
            Together { name: n, over, body } => ("together", with(vec![name(n), Tree::looped(over)], body)),
            Pick { name: n, over, weights } => {
                let mut kids = vec![name(n), Tree::looped(over)];
                kids.extend(weights.iter().map(|w| Tree::part("weighted-by", vec![expr(w)])));
                ("pick", kids)
            }
            Spike { trains, tail } => {
                let train =
                    |(c, at): &(super::ast::Cells, Expr)| Tree::part("at", vec![Tree::cells(c), expr(at)]);
                let mut kids: Vec<_> = trains.iter().map(train).collect();
                kids.extend(Tree::tail(tail));
                ("spike", kids)
            }
            Pair { pre, post, lag, tail } => {
                let mut kids = vec![Tree::cells(pre), Tree::cells(post), expr(lag)];
                kids.extend(Tree::tail(tail));
                ("pair", kids)
            }
            Train { count, rate, groups, on } => {
                let mut kids = vec![expr(count), expr(rate)];
                kids.extend(groups.iter().map(|g| Tree::groups(g)));
                kids.extend(on.iter().map(Tree::cells));
                ("train", kids)
            }
            ThetaBurst { groups, on } => {
                let mut kids: Vec<_> = groups.iter().map(|g| Tree::groups(g)).collect();
                kids.extend(on.iter().map(Tree::cells));
                ("theta-burst", kids)
            }
            Teach { population, output, op, value } => {
                let op = Tree::leaf(format!("{op:?}").to_lowercase(), None);
                ("teach", vec![name(population), name(output), op, expr(value)])
            }
            Set { owner, name: n, value } => {
                ("set", owner.iter().map(name).chain([name(n), expr(value)]).collect())
            }
            Probe { each, name: n, indices, value } => {
                let mut kids: Vec<_> = each.iter().map(|s| Tree::leaf("each", Some(*s))).collect();
                kids.push(name(n));
                if !indices.is_empty() {
                    kids.push(Tree::part("[]", indices.iter().map(name).collect()));
                }
                kids.push(expr(value));
                ("probe", kids)
            }
            ControlWithout { phases } => ("control-without", phases.iter().map(name).collect()),
            Control { phase, body } => ("control", with(vec![name(phase)], body)),
        };
        kids.extend(statement.stream.iter().map(|s| Tree::part("stream", vec![Tree::string(s)])));
        Tree::block(label, Some(statement.span), kids)
    }

    fn entry(entry: &Entry) -> Self {
        let value = Tree::expr(&entry.value);
        match &entry.axis {
            Some(axis) => {
                Tree { span: Some(entry.span), ..Tree::part(":", vec![Tree::axis_name(axis), value]) }
            }
            None => value,
        }
    }

    fn unit(unit: &Unit) -> Self {
        Tree::leaf(unit_text(unit), Some(unit.span))
    }

    pub fn expr(expr: &Expr) -> Self {
        use ExprKind::*;
        let sub = |e: &Expr| Tree::expr(e);
        let (label, kids): (std::string::String, Vec<Tree>) = match &expr.kind {
            Number(n) => {
                let text = n
                    .unit
                    .as_ref()
                    .map_or_else(|| n.text.clone(), |u| format!("[{} {}]", n.text, unit_text(u)));
                (text, Vec::new())
            }
            String(s) => (format!("{s:?}"), Vec::new()),
            Bool(b) => (b.to_string(), Vec::new()),
            Name(name) => (name.text.clone(), Vec::new()),
            Field { base, name } => (".".into(), vec![sub(base), Tree::ident(name)]),
            Derivative { base, name } => {
                ("d/dt".into(), base.iter().map(|b| sub(b)).chain([Tree::ident(name)]).collect())
            }
            Unary { op: UnaryOp::Neg, operand } => ("-".into(), vec![sub(operand)]),
            Unary { op: UnaryOp::Not, operand } => ("not".into(), vec![sub(operand)]),
            Binary { op, left, right } => (op_text(op.node).into(), vec![sub(left), sub(right)]),
            PlusMinus { value, tolerance } => ("+-".into(), vec![sub(value), sub(tolerance)]),
            Between { value, lo, hi } => ("between".into(), vec![sub(value), sub(lo), sub(hi)]),
            In { value, unit } => ("in".into(), vec![sub(value), Tree::unit(unit)]),
            AtStart { value } => ("at-start".into(), vec![sub(value)]),
            If { condition, then, otherwise } => {
                ("if".into(), vec![sub(condition), sub(then), sub(otherwise)])
            }
            Call { callee, args } => {
                let arg = |a: &Arg| match &a.name {
                    Some(name) => Tree::part("=", vec![Tree::ident(name), sub(&a.value)]),
                    None => sub(&a.value),
                };
                ("call".into(), [sub(callee)].into_iter().chain(args.iter().map(arg)).collect())
            }
            Reduce(r) => {
                let mut kids = vec![Tree::ident(&r.function)];
                kids.extend(r.args.iter().map(sub));
                if !r.over.is_empty() {
                    kids.push(Tree::part("over", r.over.iter().map(Tree::axis_name).collect()));
                }
                if let Some(b) = &r.binder {
                    let over = match &b.over {
                        BinderRange::Axis(axis) => Tree::axis_name(axis),
                        BinderRange::Range(range) => sub(range),
                    };
                    let mut parts = vec![Tree::ident(&b.name), over];
                    parts.extend(b.condition.iter().map(|c| sub(c)));
                    kids.push(Tree::part("for", parts));
                }
                ("reduce".into(), kids)
            }
            Index { base, entries } => {
                ("index".into(), [sub(base)].into_iter().chain(entries.iter().map(Tree::entry)).collect())
            }
            Range(r) => {
                let end =
                    |e: &Option<Box<Expr>>| e.as_ref().map_or_else(|| Tree::leaf("_", None), |e| sub(e));
                let mut kids = vec![end(&r.start), end(&r.end)];
                kids.extend(r.by.iter().map(|by| Tree::part("by", vec![sub(by)])));
                ("..".into(), kids)
            }
            List { items, unit } => {
                ("list".into(), items.iter().map(sub).chain(unit.iter().map(Tree::unit)).collect())
            }
        };
        Tree { span: Some(expr.span), ..Tree::part(label, kids) }
    }
}

fn unit_text(unit: &Unit) -> String {
    let mut text = String::new();
    for (i, factor) in unit.factors.iter().enumerate() {
        text.push_str(if factor.power < 0 {
            "/"
        } else if i > 0 {
            "·"
        } else {
            ""
        });
        text.push_str(&factor.name.text);
        if factor.power.abs() != 1 {
            text.push_str(&format!("^{}", factor.power.abs()));
        }
    }
    text
}

fn op_text(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::Pow => "^",
        BinaryOp::Eq => "==",
        BinaryOp::Ne => "!=",
        BinaryOp::Lt => "<",
        BinaryOp::Le => "<=",
        BinaryOp::Gt => ">",
        BinaryOp::Ge => ">=",
        BinaryOp::And => "and",
        BinaryOp::Or => "or",
    }
}
