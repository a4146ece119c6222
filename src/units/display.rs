use super::{Dim, Ratio, Unit, lookup};

/// A dimension with a name of its own and the unit a physiologist writes.
struct Named {
    name: &'static str,
    /// The name in running text, with its article.
    words: &'static str,
    dim: Dim,
    unit: &'static str,
    /// Whether times beside it are milliseconds.
    fast: bool,
}

const fn named(name: &'static str, words: &'static str, dim: Dim, unit: &'static str, fast: bool) -> Named {
    Named { name, words, dim, unit, fast }
}

/// In the order of [`Dim::exponents`].
const BASE: [Named; 6] = [
    named("Length", "a length", Dim::LENGTH, "µm", false),
    named("Mass", "a mass", Dim::MASS, "g", false),
    named("Time", "a time", Dim::TIME, "s", false),
    named("Current", "a current", Dim::CURRENT, "pA", true),
    named("Temperature", "a temperature", Dim::TEMPERATURE, "K", false),
    named("Amount", "an amount", Dim::AMOUNT, "nmol", false),
];

/// Where two readings are equally short, the earlier wins.
const DERIVED: &[Named] = &[
    named("Voltage", "a voltage", Dim::VOLTAGE, "mV", true),
    named("Conductance", "a conductance", Dim::CONDUCTANCE, "nS", true),
    named("Capacitance", "a capacitance", Dim::CAPACITANCE, "pF", true),
    named("Resistance", "a resistance", Dim::RESISTANCE, "MOhm", true),
    named("Charge", "a charge", Dim::CHARGE, "pC", true),
    named("Concentration", "a concentration", Dim::CONCENTRATION, "mM", false),
    named("Energy", "an energy", Dim::ENERGY, "J", false),
    named("Force", "a force", Dim::FORCE, "N", false),
    named("Power", "a power", Dim::POWER, "W", false),
    named("Pressure", "a pressure", Dim::PRESSURE, "Pa", false),
];

type Term = (&'static Named, Ratio);

/// The shortest product of named dimensions that `dim` is: at most one derived one and base dimensions.
fn terms(dim: Dim) -> Vec<Term> {
    let base = |dim: Dim| BASE.iter().zip(dim.exponents).filter(|t| !t.1.is_zero());
    let mut best: Vec<Term> = base(dim).collect();
    for named in DERIVED {
        for (own, wanted) in named.dim.exponents.iter().zip(dim.exponents) {
            let power = wanted.div(*own).filter(|p| !p.is_zero());
            let rest = power.and_then(|p| dim.div(named.dim.pow(p)?));
            if let (Some(power), Some(rest)) = (power, rest) {
                let candidate: Vec<Term> = std::iter::once((named, power)).chain(base(rest)).collect();
                if cost(&candidate) < cost(&best) {
                    best = candidate;
                }
            }
        }
    }
    best.sort_by_key(|t| t.1.num < 0);
    best
}

/// Few terms before small powers, and whole powers before all.
fn cost(terms: &[Term]) -> i32 {
    let cost = |p: Ratio| 16 + i32::from(p.num).abs() + if p.den == 1 { 0 } else { 1 << 20 };
    terms.iter().map(|(_, p)| cost(*p)).sum()
}

/// The name of a dimension: `Time⁻¹`, `Voltage × Time⁻¹`, `a plain number`.
pub fn dim_name(dim: Dim) -> String {
    if dim.is_none() {
        return "a plain number".to_string();
    }
    let names: Vec<_> = terms(dim).iter().map(|(n, p)| format!("{}{}", n.name, superscript(*p))).collect();
    names.join(" × ")
}

/// The name of a dimension with a unit that has it, as messages show it: `Time⁻¹ (e.g. Hz)`.
pub fn display_dim(dim: Dim) -> String {
    let unit = if dim == Dim::TIME { Unit::named("ms") } else { display_unit(dim) };
    match unit {
        Some(unit) if !unit.text.is_empty() => format!("{} (e.g. {})", dim_name(dim), unit.text),
        _ => dim_name(dim),
    }
}

/// The unit in which a physiologist reads values of this dimension; `None` where no unit can be written.
pub fn display_unit(dim: Dim) -> Option<Unit> {
    if dim == Dim::FREQUENCY {
        return Unit::named("Hz");
    }
    let terms = terms(dim);
    let fast = terms.iter().any(|t| t.0.fast);
    let mut factors = Vec::new();
    for (named, power) in terms {
        let symbol = if named.dim == Dim::TIME && fast { "ms" } else { named.unit };
        factors.push((lookup(symbol)?, i32::from(power.whole()?)));
    }
    Unit::new(&factors)
}

fn superscript(power: Ratio) -> String {
    match power.whole() {
        Some(1) => String::new(),
        Some(n) => n.to_string().chars().map(raised).collect(),
        // raised fractions are missing from too many terminal fonts
        None => format!("^({power})"),
    }
}

fn raised(digit: char) -> char {
    match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '0' | '4'..='9' => char::from_u32('⁰' as u32 + digit as u32 - '0' as u32).unwrap_or(digit),
        other => other,
    }
}

/// How a dimension differs from the one that is required; see [`difference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// Not at all.
    Same,
    /// It is one over it.
    Inverse,
    /// It must be multiplied by this.
    Factor(Dim),
    /// By more than a dimension can hold.
    Unrelated,
}

impl Difference {
    /// The edit that mends it, if it is simple: `divide by a time (e.g. ms)`, `write its inverse, 1/(...)`.
    pub fn advice(self) -> Option<String> {
        let Difference::Factor(factor) = self else {
            return (self == Difference::Inverse).then(|| "write its inverse, 1/(...)".to_string());
        };
        let [(named, power)] = terms(factor)[..] else { return None };
        let verb = match power.whole()? {
            1 => "multiply",
            -1 => "divide",
            _ => return None,
        };
        let unit = if named.dim == Dim::TIME { "ms" } else { named.unit };
        Some(format!("{verb} by {} (e.g. {unit})", named.words))
    }
}

/// What must be done to a value of dimension `found` so that it has dimension `required`.
pub fn difference(required: Dim, found: Dim) -> Difference {
    if required == found {
        Difference::Same
    } else if required.inverse() == Some(found) {
        Difference::Inverse
    } else {
        required.div(found).map_or(Difference::Unrelated, Difference::Factor)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    fn of(units: &[(&str, i32)]) -> Dim {
        let factors: Vec<_> = units.iter().map(|(n, p)| (lookup(n).unwrap(), *p)).collect();
        Unit::new(&factors).unwrap().dim
    }

    #[test]
    fn dimensions_read_as_a_physiologist_says_them() {
        let cases = [
            (Dim::NONE, "a plain number"),
            (Dim::TIME, "Time (e.g. ms)"),
            (Dim::FREQUENCY, "Time⁻¹ (e.g. Hz)"),
            (Dim::VOLTAGE, "Voltage (e.g. mV)"),
            (Dim::CONDUCTANCE, "Conductance (e.g. nS)"),
            (Dim::CAPACITANCE, "Capacitance (e.g. pF)"),
            (Dim::CURRENT, "Current (e.g. pA)"),
            (Dim::CONCENTRATION, "Concentration (e.g. mM)"),
            (of(&[("s", -2)]), "Time⁻² (e.g. 1/s^2)"),
            (of(&[("mV", 1), ("ms", -1)]), "Voltage × Time⁻¹ (e.g. mV/ms)"),
            (of(&[("V", 2)]), "Voltage² (e.g. mV^2)"),
            (of(&[("V", -1)]), "Voltage⁻¹ (e.g. 1/mV)"),
            (of(&[("V", -1), ("s", -1)]), "Voltage⁻¹ × Time⁻¹ (e.g. 1/mV/ms)"),
            (of(&[("mM", 1), ("s", -1)]), "Concentration × Time⁻¹ (e.g. mM/s)"),
            (of(&[("S", 1), ("m", -2)]), "Conductance × Length⁻² (e.g. nS/µm^2)"),
            (of(&[("m", 1), ("s", -1)]), "Length × Time⁻¹ (e.g. µm/s)"),
            (of(&[("s", 12)]), "Time¹² (e.g. s^12)"),
            (Dim::TIME.sqrt().unwrap(), "Time^(1/2)"),
            (Dim::VOLTAGE.pow(Ratio::new(-3, 2).unwrap()).unwrap(), "Voltage^(-3/2)"),
        ];
        for (dim, text) in cases {
            assert_eq!(display_dim(dim), text);
        }
    }

    #[test]
    fn values_have_a_unit() {
        let unit = |dim| display_unit(dim).unwrap().text;
        assert_eq!(unit(Dim::TIME), "s");
        assert_eq!(unit(Dim::FREQUENCY), "Hz");
        assert_eq!(unit(Dim::CURRENT), "pA");
        assert_eq!(unit(Dim::NONE), "");
        assert!(display_unit(Dim::TIME.sqrt().unwrap()).is_none());
    }

    #[test]
    fn differences_give_advice() {
        let advice = |required, found| difference(required, found).advice();
        assert_eq!(difference(Dim::TIME, Dim::TIME), Difference::Same);
        assert_eq!(advice(Dim::TIME, Dim::TIME), None);
        assert_eq!(advice(Dim::TIME, Dim::FREQUENCY).unwrap(), "write its inverse, 1/(...)");
        assert_eq!(advice(Dim::FREQUENCY, Dim::NONE).unwrap(), "divide by a time (e.g. ms)");
        assert_eq!(advice(Dim::CHARGE, Dim::CURRENT).unwrap(), "multiply by a time (e.g. ms)");
        assert_eq!(advice(Dim::CURRENT, Dim::CONDUCTANCE).unwrap(), "multiply by a voltage (e.g. mV)");
        assert_eq!(advice(Dim::VOLTAGE, Dim::MASS), None);
        let huge = Dim::TIME.powi(30_000).unwrap();
        assert_eq!(difference(huge, Dim::TIME.powi(-20_000).unwrap()), Difference::Unrelated);
    }

    proptest! {
        #[test]
        fn the_unit_shown_has_the_dimension(e in proptest::array::uniform6(-4i16..4)) {
            let dim = Dim { exponents: e.map(Ratio::int) };
            prop_assert_eq!(display_unit(dim).unwrap().dim, dim);
        }
    }
}
