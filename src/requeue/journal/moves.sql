-- Queues that a system was asked to move by itself. Added to journals that are there already: who does not know the
-- table can do without.
CREATE TABLE IF NOT EXISTS move_task (
  seq INTEGER PRIMARY KEY,
  step TEXT NOT NULL CHECK (step IN ('asked', 'started', 'refused', 'in_doubt', 'cancelling', 'cancelled')),
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  system TEXT NOT NULL,
  queue TEXT NOT NULL,
  target TEXT NOT NULL,
  rate INTEGER,
  handle TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS move_tasks_are_not_changed BEFORE UPDATE ON move_task
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER IF NOT EXISTS move_tasks_are_not_deleted BEFORE DELETE ON move_task
  BEGIN SELECT RAISE(ABORT, 'append-only'); END;
