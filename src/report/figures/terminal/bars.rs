use super::Terminal;
use super::paint;
use crate::report::figures::model::Chart;
use crate::report::figures::palette;
use crate::units::format_number;

/// Bars from left to right, one line each, places one below the other.
pub(super) fn lines(c: &Chart, terminal: &Terminal) -> Vec<String> {
    let several = c.curves.len() > 1;
    let name = |i: usize, curve: usize| {
        let place = c.x.ticks.get(i).map_or(String::new(), |t| t.text.clone());
        match (several, curve) {
            (true, 0) => format!("{place} {}", c.curves[curve].name),
            (true, _) => c.curves[curve].name.clone(),
            (false, _) => place,
        }
    };
    let places = c.x.ticks.len();
    let all = || (0..places).flat_map(|i| (0..c.curves.len()).map(move |k| (i, k)));
    let left = all().map(|(i, k)| name(i, k).chars().count()).max().unwrap_or(0).min(terminal.width / 3);
    let numbers = 9;
    let room = terminal.width.saturating_sub(left + numbers + 6).clamp(5, 80);
    let zero = c.y.place(0.0).clamp(0.0, 1.0);
    let mut out = vec![paint::plain(&format!("{:>left$}   {}", c.x.caption(), c.y.caption()), terminal)];
    for (i, k) in all() {
        let curve = &c.curves[k];
        let Some(y) = curve.y.get(i).copied() else { continue };
        let label = paint::cut(&paint::plain(&name(i, k), terminal), left);
        if !y.is_finite() {
            out.push(format!("{label:>left$}   -"));
            continue;
        }
        let at = c.y.place(y).clamp(0.0, 1.0);
        let (from, to) = (zero.min(at), zero.max(at));
        let (from, to) = ((from * room as f64).round() as usize, (to * room as f64).round() as usize);
        let block = match (terminal.unicode, curve.control) {
            (true, false) => '█',
            (true, true) => '░',
            (false, false) => '#',
            (false, true) => '.',
        };
        let bar: String = std::iter::repeat_n(block, to - from).collect();
        let bar = paint::colored(&bar, palette::curve(curve.color), terminal);
        let pad = " ".repeat(from);
        let edge = if terminal.unicode { '│' } else { '|' };
        let number = paint::plain(&format_number(y, 4), terminal);
        out.push(format!("{label:>left$} {edge}{pad}{bar} {number}"));
    }
    out
}
