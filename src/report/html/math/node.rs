use crate::report::xml::escaped;
use maud::{Markup, PreEscaped};

/// A piece of mathematics.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report::html) enum Math {
    /// Pieces side by side.
    Row(Vec<Math>),
    /// A letter, slanted.
    Letter(String),
    /// A word or an upright letter: functions, names of several letters, units.
    Word(String),
    /// Digits.
    Number(String),
    /// A sign between or before operands, with the space that its kind has.
    Sign(&'static str),
    /// A sign without any space around it.
    Bare(&'static str),
    /// Words of a sentence, blanks kept.
    Text(String),
    /// A thin space.
    Thin,
    /// One above the other.
    Fraction(Box<Math>, Box<Math>),
    /// A base with what stands below it at its right.
    Sub(Box<Math>, Box<Math>),
    /// A base with what stands above it at its right.
    Sup(Box<Math>, Box<Math>),
    /// A big operator or a word with what stands under it.
    Under(Box<Math>, Box<Math>),
    /// A square root.
    Root(Box<Math>),
    /// Between brackets that grow with what is in them.
    Fenced(&'static str, Box<Math>, &'static str),
    /// A value for each condition, behind a brace.
    Cases(Vec<(Math, Math)>),
}

use Math::*;

impl Math {
    pub fn sub(self, below: Math) -> Math {
        match self {
            // a name with a subscript takes another one behind it
            Sub(base, first) => Sub(base, Box::new(Row(vec![*first, Bare(","), below]))),
            base => Sub(Box::new(base), Box::new(below)),
        }
    }

    pub fn sup(self, above: Math) -> Math {
        Sup(Box::new(self), Box::new(above))
    }

    pub fn in_parentheses(self) -> Math {
        Fenced("(", Box::new(self), ")")
    }

    pub fn over(self, below: Math) -> Math {
        Fraction(Box::new(self), Box::new(below))
    }

    /// Pieces with commas between them.
    pub fn list(pieces: impl IntoIterator<Item = Math>) -> Math {
        let mut row = Vec::new();
        for piece in pieces {
            if !row.is_empty() {
                row.push(Sign(","));
            }
            row.push(piece);
        }
        Row(row)
    }

    fn write(&self, out: &mut String) {
        match self {
            Row(pieces) => element(out, "mrow", pieces),
            Letter(text) => leaf(out, "<mi>", text, "</mi>"),
            Word(text) => leaf(out, "<mi mathvariant=\"normal\">", text, "</mi>"),
            Number(text) => leaf(out, "<mn>", text, "</mn>"),
            Sign(sign) => leaf(out, "<mo>", sign, "</mo>"),
            Bare(sign) => leaf(out, "<mo lspace=\"0\" rspace=\"0\">", sign, "</mo>"),
            Text(text) => leaf(out, "<mtext>", &text.replace(' ', "\u{a0}"), "</mtext>"),
            Thin => out.push_str("<mspace width=\"0.17em\"></mspace>"),
            Fraction(above, below) => element(out, "mfrac", [&**above, below]),
            Sub(base, below) => element(out, "msub", [&**base, below]),
            Sup(base, above) => element(out, "msup", [&**base, above]),
            Under(base, below) => element(out, "munder", [&**base, below]),
            Root(inner) => element(out, "msqrt", [&**inner]),
            Fenced(open, inner, close) => {
                out.push_str("<mrow>");
                leaf(out, "<mo fence=\"true\" stretchy=\"true\" form=\"prefix\">", open, "</mo>");
                inner.write(out);
                leaf(out, "<mo fence=\"true\" stretchy=\"true\" form=\"postfix\">", close, "</mo>");
                out.push_str("</mrow>");
            }
            Cases(cases) => {
                out.push_str("<mrow><mo fence=\"true\" stretchy=\"true\" form=\"prefix\">{</mo><mtable>");
                for (value, condition) in cases {
                    out.push_str("<mtr>");
                    element(out, "mtd", [value]);
                    element(out, "mtd", [condition]);
                    out.push_str("</mtr>");
                }
                out.push_str("</mtable></mrow>");
            }
        }
    }
}

fn element<'m>(out: &mut String, name: &str, pieces: impl IntoIterator<Item = &'m Math>) {
    out.push('<');
    out.push_str(name);
    out.push('>');
    for piece in pieces {
        piece.write(out);
    }
    out.push_str("</");
    out.push_str(name);
    out.push('>');
}

fn leaf(out: &mut String, open: &str, text: &str, close: &str) {
    out.push_str(open);
    out.push_str(&escaped(text));
    out.push_str(close);
}

/// Mathematics on a line of its own; `text` is what one reads aloud: the program's own words.
pub(in crate::report::html) fn block(math: &Math, text: &str) -> Markup {
    wrapped(math, text, "block")
}

/// Mathematics within a line.
pub(in crate::report::html) fn inline(math: &Math, text: &str) -> Markup {
    wrapped(math, text, "inline")
}

fn wrapped(math: &Math, text: &str, display: &str) -> Markup {
    let mut out = format!("<math display=\"{display}\" alttext=\"");
    out.push_str(&escaped(text));
    out.push_str("\">");
    math.write(&mut out);
    out.push_str("</math>");
    PreEscaped(out)
}
