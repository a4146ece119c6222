//! What spikes do, as sentences with formulas: where they come from, what they change.

use super::context::Context;
use super::equations::line;
use super::math;
use crate::syntax::ast::{Change, Member, MemberKind, Side, SpikeSource};
use maud::{Markup, html};

/// A line about spikes, if a member is one.
pub(super) fn spikes(context: &Context, member: &Member) -> Markup {
    html! {
        @match &member.kind {
            MemberKind::On { event, changes } => {
                p class="aside" {
                    @if event.node == Side::Pre { "at a presynaptic spike" } @else { "at a postsynaptic spike" }
                }
                (changed(context, changes))
            }
            MemberKind::SpikeWhen { condition, reset, refractory } => {
                p class="aside" {
                    "spikes when " (math::inline(&math::expr(condition), &context.text(condition.span)))
                    @if let Some(time) = refractory { ", then is refractory for " (context.text(time.span)) }
                    @if !reset.is_empty() { "; at a spike" }
                }
                (changed(context, reset))
            }
            MemberKind::Spikes(SpikeSource::Poisson(rate)) => p class="aside" {
                "spikes at random, as a Poisson process of rate "
                (math::inline(&math::expr(rate), &context.text(rate.span)))
            },
            MemberKind::Spikes(SpikeSource::At { times, .. }) => p class="aside" {
                "spikes at " (context.text(times.span))
            },
            MemberKind::Ties(order) => p class="aside" {
                "two spikes at one instant: "
                (match order.text.as_str() {
                    "pre_first" => "the presynaptic one acts first",
                    "post_first" => "the postsynaptic one acts first",
                    "half" => "the mean of both orders",
                    _ => "both act from the state before",
                })
            },
            MemberKind::Cell(cell) => p class="aside" { "the cell " code { (context.text(cell.span)) } },
            _ => {}
        }
    }
}

fn changed(context: &Context, changes: &[Change]) -> Markup {
    html! {
        @for change in changes { (line(context, &math::change(change), change.span)) }
    }
}
