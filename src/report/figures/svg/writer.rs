use crate::report::figures::palette::Rgb;
use crate::report::xml::escaped;
use std::fmt::Write;

/// What something is drawn in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Ink {
    /// The colour of text, at this opacity.
    Text(f64),
    /// A colour, at this opacity.
    Color(Rgb, f64),
    /// Nothing.
    None,
}

impl Ink {
    fn attributes(self, kind: &str) -> String {
        let with = |paint: &str, opacity: f64| match opacity {
            o if o >= 1.0 => format!(" {kind}=\"{paint}\""),
            o => format!(" {kind}=\"{paint}\" {kind}-opacity=\"{}\"", short(o)),
        };
        match self {
            Self::Text(opacity) => with("currentColor", opacity),
            Self::Color(c, opacity) => with(&crate::report::figures::palette::hex(c), opacity),
            Self::None => format!(" {kind}=\"none\""),
        }
    }
}

/// How text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Stroke {
    pub ink: Ink,
    pub width: f64,
    /// Lengths of dashes and gaps; empty for a whole line.
    pub dashes: &'static [f64],
}

impl Stroke {
    pub fn thin(ink: Ink) -> Self {
        Self { ink, width: 1.0, dashes: &[] }
    }

    fn attributes(&self) -> String {
        let dashes: Vec<_> = self.dashes.iter().map(|d| short(*d)).collect();
        let dashes = if dashes.is_empty() {
            String::new()
        } else {
            format!(" stroke-dasharray=\"{}\"", dashes.join(" "))
        };
        format!("{} stroke-width=\"{}\"{dashes}", self.ink.attributes("stroke"), short(self.width))
    }
}

/// SVG in the making.
#[derive(Debug, Default)]
pub(super) struct Writer {
    pub out: String,
}

impl Writer {
    pub fn open(&mut self, tag: &str) {
        let _ = writeln!(self.out, "<{tag}>");
    }

    pub fn close(&mut self, tag: &str) {
        let _ = writeln!(self.out, "</{tag}>");
    }

    pub fn rect(&mut self, (x, y, w, h): (f64, f64, f64, f64), fill: Ink, stroke: Option<Stroke>) {
        let stroke = stroke.map_or(String::new(), |s| s.attributes());
        let (x, y, w, h) = (short(x), short(y), short(w), short(h));
        let fill = fill.attributes("fill");
        let _ = writeln!(self.out, "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\"{fill}{stroke}/>");
    }

    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), stroke: Stroke) {
        let (x1, y1, x2, y2) = (short(x1), short(y1), short(x2), short(y2));
        let stroke = stroke.attributes();
        let _ = writeln!(self.out, "<line x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"{stroke}/>");
    }

    /// A path through points; several pieces make one path. `title` is what a pointer over it shows.
    pub fn path(
        &mut self,
        pieces: &[Vec<(f64, f64)>],
        closed: bool,
        fill: Ink,
        stroke: Option<Stroke>,
        class: &str,
    ) {
        let mut d = String::new();
        for piece in pieces.iter().filter(|p| !p.is_empty()) {
            // a single point is a dot where line ends are round
            let dot = (piece.len() == 1).then(|| piece[0]);
            for (i, (x, y)) in piece.iter().copied().chain(dot).enumerate() {
                d.push(if i == 0 { 'M' } else { 'L' });
                let _ = write!(d, "{} {}", tenth(x), tenth(y));
            }
            if closed {
                d.push('Z');
            }
        }
        if d.is_empty() {
            return;
        }
        let stroke = stroke.map_or(String::new(), |s| {
            s.attributes() + " stroke-linejoin=\"round\" stroke-linecap=\"round\""
        });
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        let fill = fill.attributes("fill");
        let _ = writeln!(self.out, "<path{class} d=\"{d}\"{fill}{stroke}/>");
    }

    pub fn text(&mut self, (x, y): (f64, f64), size: f64, anchor: Anchor, ink: Ink, text: &str) {
        self.turned((x, y), size, anchor, ink, text, 0.0);
    }

    /// A text turned by some degrees around its point.
    pub fn turned(
        &mut self,
        (x, y): (f64, f64),
        size: f64,
        anchor: Anchor,
        ink: Ink,
        text: &str,
        angle: f64,
    ) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y, size) = (short(x), short(y), short(size));
        let turn = if angle == 0.0 {
            String::new()
        } else {
            format!(" transform=\"rotate({} {x} {y})\"", short(angle))
        };
        let (fill, text) = (ink.attributes("fill"), escaped(text));
        let _ = writeln!(
            self.out,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\"{anchor}{fill}{turn}>{text}</text>"
        );
    }

    /// A picture of `columns` by `rows` points as PNG bytes.
    pub fn picture(&mut self, (x, y, w, h): (f64, f64, f64, f64), png: &[u8]) {
        use base64::Engine;
        let data = base64::engine::general_purpose::STANDARD.encode(png);
        let (x, y, w, h) = (short(x), short(y), short(w), short(h));
        let _ = writeln!(
            self.out,
            "<image x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" preserveAspectRatio=\"none\" \
             image-rendering=\"optimizeSpeed\" style=\"image-rendering:pixelated\" href=\"data:image/png;base64,{data}\"/>"
        );
    }
}

/// A number with two decimals at most.
pub(super) fn short(v: f64) -> String {
    trimmed(&format!("{:.2}", on_page(v)))
}

/// A number with one decimal at most: paths have many, and nobody sees a twentieth of a pixel.
fn tenth(v: f64) -> String {
    trimmed(&format!("{:.1}", on_page(v)))
}

/// What lies far off the page lies there, however far.
fn on_page(v: f64) -> f64 {
    if v.is_nan() { 0.0 } else { v.clamp(-1e6, 1e6) }
}

fn trimmed(text: &str) -> String {
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_string() } else { text.to_string() }
}
