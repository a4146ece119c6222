use crate::units::{Dim, lookup, read_number, suggest};

/// Reads a duration with its unit, such as `10 s` or `1.5min`, into seconds.
pub(super) fn duration(text: &str) -> Result<f64, String> {
    let text = text.trim();
    // an `e` belongs to the number only if digits follow it
    let number = (0..=text.len())
        .rev()
        .filter(|&i| text.is_char_boundary(i))
        .find(|&i| {
            text[..i].parse::<f64>().is_ok() && text[..i].chars().all(|c| "0123456789.eE+-".contains(c))
        })
        .ok_or("a duration is a number with a unit, such as '10 s'")?;
    let (number, unit) = (&text[..number], text[number..].trim());
    if unit.is_empty() {
        return Err(format!("a unit is missing: '{number} s' or '{number} ms'"));
    }
    let Some(def) = lookup(unit) else {
        let near = suggest(unit).map_or(String::new(), |near| format!("; a similar one is `{near}`"));
        return Err(format!("`{unit}` is not a unit{near}"));
    };
    if def.dim != Dim::TIME {
        return Err(format!("`{unit}` is not a unit of time, such as `s` or `min`"));
    }
    let seconds = read_number(number, &[(def, 1)]);
    if seconds > 0.0 && seconds.is_finite() {
        Ok(seconds)
    } else {
        Err("a duration is more than zero".to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("10 s"), Ok(10.0));
        assert_eq!(duration("1.203s"), Ok(1.203));
        assert_eq!(duration("2 min"), Ok(120.0));
        assert_eq!(duration("1e3 ms"), Ok(1.0));
        assert!(duration("10").is_err_and(|e| e.contains("'10 s'")));
        assert!(duration("10 mV").is_err_and(|e| e.contains("not a unit of time")));
        assert!(duration("10 sec").is_err());
        assert!(duration("soon").is_err() && duration("").is_err() && duration("-1 s").is_err());
    }
}
