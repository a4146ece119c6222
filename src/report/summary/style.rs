/// How text is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether signs beyond ASCII may be used.
    pub unicode: bool,
    /// Whether colours are used.
    pub color: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 100, unicode: true, color: false }
    }
}

/// What a piece of text is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Good,
    Bad,
    Strong,
    Faint,
}

impl Style {
    /// Colours a text by its role, if colours are used.
    pub(crate) fn paint(&self, role: Role, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_string();
        }
        let code = match role {
            Role::Good => "32",
            Role::Bad => "31",
            Role::Strong => "1",
            Role::Faint => "2",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// A text as good news.
    pub fn good(&self, text: &str) -> String {
        self.paint(Role::Good, text)
    }

    /// A text as bad news.
    pub fn bad(&self, text: &str) -> String {
        self.paint(Role::Bad, text)
    }

    pub(crate) fn tick(&self) -> &'static str {
        if self.unicode { "✓" } else { "ok" }
    }

    pub(crate) fn cross(&self) -> &'static str {
        if self.unicode { "✗" } else { "FAILED" }
    }

    pub(crate) fn skipped(&self) -> &'static str {
        if self.unicode { "○" } else { "skipped" }
    }

    pub(crate) fn dot(&self) -> &'static str {
        if self.unicode { " · " } else { ", " }
    }
}
