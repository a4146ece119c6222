//! Letting time pass.

use super::document::Failure;
use super::session::{Done, Session};
use crate::diag::{Code, Diagnostic};
use crate::runtime::{Live, Observer, Reached, Until};
use crate::units::Dim;
use std::time::Instant;

impl Session {
    /// Lets time pass and notes how long that took.
    pub(super) fn pass(&mut self, until: Until<'_>, observer: &mut dyn Observer) -> Result<Reached, Failure> {
        let options = self.options.clone();
        let live = self.run_of()?;
        let (start, before) = (Instant::now(), live.now());
        let reached = live.advance(until, &options, observer);
        let ticks = live.now() - before;
        self.passed = Some((ticks, start.elapsed()));
        reached.map_err(|d| {
            let mut d = *d;
            if ticks > 0 {
                d = d.note(format!("the session stands at {}, before it", self.time()));
            }
            self.fault(Box::new(d))
        })
    }

    /// `t = 10 s`, and what is to say of it.
    pub(super) fn where_it_stands(&self, reached: Reached) -> String {
        let time = format!("t = {}", self.time());
        let phase = self.live.as_ref().and_then(|l| l.phase().map(str::to_string));
        let inside = phase.map(|p| format!(", in `{p}`")).unwrap_or_default();
        match reached {
            Reached::Stopped => format!("{time}{inside}: interrupted; `:run` goes on"),
            Reached::End => format!("{time}, the protocol is over"),
            _ => format!("{time}{inside}"),
        }
    }

    /// A time in whole ticks.
    pub(super) fn ticks_of(&mut self, text: &str) -> Result<u64, Failure> {
        let looked = self.look(text)?;
        let (q, seconds) = (&looked.question, looked.value.as_scalar());
        let span = q.expr.span;
        let fail = |d: Diagnostic| Failure { diagnostics: vec![d], sources: q.checked.sources.clone() };
        let Some(seconds) = seconds.filter(|_| q.dim == Dim::TIME && !q.truth) else {
            let label = format!("this is {}", crate::units::display_dim(q.dim));
            let d = Diagnostic::new(Code::E0302, span, "a time is needed here", label);
            return Err(fail(d.help("write a number with a unit of time, such as `10 s`")));
        };
        let tick = self.program().tick;
        let ticks = seconds / tick;
        let whole = ticks.round();
        if (ticks - whole).abs() <= 1e-6 * whole.abs().max(1.0) && (0.0..9e15).contains(&whole) {
            return Ok(whole as u64);
        }
        let headline = "this is not a whole number of ticks";
        let d = Diagnostic::new(Code::E0501, span, headline, format!("{ticks} ticks"));
        let near = self.time_of(whole.clamp(1.0, 9e15) as u64);
        Err(fail(
            d.note(format!("the clock ticks every {}", self.time_of(1)))
                .help(format!("the nearest that is: {near}")),
        ))
    }

    fn is_over(&self) -> bool {
        !self.document.has_protocol() || self.live.as_ref().is_some_and(Live::is_over)
    }

    /// What is frozen by hand would learn in what the protocol says.
    fn not_frozen(&self) -> Result<(), Failure> {
        if self.frozen.is_none() {
            return Ok(());
        }
        let d = Diagnostic::global(
            Code::E0921,
            "the protocol goes on as it is written: its phases say what is frozen",
        )
        .note("`:freeze` holds for what is done by hand")
        .help("`:thaw`, and go on; or `:present ... for 1 s` while frozen");
        Err(Failure::global(d))
    }

    /// `:run`, `:run 10 s`
    pub(super) fn run(&mut self, text: &str, observer: &mut dyn Observer) -> Done {
        if text.is_empty() {
            if !self.document.has_protocol() {
                let d = Diagnostic::global(Code::E0921, "there is no protocol to run")
                    .help("say what happens, such as `present 1 on input for 1 s`")
                    .help("or let time pass: `:run 10 s`");
                return Err(Failure::global(d));
            }
            self.run_of()?;
            if self.is_over() {
                let d = Diagnostic::global(Code::E0921, format!("the protocol is over at {}", self.time()))
                    .help("`:run 10 s` rests for 10 s, `present ... for 10 s` presents something")
                    .help("`:reset` goes back to the start");
                return Err(Failure::global(d));
            }
            self.not_frozen()?;
            let reached = self.pass(Until::default(), observer)?;
            return Ok(self.where_it_stands(reached));
        }
        let ticks = self.ticks_of(text)?;
        self.run_ticks(ticks, text, observer)
    }

    /// `:step`, `:step 5`
    pub(super) fn step(&mut self, text: &str, observer: &mut dyn Observer) -> Done {
        let ticks = match text {
            "" => Ok(1),
            text => text.parse::<u64>(),
        };
        match ticks {
            Ok(ticks) => {
                let text = if ticks == 1 { "1 tick".to_string() } else { format!("{ticks} ticks") };
                self.run_ticks(ticks, &text, observer)
            }
            Err(_) => {
                let d =
                    Diagnostic::global(Code::E0921, format!("`:step` takes a number of ticks, not `{text}`"));
                Err(Failure::global(d.help("`:step 5` lets five ticks pass; `:run 10 s` takes a time")))
            }
        }
    }

    fn run_ticks(&mut self, ticks: u64, text: &str, observer: &mut dyn Observer) -> Done {
        self.run_of()?;
        if ticks == 0 {
            return Ok(self.where_it_stands(Reached::Goal));
        }
        if self.is_over() {
            return self.by_hand(&format!("rest {text}"), observer);
        }
        self.not_frozen()?;
        let to = self.run_of()?.now() + ticks;
        let reached = self.pass(Until { tick: Some(to), ..Until::default() }, observer)?;
        let left = to.saturating_sub(self.run_of()?.now());
        let mut said = self.where_it_stands(reached);
        if left > 0 && reached == Reached::End {
            said += &format!(" {} before that time", self.time_of(left));
        }
        Ok(said)
    }

    /// `:until y > 1`, `:until y > 1 within 10 s`
    pub(super) fn until(&mut self, text: &str, observer: &mut dyn Observer) -> Done {
        let (condition, within) = match text.rsplit_once(" within ") {
            Some((condition, within)) => (condition.trim(), Some(within.trim())),
            None => (text, None),
        };
        if condition.is_empty() {
            let d = Diagnostic::global(Code::E0921, "`:until` needs a condition");
            return Err(Failure::global(d.help("write what is to hold, such as `:until mean(w) > 0.5`")));
        }
        let question = self.question(condition)?;
        let fail =
            |d: Diagnostic| Failure { diagnostics: vec![d], sources: question.checked.sources.clone() };
        let span = question.expr.span;
        if question.of_results {
            let label = "this is known from what was captured, not from the state";
            let d = Diagnostic::new(Code::E0405, span, "`:until` looks at the running states", label);
            let d = d.note("a probe is read where it stands, a record when it is due");
            return Err(fail(d.help("write what they capture, such as `:until mean(w) > 0.5`")));
        }
        if !question.truth {
            let label = format!("this is {}", crate::units::display_dim(question.dim));
            let d = Diagnostic::new(Code::E0406, span, "`:until` needs a condition", label);
            return Err(fail(d.help("compare it with something: `:until y > 1`")));
        }
        if !question.expr.axes.is_empty() {
            let axes = &question.checked.experiment.axes;
            let names: Vec<&str> = question.expr.axes.iter().map(|a| axes[*a].name.as_str()).collect();
            let d = Diagnostic::new(
                Code::E0401,
                span,
                "`:until` needs one condition, and this is one for each element",
                format!("along {}", names.join(", ")),
            );
            return Err(fail(d.help(format!("write `any({condition})` or `all({condition})`"))));
        }
        self.run_of()?;
        if self.is_over() {
            let Some(within) = within else {
                let d =
                    Diagnostic::global(Code::E0921, "the protocol is over, and this may never become true");
                return Err(Failure::global(
                    d.help(format!("say how long it may take: `:until {condition} within 10 s`")),
                ));
            };
            return self.by_hand(&format!("rest until {condition} within {within}"), observer);
        }
        self.not_frozen()?;
        let tick = match within {
            Some(within) => Some(self.run_of()?.now() + self.ticks_of(within)?),
            None => None,
        };
        let until = Until { tick, holds: Some((&question.expr, &question.checked.experiment)), behind: None };
        let reached = self.pass(until, observer)?;
        let said = self.where_it_stands(reached);
        let holds = self.answer(&question).is_ok_and(|v| v.as_scalar().is_some_and(|v| v != 0.0));
        Ok(if holds || reached == Reached::Stopped {
            said
        } else {
            format!("{said}: `{condition}` did not become true")
        })
    }

    /// Records that were declared while time had passed get the samples they have missed: the session is run once more
    /// for them. Nothing is done where it could not be run again.
    pub(super) fn make_whole(&mut self, observer: &mut dyn Observer) -> Result<(), Failure> {
        let (options, which) = (self.options.clone(), self.which);
        let blurred = !self.blurred.is_empty();
        let live = self.run_of()?;
        let now = live.now();
        let count = live.program().records.len() as u32;
        if now == 0 || blurred || (0..count).all(|i| live.is_whole(crate::hir::RecordId(i))) {
            return Ok(());
        }
        let experiment = live.experiment().clone();
        let again = Live::begin(&experiment, which, &options).and_then(|mut again| {
            again.advance(Until { tick: Some(now), ..Until::default() }, &options, observer)?;
            live.take_records(&again)
        });
        again.map(|_| ()).map_err(|d| self.fault(d))
    }

    /// `:reset`
    pub(super) fn reset(&mut self) -> Done {
        let document = self.document.as_written();
        self.live = None;
        self.blurred.clear();
        self.frozen = None;
        let said = self.adopt(document)?;
        Ok([said.as_str(), "t = 0"].iter().filter(|s| !s.is_empty()).copied().collect::<Vec<_>>().join("\n"))
    }

    /// `:replay`
    pub(super) fn replay(&mut self, observer: &mut dyn Observer) -> Done {
        let to = self.live.as_ref().map_or(0, Live::now);
        let was = self.live.take();
        let reached = self.pass(Until { tick: Some(to), ..Until::default() }, observer);
        match reached {
            Ok(reached) => {
                if reached != Reached::Stopped {
                    self.blurred.clear();
                }
                Ok(self.where_it_stands(reached))
            }
            Err(failure) => {
                self.live = was;
                Err(failure)
            }
        }
    }
}
