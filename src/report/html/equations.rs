use super::context::{Context, Tree};
use super::math::{self, Math, block, inline};
use super::prose::{prose, words};
use super::spikes::spikes;
use crate::hir::{Connect as Pairs, Projection};
use crate::report::naming::DIGITS;
use crate::source::Span;
use crate::syntax::ast::{
    Axis, Connect, ExprKind, Item, ItemKind, Member, MemberKind, Population, Rule, Side, Synapses, Update,
};
use crate::units::format_value;
use maud::{Markup, html};

/// The equations of everything, typeset from the program.
pub(super) fn section(context: &Context) -> Option<Markup> {
    let rules = rules(context);
    let of = |pick: fn(&ItemKind) -> bool| {
        context.items().filter(move |(tree, item)| tree.id == context.page.file.source && pick(&item.kind))
    };
    let definitions: Vec<_> =
        of(|k| matches!(k, ItemKind::Fn { .. } | ItemKind::Stimulus { .. } | ItemKind::Let { .. })).collect();
    let shown: Vec<Markup> = of(|k| matches!(k, ItemKind::Population(_)))
        .filter_map(|(_, item)| match &item.kind {
            ItemKind::Population(p) => Some(population(context, item, p)),
            _ => None,
        })
        .chain(rules.iter().map(|used| rule(context, used)))
        .chain(of(|k| matches!(k, ItemKind::Synapses(_))).filter_map(|(_, item)| match &item.kind {
            ItemKind::Synapses(s) => Some(synapses(context, item, s)),
            _ => None,
        }))
        .collect();
    if shown.is_empty() && definitions.is_empty() {
        return None;
    }
    Some(html! {
        @for part in shown { (part) }
        @if !definitions.is_empty() {
            article class="card" {
                h3 { "Definitions" }
                @for (_, item) in &definitions { (definition(context, item)) }
            }
        }
    })
}

/// An equation on a line of its own, with its words as the alternative.
pub(super) fn line(context: &Context, math: &Math, span: Span) -> Markup {
    html! {
        div class="equation" {
            (block(math, &context.text(span)))
        }
    }
}

fn heading(context: &Context, what: &str, name: &str, rest: &str, span: Span) -> Markup {
    html! {
        h3 {
            span class="what" { (what) } " "
            @match context.anchor(span) {
                Some(anchor) => a href=(format!("#{anchor}")) { code { (name) } },
                None => code { (name) },
            }
            @if !rest.is_empty() { " " span class="faint" { (rest) } }
        }
    }
}

fn axes(context: &Context, axes: &[Axis]) -> String {
    if axes.is_empty() {
        return "one cell".to_string();
    }
    let one = |a: &Axis| format!("{}: {}", a.name.text, context.text(a.extent.span));
    format!("[{}]", axes.iter().map(one).collect::<Vec<_>>().join(", "))
}

fn population(context: &Context, item: &Item, p: &Population) -> Markup {
    let drive = drive(context, &p.name.text);
    let input =
        !p.members.iter().any(|m| matches!(m.kind, MemberKind::Equation(_) | MemberKind::Output { .. }));
    let spiking = p.spiking.is_some()
        || p.members.iter().any(|m| {
            matches!(m.kind, MemberKind::Spikes(_) | MemberKind::SpikeWhen { .. } | MemberKind::Cell(_))
        });
    html! {
        article class="card" {
            (heading(context, "Population", &p.name.text, &axes(context, &p.axes), item.span))
            (prose(&item.docs))
            @if input && spiking { @if p.members.is_empty() { p { "Cells that spike when the protocol says so." } } }
            @else if input { p { "An input: its output is what the protocol presents to it." } }
            @else if let Some((math, text)) = &drive {
                div class="equation" { (block(math, text)) }
            }
            @for member in &p.members { (equation_of(context, member)) (spikes(context, member)) }
        }
    }
}

/// What arrives at a population's cells: a sum for each projection onto it.
fn drive(context: &Context, population: &str) -> Option<(Math, String)> {
    let program = context.page.reading.program()?;
    let terms: Vec<(&str, &str, bool)> = program
        .projections
        .iter()
        .filter(|p| p.drive.is_some())
        .filter(|p| program.populations.get(p.post).is_some_and(|post| post.name == population))
        .filter_map(|p| {
            let pre = program.populations.get(p.pre)?;
            Some((p.name.as_str(), pre.name.as_str(), p.inhibitory))
        })
        .collect();
    if terms.is_empty() {
        return None;
    }
    let mut text = "drive =".to_string();
    for (i, (projection, pre, inhibitory)) in terms.iter().enumerate() {
        text += match (i, inhibitory) {
            (0, false) => " ",
            (0, true) => " -",
            (_, false) => " + ",
            (_, true) => " - ",
        };
        text += &format!("sum({projection}.w * {projection}.x over {pre})");
    }
    Some((math::drive(&terms), text))
}

/// A member as an equation, if it is one.
fn equation_of(context: &Context, member: &Member) -> Markup {
    let math = match &member.kind {
        MemberKind::State(s) => math::state(s),
        MemberKind::Equation(e) => Some(math::equation(e)),
        MemberKind::Output { name, value } => Some(math::output(name, value)),
        MemberKind::Normalise(n) => Some(math::normalise(n)),
        MemberKind::Bounds { name, lo, hi } => Some(math::bounds(name, lo, hi)),
        MemberKind::Start { name, value } => Some(math::start(name, value)),
        MemberKind::Hold { name, value } => Some(math::held(name, value)),
        _ => None,
    };
    html! {
        @if let Some(math) = math {
            (line(context, &math, member.span))
            @if let Some(aside) = aside(context, &member.kind) { p class="aside" { (aside) } }
        }
    }
}

/// What stands beside an equation in words.
fn aside(context: &Context, kind: &MemberKind) -> Option<String> {
    match kind {
        MemberKind::Normalise(n) => {
            let every = n
                .every
                .as_ref()
                .map_or("after every update".to_string(), |e| format!("every {}", context.text(e.span)));
            Some(format!("held {every}, {}", n.mode.text))
        }
        MemberKind::Hold { .. } => Some("held: its equation is ignored".to_string()),
        _ => None,
    }
}

/// A rule with the projections that learn by it.
struct Used<'c, 'a> {
    tree: &'c Tree<'a>,
    item: &'c Item,
    rule: &'c Rule,
    projections: Vec<String>,
}

/// Whether a projection gives a variable of its rule another start.
fn started(context: &Context, used: &Used, name: &str) -> bool {
    let items = &context.page.file.items;
    items.iter().any(|item| match &item.kind {
        ItemKind::Synapses(s) if used.projections.contains(&s.name.text) => s
            .members
            .iter()
            .any(|m| matches!(&m.kind, MemberKind::Start { name: own, .. } if own.text == name)),
        _ => false,
    })
}

/// The rules that the cases use, each once.
fn rules<'c, 'a>(context: &'c Context<'a>) -> Vec<Used<'c, 'a>> {
    let mut used: Vec<Used> = Vec::new();
    for (_, program, _) in context.page.reading.cases() {
        for projection in program.projections.iter() {
            let Some(name) = projection.rule.as_ref().map(|r| r.name.as_str()) else { continue };
            match used.iter_mut().find(|u| u.rule.name.text == name) {
                Some(known) if known.projections.contains(&projection.name) => {}
                Some(known) => known.projections.push(projection.name.clone()),
                None => {
                    let found = context.items().find_map(|(tree, item)| match &item.kind {
                        ItemKind::Rule(rule) if rule.name.text == name => Some((tree, item, rule)),
                        _ => None,
                    });
                    if let Some((tree, item, rule)) = found {
                        used.push(Used { tree, item, rule, projections: vec![projection.name.clone()] });
                    }
                }
            }
        }
    }
    used
}

fn rule(context: &Context, used: &Used) -> Markup {
    let of = format!("for {}", used.projections.join(", "));
    let foreign = used.tree.id != context.page.file.source;
    html! {
        article class="card" {
            (heading(context, "Rule", &used.rule.name.text, &of, used.item.span))
            (prose(&used.item.docs))
            div class="rule" {
                div {
                    @for member in &used.rule.members {
                        @if !matches!(member.kind, MemberKind::State(_)) { (equation_of(context, member)) }
                        (spikes(context, member))
                    }
                    @for member in &used.rule.members { (schedule(context, &member.kind)) }
                }
                (symbols(context, used))
            }
            @if foreign && !used.tree.file.docs.is_empty() {
                details {
                    summary { "About this rule, from " code { (context.page.sources.get(used.tree.id).name) } }
                    (prose(&used.tree.file.docs))
                }
            }
        }
    }
}

fn schedule(context: &Context, kind: &MemberKind) -> Markup {
    html! {
        @match kind {
            MemberKind::Update(Update::Every(e)) => p class="aside" { "acts every " (context.text(e.span)) },
            MemberKind::Update(Update::PerPresentation) => p class="aside" { "acts when a presentation ends" },
            MemberKind::Integrate(how) => p class="aside" { "integrated by " (how.text) },
            _ => {}
        }
    }
}

/// The symbols of a rule: its parameters with their values in use, its variables with their starts.
fn symbols(context: &Context, used: &Used) -> Markup {
    let several = used.projections.len() > 1;
    let meaning = |name: &str, docs: &str, span: Span| {
        let found = context.meaning(name, docs, span);
        html! {
            @if let Some(m) = found {
                (words(&m.text)) " "
                a class="source-link" href=(format!("#{}", m.anchor)) aria-label=(format!("where {name} is explained")) { "↗" }
            }
        }
    };
    html! {
        div class="scroll" tabindex="0" role="group" aria-label=(format!("symbols of the rule {}", used.rule.name.text)) {
            table class="symbols" {
                thead {
                    tr {
                        th scope="col" { "symbol" }
                        @if several { @for p in &used.projections { th scope="col" class="value" { "in " (p) } } }
                        @else { th scope="col" class="value" { "value" } }
                        th scope="col" { "meaning" }
                    }
                }
                tbody {
                    @for member in &used.rule.members {
                        @match &member.kind {
                            MemberKind::Param(p) => tr {
                                th scope="row" class="symbol" { (inline(&math::name(&p.name.text), &p.name.text)) }
                                @for projection in &used.projections {
                                    td class="value" { (values(context, &used.rule.name.text, projection, &p.name.text)) }
                                }
                                td { (meaning(&p.name.text, &member.docs, member.span)) }
                            },
                            MemberKind::State(s) => tr {
                                th scope="row" class="symbol" { (inline(&math::name(&s.name.text), &s.name.text)) }
                                td class="value" colspan=[several.then_some(used.projections.len())] {
                                    @if let Some(value) = &s.value { @if started(context, used, &s.name.text) { "by itself " } "starts at " (inline(&math::expr(value), &context.text(value.span))) }
                                    @else { "follows" }
                                }
                                td {
                                    @if !told(context, &s.name.text, member) { (owner(s.side.as_ref().map(|s| s.node))) }
                                    (meaning(&s.name.text, &member.docs, member.span))
                                }
                            },
                            _ => {}
                        }
                    }
                }
            }
        }
    }
}

/// Whether what is said of a variable says of what there is one each.
fn told(context: &Context, name: &str, member: &Member) -> bool {
    context.meaning(name, &member.docs, member.span).is_some_and(|m| m.text.contains("one per"))
}

fn owner(side: Option<Side>) -> &'static str {
    match side {
        Some(Side::Pre) => "one per presynaptic cell; ",
        Some(Side::Post) => "one per postsynaptic cell; ",
        Some(Side::Syn) => "one per synapse; ",
        None => "",
    }
}

/// The values of a rule's parameter in a projection, with the cases where they differ.
fn values(context: &Context, rule: &str, projection: &str, param: &str) -> Markup {
    let reading = context.page.reading;
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for (i, program, _) in reading.cases() {
        let found = program.projections.iter().find(|p: &&Projection| p.name == projection);
        let Some(used) = found.and_then(|p| p.rule.as_ref()).filter(|r| r.name == rule) else { continue };
        let Some((_, si, unit)) = used.params.iter().find(|(name, ..)| name == param) else { continue };
        let text = format_value(*si, unit, DIGITS);
        match groups.iter_mut().find(|g| g.0 == text) {
            Some(group) => group.1.push(reading.case_name(i)),
            None => groups.push((text, vec![reading.case_name(i)])),
        }
    }
    html! {
        @if let [(only, _)] = groups.as_slice() { (only) }
        @else if groups.len() > 6 {
            (groups.first().map_or("", |g| &g.0)) " to " (groups.last().map_or("", |g| &g.0))
        }
        @else {
            @for (text, cases) in &groups {
                div { (text) " " span class="faint" { (cases.join(", ")) } }
            }
        }
    }
}

fn synapses(context: &Context, item: &Item, s: &Synapses) -> Markup {
    let route = format!("{} → {}", s.pre.text, s.post.text);
    let facts = facts(context, s);
    html! {
        article class="card" {
            (heading(context, "Synapses", &s.name.text, &route, item.span))
            (prose(&item.docs))
            @if !facts.is_empty() {
                ul class="inline" { @for fact in &facts { li { (fact) } } }
            }
            @for member in &s.members {
                @match &member.kind {
                    // `w = ...` is the weight at the start
                    MemberKind::Equation(e) if e.name.text == "w" => (line(context, &math::start(&e.name, &e.value), member.span)),
                    MemberKind::Connect { how, .. } => {
                        @if let Some(math) = math::connect(how) {
                            div class="equation" {
                                @if matches!(how, Connect::Random(_)) { "with " } @else { "joined where " }
                                (inline(&math, &context.text(member.span)))
                            }
                        }
                    }
                    MemberKind::On { .. } | MemberKind::Ties(_) => (spikes(context, member)),
                    _ => (equation_of(context, member)),
                }
            }
        }
    }
}

/// What is true of a projection, in a few words each.
fn facts(context: &Context, s: &Synapses) -> Vec<String> {
    let mut facts = Vec::new();
    let program = context.page.reading.program();
    let projection = program.and_then(|p| p.projections.iter().find(|q| q.name == s.name.text));
    let mut connected = false;
    for member in &s.members {
        match &member.kind {
            MemberKind::Connect { how, except_self } => {
                connected = true;
                let mut text = match how {
                    Connect::All => "every pair is joined".to_string(),
                    Connect::OneToOne => "each cell with the one in its place".to_string(),
                    Connect::Random(p) => {
                        format!("pairs at random, each with probability {}", context.text(p.span))
                    }
                    Connect::Where(_) => "pairs by a condition".to_string(),
                };
                if except_self.is_some() {
                    text += ", but no cell with itself";
                }
                facts.push(text);
            }
            MemberKind::Rule { rule } => facts.push(format!("learns by {}", context.text(rule.span))),
            MemberKind::Fixed => facts.push("fixed weights".to_string()),
            MemberKind::Inhibitory => facts.push("inhibitory: subtracts".to_string()),
            MemberKind::Delay { time, place } => {
                let place = place.as_ref().map_or(String::new(), |p| format!(" {}", p.text));
                facts.push(format!("delay {}{place}", context.text(time.span)));
            }
            _ => {}
        }
    }
    if !connected && projection.is_some_and(|p| p.connect == Pairs::All) {
        facts.insert(0, "every pair is joined".to_string());
    }
    facts
}

/// A function, a named value or a stimulus.
fn definition(context: &Context, item: &Item) -> Markup {
    let math = match &item.kind {
        ItemKind::Fn { name, params, body } => math::definition(name, params, body),
        ItemKind::Stimulus { name, axes, value } | ItemKind::Let { name, axes, value } => {
            // a table is no formula
            if matches!(&value.kind, ExprKind::Call { callee, .. } if matches!(&callee.kind, ExprKind::Name(id) if id.text == "load"))
            {
                return html! { p { code { (context.text(item.span)) } } };
            }
            math::stimulus(name, axes, value)
        }
        _ => return html! {},
    };
    let name = match &item.kind {
        ItemKind::Fn { name, .. } | ItemKind::Stimulus { name, .. } | ItemKind::Let { name, .. } => {
            &name.text
        }
        _ => "",
    };
    html! {
        (line(context, &math, item.span))
        @if let Some(m) = context.meaning(name, &item.docs, item.span) { p class="aside" { (words(&m.text)) } }
    }
}
