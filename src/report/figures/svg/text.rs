use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

/// The font that text is measured with, and drawn with in PNG files: Liberation Sans, whose letters are as wide as those
/// of Arial and Helvetica, so that an SVG looks the same where one of these is at hand. Its licence lies beside it.
pub(in crate::report::figures) const FONT: &[u8] = include_bytes!("../font/LiberationSans-Regular.ttf");

/// How wide a text is, in pixels, at a font size in pixels.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let Ok(font) = FontRef::new(FONT) else { return 0.6 * size * text.chars().count() as f64 };
    let metrics = font.glyph_metrics(Size::new(size as f32), LocationRef::default());
    let map = font.charmap();
    let advance = |c: char| {
        let known = map.map(c).and_then(|glyph| metrics.advance_width(glyph));
        known.map_or(0.6 * size, f64::from)
    };
    text.chars().map(advance).sum()
}

/// A text cut to a width, with an ellipsis where something is missing.
pub(super) fn fitted(text: &str, size: f64, room: f64) -> String {
    if width(text, size) <= room {
        return text.to_string();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while !kept.is_empty() {
        kept.pop();
        let short: String = kept.iter().collect::<String>().trim_end().to_string() + "…";
        if width(&short, size) <= room {
            return short;
        }
    }
    String::new()
}

/// A text in lines of a width, broken between words.
pub(super) fn wrapped(text: &str, size: f64, room: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width(&format!("{line} {word}"), size) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(fitted(word, size, room)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // Liberation Sans has 2048 units per em; a digit is 1139 wide, as in Arial
        assert!((width("0000", 10.0) - 4.0 * 11390.0 / 2048.0).abs() < 1e-3);
        assert!(width("θ (mV)", 12.0) > width("(mV)", 12.0));
    }

    #[test]
    fn long_texts_are_cut_or_broken() {
        assert_eq!(fitted("short", 10.0, 100.0), "short");
        let cut = fitted("a rather long text", 10.0, 50.0);
        assert!(cut.ends_with('…') && width(&cut, 10.0) <= 50.0, "{cut}");
        let lines = wrapped("a rather long text", 10.0, 50.0);
        assert!(lines.len() > 1 && lines.iter().all(|l| width(l, 10.0) <= 50.0));
        assert_eq!(lines.join(" "), "a rather long text");
    }
}
