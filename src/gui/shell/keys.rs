//! From egui's keys to commands, by the one table of actions. Runs after everything was drawn, so a
//! text field or a table that took a key has already taken it.

use eframe::egui::{self, Context, Event, Key as EguiKey, Modifiers};

use crate::app::actions::ACTIONS;
use crate::app::keys::{Key, Shortcut};
use crate::app::state::Overlay;
use crate::app::{Command, State};

/// `was_typing` is what [`Context::text_edit_focused`] said a frame before: Escape takes the keyboard from a text field
/// before anything is drawn.
pub fn read(ctx: &Context, state: &State, has_log: bool, was_typing: bool, out: &mut Vec<Command>) {
    let typing = ctx.text_edit_focused();
    let presses: Vec<(EguiKey, Modifiers)> = ctx.input(|i| {
        let press = |event: &Event| match event {
            Event::Key { key, pressed: true, modifiers, .. } => Some((*key, *modifiers)),
            _ => None,
        };
        i.events.iter().filter_map(press).collect()
    });
    for (key, modifiers) in presses {
        let found = ACTIONS.iter().find(|action| {
            action.keys.iter().any(|&shortcut| matches(shortcut, key, modifiers) && !(typing && shortcut.types_text()))
        });
        let Some(action) = found else { continue };
        let closes = matches!(key, EguiKey::Escape);
        // The space bar presses the button that has the keyboard.
        if key == EguiKey::Space && ctx.memory(|m| m.focused().is_some()) {
            continue;
        }
        // The palette has the keys while it is open, but for those that close it.
        let shadowed = state.overlay != Overlay::None && !closes && !modifiers.command && key != EguiKey::F1;
        if shadowed || (action.needs_log && !has_log) {
            continue;
        }
        if closes && (typing || was_typing) && state.overlay == Overlay::None {
            continue;
        }
        out.push((action.command)());
    }
}

/// Whether a key press is this shortcut. Shift is part of signs such as `+` and `?`, so it does not
/// count there.
fn matches(shortcut: Shortcut, key: EguiKey, modifiers: Modifiers) -> bool {
    if egui_key(shortcut.key) != Some(key) {
        return false;
    }
    let is_sign = matches!(shortcut.key, Key::Char(c) if !c.is_ascii_alphanumeric());
    modifiers.command == shortcut.command
        && modifiers.alt == shortcut.alt
        && (is_sign || modifiers.shift == shortcut.shift)
}

fn egui_key(key: Key) -> Option<EguiKey> {
    Some(match key {
        Key::Char(c) => {
            return EguiKey::from_name(&c.to_string()).or(match c {
                '+' => Some(EguiKey::Plus),
                '-' => Some(EguiKey::Minus),
                '=' => Some(EguiKey::Equals),
                '/' => Some(EguiKey::Slash),
                '?' => Some(EguiKey::Questionmark),
                '[' => Some(EguiKey::OpenBracket),
                ']' => Some(EguiKey::CloseBracket),
                _ => None,
            });
        }
        Key::Left => EguiKey::ArrowLeft,
        Key::Right => EguiKey::ArrowRight,
        Key::Up => EguiKey::ArrowUp,
        Key::Down => EguiKey::ArrowDown,
        Key::Home => EguiKey::Home,
        Key::End => EguiKey::End,
        Key::Space => EguiKey::Space,
        Key::Escape => EguiKey::Escape,
        Key::Enter => EguiKey::Enter,
        Key::F(n) => return egui::Key::from_name(&format!("F{n}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shortcut_of_the_table_is_a_key_of_egui() {
        for action in ACTIONS {
            for shortcut in action.keys {
                assert!(egui_key(shortcut.key).is_some(), "{shortcut} of {:?}", action.label);
            }
        }
    }

    #[test]
    fn shift_counts_for_letters_and_arrows_but_not_for_signs() {
        let shift = Modifiers { shift: true, ..Modifiers::NONE };
        for (shortcut, key, modifiers, expected) in [
            (Shortcut::char('?'), EguiKey::Questionmark, shift, true),
            (Shortcut::char('+'), EguiKey::Plus, shift, true),
            (Shortcut::char('G'), EguiKey::G, Modifiers::NONE, true),
            (Shortcut::char('G'), EguiKey::G, shift, false),
            (Shortcut::key(Key::Left), EguiKey::ArrowLeft, shift, false),
            (Shortcut::key(Key::Left).shift(), EguiKey::ArrowLeft, shift, true),
            (Shortcut::char('0'), EguiKey::Num0, Modifiers::COMMAND, false),
            (Shortcut::command('0'), EguiKey::Num0, Modifiers::COMMAND, true),
        ] {
            assert_eq!(matches(shortcut, key, modifiers), expected, "{shortcut}");
        }
    }
}
