//! Keys as data, without egui, so that the table of shortcuts can be tested and printed anywhere.

use std::fmt;

/// The keys that shortcuts use. Letters are capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    Char(char),
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    Space,
    Escape,
    Enter,
    F(u8),
}

/// A key with its modifiers. `command` is Ctrl, and Cmd on macOS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Shortcut {
    pub command: bool,
    pub shift: bool,
    pub alt: bool,
    pub key: Key,
}

impl Shortcut {
    #[must_use]
    pub const fn key(key: Key) -> Self {
        Self { command: false, shift: false, alt: false, key }
    }

    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::key(Key::Char(c))
    }

    #[must_use]
    pub const fn command(c: char) -> Self {
        Self { command: true, ..Self::char(c) }
    }

    #[must_use]
    pub const fn with_command(self) -> Self {
        Self { command: true, ..self }
    }

    #[must_use]
    pub const fn shift(self) -> Self {
        Self { shift: true, ..self }
    }

    #[must_use]
    pub const fn alt(self) -> Self {
        Self { alt: true, ..self }
    }

    /// Keys without Ctrl or Alt belong to a text field while one has the keyboard, and so does undo.
    #[must_use]
    pub fn types_text(self) -> bool {
        let undoes = self.command && matches!(self.key, Key::Char('Z' | 'Y') | Key::Left | Key::Right);
        undoes || !self.command && !self.alt && !matches!(self.key, Key::F(_) | Key::Escape)
    }

    /// The caps to draw, in order: `["Ctrl", "K"]`.
    #[must_use]
    pub fn caps(self) -> Vec<String> {
        let mac = cfg!(target_os = "macos");
        let mut caps = Vec::with_capacity(4);
        if self.command {
            caps.push(if mac { "⌘" } else { "Ctrl" }.to_owned());
        }
        if self.alt {
            caps.push(if mac { "⌥" } else { "Alt" }.to_owned());
        }
        if self.shift {
            caps.push(if mac { "⇧" } else { "Shift" }.to_owned());
        }
        caps.push(self.key.to_string());
        caps
    }
}

impl fmt::Display for Shortcut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.caps().join("+"))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Char(c) => write!(f, "{c}"),
            Self::Left => f.write_str("←"),
            Self::Right => f.write_str("→"),
            Self::Up => f.write_str("↑"),
            Self::Down => f.write_str("↓"),
            Self::Home => f.write_str("Home"),
            Self::End => f.write_str("End"),
            Self::Space => f.write_str("Space"),
            Self::Escape => f.write_str("Esc"),
            Self::Enter => f.write_str("Enter"),
            Self::F(n) => write!(f, "F{n}"),
        }
    }
}
