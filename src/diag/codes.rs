use super::Severity::{self, Error, Warning};

/// What is known of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeInfo {
    /// `E0301`, `W0502`.
    pub code: &'static str,
    /// `dimension-mismatch`.
    pub name: &'static str,
    /// Error or warning.
    pub severity: Severity,
    /// The page `plast explain` prints, Markdown: what, why, an example that errs, the example mended.
    pub page: &'static str,
}

/// A diagnostic code. The one table of all codes is [`CODES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Code(pub &'static str);

impl Code {
    /// The code's entry.
    pub fn info(self) -> &'static CodeInfo {
        CODES.iter().find(|c| c.code == self.0).unwrap_or(&CODES[0])
    }
}

macro_rules! codes {
    ($($code:ident $severity:ident $name:literal;)*) => {
        /// Every code, in order. Ranges: 01 text and grammar, 02 names, 03 dimensions, 04 axes and stages,
        /// 05 time and protocol, 06 rules and networks, 07 files and data, 08 while running, 09 command line.
        pub const CODES: &[CodeInfo] = &[$(CodeInfo {
            code: stringify!($code),
            name: $name,
            severity: $severity,
            page: include_str!(concat!("explain/", stringify!($code), ".md")),
        }),*];
        #[allow(missing_docs)]
        impl Code { $(pub const $code: Code = Code(stringify!($code));)* }
    };
}

codes! {
    E0001 Error "internal-error";
    // 01 text and grammar
    E0101 Error "syntax";
    E0102 Error "unclosed-bracket";
    E0103 Error "unmatched-bracket";
    E0104 Error "definition-for-comparison";
    E0105 Error "name-after-number";
    E0106 Error "decimal-comma";
    E0107 Error "unknown-unit";
    E0108 Error "foreign-character";
    E0109 Error "missing-separator";
    E0111 Error "foreign-operator";
    E0112 Error "keyword-as-name";
    E0113 Error "unknown-keyword";
    E0114 Error "too-deep";
    E0115 Error "incomplete-if";
    E0116 Error "unit-without-number";
    E0117 Error "foreign-comment";
    E0118 Error "chained-comparison";
    E0119 Error "unclosed-string";
    E0120 Error "malformed-number";
    E0121 Error "missing-or-double-clause";
    // 02 names
    E0201 Error "undefined-name";
    E0202 Error "duplicate-name";
    E0203 Error "reserved-name";
    E0204 Error "hiding-name";
    E0205 Error "wrong-argument";
    E0206 Error "unit-or-variable";
    E0208 Error "unknown-member";
    E0209 Error "no-output";
    E0210 Error "circular-definition";
    // 03 dimensions
    E0301 Error "dimension-mismatch";
    E0302 Error "wrong-dimension";
    E0303 Error "not-a-plain-number";
    E0304 Error "rule-needs-units";
    E0305 Error "rate-or-increment";
    // 04 axes and stages
    E0401 Error "axis-mismatch";
    E0402 Error "missing-reduction";
    E0403 Error "unknown-axis";
    E0404 Error "outside-the-axis";
    E0405 Error "not-known-yet";
    E0406 Error "number-or-condition";
    E0408 Error "not-a-value";
    E0409 Error "impossible-size";
    // 05 time and protocol
    E0501 Error "not-whole-ticks";
    E0502 Error "bad-clock";
    E0503 Error "probe-in-a-loop";
    E0504 Error "bad-statement";
    E0505 Error "bad-seed";
    // 06 rules and networks
    E0601 Error "instantaneous-cycle";
    E0602 Error "two-equations";
    E0603 Error "undeclared-variable";
    E0604 Error "missing-part";
    E0605 Error "misplaced-line";
    E0606 Error "bad-projection";
    E0607 Error "no-draw-here";
    E0608 Error "bad-normalisation";
    E0610 Error "bad-event";
    E0611 Error "bad-spikes";
    E0612 Error "rule-needs-a-variable";
    E0613 Error "needs-a-clock";
    W0601 Warning "stale-accumulator";
    W0602 Warning "weight-never-changes";
    W0603 Warning "unused";
    W0604 Warning "unbounded-growth";
    W0605 Warning "tick-too-large";
    W0606 Warning "needless-allow";
    W0607 Warning "idle-teaching";
    W0608 Warning "crossed-data";
    W0609 Warning "index-as-factor";
    W0610 Warning "joins-nothing";
    W0611 Warning "decay-lost";
    W0612 Warning "mixed-values";
    W0613 Warning "spikes-off-the-tick";
    W0614 Warning "tick-too-large-for-lags";
    // 07 files and data
    E0701 Error "cannot-read-data";
    E0702 Error "cannot-use-file";
    E0703 Error "no-such-file";
    E0704 Error "not-utf8";
    E0705 Error "cannot-read-file";
    // 08 while running
    E0801 Error "not-a-number";
    E0802 Error "no-such-place";
    E0803 Error "too-large";
    E0804 Error "no-value";
    E0805 Error "count-not-whole";
    E0806 Error "bad-weights";
    E0807 Error "cannot-record";
    // 09 command line
    E0901 Error "bad-setting";
    E0902 Error "out-of-range";
    E0903 Error "folder-exists";
    E0904 Error "cannot-write";
    E0905 Error "no-lock";
    E0906 Error "unreadable-lock";
    E0907 Error "no-such-case";
    E0908 Error "no-such-code";
    E0909 Error "not-locked";
    E0910 Error "file-exists";
    E0911 Error "unreadable-results";
    E0912 Error "nothing-to-compare";
    E0913 Error "cannot-watch";
    // a session
    E0920 Error "unknown-command";
    E0921 Error "not-now";
    E0922 Error "cannot-be-saved";
    E0923 Error "no-such-mark";
    E0924 Error "cannot-be-drawn";
}
