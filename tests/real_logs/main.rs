//! Logs that other people's systems wrote, opened without a mapping: what they hold was counted
//! independently of this program.

mod damage;
mod facts;
mod folders;
mod log;
mod state;
