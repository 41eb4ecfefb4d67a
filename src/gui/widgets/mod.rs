//! egui parts that know no data: they are given text, numbers and colours by role.
//!
//! Each gives its clickable parts an accessible label and shows a ring where the keyboard is.

pub mod chip;
pub mod code;
pub mod hex;
pub mod json;
pub mod keycap;
pub mod parts;
pub mod sparkline;
pub mod table;
pub mod text;
