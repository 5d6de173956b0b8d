/**
 * The schema of a workspace's database as a list of migrations. A released migration is never changed; new versions
 * append one. `user_version` is the number of migrations applied.
 *
 * JSON columns hold values that are only read as a whole; what queries filter or sort by has its own column. Columns of
 * training figures allow NULL, as which SQLite stores NaN.
 */

const FIRST_TABLES = `
  CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    document TEXT NOT NULL,
    saved_document TEXT NOT NULL,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE datasets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    source TEXT,
    format TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    height INTEGER NOT NULL,
    width INTEGER NOT NULL,
    classes TEXT NOT NULL,
    count INTEGER NOT NULL,
    reject_count INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    mean TEXT NOT NULL,
    std TEXT NOT NULL,
    preparation TEXT NOT NULL,
    split_seed INTEGER NOT NULL,
    fingerprint TEXT NOT NULL
  ) STRICT;

  CREATE TABLE images (
    dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    idx INTEGER NOT NULL,
    path TEXT NOT NULL,
    label INTEGER NOT NULL,
    split TEXT NOT NULL,
    hash BLOB NOT NULL,
    box TEXT,
    PRIMARY KEY (dataset, idx)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX images_by_class ON images (dataset, split, label);

  CREATE TABLE rejects (
    dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX rejects_by_dataset ON rejects (dataset);

  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    project TEXT REFERENCES projects (id) ON DELETE SET NULL,
    project_name TEXT NOT NULL,
    name TEXT NOT NULL,
    dataset_id TEXT REFERENCES datasets (id) ON DELETE SET NULL,
    dataset TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT,
    document TEXT NOT NULL,
    settings TEXT NOT NULL,
    environment TEXT NOT NULL,
    data_fingerprint TEXT NOT NULL,
    seed INTEGER NOT NULL,
    epochs INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    parameters INTEGER NOT NULL,
    seconds REAL NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    weight_hash TEXT,
    metrics TEXT NOT NULL
  ) STRICT;
  CREATE INDEX runs_by_start ON runs (started_at);
  CREATE INDEX runs_by_project ON runs (project);
  CREATE INDEX runs_by_dataset ON runs (dataset_id);

  CREATE TABLE steps (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    loss REAL,
    accuracy REAL,
    learning_rate REAL,
    seconds REAL,
    PRIMARY KEY (run, step)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE epochs (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    train_loss REAL,
    train_accuracy REAL,
    val_loss REAL,
    val_accuracy REAL,
    validated INTEGER NOT NULL,
    PRIMARY KEY (run, epoch)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE checkpoints (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    path TEXT NOT NULL,
    step INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (run, path)
  ) STRICT, WITHOUT ROWID;
`;

/** The library of blocks, shared by all projects. */
const LIBRARY = `
  CREATE TABLE blocks (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    content TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;
`;

/** Boxes and masks; all metrics of an epoch; evaluations; health. */
const ANSWERS = `
  ALTER TABLE datasets ADD COLUMN boxes INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE datasets ADD COLUMN mask_classes TEXT NOT NULL DEFAULT '[]';
  UPDATE datasets SET boxes = 1, mask_classes = '["ground","shape"]' WHERE format = 'shapes';

  ALTER TABLE epochs ADD COLUMN metrics TEXT NOT NULL DEFAULT '{}';

  CREATE TABLE evaluations (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    split TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    step INTEGER NOT NULL,
    heads TEXT NOT NULL,
    losses BLOB NOT NULL,
    PRIMARY KEY (run, split)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE health (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    nodes TEXT NOT NULL,
    PRIMARY KEY (run, step)
  ) STRICT, WITHOUT ROWID;
`;

/** The latest outputs for a run's sample images, packed because masks are large. */
const SAMPLES = `
  CREATE TABLE samples (
    run TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    step INTEGER NOT NULL,
    images BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

/** Tags and notes of runs, the queue, sweeps, predictions, and the bin. */
const EXPERIMENTS = `
  CREATE TABLE sweeps (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    plan TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  ALTER TABLE runs ADD COLUMN notes TEXT NOT NULL DEFAULT '';
  ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE runs ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE runs ADD COLUMN sweep TEXT REFERENCES sweeps (id) ON DELETE SET NULL;
  ALTER TABLE runs ADD COLUMN queue_place INTEGER;
  ALTER TABLE runs ADD COLUMN origin TEXT;
  ALTER TABLE runs ADD COLUMN deleted_at INTEGER;
  CREATE INDEX runs_by_sweep ON runs (sweep);

  ALTER TABLE evaluations ADD COLUMN predictions BLOB;
`;

/**
 * Versions: the current one is in `datasets` and `images`; earlier ones are stored as labels and splits by position in
 * the cache. Images get columns to find duplicates and to recognise their files.
 */
const VERSION_TABLES = `
  ALTER TABLE datasets ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
  ALTER TABLE datasets ADD COLUMN versioned_at INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE datasets ADD COLUMN change TEXT NOT NULL DEFAULT 'imported';
  ALTER TABLE datasets ADD COLUMN renewable INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE datasets ADD COLUMN options TEXT NOT NULL
    DEFAULT '{"size":null,"fit":"contain","colour":"auto","normalise":"dataset"}';
  ALTER TABLE datasets ADD COLUMN split_rule TEXT NOT NULL
    DEFAULT '{"by":"source","val":0.1,"test":0.1,"seed":1}';
  ALTER TABLE datasets ADD COLUMN notes TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE datasets ADD COLUMN cache_stamp TEXT NOT NULL DEFAULT '';
  UPDATE datasets SET versioned_at = created_at, renewable = source IS NULL OR source NOT LIKE '% (uploaded)';

  ALTER TABLE images ADD COLUMN given_split TEXT;
  ALTER TABLE images ADD COLUMN stamp TEXT NOT NULL DEFAULT '';
  ALTER TABLE images ADD COLUMN width INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE images ADD COLUMN height INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE images ADD COLUMN mask_hash BLOB;
  ALTER TABLE images ADD COLUMN moments BLOB;
  ALTER TABLE images ADD COLUMN look BLOB;
  ALTER TABLE images ADD COLUMN twins INTEGER;
  ALTER TABLE images ADD COLUMN flags INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX images_by_twins ON images (dataset, twins) WHERE twins IS NOT NULL;

  CREATE TABLE versions (
    dataset TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    change TEXT NOT NULL,
    classes TEXT NOT NULL,
    count INTEGER NOT NULL,
    mean TEXT NOT NULL,
    std TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    labels BLOB NOT NULL,
    splits BLOB NOT NULL,
    PRIMARY KEY (dataset, version)
  ) STRICT;
`;

/**
 * Files and folders of the workspace to be removed. They are recorded in the transaction that deletes their rows, and
 * removed after it: at once, or, where `waits` is 1, when the workspace is opened next.
 */
const REMOVALS = `
  CREATE TABLE removals (
    path TEXT PRIMARY KEY,
    waits INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
`;

export const MIGRATIONS: readonly string[] = [
  FIRST_TABLES,
  LIBRARY,
  ANSWERS,
  SAMPLES,
  EXPERIMENTS,
  VERSION_TABLES,
  REMOVALS,
];
