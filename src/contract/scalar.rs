//! The elementary functions on plain numbers, with the bits a kernel would compute.

use super::functions as f;
use super::ops::Scalar;

macro_rules! unary {
    ($($name:ident),*) => {$(
        #[doc = concat!("[`functions::", stringify!($name), "`](super::functions::", stringify!($name), ") of a number.")]
        pub fn $name(x: f64) -> f64 {
            f::$name(&Scalar, x)
        }
    )*};
}

unary!(exp, expm1, log, log1p, log2, log10, sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, sigmoid);
unary!(floor, ceil, round, sign, relu);

/// [`functions::atan2`](super::functions::atan2) of two numbers.
pub fn atan2(y: f64, x: f64) -> f64 {
    f::atan2(&Scalar, y, x)
}

/// [`functions::pow`](super::functions::pow) of two numbers.
pub fn pow(x: f64, y: f64) -> f64 {
    f::pow(&Scalar, x, y)
}

/// [`functions::powi`](super::functions::powi) of a number.
pub fn powi(x: f64, n: i32) -> f64 {
    f::powi(&Scalar, x, n)
}

/// [`functions::modulo`](super::functions::modulo) of two numbers.
pub fn modulo(a: f64, b: f64) -> f64 {
    f::modulo(&Scalar, a, b)
}

/// The square root, correctly rounded.
pub fn sqrt(x: f64) -> f64 {
    x.sqrt()
}

/// `if a < b then a else b`.
pub fn min(a: f64, b: f64) -> f64 {
    if a < b { a } else { b }
}

/// `if a > b then a else b`.
pub fn max(a: f64, b: f64) -> f64 {
    if a > b { a } else { b }
}
