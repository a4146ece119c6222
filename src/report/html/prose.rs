use maud::{Markup, html};

/// The text of comments: paragraphs, lists, tables, and what is indented as it stands.
///
/// Comments are not Markdown: in `eta*x*y*(y - theta)` stars multiply. What is recognised is what a reader of the
/// plain text would see.
pub(super) fn prose(text: &str) -> Markup {
    let mut blocks: Vec<(Kind, Vec<&str>)> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        if line.trim().is_empty() {
            open = false;
            continue;
        }
        let kind = Kind::of(line);
        match blocks.last_mut() {
            Some((last, lines)) if open && (*last == kind || (*last == Kind::List && kind == Kind::Text)) => {
                lines.push(line);
            }
            // an indented block goes on behind an empty line
            Some((Kind::Code, lines)) if kind == Kind::Code => lines.push(line),
            _ => blocks.push((kind, vec![line])),
        }
        open = true;
    }
    html! { @for (kind, lines) in &blocks { (block(*kind, lines)) } }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Code,
    Table,
    List,
}

impl Kind {
    fn of(line: &str) -> Self {
        if line.trim_start().starts_with('|') {
            Self::Table
        } else if line.starts_with("    ") {
            Self::Code
        } else if line.trim_start().starts_with("* ") || line.trim_start().starts_with("- ") {
            Self::List
        } else {
            Self::Text
        }
    }
}

fn block(kind: Kind, lines: &[&str]) -> Markup {
    match kind {
        Kind::Text => html! { p { (words(&joined(lines))) } },
        Kind::Code => {
            let margin = lines.iter().map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
            let text: Vec<&str> = lines.iter().map(|l| l.get(margin..).unwrap_or(l)).collect();
            html! { pre class="plain" tabindex="0" { (text.join("\n")) } }
        }
        Kind::List => {
            let mut items: Vec<String> = Vec::new();
            for line in lines {
                let line = line.trim();
                match line.strip_prefix("* ").or(line.strip_prefix("- ")) {
                    Some(item) => items.push(item.to_string()),
                    None => {
                        if let Some(last) = items.last_mut() {
                            *last += " ";
                            *last += line;
                        }
                    }
                }
            }
            html! { ul { @for item in &items { li { (words(item)) } } } }
        }
        Kind::Table => table(lines),
    }
}

fn table(lines: &[&str]) -> Markup {
    let rows: Vec<Vec<&str>> =
        lines.iter().map(|l| l.trim().trim_matches('|').split('|').map(str::trim).collect()).collect();
    let rule = |row: &Vec<&str>| row.iter().all(|c| c.chars().all(|c| matches!(c, '-' | ':' | ' ')));
    let (head, body) = match rows.get(1) {
        Some(second) if rule(second) => (rows.first(), &rows[2..]),
        _ => (None, &rows[..]),
    };
    html! {
        div class="scroll" tabindex="0" role="group" aria-label="table" {
            table {
                @if let Some(head) = head {
                    thead { tr { @for cell in head { th scope="col" { (words(cell)) } } } }
                }
                tbody {
                    @for row in body { tr { @for cell in row { td { (words(cell)) } } } }
                }
            }
        }
    }
}

fn joined(lines: &[&str]) -> String {
    lines.iter().map(|l| l.trim()).collect::<Vec<_>>().join(" ")
}

/// Text in which backticks set code.
pub(super) fn words(text: &str) -> Markup {
    let parts: Vec<&str> = text.split('`').collect();
    // an odd backtick is a sign like any other
    if parts.len().is_multiple_of(2) {
        return html! { (text) };
    }
    html! {
        @for (i, part) in parts.iter().enumerate() {
            @if i % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_keep_the_shape_they_have_as_text() {
        let text = "Oja's rule, `w`.\nSecond line.\n\n    dw/dt = a\n\n    b\n\n| x | y |\n|---|---|\n| a*b*c | <i> |\n\n* one\n  more\n* two";
        let shown = prose(text).into_string();
        insta::assert_snapshot!(shown.replace("><", ">\n<"), @r#"
        <p>Oja's rule, <code>w</code>. Second line.</p>
        <pre class="plain" tabindex="0">dw/dt = a
        b</pre>
        <div class="scroll" tabindex="0" role="group" aria-label="table">
        <table>
        <thead>
        <tr>
        <th scope="col">x</th>
        <th scope="col">y</th>
        </tr>
        </thead>
        <tbody>
        <tr>
        <td>a*b*c</td>
        <td>&lt;i&gt;</td>
        </tr>
        </tbody>
        </table>
        </div>
        <ul>
        <li>one more</li>
        <li>two</li>
        </ul>
        "#);
    }

    #[test]
    fn an_odd_backtick_is_shown() {
        assert_eq!(words("a ` b").into_string(), "a ` b");
    }
}
