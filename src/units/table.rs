use super::Dim;

/// One unit, prefix included: `ms`, `Hz`, `%`.
///
/// A value in SI units is the number times `factor` times ten to the `pow10`; they are kept apart so that decimals
/// can be read exactly.
#[derive(Debug, Clone, PartialEq)]
pub struct UnitDef {
    /// Its usual spelling, `µ` and `Ohm` normalised.
    pub symbol: String,
    /// Its dimension.
    pub dim: Dim,
    /// The decimal part of its size.
    pub pow10: i32,
    /// The rest of its size: 60 for `min`, 1 for most.
    pub factor: f64,
}

impl UnitDef {
    /// A unit of `size` in SI units, such as a tick of 0.001 s; the decimal part of `size` is split off, so that
    /// `3 tick` of 1 ms is exactly `3 ms`.
    pub fn sized(symbol: &str, dim: Dim, size: f64) -> UnitDef {
        let scientific = format!("{size:e}");
        let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let shift = exponent.parse::<i32>().unwrap_or(0) - fraction.len() as i32;
        match format!("{whole}{fraction}").parse::<f64>() {
            Ok(factor) => UnitDef { symbol: symbol.to_string(), dim, pow10: shift, factor },
            Err(_) => UnitDef { symbol: symbol.to_string(), dim, pow10: 0, factor: size },
        }
    }
}

/// A unit without prefix, as the manual lists it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BaseUnit {
    /// Its usual spelling.
    pub symbol: &'static str,
    /// Other accepted spellings.
    pub spellings: &'static [&'static str],
    /// What it is called, singular, and what people write instead.
    pub words: &'static [&'static str],
    /// The prefixes it takes.
    pub prefixes: &'static str,
    /// Its dimension.
    pub dim: Dim,
    /// The decimal part of its size.
    pub pow10: i32,
    /// The rest of its size.
    pub factor: f64,
}

const SMALL: &str = "fpnµm";

macro_rules! units {
    ($($symbol:literal $spellings:expr, $words:expr, $prefixes:expr, $dim:ident, $pow10:literal, $factor:expr;)*) => {
        /// Every unit; the manual's list is made from it.
        pub const UNITS: &[BaseUnit] = &[$(BaseUnit {
            symbol: $symbol, spellings: &$spellings, words: &$words, prefixes: $prefixes, dim: Dim::$dim,
            pow10: $pow10, factor: $factor,
        }),*];
    };
}

// Prefixes are those in use, not those that are allowed: a mega-second is a slip for `ms`.
units! {
    "s"   [], ["second", "sec"], SMALL, TIME, 0, 1.0;
    "min" [], ["minute"], "", TIME, 0, 60.0;
    "h"   [], ["hour", "hr"], "", TIME, 2, 36.0;
    "d"   [], ["day"], "", TIME, 2, 864.0;
    "Hz"  [], ["hertz"], "mkMG", FREQUENCY, 0, 1.0;
    "V"   [], ["volt"], "nµmk", VOLTAGE, 0, 1.0;
    "A"   [], ["ampere", "amp"], "fpnµmk", CURRENT, 0, 1.0;
    "S"   [], ["siemens", "mho"], SMALL, CONDUCTANCE, 0, 1.0;
    "Ohm" ["Ω", "\u{2126}", "Omega"], ["ohm"], "mkMGT", RESISTANCE, 0, 1.0;
    "F"   [], ["farad"], SMALL, CAPACITANCE, 0, 1.0;
    "C"   [], ["coulomb"], SMALL, CHARGE, 0, 1.0;
    "M"   [], ["molar"], SMALL, CONCENTRATION, 3, 1.0;
    "mol" [], ["mole"], SMALL, AMOUNT, 0, 1.0;
    "m"   [], ["metre", "meter"], "fpnµmck", LENGTH, 0, 1.0;
    "l"   ["L"], ["litre", "liter"], "fpnµmd", VOLUME, -3, 1.0;
    "g"   [], ["gram", "gramme"], "fpnµmk", MASS, -3, 1.0;
    "K"   [], ["kelvin"], "m", TEMPERATURE, 0, 1.0;
    "N"   [], ["newton"], "pnµmk", FORCE, 0, 1.0;
    "J"   [], ["joule"], "fpnµmk", ENERGY, 0, 1.0;
    "W"   [], ["watt"], "fpnµmk", POWER, 0, 1.0;
    "Pa"  [], ["pascal"], "µmk", PRESSURE, 0, 1.0;
    "rad" [], ["radian"], "m", NONE, 0, 1.0;
    "deg" ["°"], ["degree"], "", NONE, 0, std::f64::consts::PI / 180.0;
    "%"   [], ["percent", "pct"], "", NONE, -2, 1.0;
}

/// A prefix: normal spelling, accepted spellings (Greek letters may arrive spelled out), word, power of ten.
struct Prefix {
    symbol: char,
    spellings: &'static [&'static str],
    word: &'static str,
    pow10: i32,
}

const PREFIXES: &[Prefix] = &[
    Prefix { symbol: 'm', spellings: &["m"], word: "milli", pow10: -3 },
    Prefix { symbol: 'µ', spellings: &["u", "\u{b5}", "\u{3bc}", "mu"], word: "micro", pow10: -6 },
    Prefix { symbol: 'n', spellings: &["n"], word: "nano", pow10: -9 },
    Prefix { symbol: 'p', spellings: &["p"], word: "pico", pow10: -12 },
    Prefix { symbol: 'f', spellings: &["f"], word: "femto", pow10: -15 },
    Prefix { symbol: 'k', spellings: &["k"], word: "kilo", pow10: 3 },
    Prefix { symbol: 'M', spellings: &["M"], word: "mega", pow10: 6 },
    Prefix { symbol: 'G', spellings: &["G"], word: "giga", pow10: 9 },
    Prefix { symbol: 'T', spellings: &["T"], word: "tera", pow10: 12 },
    Prefix { symbol: 'c', spellings: &["c"], word: "centi", pow10: -2 },
    Prefix { symbol: 'd', spellings: &["d"], word: "deci", pow10: -1 },
];

impl BaseUnit {
    fn plain(&self) -> UnitDef {
        UnitDef { symbol: self.symbol.to_string(), dim: self.dim, pow10: self.pow10, factor: self.factor }
    }

    fn prefixed(&self, prefix: &Prefix) -> Option<UnitDef> {
        let mut def = self.plain();
        def.symbol.insert(0, prefix.symbol);
        def.pow10 += prefix.pow10;
        self.prefixes.contains(prefix.symbol).then_some(def)
    }

    fn is_spelled(&self, name: &str) -> bool {
        self.symbol == name || self.spellings.contains(&name)
    }

    fn is_called(&self, name: &str) -> bool {
        let word = |n: &str| self.words.iter().any(|w| w.eq_ignore_ascii_case(n));
        word(name) || name.strip_suffix(['s', 'S']).is_some_and(word)
    }
}

/// The unit of that name, case and prefix as usual (`ms`, `kHz`, `uM`, `µM`, `%`).
///
/// ```
/// let ms = plast::units::lookup("ms").expect("a unit");
/// assert_eq!((ms.pow10, ms.factor), (-3, 1.0));
/// assert!(plast::units::lookup("hz").is_none());
/// ```
pub fn lookup(name: &str) -> Option<UnitDef> {
    if let Some(unit) = UNITS.iter().find(|u| u.is_spelled(name)) {
        return Some(unit.plain());
    }
    with_prefix(name, |p| p.spellings, |unit, rest| unit.is_spelled(rest))
}

/// The unit probably meant by a name that is none: `Hz` for `hz`, `ms` for `msec`, `µM` for `micromolar`.
pub fn suggest(name: &str) -> Option<String> {
    if lookup(name).is_some() || name.is_empty() {
        return None;
    }
    if let Some(unit) = UNITS.iter().find(|u| u.is_called(name)) {
        return Some(unit.symbol.to_string());
    }
    let lower = name.to_lowercase();
    let same = |unit: &BaseUnit, rest: &str| {
        unit.symbol.to_lowercase() == rest || unit.spellings.iter().any(|s| s.to_lowercase() == rest)
    };
    if let Some(unit) = UNITS.iter().find(|u| same(u, &lower)) {
        return Some(unit.symbol.to_string());
    }
    let plural = lower.strip_suffix('s').filter(|p| p.len() > 1);
    with_prefix(&lower, |p| std::slice::from_ref(&p.word), |u, rest| u.is_called(rest) || same(u, rest))
        .or_else(|| with_prefix(&lower, |p| p.spellings, |u, rest| u.is_called(rest) || same(u, rest)))
        .map(|def| def.symbol)
        .or_else(|| plural.and_then(lookup).map(|def| def.symbol))
}

/// The unit that a bare number is easily mistaken for: a thousand times as large, or as small where there is no prefix.
/// `None` where people use but one, as for rates.
///
/// ```
/// use plast::units::mistaken_for;
/// assert_eq!(mistaken_for("pA").as_deref(), Some("nA"));
/// assert_eq!(mistaken_for("s").as_deref(), Some("ms"));
/// assert_eq!(mistaken_for("Hz"), None);
/// ```
pub fn mistaken_for(symbol: &str) -> Option<String> {
    let def = lookup(symbol)?;
    let of = |u: &&BaseUnit| u.dim == def.dim && u.factor == def.factor && symbol.ends_with(u.symbol);
    let unit = UNITS.iter().find(of)?;
    let step = match def.pow10 - unit.pow10 {
        0 if unit.dim == Dim::FREQUENCY => return None,
        0 => -3,
        power => power + 3,
    };
    if step == 0 {
        return Some(unit.symbol.to_string());
    }
    let prefix = PREFIXES.iter().find(|p| p.pow10 == step)?;
    unit.prefixed(prefix).map(|def| def.symbol)
}

fn with_prefix(
    name: &str,
    spellings: fn(&Prefix) -> &[&'static str],
    fits: impl Fn(&BaseUnit, &str) -> bool,
) -> Option<UnitDef> {
    PREFIXES.iter().find_map(|prefix| {
        spellings(prefix).iter().find_map(|spelling| {
            let rest = name.strip_prefix(spelling)?;
            UNITS.iter().filter(|unit| fits(unit, rest)).find_map(|unit| unit.prefixed(prefix))
        })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_symbol_and_prefix_is_one_unit() {
        let mut seen = std::collections::HashMap::new();
        for unit in UNITS {
            let prefixed = PREFIXES.iter().filter_map(|p| unit.prefixed(p));
            for def in std::iter::once(unit.plain()).chain(prefixed) {
                assert_eq!(lookup(&def.symbol).as_ref(), Some(&def));
                assert!(
                    seen.insert(def.symbol.clone(), unit.symbol).is_none(),
                    "{} is two units",
                    def.symbol
                );
                assert_eq!(suggest(&def.symbol), None);
            }
            assert!(unit.prefixes.chars().all(|c| PREFIXES.iter().any(|p| p.symbol == c)));
        }
    }

    #[test]
    fn micro_and_ohm_have_several_spellings() {
        for name in ["us", "µs", "μs", "mus"] {
            assert_eq!(lookup(name).unwrap().symbol, "µs");
        }
        for name in ["MOhm", "MΩ", "MOmega"] {
            assert_eq!(lookup(name).unwrap(), lookup("MOhm").unwrap());
        }
    }

    #[test]
    fn sizes_are_those_of_the_si() {
        let size = |name: &str| lookup(name).map(|u| u.factor * 10f64.powi(u.pow10));
        assert_eq!(size("kg"), Some(1.0));
        assert_eq!(size("mM"), Some(1.0));
        assert_eq!(size("h"), Some(3600.0));
        assert_eq!(size("d"), Some(86400.0));
        assert_eq!(size("%"), Some(0.01));
        assert_eq!(size("l"), Some(0.001));
        assert_eq!((size("Ms"), size("mmin"), size("hz"), size("")), (None, None, None, None));
    }

    #[test]
    fn suggests_the_unit_meant() {
        let cases = [
            ("hz", "Hz"),
            ("HZ", "Hz"),
            ("hertz", "Hz"),
            ("KHz", "kHz"),
            ("mhz", "mHz"),
            ("sec", "s"),
            ("secs", "s"),
            ("seconds", "s"),
            ("msec", "ms"),
            ("msecs", "ms"),
            ("MS", "ms"),
            ("usec", "µs"),
            ("mv", "mV"),
            ("MV", "mV"),
            ("mvolt", "mV"),
            ("millivolts", "mV"),
            ("Min", "min"),
            ("mins", "min"),
            ("minutes", "min"),
            ("hr", "h"),
            ("hours", "h"),
            ("days", "d"),
            ("percent", "%"),
            ("ohm", "Ohm"),
            ("mohm", "mOhm"),
            ("micromolar", "µM"),
            ("ns_", ""),
            ("pa", "Pa"),
            ("spikes", ""),
            ("", ""),
        ];
        for (name, meant) in cases {
            assert_eq!(suggest(name).unwrap_or_default(), meant, "{name}");
        }
    }

    #[test]
    fn a_sized_unit_keeps_its_decimals_apart() {
        let tick = UnitDef::sized("tick", Dim::TIME, 1e-3);
        assert_eq!((tick.factor, tick.pow10), (1.0, -3));
        let tick = UnitDef::sized("tick", Dim::TIME, 0.00025);
        assert_eq!((tick.factor, tick.pow10), (25.0, -5));
        let tick = UnitDef::sized("tick", Dim::TIME, 60.0);
        assert_eq!(tick.factor * 10f64.powi(tick.pow10), 60.0);
    }
}
