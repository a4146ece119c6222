//! Answers for terminals that show ASCII only.

/// The text with signs in place of those that such a terminal cannot show.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut raised = false;
    for c in text.chars() {
        let digit = match c {
            '⁻' => Some('-'),
            '⁰' => Some('0'),
            '¹' => Some('1'),
            '²' => Some('2'),
            '³' => Some('3'),
            '⁴'..='⁹' => char::from_digit(c as u32 - '⁰' as u32, 10),
            _ => None,
        };
        if let Some(digit) = digit {
            if !raised {
                out.push('^');
            }
            out.push(digit);
        } else {
            match c {
                '─' | '━' => out.push('-'),
                '│' | '┆' | '┃' => out.push('|'),
                '╭' | '╮' | '├' | '┤' | '┬' | '┴' | '┼' => out.push('+'),
                '╰' | '╯' => out.push('`'),
                '…' => out.push_str("..."),
                '×' => out.push('x'),
                '·' => out.push('.'),
                'µ' => out.push('u'),
                '✓' => out.push_str("ok"),
                '✗' => out.push_str("FAILED"),
                '○' => out.push_str("skipped"),
                c => out.push(c),
            }
        }
        raised = digit.is_some();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn signs_are_spelled() {
        assert_eq!(plain("Time⁻¹ × Length²"), "Time^-1 x Length^2");
        assert_eq!(plain("╭─[ a ]"), "+-[ a ]");
        assert_eq!(plain("θ 3 µm …"), "θ 3 um ...");
    }
}
