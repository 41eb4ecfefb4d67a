//! Where bytes come from. ★ Filled by its members.
