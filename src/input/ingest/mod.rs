//! Threads that read, decode and commit: the only writers of the store.
