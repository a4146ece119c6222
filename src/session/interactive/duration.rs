use crate::units::{Unit, format_number, read_number};

/// A time of so many ticks as the language writes it: in seconds or in the unit of the clock where that reads back to
/// the same number of ticks, else in ticks.
pub(super) fn duration_text(ticks: u64, tick: f64, clock: &Unit) -> String {
    let seconds = ticks as f64 * tick;
    let second = Unit::named("s").unwrap_or_else(Unit::none);
    let units = if seconds >= 1.0 { [&second, clock] } else { [clock, &second] };
    for unit in units {
        let digits = format_number(unit.from_si(seconds), 9);
        let back = unit.to_si(read_number(&digits, &[])) / tick;
        if (back - ticks as f64).abs() <= 1e-9 * back.abs().max(1.0) {
            return format!("{digits}{}", unit.suffix());
        }
    }
    if ticks == 1 { "1 tick".into() } else { format!("{ticks} ticks") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back() {
        let ms = Unit::named("ms").unwrap_or_else(Unit::none);
        assert_eq!(duration_text(10, 0.1, &ms), "1 s");
        assert_eq!(duration_text(1, 0.1, &ms), "100 ms");
        assert_eq!(duration_text(20_000, 1e-3, &ms), "20 s");
        assert_eq!(duration_text(7, 1.0 / 3e3, &ms), "7 ticks");
    }
}
