//! Fenced blocks of Markdown files, with the headings they stand under.

/// A fenced block.
#[derive(Debug, Clone)]
pub struct Block {
    /// The headings it stands under, outermost first, joined by ` > `.
    pub heading: String,
    /// What stands behind the fence: `plast in=rule norun`.
    pub info: String,
    /// The line of its first line of text in the file, from 1.
    pub line: usize,
    /// The text between the fences.
    pub text: String,
}

impl Block {
    /// Whether a word stands behind the fence.
    pub fn has(&self, word: &str) -> bool {
        self.info.split_whitespace().any(|w| w == word)
    }

    /// The value of `key=value` behind the fence.
    pub fn option(&self, key: &str) -> Option<&str> {
        self.info.split_whitespace().find_map(|w| w.strip_prefix(key)?.strip_prefix('='))
    }

    /// The language: the first word behind the fence.
    pub fn language(&self) -> &str {
        self.info.split_whitespace().next().unwrap_or("")
    }
}

/// The fenced blocks of a text, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut headings: Vec<(usize, String)> = Vec::new();
    let mut open: Option<usize> = None;
    for (i, line) in text.lines().enumerate() {
        let ticks = line.chars().take_while(|c| *c == '`').count();
        if let Some(opened) = open {
            if ticks >= opened && line.trim_end().len() == ticks {
                open = None;
            } else if let Some(block) = found.last_mut() {
                block.text.push_str(line);
                block.text.push('\n');
            }
        } else if ticks >= 3 {
            open = Some(ticks);
            let heading = headings.iter().map(|h| h.1.as_str()).collect::<Vec<_>>().join(" > ");
            found.push(Block {
                heading,
                info: line[ticks..].trim().into(),
                line: i + 2,
                text: String::new(),
            });
        } else if line.starts_with('#') {
            let level = line.chars().take_while(|c| *c == '#').count();
            headings.retain(|h| h.0 < level);
            headings.push((level, line[level..].trim().to_owned()));
        }
    }
    assert!(open.is_none(), "a block is not closed");
    found
}

#[test]
fn blocks_know_their_headings_and_lines() {
    let found = blocks("# A\n```plast in=rule\nx\n```\n## B\n### C\n```\ny\n```\n## D\n````sh\n```\n````\n");
    let heads: Vec<(&str, &str, usize, &str)> =
        found.iter().map(|b| (b.heading.as_str(), b.language(), b.line, b.text.as_str())).collect();
    assert_eq!(heads, [("A", "plast", 3, "x\n"), ("A > B > C", "", 8, "y\n"), ("A > D", "sh", 12, "```\n")]);
    assert_eq!(found[0].option("in"), Some("rule"));
}
