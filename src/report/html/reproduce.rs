use super::context::Context;
use super::{Asked, LockState};
use crate::contract::Precision;
use crate::report::{CONTRACT_VERSION, Reading, VERSION};
use crate::units::format_exact;
use maud::{Markup, html};

/// How to get the same results again: the command, the versions and the digests of what was read.
pub(super) fn section(context: &Context) -> Markup {
    let reading = context.page.reading;
    html! {
        @if reading.interrupted() {
            p {
                "This run was interrupted, at a moment that no command can name. The results above are the beginning of what \
                 this command gives, to the last bit, on every machine:"
            }
        } @else {
            p { "This command gives the same results, to the last bit, on every machine:" }
        }
        div class="command" {
            pre tabindex="0" aria-label="the command" { code id="command" { (command(reading, context.page.asked)) } }
            button type="button" class="script" data-copy="command" { "Copy" }
            span class="copied" role="status" aria-live="polite" {}
        }
        @if let Some(lock) = &context.page.asked.lock { p class="lock" { (lock_text(lock)) } }
        dl class="facts" {
            div { dt { "plast" } dd { (VERSION) } }
            div { dt { "numerical contract" } dd { "version " (CONTRACT_VERSION) } }
            div { dt { "precision of weights" } dd { (precision(reading.precision())) } }
        }
        div class="scroll" tabindex="0" role="group" aria-label="files" {
            table {
                caption { "What was read" }
                thead { tr { th scope="col" { "file" } th scope="col" { "SHA-256" } } }
                tbody {
                    @for file in &reading.provenance.files {
                        tr { th scope="row" { code { (file.name) } } td { code class="digest" { (file.sha256) } } }
                    }
                }
            }
        }
    }
}

fn precision(precision: Precision) -> &'static str {
    match precision {
        Precision::Double => "f64",
        Precision::Single => "f32",
    }
}

fn lock_text(lock: &LockState) -> String {
    match lock {
        LockState::Same { name } => {
            format!("The lock {name} was compared with this run: the same to the last bit.")
        }
        LockState::Differs { name, first, more } => {
            let more = match more {
                0 => String::new(),
                n => format!(", and {n} more"),
            };
            format!("The lock {name} was compared with this run, which differs from it: {first}{more}.")
        }
        LockState::NotCompared { name } => {
            format!(
                "There is a lock, {name}; this run is of another setting than the file's own and was not compared with it."
            )
        }
        LockState::Unreadable { name } => format!("There is a lock, {name}, which cannot be read."),
    }
}

/// The command that makes these results.
pub(super) fn command(reading: &Reading, asked: &Asked) -> String {
    let file = reading.provenance.files.first().map_or("-", |f| f.name.as_str());
    let mut words = vec!["plast run".to_string(), quoted(if file == "<stdin>" { "-" } else { file })];
    words.extend(reading.provenance.settings.iter().map(|s| format!("--set {}", quoted(s))));
    words.extend(asked.seed.map(|seed| format!("--seed {seed}")));
    words.extend(asked.precision.map(|p| format!("--precision {}", precision(p))));
    words.extend(asked.cases.iter().map(|c| format!("--case {}", quoted(c))));
    words.extend(reading.provenance.until.map(|s| format!("--until '{} s'", format_exact(s))));
    words.join(" ")
}

/// A word as it is typed in a shell.
fn quoted(text: &str) -> String {
    let plain = |c: char| {
        c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '@' | '%' | ',' | ':' | '=')
    };
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Provenance, fixture};

    #[test]
    fn the_command_has_everything_that_was_changed() {
        let provenance = Provenance {
            settings: vec!["eta=2e-3 /s".to_string(), "level=2".to_string()],
            until: Some(0.1),
            ..fixture::provenance()
        };
        let asked = Asked {
            seed: Some(8),
            precision: Some(Precision::Single),
            cases: vec!["silence, 10 Hz".to_string()],
            lock: None,
        };
        fixture::with_reading(false, |r| {
            let reading = Reading { provenance: &provenance, ..*r };
            assert_eq!(
                command(&reading, &asked),
                "plast run settle.plast --set 'eta=2e-3 /s' --set level=2 --seed 8 --precision f32 \
                 --case 'silence, 10 Hz' --until '0.1 s'"
            );
            assert_eq!(command(r, &Asked::default()), "plast run settle.plast");
        });
    }
}
