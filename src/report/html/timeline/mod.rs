//! The timeline of the protocol: as a drawing, and in words.

mod clock;
mod draw;
mod layout;
mod model;
mod words;

use super::context::Context;
use maud::{Markup, html};
use model::Track;

/// The timeline, main run and control.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let tracks = Track::all(context);
    if tracks.iter().all(|t| t.steps.is_empty()) {
        return None;
    }
    let drawings: Vec<draw::Drawing> = tracks
        .iter()
        .enumerate()
        .map(|(i, t)| draw::draw(t, tracks.get(1 - i).map_or(&[], |o| &o.steps)))
        .collect();
    let broken = drawings.iter().any(|d| d.broken);
    Some(html! {
        @for (track, drawing) in tracks.iter().zip(&drawings) {
            @if tracks.len() > 1 { h3 { (track.name) } }
            div class="scroll timeline-box" tabindex="0" role="group" aria-label=(format!("timeline of the {}", track.name)) {
                (drawing.svg)
            }
        }
        p class="aside" {
            @for (sign, word) in draw::signs(&tracks) { span class="sign" aria-hidden="true" { (sign) } " " (word) ". " }
            @if broken { "Where the axis has a gap, time is drawn at another scale." }
        }
        @for track in &tracks {
            details class="in-words" {
                summary { "The " (track.name) " in words" }
                (words::list(track))
            }
        }
    })
}
