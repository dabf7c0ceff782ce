/**
 * A file belongs to one task. `synchronous = OFF` lets the system order the writes: a killed
 * process loses nothing, and a crash of the machine is recognized by its boot id.
 */
export const PRAGMAS = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = OFF;
  PRAGMA cache_size = -4096;
`;

export const CREATE_META = `
  CREATE TABLE IF NOT EXISTS state_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS changelog_offset (
    topic TEXT PRIMARY KEY,
    topic_id TEXT,
    next_offset INTEGER
  ) WITHOUT ROWID;
`;

export const SELECT_META = 'SELECT name, value FROM state_meta';

export const SET_META = `
  INSERT INTO state_meta (name, value) VALUES (?, ?)
  ON CONFLICT (name) DO UPDATE SET value = excluded.value
`;

export const SELECT_OFFSETS =
  'SELECT topic, topic_id AS topicId, next_offset AS nextOffset FROM changelog_offset';

export const SET_OFFSET = `
  INSERT INTO changelog_offset (topic, next_offset) VALUES (?, ?)
  ON CONFLICT (topic) DO UPDATE SET next_offset = excluded.next_offset
`;

export const SET_TOPIC_ID = `
  INSERT INTO changelog_offset (topic, topic_id) VALUES (?, ?)
  ON CONFLICT (topic) DO UPDATE SET topic_id = excluded.topic_id
`;

export const ROWS_PER_INSERT = 64;
const manyRows = Array(ROWS_PER_INSERT).fill('(?, ?)').join(', ');

/** The statements of one table of rows. Its name is that of the store. */
export const tableStatements = (name: string) => {
  const table = quoted(`store ${name}`);
  const heap = quoted(`restore ${name}`);
  const columns = 'k AS key, v AS value';
  return {
    create: `
      CREATE TABLE IF NOT EXISTS ${table} (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS ${heap} (i INTEGER PRIMARY KEY, k BLOB NOT NULL, v BLOB);
    `,
    get: `SELECT v AS value FROM ${table} WHERE k = ?`,
    put: `INSERT INTO ${table} (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`,
    delete: `DELETE FROM ${table} WHERE k = ?`,
    count: `SELECT count(*) AS count FROM ${table}`,
    ascending: `SELECT ${columns} FROM ${table} WHERE k >= ? ORDER BY k LIMIT ?`,
    ascendingBefore: `SELECT ${columns} FROM ${table} WHERE k >= ? AND k < ? ORDER BY k LIMIT ?`,
    descending: `SELECT ${columns} FROM ${table} WHERE k >= ? ORDER BY k DESC LIMIT ?`,
    descendingBefore: `SELECT ${columns} FROM ${table} WHERE k >= ? AND k < ? ORDER BY k DESC LIMIT ?`,
    existsBefore: `SELECT 1 FROM ${table} WHERE k < ? LIMIT 1`,
    deleteBefore: `DELETE FROM ${table} WHERE k IN (SELECT k FROM ${table} WHERE k < ? ORDER BY k LIMIT ?)`,
    heapCount: `SELECT count(*) AS count FROM ${heap}`,
    lastKey: `SELECT k AS key FROM ${table} ORDER BY k DESC LIMIT 1`,
    insertOne: `INSERT INTO ${table} (k, v) VALUES (?, ?)`,
    insertMany: `INSERT INTO ${table} (k, v) VALUES ${manyRows}`,
    heapOne: `INSERT INTO ${heap} (k, v) VALUES (?, ?)`,
    heapMany: `INSERT INTO ${heap} (k, v) VALUES ${manyRows}`,
    /**
     * Inserts rows into the tree in the order of their keys, which is several times faster than in
     * the order of the log. A deletion is briefly stored as a null.
     */
    settle: `
      INSERT INTO ${table} (k, v) SELECT k, v FROM ${heap} WHERE true ORDER BY k, i
      ON CONFLICT (k) DO UPDATE SET v = excluded.v
    `,
    settleDeletions: `DELETE FROM ${table} WHERE v IS NULL AND k IN (SELECT k FROM ${heap} WHERE v IS NULL)`,
    clearHeap: `DELETE FROM ${heap}`,
  };
};

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
