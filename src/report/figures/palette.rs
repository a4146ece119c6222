use colorous::Color;

/// Colours that people with any colour vision tell apart (Okabe & Ito 2008), dark and light ones in turn so that a grey
/// print keeps neighbours apart.
const CURVES: [(u8, u8, u8); 7] = [
    (0x00, 0x72, 0xb2), // blue
    (0xe6, 0x9f, 0x00), // orange
    (0x00, 0x9e, 0x73), // bluish green
    (0xd5, 0x5e, 0x00), // vermillion
    (0xcc, 0x79, 0xa7), // reddish purple
    (0x56, 0xb4, 0xe9), // sky blue
    (0x7f, 0x7f, 0x7f), // grey
];

/// A colour as red, green and blue.
pub(super) type Rgb = (u8, u8, u8);

/// The colour of the `of.0`-th of `of.1` curves. Many curves are taken for an ordered row and get shades of one scale.
pub(super) fn curve(of: (usize, usize)) -> Rgb {
    let (i, n) = of;
    match CURVES.get(i) {
        Some(color) if n <= CURVES.len() => *color,
        _ => rgb(colorous::VIRIDIS.eval_continuous(0.92 * i as f64 / (n.max(2) - 1) as f64)),
    }
}

/// The colour of a number at `place` (0 to 1) of a scale.
pub(super) fn shade(place: f64, signed: bool) -> Rgb {
    let place = place.clamp(0.0, 1.0);
    // red is up in this field
    if signed {
        rgb(colorous::RED_BLUE.eval_continuous(1.0 - place))
    } else {
        rgb(colorous::VIRIDIS.eval_continuous(place))
    }
}

fn rgb(c: Color) -> Rgb {
    (c.r, c.g, c.b)
}

/// As SVG writes it: `#0072b2`.
pub(super) fn hex(c: Rgb) -> String {
    format!("#{:02x}{:02x}{:02x}", c.0, c.1, c.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance as WCAG 2.1 defines it.
    fn luminance(c: Rgb) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
    }

    #[test]
    fn curves_stand_out_on_white_and_on_black() {
        for i in 0..CURVES.len() {
            let l = luminance(curve((i, 3)));
            assert!((1.05) / (l + 0.05) >= 2.0 && (l + 0.05) / 0.05 >= 3.0, "{i}: {l}");
        }
    }

    #[test]
    fn first_colours_differ_in_a_grey_print() {
        for (a, b) in [(0, 1), (1, 2), (1, 3)] {
            let (a, b) = (luminance(curve((a, 4))), luminance(curve((b, 4))));
            assert!((a.max(b) + 0.05) / (a.min(b) + 0.05) > 1.3, "{a} {b}");
        }
    }

    #[test]
    fn zero_is_pale_on_a_signed_scale_and_larger_is_redder() {
        assert!(luminance(shade(0.5, true)) > 0.8);
        assert!(shade(0.95, true).0 > shade(0.95, true).2);
        assert!(shade(0.05, true).0 < shade(0.05, true).2);
    }
}
