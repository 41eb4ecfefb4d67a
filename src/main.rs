//! Arguments → command line or window.

fn main() {}
