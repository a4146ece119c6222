//! Random numbers as a pure function of what they are for.
//!
//! A draw is named by a key (the seed and the path of the object it belongs to), an element (which synapse, which
//! cell, which loop count) and a draw number. Nothing is consumed, so adding a stream, a record or a thread moves no
//! other draw. The generator is Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").

use super::functions;
use super::ops::Scalar;

const M0: u32 = 0xD251_1F53;
const M1: u32 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// Philox4x32-10: ten rounds over a counter of four words under a key of two.
#[inline(always)]
pub fn philox4x32(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..10 {
        if round > 0 {
            key = [key[0].wrapping_add(W0), key[1].wrapping_add(W1)];
        }
        let p0 = u64::from(M0) * u64::from(counter[0]);
        let p1 = u64::from(M1) * u64::from(counter[2]);
        counter = [
            (p1 >> 32) as u32 ^ counter[1] ^ key[0],
            p1 as u32,
            (p0 >> 32) as u32 ^ counter[3] ^ key[1],
            p0 as u32,
        ];
    }
    counter
}

/// The key of a stream: a 64-bit hash of the seed and the name path of what draws, such as `ff.w`.
///
/// The path's UTF-8 bytes go through 64-bit FNV-1a; the result plus the seed times an odd constant goes through the
/// finaliser of splitmix64.
pub fn key(seed: u64, path: &str) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in path.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    let mut z = hash.wrapping_add(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The four words of one draw: counter words are element low, element high, draw low, draw high; key words low, high.
#[inline(always)]
pub fn block(key: u64, element: u64, draw: u64) -> [u32; 4] {
    philox4x32(
        [element as u32, (element >> 32) as u32, draw as u32, (draw >> 32) as u32],
        [key as u32, (key >> 32) as u32],
    )
}

/// The two 64-bit words of one draw: words 0 and 1, words 2 and 3, the lower word first.
#[inline(always)]
pub fn words(key: u64, element: u64, draw: u64) -> [u64; 2] {
    let b = block(key, element, draw);
    [u64::from(b[0]) | u64::from(b[1]) << 32, u64::from(b[2]) | u64::from(b[3]) << 32]
}

/// A 64-bit word as a number in [0, 1): its upper 53 bits times 2^-53.
#[inline(always)]
pub fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
}

/// A number in [0, 1), each multiple of 2^-53 as likely as any other.
#[inline(always)]
pub fn uniform(key: u64, element: u64, draw: u64) -> f64 {
    unit(words(key, element, draw)[0])
}

/// A standard normal number: `sqrt(-2 log(1 - u)) * cos(2 pi v)` from the two words of one block.
pub fn normal(key: u64, element: u64, draw: u64) -> f64 {
    let [u, v] = words(key, element, draw);
    functions::normal(&Scalar, unit(u), unit(v))
}

/// An integer below `n`, each as likely as any other; `n` is at least 1.
///
/// The 128-bit product of a word and `n` is taken; its upper half is the result unless its lower half is below
/// 2^64 mod n, in which case the next word (then the next element, counted from the top) is tried.
pub fn below(key: u64, element: u64, draw: u64, n: u64) -> u64 {
    let n = n.max(1);
    let reject = n.wrapping_neg() % n;
    let mut retry = 0_u64;
    loop {
        for word in words(key, element ^ retry.reverse_bits(), draw) {
            let product = u128::from(word) * u128::from(n);
            if product as u64 >= reject {
                return (product >> 64) as u64;
            }
        }
        retry = retry.wrapping_add(1);
    }
}

/// The numbers 0 to `n` - 1 in a random order (Fisher-Yates from the end; exchange i uses draw number i).
pub fn shuffle(key: u64, element: u64, n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    for i in (1..n).rev() {
        order.swap(i, below(key, element, i as u64, i as u64 + 1) as usize);
    }
    order
}

/// The index drawn with probability proportional to its weight; `None` unless all are finite, none is negative and
/// some is positive.
pub fn weighted(key: u64, element: u64, draw: u64, weights: &[f64]) -> Option<usize> {
    let total: f64 = weights.iter().fold(0.0, |sum, w| sum + w);
    if !(total > 0.0 && total.is_finite()) || weights.iter().any(|w| *w < 0.0) {
        return None;
    }
    let target = uniform(key, element, draw) * total;
    let mut sum = 0.0;
    let mut last = None;
    for (i, w) in weights.iter().enumerate() {
        if *w > 0.0 {
            last = Some(i);
            sum += w;
            if target < sum {
                return last;
            }
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_vectors() {
        assert_eq!(philox4x32([0; 4], [0; 2]), [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        assert_eq!(philox4x32([!0; 4], [!0; 2]), [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        assert_eq!(
            philox4x32([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn key_and_counter_words_are_the_low_word_first() {
        let key = 0x299f_31d0_a409_3822;
        let b = block(key, 0x85a3_08d3_243f_6a88, 0x0370_7344_1319_8a2e);
        assert_eq!(b, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
        assert_eq!(words(key, 0x85a3_08d3_243f_6a88, 0x0370_7344_1319_8a2e)[0], 0x94fd_cceb_d16c_fe09);
    }

    #[test]
    fn keys_depend_on_seed_and_path() {
        // worked out by an independent program
        assert_eq!(key(0, ""), KEY_0_EMPTY);
        assert_eq!(key(7, "ff.w"), KEY_7_FFW);
        assert_ne!(key(7, "ff.w"), key(8, "ff.w"));
        assert_ne!(key(7, "ff.w"), key(7, "fg.w"));
    }

    const KEY_0_EMPTY: u64 = 0xF52A_15E9_A9B5_E89B;
    const KEY_7_FFW: u64 = 0xE89B_AB1C_B862_88B6;

    #[test]
    fn normal_numbers_have_mean_zero_and_variance_one() {
        let (mut sum, mut squares) = (0.0, 0.0);
        for i in 0..20_000 {
            let v = normal(1, i, 0);
            sum += v;
            squares += v * v;
        }
        assert!((sum / 2e4_f64).abs() < 0.02, "{sum}");
        assert!((squares / 2e4_f64 - 1.0).abs() < 0.03, "{squares}");
    }

    #[test]
    fn integers_below_n_are_equally_likely() {
        let mut counts = [0; 6];
        for i in 0..12_000 {
            counts[below(3, i, 0, 6) as usize] += 1;
        }
        assert!(counts.iter().all(|c| (1800..2200).contains(c)), "{counts:?}");
        assert_eq!(below(3, 0, 0, 1), 0);
        assert!(below(3, 0, 0, u64::MAX) < u64::MAX);
    }

    #[test]
    fn shuffle_is_a_permutation_that_depends_on_the_element() {
        let a = shuffle(5, 0, 60);
        let mut sorted = a.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..60).collect::<Vec<_>>());
        assert_ne!(a, shuffle(5, 1, 60));
        assert!(shuffle(5, 0, 0).is_empty());
    }

    #[test]
    fn weighted_draws_follow_the_weights() {
        let mut counts = [0; 3];
        for i in 0..9000 {
            counts[weighted(1, i, 0, &[1.0, 0.0, 2.0]).unwrap_or(9)] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((2800..3200).contains(&counts[0]), "{counts:?}");
        assert_eq!(weighted(1, 0, 0, &[0.0]), None);
        assert_eq!(weighted(1, 0, 0, &[1.0, f64::NAN]), None);
        assert_eq!(weighted(1, 0, 0, &[1.0, -1.0, 3.0]), None);
    }
}
