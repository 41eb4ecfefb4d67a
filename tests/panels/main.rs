//! The panels with a small log, headless: clicks by accessible label, and pictures in both themes
//! (`image-tests`; drawn by a software device).

mod accounts;
mod bank;
mod bodies;
mod chain;
mod chain_drawings;
mod chains;
mod compare;
mod dead_letters;
mod delivery;
mod entities;
mod events;
mod filter;
mod harness;
mod history;
mod inspector;
mod journeys;
mod lint;
mod map;
mod mapping;
mod moves;
mod overview;
mod problems;
mod read_model;
mod reducer;
mod requeue;
mod sorting;
mod sql;
mod state;
mod timeline;
mod whatif;
