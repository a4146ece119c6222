//! Machine code in words, for people who look for what takes the time.

use iced_x86::{Decoder, DecoderOptions, Formatter, IntelFormatter};
use std::fmt::Write;

/// The instructions of the function that begins at an offset, one a line; jumps name their targets by address.
pub(super) fn listing(code: &[u8], offset: usize) -> String {
    let mut decoder = Decoder::with_ip(64, code.get(offset..).unwrap_or_default(), 0, DecoderOptions::NONE);
    let mut formatter = IntelFormatter::new();
    let mut text = String::new();
    let mut words = String::new();
    for instruction in &mut decoder {
        words.clear();
        formatter.format(&instruction, &mut words);
        let _ = writeln!(text, "    {:04x}  {words}", instruction.ip());
        if instruction.code() == iced_x86::Code::Retnq {
            break;
        }
    }
    text
}
