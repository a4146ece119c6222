use super::context::Context;
use crate::diag::{self, Format};
use crate::report::summary::note_texts;
use maud::{Markup, html};

/// What `plast check` warns of, and what a reader of the runs should know.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let warnings = context.page.warnings;
    let notes = note_texts(context.page.reading);
    if warnings.is_empty() && notes.is_empty() {
        return None;
    }
    Some(html! {
        @for warning in warnings {
            @let place = warning.primary.as_ref().map(|l| l.span);
            div class="warning" {
                h3 { span class="code" { (warning.code.0) } " " (super::prose::words(&warning.headline)) }
                @if let Some((span, anchor)) = place.and_then(|s| Some((s, context.anchor(s)?))) {
                    p class="where" { a href=(format!("#{anchor}")) { "line " (context.line(span)) } }
                }
                pre class="plain" tabindex="0" aria-label="the warning as `plast check` shows it" {
                    (drawn(context, warning))
                }
            }
        }
        @if !notes.is_empty() {
            ul class="notes" { @for note in &notes { li { (super::prose::words(note)) } } }
        }
    })
}

fn drawn(context: &Context, warning: &diag::Diagnostic) -> String {
    let text = diag::render(std::slice::from_ref(warning), context.page.sources, Format::Text, false);
    text.trim_end().to_string()
}
