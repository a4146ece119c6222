use super::Terminal;
use crate::report::figures::palette::Rgb;

/// A text in a colour.
pub(super) fn colored(text: &str, color: Rgb, terminal: &Terminal) -> String {
    if !terminal.color || text.is_empty() {
        return text.to_string();
    }
    format!("\x1b[38;5;{}m{text}\x1b[0m", of_256(color))
}

/// A text in one colour on another.
pub(super) fn two_colored(text: &str, front: Rgb, back: Rgb) -> String {
    format!("\x1b[38;5;{};48;5;{}m{text}\x1b[0m", of_256(front), of_256(back))
}

pub(super) fn strong(text: &str, terminal: &Terminal) -> String {
    if terminal.color { format!("\x1b[1m{text}\x1b[0m") } else { text.to_string() }
}

pub(super) fn faint(text: &str, terminal: &Terminal) -> String {
    if terminal.color { format!("\x1b[2m{text}\x1b[0m") } else { text.to_string() }
}

/// The nearest of the 256 colours that nearly every terminal has.
fn of_256(c: Rgb) -> u8 {
    const STEPS: [i32; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |v: u8| (0..6).min_by_key(|i| (STEPS[*i] - i32::from(v)).abs()).unwrap_or(0);
    let (r, g, b) = (nearest(c.0), nearest(c.1), nearest(c.2));
    (16 + 36 * r + 6 * g + b) as u8
}

/// A text without signs beyond ASCII, if the terminal has none.
pub(super) fn plain(text: &str, terminal: &Terminal) -> String {
    if terminal.unicode {
        return text.to_string();
    }
    let mut out = String::new();
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '−' | '–' => out.push('-'),
            '…' => out.push_str(".."),
            'µ' | 'μ' => out.push('u'),
            '·' | '×' => out.push('*'),
            c => match crate::syntax::canonical(&c.to_string()) {
                name if name.is_ascii() => out.push_str(&name),
                _ => out.push('?'),
            },
        }
    }
    out
}

/// A text cut to so many columns.
pub(super) fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_string();
    }
    text.chars().take(columns.saturating_sub(2)).collect::<String>() + ".."
}
