//! The primitive operations every result is made of.

/// The operations that kernels are made of, over values that are numbers ([`Scalar`]) or registers of a kernel.
///
/// Each operation is exact or correctly rounded (IEEE 754, to nearest, ties to even), so every implementation gives
/// the same bits. Two NaN values count as equal: their sign and payload are not part of the contract, which is why
/// nothing here may look at the bits of a value that can be NaN without replacing the result afterwards.
pub trait Ops {
    /// A number, f64.
    type F: Copy;
    /// A 64-bit pattern.
    type I: Copy;
    /// A truth value.
    type B: Copy;

    /// A constant number.
    fn num(&self, value: f64) -> Self::F;
    /// A constant pattern.
    fn int(&self, value: i64) -> Self::I;
    /// `a + b`.
    fn add(&self, a: Self::F, b: Self::F) -> Self::F;
    /// `a - b`.
    fn sub(&self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b`.
    fn mul(&self, a: Self::F, b: Self::F) -> Self::F;
    /// `a / b`.
    fn div(&self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b + c`, rounded once.
    fn fma(&self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// `if a < b then a else b`: a NaN in `b` is kept.
    fn min(&self, a: Self::F, b: Self::F) -> Self::F;
    /// `if a > b then a else b`: a NaN in `b` is kept.
    fn max(&self, a: Self::F, b: Self::F) -> Self::F;
    /// The value with its sign flipped.
    fn neg(&self, a: Self::F) -> Self::F;
    /// The value without its sign.
    fn abs(&self, a: Self::F) -> Self::F;
    /// The square root.
    fn sqrt(&self, a: Self::F) -> Self::F;
    /// The nearest integer, ties to even.
    fn round_even(&self, a: Self::F) -> Self::F;
    /// `a < b`; false where one is NaN.
    fn lt(&self, a: Self::F, b: Self::F) -> Self::B;
    /// `a <= b`; false where one is NaN.
    fn le(&self, a: Self::F, b: Self::F) -> Self::B;
    /// `a == b`; false where one is NaN.
    fn eq(&self, a: Self::F, b: Self::F) -> Self::B;
    /// Both.
    fn and(&self, a: Self::B, b: Self::B) -> Self::B;
    /// One or both.
    fn or(&self, a: Self::B, b: Self::B) -> Self::B;
    /// The opposite.
    fn not(&self, a: Self::B) -> Self::B;
    /// `a` where the condition holds, else `b`.
    fn select(&self, condition: Self::B, a: Self::F, b: Self::F) -> Self::F;
    /// The bits of a number.
    fn bits(&self, a: Self::F) -> Self::I;
    /// The number with these bits.
    #[allow(clippy::wrong_self_convention)] // it makes a value of another, not an implementation
    fn from_bits(&self, a: Self::I) -> Self::F;
    /// `a + b`, wrapping.
    fn iadd(&self, a: Self::I, b: Self::I) -> Self::I;
    /// `a - b`, wrapping.
    fn isub(&self, a: Self::I, b: Self::I) -> Self::I;
    /// Bitwise and.
    fn iand(&self, a: Self::I, b: Self::I) -> Self::I;
    /// Bitwise or.
    fn ior(&self, a: Self::I, b: Self::I) -> Self::I;
    /// Bitwise exclusive or.
    fn ixor(&self, a: Self::I, b: Self::I) -> Self::I;
    /// Shifts towards the high bits by 0 to 63.
    fn shl(&self, a: Self::I, by: u32) -> Self::I;
    /// Shifts towards the low bits by 0 to 63, zeros coming in.
    fn shr(&self, a: Self::I, by: u32) -> Self::I;
}

/// The operations on plain numbers: the reference for every other implementation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scalar;

impl Ops for Scalar {
    type F = f64;
    type I = i64;
    type B = bool;

    #[inline(always)]
    fn num(&self, value: f64) -> f64 {
        value
    }
    #[inline(always)]
    fn int(&self, value: i64) -> i64 {
        value
    }
    #[inline(always)]
    fn add(&self, a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn sub(&self, a: f64, b: f64) -> f64 {
        a - b
    }
    #[inline(always)]
    fn mul(&self, a: f64, b: f64) -> f64 {
        a * b
    }
    #[inline(always)]
    fn div(&self, a: f64, b: f64) -> f64 {
        a / b
    }
    #[inline(always)]
    fn fma(&self, a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn min(&self, a: f64, b: f64) -> f64 {
        if a < b { a } else { b }
    }
    #[inline(always)]
    fn max(&self, a: f64, b: f64) -> f64 {
        if a > b { a } else { b }
    }
    #[inline(always)]
    fn neg(&self, a: f64) -> f64 {
        -a
    }
    #[inline(always)]
    fn abs(&self, a: f64) -> f64 {
        a.abs()
    }
    #[inline(always)]
    fn sqrt(&self, a: f64) -> f64 {
        a.sqrt()
    }
    #[inline(always)]
    fn round_even(&self, a: f64) -> f64 {
        a.round_ties_even()
    }
    #[inline(always)]
    fn lt(&self, a: f64, b: f64) -> bool {
        a < b
    }
    #[inline(always)]
    fn le(&self, a: f64, b: f64) -> bool {
        a <= b
    }
    #[inline(always)]
    fn eq(&self, a: f64, b: f64) -> bool {
        a == b
    }
    #[inline(always)]
    fn and(&self, a: bool, b: bool) -> bool {
        a & b
    }
    #[inline(always)]
    fn or(&self, a: bool, b: bool) -> bool {
        a | b
    }
    #[inline(always)]
    fn not(&self, a: bool) -> bool {
        !a
    }
    #[inline(always)]
    fn select(&self, condition: bool, a: f64, b: f64) -> f64 {
        if condition { a } else { b }
    }
    #[inline(always)]
    fn bits(&self, a: f64) -> i64 {
        a.to_bits() as i64
    }
    #[inline(always)]
    fn from_bits(&self, a: i64) -> f64 {
        f64::from_bits(a as u64)
    }
    #[inline(always)]
    fn iadd(&self, a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }
    #[inline(always)]
    fn isub(&self, a: i64, b: i64) -> i64 {
        a.wrapping_sub(b)
    }
    #[inline(always)]
    fn iand(&self, a: i64, b: i64) -> i64 {
        a & b
    }
    #[inline(always)]
    fn ior(&self, a: i64, b: i64) -> i64 {
        a | b
    }
    #[inline(always)]
    fn ixor(&self, a: i64, b: i64) -> i64 {
        a ^ b
    }
    #[inline(always)]
    fn shl(&self, a: i64, by: u32) -> i64 {
        a << (by & 63)
    }
    #[inline(always)]
    fn shr(&self, a: i64, by: u32) -> i64 {
        ((a as u64) >> (by & 63)) as i64
    }
}
