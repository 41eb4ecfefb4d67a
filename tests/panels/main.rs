//! The panels with a small log, headless: clicks by accessible label, and pictures in both themes
//! (`image-tests`; drawn by a software device).

mod bank;
mod compare;
mod delivery;
mod entities;
mod events;
mod filter;
mod harness;
mod inspector;
mod mapping;
mod overview;
mod problems;
mod reducer;
mod timeline;
mod whatif;
