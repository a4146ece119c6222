use super::text::KINDS;
use super::{
    Access, BinaryOp, Commit, CompareOp, Domain, Effect, Element, Index, Init, IntOp, Kernel, KernelId,
    LogicOp, Module, Op, Pattern, PatternId, Plan, Precision, Reg, ShiftOp, Slot, SlotId, SlotKind, UnaryOp,
};
use crate::contract::reduce::Kind;
use crate::source::{Id, IndexVec};

/// Where a listing stops making sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: expected {expected}, found `{found}`")]
pub struct ParseError {
    /// The line, from 1.
    pub line: usize,
    /// What could stand there.
    pub expected: String,
    /// What stands there.
    pub found: String,
}

/// Reads the listing of a module: what [`text`](super::text()) prints. `;` starts a comment.
pub fn parse(text: &str) -> Result<Module, ParseError> {
    let mut p = Parser { tokens: tokens(text), at: 0, module: Module::new() };
    while !p.at_end() {
        p.item()?;
    }
    Ok(p.module)
}

/// A piece of text and the line it stands on.
type Token<'a> = (&'a str, usize);

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with(';') {
            let end = token_end(rest);
            found.push((&rest[..end], n + 1));
            rest = rest[end..].trim_start();
        }
    }
    found
}

fn token_end(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '%' | '.' | '_' | '-' | '+');
    let first = text.chars().next().map_or(0, char::len_utf8);
    if text.starts_with('"') {
        let mut escaped = false;
        for (i, c) in text.char_indices().skip(1) {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return i + 1,
                _ => {}
            }
        }
        text.len()
    } else if text.starts_with("->") {
        2
    } else if text.starts_with(is_word) && !text.starts_with("+ ") {
        text.find(|c| !is_word(c)).unwrap_or(text.len())
    } else {
        first
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
    module: Module,
}

type Parsed<T> = Result<T, ParseError>;

impl<'a> Parser<'a> {
    fn at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn peek(&self) -> &'a str {
        self.tokens.get(self.at).map_or("", |t| t.0)
    }

    fn next(&mut self) -> &'a str {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn fail<T>(&self, expected: impl Into<String>) -> Parsed<T> {
        let line = self.tokens.get(self.at).or(self.tokens.last()).map_or(1, |t| t.1);
        let found = if self.at_end() { "the end" } else { self.peek() };
        Err(ParseError { line, expected: expected.into(), found: found.into() })
    }

    fn accept(&mut self, token: &str) -> bool {
        let found = self.peek() == token;
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) -> Parsed<()> {
        if self.accept(token) { Ok(()) } else { self.fail(format!("`{token}`")) }
    }

    /// The next token if `read` accepts it.
    fn take<T>(&mut self, expected: &str, read: impl FnOnce(&str) -> Option<T>) -> Parsed<T> {
        match read(self.peek()) {
            Some(v) => {
                self.at += 1;
                Ok(v)
            }
            None => self.fail(expected),
        }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Parsed<T> {
        self.take("a number", |t| t.parse().ok())
    }

    fn real(&mut self) -> Parsed<f64> {
        self.take("a number", |t| t.parse().ok())
    }

    fn name(&mut self) -> Parsed<String> {
        self.take("a name in quotes", unquote)
    }

    fn reg(&mut self) -> Parsed<Reg> {
        self.take("a value such as %0", |t| t.strip_prefix('%')?.parse().ok().map(Reg))
    }

    fn slot(&mut self) -> Parsed<SlotId> {
        let module = &self.module;
        let found = unquote(self.peek()).and_then(|n| module.find_slot(&n));
        self.take("the name of a slot", |_| found)
    }

    fn item(&mut self) -> Parsed<()> {
        match self.peek() {
            "pattern" => self.pattern(),
            "kernel" => self.kernel(),
            "plan" => self.plan(),
            _ => self.slot_item(),
        }
    }

    fn slot_item(&mut self) -> Parsed<()> {
        let kind = self.take("a slot, pattern, kernel or plan", |t| find(&SlotKind::ALL, t))?;
        let name = self.name()?;
        let precision = if self.accept("f32") { Precision::Single } else { Precision::Double };
        self.expect("[")?;
        let len = self.number()?;
        self.expect("]")?;
        self.expect("=")?;
        let init = if self.accept("{") {
            Init::Values(self.list("}", Self::real)?.into())
        } else {
            Init::Fill(self.real()?)
        };
        self.module.slots.push(Slot { name, kind, precision, len, init });
        Ok(())
    }

    /// Items separated by commas up to a closing bracket.
    fn list<T>(&mut self, close: &str, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        while !self.accept(close) {
            items.push(item(self)?);
            if self.peek() != close {
                self.expect(",")?;
            }
        }
        Ok(items)
    }

    fn pattern(&mut self) -> Parsed<()> {
        self.expect("pattern")?;
        let name = self.name()?;
        let rows: usize = self.number()?;
        self.expect("x")?;
        let cols = self.number()?;
        self.expect("{")?;
        let mut found = vec![Vec::new()];
        while !self.accept("}") {
            if self.accept("|") {
                found.push(Vec::new());
            } else {
                let col = self.number()?;
                if let Some(row) = found.last_mut() {
                    row.push(col);
                }
            }
        }
        found.resize(rows, Vec::new());
        let mut pattern = Pattern::from_rows(name, cols, &found);
        if self.accept("stored") {
            self.expect("{")?;
            let mut storage = Vec::new();
            while !self.accept("}") {
                storage.push(self.number()?);
            }
            pattern.storage = Some(storage.into());
        }
        self.module.patterns.push(pattern);
        Ok(())
    }

    fn kernel(&mut self) -> Parsed<()> {
        self.expect("kernel")?;
        let name = self.name()?;
        let domain = self.domain()?;
        let by_row = self.accept("by_row");
        self.expect("{")?;
        let mut ops = IndexVec::new();
        let mut effects = Vec::new();
        while !self.accept("}") {
            if self.peek().starts_with('%') {
                if self.reg()?.index() != ops.len() {
                    self.at -= 1;
                    return self.fail(format!("%{}", ops.len()));
                }
                self.expect("=")?;
                ops.push(self.op()?);
            } else {
                effects.push(self.effect()?);
            }
        }
        self.module.kernels.push(Kernel { name, domain, ops, effects, by_row });
        Ok(())
    }

    fn domain(&mut self) -> Parsed<Domain> {
        if self.accept("sparse") {
            let patterns = &self.module.patterns;
            let found = unquote(self.peek()).and_then(|n| patterns.ids().find(|p| patterns[*p].name == n));
            let pattern: PatternId = self.take("the name of a pattern", |_| found)?;
            let reduced = self.accept("reduce");
            if reduced {
                self.expect("1")?;
            }
            return Ok(Domain::Sparse { pattern, reduced });
        }
        self.expect("dense")?;
        let mut dims = Vec::new();
        while !matches!(self.peek(), "reduce" | "by_row" | "{") {
            if !dims.is_empty() {
                self.expect("x")?;
            }
            dims.push(self.number()?);
        }
        let reduced = if self.accept("reduce") { self.number()? } else { 0 };
        Ok(Domain::Dense { dims, reduced })
    }

    fn op(&mut self) -> Parsed<Op> {
        let line = self.at;
        let name = self.next();
        let op = match name {
            "num" => Op::Num(self.real()?),
            "single" => Op::Single(self.number()?),
            "int" => Op::Int(self.number()?),
            "true" | "false" => Op::Truth(name == "true"),
            "load" => Op::Load(self.access()?),
            "gather" => {
                let slot = self.slot()?;
                let base = self.number()?;
                self.expect("+")?;
                let len = self.number()?;
                self.expect("at")?;
                Op::Gather { slot, base, len, index: self.reg()? }
            }
            "coord" => Op::Coord(self.number()?),
            "random" => self.random()?,
            "fma" | "select" => {
                let (a, b, c) = (self.first()?, self.first()?, self.reg()?);
                if name == "fma" { Op::Fma(a, b, c) } else { Op::Select(a, b, c) }
            }
            "not" => Op::Not(self.reg()?),
            "narrow" => Op::Narrow(self.reg()?),
            "widen" => Op::Widen(self.reg()?),
            "bits" => Op::ToBits(self.reg()?),
            "float" => Op::FromBits(self.reg()?),
            _ => {
                if let Some(op) = find(&UnaryOp::ALL, name) {
                    Op::Unary(op, self.reg()?)
                } else if let Some(op) = find(&BinaryOp::ALL, name) {
                    Op::Binary(op, self.first()?, self.reg()?)
                } else if let Some(op) = find(&CompareOp::ALL, name) {
                    Op::Compare(op, self.first()?, self.reg()?)
                } else if let Some(op) = find(&LogicOp::ALL, name) {
                    Op::Logic(op, self.first()?, self.reg()?)
                } else if let Some(op) = find(&IntOp::ALL, name) {
                    Op::Int2(op, self.first()?, self.reg()?)
                } else if let Some(op) = find(&ShiftOp::ALL, name) {
                    Op::Shift(op, self.first()?, self.number()?)
                } else {
                    self.at = line;
                    return self.fail("an operation");
                }
            }
        };
        Ok(op)
    }

    /// A value and the comma after it.
    fn first(&mut self) -> Parsed<Reg> {
        let reg = self.reg()?;
        self.expect(",")?;
        Ok(reg)
    }

    fn random(&mut self) -> Parsed<Op> {
        let key =
            self.take("a key such as 0x00ff", |t| u64::from_str_radix(t.strip_prefix("0x")?, 16).ok())?;
        self.expect("word")?;
        let word = self.number()?;
        self.expect("draw")?;
        let draw = self.reg()?;
        self.expect("element")?;
        let base = self.number()?;
        self.expect("+")?;
        self.expect("[")?;
        let strides = self.list("]", Self::number)?;
        Ok(Op::Random { key, element: Element { base, strides }, draw, word })
    }

    fn access(&mut self) -> Parsed<Access> {
        let slot = self.slot()?;
        let mut base = 0;
        if !matches!(self.peek(), "[" | "element") {
            base = self.number()?;
            self.expect("+")?;
        }
        let index = if self.accept("element") {
            Index::Element
        } else {
            self.expect("[")?;
            Index::Strides(self.list("]", Self::number)?)
        };
        Ok(Access { slot, base, index })
    }

    fn effect(&mut self) -> Parsed<Effect> {
        if self.accept("store") {
            let value = self.reg()?;
            self.expect("->")?;
            let to = self.access()?;
            return Ok(Effect::Store { value, to, checked: !self.accept("unchecked") });
        }
        let kind = self.take("an operation, a store or a reduction", |t| find(&KINDS, t))?;
        let a = self.reg()?;
        let mut b = None;
        if kind == Kind::Dot {
            self.expect(",")?;
            b = Some(self.reg()?);
        }
        let mask = if self.accept("where") { Some(self.reg()?) } else { None };
        self.expect("->")?;
        let to = self.access()?;
        Ok(Effect::Reduce { kind, a, b, mask, to, checked: !self.accept("unchecked") })
    }

    fn plan(&mut self) -> Parsed<()> {
        self.expect("plan")?;
        let mut plan = Plan { name: self.name()?, ..Plan::default() };
        self.expect("{")?;
        while !self.accept("}") {
            match self.next() {
                "inputs" => plan.inputs = self.kernels()?,
                "observe" => plan.observe = self.kernels()?,
                "update" => plan.update = self.kernels()?,
                "settle" => plan.settle = self.kernels()?,
                commit @ ("swap" | "copy") => {
                    let from = self.slot()?;
                    self.expect("->")?;
                    plan.commits.push(Commit { from, to: self.slot()?, swap: commit == "swap" });
                }
                _ => {
                    self.at -= 1;
                    return self.fail("`inputs`, `observe`, `update`, `settle`, `swap` or `copy`");
                }
            }
        }
        self.module.plans.push(plan);
        Ok(())
    }

    fn kernels(&mut self) -> Parsed<Vec<KernelId>> {
        self.expect(":")?;
        let mut found = Vec::new();
        loop {
            let module = &self.module;
            let kernel = unquote(self.peek()).and_then(|n| module.find_kernel(&n));
            found.push(self.take("the name of a kernel", |_| kernel)?);
            if !self.accept(",") {
                return Ok(found);
            }
        }
    }
}

fn find<T: Copy>(table: &[(T, &str)], word: &str) -> Option<T> {
    table.iter().find(|(_, w)| *w == word).map(|(t, _)| *t)
}

/// The text of a quoted token, as Rust writes it.
fn unquote(token: &str) -> Option<String> {
    let inner = token.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        text.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                '0' => '\0',
                'u' => {
                    let digits: String = chars.by_ref().skip(1).take_while(|c| *c != '}').collect();
                    char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?
                }
                other => other,
            },
            c => c,
        });
    }
    Some(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ir::{text, verify};

    const ALL: &str = r#"constant "c" [2] = {1.0, NaN}
parameter "p \"q\"" [1] = -0.0
input "x" [3] = inf
state "w" [3] = 0.1
temporary "y" [2] = 1e-300
state "next" [3] = 0.0
pattern "p" 2 x 3 { 0 2 | 1 }
pattern "t" 3 x 2 { 0 | 1 | 0 } stored { 0 2 1 }

kernel "everything" dense 2 x 3 reduce 1 {
    %0 = load "y" [1, 0]                        ; row
    %1 = load "x" [0, 1]                        ; column
    %2 = num -1.5e-7
    %3 = load "c" 1 + [0, 0]                    ; once
    %4 = coord 1                                ; column
    %5 = gather "c" 0 + 2 at %4                 ; column
    %6 = random 0x00000000000000ff word 1 draw %3 element 5 + [4294967296, 1]
    %7 = fma %0, %1, %2
    %8 = sqrt %7
    %9 = round %8
    %10 = le %8, %9
    %11 = lt %8, %9
    %12 = and %10, %11
    %13 = not %12
    %14 = select %13, %8, %6
    %15 = bits %14
    %16 = int -9
    %17 = ixor %15, %16
    %18 = shr %17, 52
    %19 = float %18
    %20 = true
    %21 = div %19, %5
    sum %21 where %20 -> "next" 1 + [1] unchecked
}

kernel "drive" sparse "p" reduce 1 {
    %0 = load "w" element
    %1 = load "x" [0, 1]                        ; column
    dot %0, %1 -> "y" [1]
}

kernel "one" dense {
    %0 = num 1.0
    store %0 -> "y" []
}

plan "all" {
    inputs: "one"
    observe: "drive", "everything"
    swap "next" -> "w"
    copy "x" -> "w"
}
"#;

    #[test]
    fn what_is_printed_is_read_back() {
        let module = parse(ALL).unwrap();
        verify(&module).unwrap();
        assert_eq!(text(&module), ALL);
    }

    #[test]
    fn an_outline_leaves_out_long_arrays() {
        let module = parse("state \"w\" [10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}").unwrap();
        assert!(crate::ir::outline(&module).ends_with("6.0, 7.0 ... 2 more}\n"));
    }

    #[test]
    fn faults_name_the_line_and_what_was_expected() {
        let e = parse("state \"w\" [1] = 0\nkernel \"k\" dense 1 {\n  %0 = lod \"w\" [1]\n}").unwrap_err();
        assert_eq!(e.to_string(), "line 3: expected an operation, found `lod`");
        let e = parse("kernel \"k\" dense 1 {").unwrap_err();
        assert_eq!(e.to_string(), "line 1: expected an operation, a store or a reduction, found `the end`");
        let e = parse("kernel \"k\" dense 1 { %1 = num 1 }").unwrap_err();
        assert_eq!(e.to_string(), "line 1: expected %0, found `%1`");
        assert!(parse("kernel \"k\" sparse \"none\" {}").is_err());
        assert!(parse("state \"w").is_err());
    }
}
