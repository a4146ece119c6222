//! The pages of `plast explain`: what stands under "Errs" errs with exactly the code of the page, what stands under
//! "Mended" is clean.

use crate::harness::{Files, Program, check};
use crate::markdown::{Block, blocks};
use plast::diag::{CODES, CodeInfo};
use std::fmt::Write as _;

/// Checks the last block of plast of a section, with the files that stand beside it.
fn section(info: &CodeInfo, found: &[Block], name: &str) -> Option<Program> {
    let mut files = Files::default();
    let here: Vec<&Block> = found.iter().filter(|b| b.heading.ends_with(&format!("> {name}"))).collect();
    for block in &here {
        if let Some(file) = block.option("file") {
            files.insert(file, block.text.as_bytes());
        }
    }
    let program = here.iter().rev().find(|b| b.language() == "plast" && b.option("file").is_none())?;
    Some(check(info.code, &program.text, &files))
}

/// Codes of what a file alone cannot show: other files, the machine, the command line.
fn is_told(code: &str) -> bool {
    code == "E0001" || ["E07", "E08", "E09"].iter().any(|range| code.starts_with(range))
}

#[test]
fn every_page_errs_and_mends() {
    let mut failures = String::new();
    for info in CODES {
        let found = blocks(info.page);
        let (errs, mended) = (section(info, &found, "Errs"), section(info, &found, "Mended"));
        if errs.is_none() || mended.is_none() {
            if !is_told(info.code) || errs.is_some() || info.page.lines().count() < 4 {
                let _ = writeln!(failures, "{}: the page has no examples", info.code);
            }
            continue;
        }
        for (program, name) in [(errs, "Errs"), (mended, "Mended")] {
            let Some(mut checked) = program else { continue };
            if checked.diagnostics.is_empty() {
                checked.run();
            }
            let wrong = match name {
                "Errs" => {
                    checked.diagnostics.is_empty()
                        || checked.diagnostics.iter().any(|d| d.code.0 != info.code)
                }
                _ => !checked.diagnostics.is_empty(),
            };
            if wrong {
                let _ = writeln!(failures, "{} {name}:\n{}", info.code, checked.messages());
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn every_page_begins_with_its_code_and_name() {
    for info in CODES {
        assert_eq!(info.page.lines().next(), Some(format!("# {} {}", info.code, info.name).as_str()));
    }
}
