//! State, commands and what carries them out; no egui.
