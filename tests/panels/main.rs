//! The panels with a small log, headless: clicks by accessible label, and pictures in both themes
//! (`image-tests`; drawn by a software device).

mod bank;
mod entities;
mod events;
mod filter;
mod harness;
mod history;
mod inspector;
mod mapping;
mod overview;
mod problems;
mod state;
mod timeline;
