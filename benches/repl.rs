//! What a session answers while a line is typed, with a file of a thousand lines: completion and colours have 10 ms.

use criterion::{Criterion, criterion_group, criterion_main};
use plast::diag::Diagnostic;
use plast::report::summary::Style;
use plast::runtime::{Options, Silent};
use plast::sema::{LoadError, Loader};
use plast::session::interactive::{DEMO, Host, Session};
use std::hint::black_box;

/// One file, and the shipped rules.
struct One(String);

impl Loader for One {
    fn library(&self, name: &str) -> Option<&'static str> {
        plast::session::library(name)
    }
    fn library_names(&self) -> Vec<&'static str> {
        Vec::new()
    }
    fn source(&self, _: &str) -> Result<(String, String), LoadError> {
        Err(LoadError { reason: "there is none".into(), nearest: None })
    }
    fn bytes(&self, _: &str) -> Result<Vec<u8>, LoadError> {
        Err(LoadError { reason: "there is none".into(), nearest: None })
    }
}

impl Host for One {
    fn loader(&self) -> &dyn Loader {
        self
    }
    fn open(&mut self, path: &str) -> Result<(String, String), Box<Diagnostic>> {
        Ok((path.to_string(), self.0.clone()))
    }
    fn write(&mut self, _: &str, _: &str, _: bool) -> Result<(), Box<Diagnostic>> {
        Ok(())
    }
}

fn session(c: &mut Criterion) {
    let lines: String = (0..1000).map(|i| format!("param p{i} = {i} ms\n")).collect();
    let text = format!("{DEMO}{lines}");
    let Ok(mut session) = Session::new(Box::new(One(text.clone())), Options::default(), Style::default())
    else {
        return;
    };
    session.enter(":load long.plast", &mut Silent);
    c.bench_function("repl/complete a name of 1000 lines", |b| {
        b.iter(|| black_box(session.complete("mean(p99", 8)));
    });
    c.bench_function("repl/complete a unit", |b| b.iter(|| black_box(session.complete("rest 10 m", 9))));
    c.bench_function("repl/colour 1000 lines", |b| b.iter(|| black_box(plast::syntax::tokens(&text))));
    c.bench_function("repl/an expression, checked and evaluated", |b| {
        b.iter(|| black_box(session.enter("mean(ff.w)", &mut Silent)));
    });
}

criterion_group!(benches, session);
criterion_main!(benches);
