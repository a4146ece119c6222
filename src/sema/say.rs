//! Words for what the evaluator finds.

use crate::diag::{Code, Diagnostic};
use crate::eval::EvalError;
use crate::source::Span;

/// An evaluation error as a message.
pub(super) fn say_eval_error(error: &EvalError, span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::E0404,
        span,
        format!("this value cannot be computed: {error}"),
        "computed before the run",
    )
}
