//! Panels. ★
