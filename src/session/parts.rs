use super::Checked;
use crate::report::diff::Part;
use crate::syntax::ast::{Cases, Item, ItemKind};
use crate::syntax::{self, FormatOptions, Spelling};

impl Checked {
    /// What its file consists of, without what results show by themselves (parameters, seed, expectations), for
    /// [`report::diff`](crate::report::diff). Comments and blanks are nothing.
    pub fn parts(&self) -> Vec<Part> {
        let named = self.file.items.iter().filter_map(|item| Some((name(&item.kind)?, item)));
        named.map(|(name, item)| Part { name, lines: self.lines(item) }).collect()
    }

    fn lines(&self, item: &Item) -> Vec<String> {
        let text = &self.sources.get(self.file.source).text;
        let (mut code, mut from) = (String::new(), item.span.range().start);
        for comment in &self.file.comments {
            let range = comment.span.range();
            if range.start >= from && range.end <= item.span.range().end {
                code += text.get(from..range.start).unwrap_or_default();
                from = range.end;
            }
        }
        code += text.get(from..item.span.range().end).unwrap_or_default();
        // in the one style, so that a file and what `plast fmt` makes of it have the same parts
        let options = FormatOptions { spelling: Spelling::Ascii };
        let code = syntax::format(&code, &options).unwrap_or(code);
        let lines = code.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" "));
        lines.filter(|l| !l.is_empty()).collect()
    }
}

fn name(kind: &ItemKind) -> Option<String> {
    Some(match kind {
        ItemKind::Protocol(_) => "protocol".to_string(),
        ItemKind::Integrate(_) => "integrate".to_string(),
        ItemKind::Let { name, .. } => format!("let {}", name.text),
        ItemKind::Fn { name, .. } => format!("fn {}", name.text),
        ItemKind::Stimulus { name, .. } => format!("stimulus {}", name.text),
        ItemKind::Population(p) => format!("population {}", p.name.text),
        ItemKind::Cell(c) => format!("cell {}", c.name.text),
        ItemKind::Rule(r) => format!("rule {}", r.name.text),
        ItemKind::Synapses(s) => format!("synapses {}", s.name.text),
        ItemKind::Record(r) => format!("record {}", r.name.text),
        ItemKind::Cases(Cases::Named { name, .. } | Cases::Values { name, .. }) => {
            format!("cases {}", name.text)
        }
        ItemKind::Clock(_)
        | ItemKind::Seed(_)
        | ItemKind::Precision(_)
        | ItemKind::Use(_)
        | ItemKind::Param(_)
        | ItemKind::Expect { .. }
        | ItemKind::Plot(_)
        | ItemKind::Image { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::sema::Overrides;
    use crate::session::check;
    use crate::session::checked::tests::Nothing;

    #[test]
    fn comments_and_blanks_are_no_part_of_the_text() {
        let text = "clock 1 s\npopulation a // input\npopulation b {\n    // nothing\n    output  y = drive\n}\n\
                    synapses s: a -> b { fixed; w = 1 }\nprotocol { present 1 on a for 1 s }\n";
        let checked = check("a.plast", text, &Nothing, &Overrides::default());
        let parts = checked.unwrap_or_else(|e| panic!("{:?}", e.diagnostics)).parts();
        let names: Vec<_> = parts.iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["population a", "population b", "synapses s", "protocol"]);
        assert_eq!(parts[0].lines, ["population a"]);
        assert_eq!(parts[1].lines, ["population b {", "output y = drive", "}"]);
    }

    #[test]
    fn a_file_and_its_formatted_copy_have_the_same_parts() {
        let text = "clock 1 s\npopulation a\npopulation b{output y=drive}\nrule r{param η=1 /s;dw/dt=-η*w}\n\
                    synapses s: a->b{rule r;w=1}\nprotocol{present 1 on a for 1 s}\n";
        let formatted = crate::syntax::format(text, &crate::syntax::FormatOptions::default());
        let parts = |text: &str| {
            let checked = check("a.plast", text, &Nothing, &Overrides::default());
            checked.unwrap_or_else(|e| panic!("{:?}", e.diagnostics)).parts()
        };
        let formatted = formatted.unwrap_or_else(|d| panic!("{d:?}"));
        assert_ne!(formatted, text);
        assert_eq!(parts(text), parts(&formatted));
    }
}
