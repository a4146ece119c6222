use super::words::{Role, Word};
use std::collections::BTreeSet;

/// Keywords whose bracket touches them.
const CALLED: &[&str] = &["frozen", "random", "shuffle", "poisson"];

/// Tells of every sign whether it has one operand or two, and whether it touches what is beside it.
///
/// `*`, `/` and `^` touch their operands, except beside a quantity with a unit, a derivative or a sign; a quotient
/// that stands alone, outside of brackets and sums, is spaced if a side of it has more than a word in its brackets. What
/// follows a spaced `/` in a product is spaced too. `+`, `-`, comparisons and `+-` never touch. `..` touches a bare name or
/// number on both its sides.
pub(super) fn tell_signs(words: &mut [Word], firsts: &BTreeSet<usize>) {
    for i in 0..words.len() {
        let before = i.checked_sub(1).filter(|_| !firsts.contains(&i)).map(|b| (words[b].role, b));
        let role = match words[i].role {
            Role::Binary { .. } => match before {
                Some((Role::Name | Role::Number | Role::Str | Role::Unit | Role::Close, _)) => {
                    Role::Binary { tight: touches(words, firsts, i) }
                }
                _ => Role::Unary,
            },
            Role::Open { .. } => Role::Open {
                tight: match before {
                    Some((Role::Keyword, b)) => CALLED.contains(&&*words[b].text),
                    Some((Role::Name | Role::Number | Role::Str | Role::Unit | Role::Close, _)) => true,
                    _ => false,
                },
            },
            Role::Dots { .. } => Role::Dots { tight: bare_range(words, firsts, i) },
            role => role,
        };
        words[i].role = role;
    }
}

/// Whether operator `i` touches its operands.
fn touches(words: &[Word], firsts: &BTreeSet<usize>, i: usize) -> bool {
    let role = |at: usize| words.get(at).map(|w| w.role);
    let derivative = |at: usize| {
        role(at) == Some(Role::Name)
            && role(at + 1) == Some(Role::Joint)
            && words.get(at + 2).is_some_and(|w| w.text == "dt")
            && words[at + 1].text == "/"
    };
    let behind_unit = role(i - 1) == Some(Role::Unit);
    let before_unit = role(i + 1) == Some(Role::Number) && role(i + 2) == Some(Role::Unit);
    let signed = matches!(role(i + 1), Some(Role::Binary { .. } | Role::Unary));
    match &*words[i].text {
        "^" => !behind_unit,
        "*" | "/" if behind_unit || before_unit || signed || derivative(i + 1) => false,
        "*" | "/" if i >= 3 && derivative(i - 3) => false,
        "*" | "/" => {
            let before = Side::new(words, firsts, (0..i).rev(), i);
            // `a / b*c` would look like `a / (b*c)`
            if before.nearest.is_some_and(|n| words[n].text == "/" && words[n].role == SPACED) {
                return false;
            }
            let behind = Side::new(words, firsts, i + 1..words.len(), i);
            let alone = words[i].depth == 0 && !before.sum && !behind.sum;
            let only = behind.nearest.is_none() && !before.quotient && words[i].text == "/";
            !(alone && only && (before.long || behind.long))
        }
        _ => false,
    }
}

const SPACED: Role = Role::Binary { tight: false };

/// What stands on one side of an operator of a product.
#[derive(Default)]
struct Side {
    /// Whether there is a bracket with more than a word in it.
    long: bool,
    /// Whether the product is a term of a sum on this side.
    sum: bool,
    /// Whether there is another `/` of the product.
    quotient: bool,
    /// The nearest other operator of the product.
    nearest: Option<usize>,
}

impl Side {
    fn new(words: &[Word], firsts: &BTreeSet<usize>, way: impl Iterator<Item = usize>, at: usize) -> Self {
        use Role::*;
        let depth = words[at].depth;
        let mut side = Side::default();
        for i in way {
            let Word { role, text, .. } = &words[i];
            if words[i].depth < depth || (i > at && firsts.contains(&i)) {
                break;
            }
            if words[i].depth > depth {
                side.long |= match role {
                    Comma | Colon | Keyword | Dots { .. } | Assign => true,
                    Binary { .. } => match &**text {
                        "*" | "/" | "^" => false,
                        "-" => is_difference(words, i),
                        _ => true,
                    },
                    _ => false,
                };
                continue;
            }
            match role {
                Name | Number | Unit | Str | Joint | Open { .. } | Close | Unary => {}
                Binary { .. } => match &**text {
                    "*" | "/" => {
                        side.nearest = side.nearest.or(Some(i));
                        side.quotient |= text == "/";
                    }
                    "^" => {}
                    "-" if !is_difference(words, i) => {}
                    "+" | "-" => {
                        side.sum = true;
                        break;
                    }
                    _ => break,
                },
                _ => break,
            }
            if i < at && firsts.contains(&i) {
                break;
            }
        }
        side
    }
}

/// Whether a `-` has an operand before it. It may not be told yet what the words behind a sign do.
fn is_difference(words: &[Word], i: usize) -> bool {
    let before = i.checked_sub(1).map(|b| words[b].role);
    matches!(before, Some(Role::Name | Role::Number | Role::Str | Role::Unit | Role::Close))
}

/// Whether the range around `..` at `i` is one such as `0..10` or `a..b`.
fn bare_range(words: &[Word], firsts: &BTreeSet<usize>, i: usize) -> bool {
    let bare = |at: Option<usize>| {
        at.and_then(|at| words.get(at)).is_some_and(|w| matches!(w.role, Role::Name | Role::Number))
    };
    let opens = match i.checked_sub(2).map(|b| words[b].role) {
        Some(Role::Open { .. } | Role::Comma | Role::Colon | Role::Keyword | Role::Assign) => true,
        Some(_) => false,
        None => true,
    };
    let closes = firsts.contains(&(i + 2))
        || match words.get(i + 2) {
            Some(w) => match w.role {
                Role::Close | Role::Comma | Role::Brace => true,
                Role::Keyword => w.text != "by",
                _ => false,
            },
            None => true,
        };
    bare(i.checked_sub(1)) && bare(Some(i + 1)) && opens && closes
}

/// How many blanks stand between two words of a line.
pub(super) fn between(before: &Word, word: &Word) -> usize {
    use Role::*;
    let touching = word.glued
        || matches!(word.role, Comma | Colon | Joint | Close | Open { tight: true })
        || matches!(word.role, Binary { tight: true } | Dots { tight: true })
        || matches!(before.role, Joint | Open { .. } | Binary { tight: true } | Dots { tight: true })
        || (before.role == Unary && word.role != Unary);
    usize::from(!touching)
}
