use crate::contract::scalar as s;

/// The error of a result against a value given as the sum of two numbers, in ulp of the value.
fn error_in_ulp(result: f64, hi: f64, lo: f64) -> f64 {
    if result == hi && lo == 0.0 {
        return 0.0;
    }
    let (low, high) = (hi.abs().next_down().max(0.0), hi.abs().next_up());
    // below a power of two the spacing is half of that above
    let toward_zero = (lo < 0.0) != (hi < 0.0);
    let ulp = if toward_zero { hi.abs() - low } else { high - hi.abs() };
    ((result - hi) - lo).abs() / ulp.max(f64::from_bits(1))
}

fn apply(name: &str, x: f64, y: f64) -> f64 {
    match name {
        "exp" => s::exp(x),
        "expm1" => s::expm1(x),
        "log" => s::log(x),
        "log1p" => s::log1p(x),
        "log2" => s::log2(x),
        "log10" => s::log10(x),
        "sin" => s::sin(x),
        "cos" => s::cos(x),
        "tan" => s::tan(x),
        "asin" => s::asin(x),
        "acos" => s::acos(x),
        "atan" => s::atan(x),
        "sinh" => s::sinh(x),
        "cosh" => s::cosh(x),
        "tanh" => s::tanh(x),
        "sigmoid" => s::sigmoid(x),
        "pow" => s::pow(x, y),
        "atan2" => s::atan2(x, y),
        "modulo" => s::modulo(x, y),
        other => panic!("no function {other}"),
    }
}

/// The bound asserted for each function, in ulp: what its documentation states.
fn bound(name: &str) -> f64 {
    match name {
        "exp" | "expm1" | "atan" | "atan2" => 0.58,
        "tanh" => 0.55,
        "pow" => 0.59,
        "asin" | "acos" => 0.64,
        "sinh" => 0.61,
        "log" | "sin" | "cos" => 0.76,
        "tan" => 0.89,
        "cosh" => 1.03,
        "sigmoid" => 2.15,
        // modulo is exact, and so rounded as its argument; log1p, log2, log10
        _ => 0.501,
    }
}

/// `PLAST_ELEMENTARY` names a larger table, made by `tests/data/elementary.py COUNT`.
#[test]
fn errors_stay_within_what_is_documented() {
    let text = match std::env::var("PLAST_ELEMENTARY") {
        Ok(path) => std::fs::read_to_string(path).unwrap(),
        Err(_) => include_str!("../../../tests/data/elementary.csv").to_owned(),
    };
    let mut worst = std::collections::BTreeMap::<&str, (f64, f64, f64)>::new();
    for line in text.lines() {
        let mut parts = line.split(',');
        let name = parts.next().unwrap();
        let mut number = || f64::from_bits(u64::from_str_radix(parts.next().unwrap(), 16).unwrap());
        let (x, y, hi, lo) = (number(), number(), number(), number());
        let error = error_in_ulp(apply(name, x, y), hi, lo);
        let entry = worst.entry(name).or_insert((-1.0, x, y));
        if error.is_nan() || error > entry.0 {
            *entry = (error, x, y);
        }
    }
    assert_eq!(worst.len(), 19);
    for (name, (error, x, y)) in &worst {
        println!("{name:8} {error:.3} ulp at {x:e} {y:e}");
    }
    for (name, (error, x, y)) in worst {
        assert!(error <= bound(name), "{name}({x:e}, {y:e}) is off by {error} ulp");
    }
}

#[test]
fn special_values_are_what_mathematics_says() {
    let inf = f64::INFINITY;
    assert_eq!((s::exp(0.0), s::exp(-inf), s::exp(inf), s::exp(710.0)), (1.0, 0.0, inf, inf));
    assert_eq!((s::exp(-745.2), s::exp(-745.0)), (0.0, f64::from_bits(1)));
    assert_eq!((s::expm1(-inf), s::expm1(inf)), (-1.0, inf));
    assert_eq!((s::log(1.0), s::log(0.0), s::log(inf)), (0.0, -inf, inf));
    assert!(s::log(-1.0).is_nan());
    assert_eq!((s::log1p(0.0), s::log1p(-1.0), s::log1p(inf)), (0.0, -inf, inf));
    assert_eq!((s::tanh(inf), s::tanh(-40.0), s::tanh(1e-300)), (1.0, -1.0, 1e-300));
    assert_eq!((s::sinh(-inf), s::cosh(-inf), s::cosh(0.0)), (-inf, inf, 1.0));
    assert_eq!((s::sigmoid(0.0), s::sigmoid(-800.0), s::sigmoid(800.0)), (0.5, 0.0, 1.0));
    assert_eq!((s::sin(0.0), s::cos(0.0), s::tan(0.0)), (0.0, 1.0, 0.0));
    assert!(s::sin(1_048_577.0).is_nan() && !s::sin(1_048_576.0).is_nan());
    assert_eq!((s::acos(1.0), s::acos(-1.0)), (0.0, std::f64::consts::PI));
    assert_eq!((s::asin(1.0), s::atan(inf)), (std::f64::consts::FRAC_PI_2, std::f64::consts::FRAC_PI_2));
    assert!(s::acos(1.1).is_nan() && s::asin(-1.1).is_nan());
    assert_eq!(
        (s::atan2(0.0, 1.0), s::atan2(0.0, -1.0), s::atan2(0.0, 0.0)),
        (0.0, std::f64::consts::PI, 0.0)
    );
    for name in ["exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "asin", "acos", "atan"]
    {
        assert!(apply(name, f64::NAN, 0.0).is_nan(), "{name}");
    }
    for name in ["sinh", "cosh", "tanh", "sigmoid"] {
        assert!(apply(name, f64::NAN, 0.0).is_nan(), "{name}");
    }
    for name in ["expm1", "log1p", "sin", "tan", "asin", "atan", "sinh", "tanh"] {
        assert_eq!(apply(name, -0.0, 0.0).to_bits(), (-0.0_f64).to_bits(), "{name}");
    }
}

#[test]
fn powers_and_logarithms_are_exact_where_they_can_be() {
    for n in 0..=22 {
        assert_eq!(s::log10(format!("1e{n}").parse().unwrap()), f64::from(n));
        assert_eq!(s::pow(10.0, f64::from(n)), format!("1e{n}").parse::<f64>().unwrap());
    }
    for n in -1074..=1023 {
        assert_eq!(s::log2(s::pow(2.0, f64::from(n))), f64::from(n));
    }
    assert_eq!((s::pow(0.0, 0.0), s::pow(0.0, 2.0), s::pow(0.0, -1.0)), (1.0, 0.0, f64::INFINITY));
    assert_eq!((s::pow(9.0, 0.5), s::pow(2.0, 0.5), s::pow(1.0, f64::NAN)), (3.0, 2_f64.sqrt(), 1.0));
    assert_eq!((s::pow(1e10, 1e10), s::pow(1e10, -1e10), s::pow(0.5, 1e300)), (f64::INFINITY, 0.0, 0.0));
    assert!(
        s::pow(-8.0, 1.0 / 3.0).is_nan() && s::pow(f64::NAN, 1.0).is_nan() && s::pow(2.0, f64::NAN).is_nan()
    );
    let x = 1.1;
    assert_eq!(
        (s::powi(x, 2), s::powi(x, 3), s::powi(x, -1), s::powi(x, 0)),
        (x * x, x * (x * x), 1.0 / x, 1.0)
    );
    assert_eq!(s::powi(x, 6), (x * x) * ((x * x) * (x * x)));
}

#[test]
fn rounding_and_remainders_follow_their_definitions() {
    assert_eq!((s::floor(-0.3), s::floor(0.7), s::floor(2.0), s::floor(-2.5)), (-1.0, 0.0, 2.0, -3.0));
    assert_eq!((s::ceil(-0.7), s::ceil(0.3), s::ceil(2.0), s::ceil(2.5)), (0.0, 1.0, 2.0, 3.0));
    assert_eq!(
        (s::round(2.5), s::round(-2.5), s::round(0.5), s::round(0.499_999_999_999_999_94)),
        (3.0, -3.0, 1.0, 0.0)
    );
    assert_eq!(s::floor(1e300), 1e300);
    assert_eq!(
        (s::modulo(7.0, 3.0), s::modulo(-7.0, 3.0), s::modulo(7.0, -3.0), s::modulo(6.0, 3.0)),
        (1.0, 2.0, -2.0, 0.0)
    );
    assert_eq!((s::modulo(0.3, 0.1), s::modulo(5.0, 0.1)), (0.09999999999999998, 0.09999999999999973));
    assert!(s::modulo(1.0, 0.0).is_nan() && s::modulo(1e30, 1.0).is_nan());
    assert_eq!((s::sign(-3.0), s::sign(0.0), s::sign(2.0)), (-1.0, 0.0, 1.0));
    assert!(s::sign(f64::NAN).is_nan() && s::relu(f64::NAN).is_nan());
    assert_eq!((s::relu(-1.0), s::relu(2.0)), (0.0, 2.0));
}
