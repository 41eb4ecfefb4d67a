-- The journal of requeues. Events are only ever added; an item's phase is its last event.
CREATE TABLE plan (
  id TEXT PRIMARY KEY,
  system TEXT NOT NULL,
  made_at TEXT NOT NULL,
  rate REAL,
  canary TEXT NOT NULL,
  observe_ms INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  added_by TEXT NOT NULL
) STRICT;

-- `letter` and `message` are records of messages, whole: nothing is lost when retention removes the letter.
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  requeue_id TEXT NOT NULL UNIQUE,
  letter_id TEXT NOT NULL,
  plan TEXT NOT NULL REFERENCES plan (id),
  attempt INTEGER NOT NULL,
  fingerprint TEXT NOT NULL,
  cause TEXT NOT NULL,
  target TEXT NOT NULL,
  settles INTEGER NOT NULL,
  has_twins INTEGER NOT NULL,
  letter BLOB NOT NULL,
  message BLOB NOT NULL
) STRICT;
CREATE INDEX item_by_letter ON item (letter_id);
CREATE INDEX item_by_plan ON item (plan);

-- What an outlet needs to find a batch again.
CREATE TABLE mark (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;

CREATE TABLE event (
  seq INTEGER PRIMARY KEY,
  item INTEGER NOT NULL REFERENCES item (id),
  phase TEXT NOT NULL CHECK (phase IN
    ('planned', 'claimed', 'sending', 'confirmed', 'settled', 'ambiguous', 'failed', 'discarded')),
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  detail TEXT NOT NULL,
  mark INTEGER REFERENCES mark (id)
) STRICT;
CREATE INDEX event_by_item ON event (item, seq);
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON event BEGIN SELECT RAISE(ABORT, 'append-only'); END;

-- Where each item stands: the phase of its last event, kept so that open ones are found at once.
CREATE TABLE standing (item INTEGER PRIMARY KEY REFERENCES item (id), phase TEXT NOT NULL) STRICT;
CREATE INDEX standing_by_phase ON standing (phase);
CREATE TRIGGER events_tell_where_items_stand AFTER INSERT ON event BEGIN
  INSERT INTO standing (item, phase) VALUES (NEW.item, NEW.phase)
    ON CONFLICT (item) DO UPDATE SET phase = excluded.phase;
END;

-- A letter on its way has one claim; the primary key is what stops a second one.
CREATE TABLE claim (
  letter_id TEXT PRIMARY KEY,
  item INTEGER NOT NULL UNIQUE REFERENCES item (id),
  runner TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Letters that were put back and failed again.
CREATE TABLE came_back (
  item INTEGER NOT NULL REFERENCES item (id),
  place TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (item, place)
) STRICT;

-- Of letters (by their ids) and groups (by their fingerprints).
CREATE TABLE note (seq INTEGER PRIMARY KEY, subject TEXT NOT NULL, at INTEGER NOT NULL, who TEXT NOT NULL, text TEXT NOT NULL)
  STRICT;
CREATE TABLE archived (subject TEXT PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL) STRICT;
