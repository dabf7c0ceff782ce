import { createSecretKey, type KeyObject } from 'node:crypto';
import type { SqlDatabase, SqlRow } from '@millrace/streaming-core/postgres';
import { PersonalDataError, type KeyName, type SubjectState } from '@millrace/streaming-core/personal';
import { nameOf, type KeyRecord } from '../key-names.ts';

/** Finds keys and the states of their subjects, in the order of the arrays. */
const FIND_KEYS = `
  SELECT subject_key.key, subject_key.erased_at IS NOT NULL AS key_erased,
    subject.closing_at IS NOT NULL AS closing, subject.erased_at IS NOT NULL AS erased
  FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS wanted (holder, subject, number)
  LEFT JOIN subject_key USING (holder, subject)
  LEFT JOIN subject USING (subject)
  ORDER BY number`;

/**
 * Creates keys, but none for a subject that was erased, and returns the names of those that it has
 * created. The order of the inserts keeps two processes from waiting for each other.
 */
const CREATE_KEYS = `
  INSERT INTO subject_key (holder, subject, key)
  SELECT holder, subject, key
  FROM unnest($1::text[], $2::text[], $3::bytea[]) AS made (holder, subject, key)
  WHERE NOT EXISTS (SELECT FROM subject WHERE subject.subject = made.subject AND subject.erased_at IS NOT NULL)
  ORDER BY holder COLLATE "C", subject COLLATE "C"
  ON CONFLICT (holder, subject) DO NOTHING
  RETURNING holder, subject`;

export const CLOSE_SUBJECT = `
  INSERT INTO subject (subject, closing_at) VALUES ($1, clock_timestamp())
  ON CONFLICT (subject) DO UPDATE SET closing_at = subject.closing_at
  RETURNING closing_at, extract(epoch FROM clock_timestamp() - closing_at)::float8 * 1000 AS closing_for_ms`;

export const MARK_ERASED = `
  INSERT INTO subject (subject, closing_at, erased_at) VALUES ($1, clock_timestamp(), clock_timestamp())
  ON CONFLICT (subject) DO UPDATE SET erased_at = coalesce(subject.erased_at, excluded.erased_at)`;

/**
 * Destroys a key. If there was none, the row keeps one from being created, and says by its two times
 * that there was none.
 */
export const ERASE_KEY = `
  INSERT INTO subject_key (holder, subject, created_at, erased_at)
  SELECT $1, $2, now, now FROM (SELECT clock_timestamp() AS now) AS clock
  ON CONFLICT (holder, subject) DO UPDATE SET key = NULL, erased_at = coalesce(subject_key.erased_at, excluded.erased_at)
  RETURNING erased_at, created_at < erased_at AS had_key`;

export const FIND_SUBJECT = `
  SELECT closing_at, erased_at, extract(epoch FROM clock_timestamp() - closing_at)::float8 * 1000 AS closing_for_ms
  FROM subject WHERE subject = $1`;

/** Finds whether any holder has, or ever had, a key of the subject ($1). */
export const FIND_KNOWN = `
  SELECT EXISTS (
    SELECT FROM subject_key WHERE subject = $1 AND (key IS NOT NULL OR created_at < erased_at)
  ) AS known`;

export const FIND_ERASED_KEYS = `
  SELECT holder, erased_at, extract(epoch FROM clock_timestamp() - erased_at)::float8 * 1000 AS erased_for_ms
  FROM subject_key WHERE subject = $1 AND erased_at IS NOT NULL ORDER BY holder`;

/**
 * Writes the table into new files. A plain VACUUM would leave the bytes of destroyed keys in the
 * free space of its pages. It takes an exclusive lock for its duration.
 */
export const REWRITE_KEYS = `VACUUM (FULL) subject_key`;

/** Makes the next checkpoint remove the files of the write-ahead log that contain destroyed keys. */
export const SWITCH_WAL = `SELECT pg_switch_wal()`;
export const CHECKPOINT = `CHECKPOINT`;

type FoundKey = {
  readonly key: Buffer | null;
  readonly key_erased: boolean;
  readonly closing: boolean;
  readonly erased: boolean;
};

/** Finds keys with one statement. The records have the order of the names. */
export async function findKeys(
  database: SqlDatabase,
  names: readonly KeyName[],
): Promise<readonly KeyRecord[]> {
  const { rows } = await answered(
    database.query<FoundKey>(FIND_KEYS, [names.map(({ holder }) => holder), subjectsOf(names)]),
  );
  return rows.map(toRecord);
}

/**
 * Creates the keys that do not exist, and returns them by the names that `nameOf` gives them. Keys
 * that another process has created meanwhile are left out, as are those of erased subjects.
 */
export async function createKeys(
  database: SqlDatabase,
  names: readonly KeyName[],
  newKey: () => Uint8Array,
): Promise<ReadonlyMap<string, KeyObject>> {
  const keys = names.map(newKey);
  const created = new Map(names.map((name, index) => [nameOf(name), createSecretKey(keys[index]!)]));
  try {
    const holders = names.map(({ holder }) => holder);
    const { rows } = await answered(
      database.query<KeyName & SqlRow>(CREATE_KEYS, [holders, subjectsOf(names), keys]),
    );
    const own = new Set(rows.map(nameOf));
    return new Map([...created].filter(([name]) => own.has(name)));
  } finally {
    for (const key of keys) key.fill(0);
  }
}

/**
 * Wraps every error of the database, so that a caller knows that no message is at fault. The cause
 * is left out, because the details of PostgreSQL's errors can contain the row and its key.
 */
export async function answered<Answer>(asking: Promise<Answer>): Promise<Answer> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof PersonalDataError) throw error;
    throw new PersonalDataError(
      'keys_unavailable',
      `the database of the keys did not answer: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

const subjectsOf = (names: readonly KeyName[]) => names.map(({ subject }) => subject);

function toRecord(row: FoundKey): KeyRecord {
  return { key: keyIn(row), subjectState: stateIn(row) };
}

function keyIn({ key, key_erased, erased }: FoundKey): KeyRecord['key'] {
  if (key === null) return key_erased || erased ? 'erased' : 'missing';
  const held = createSecretKey(key);
  key.fill(0);
  return held;
}

function stateIn({ closing, erased }: FoundKey): SubjectState {
  if (erased) return 'erased';
  return closing ? 'closing' : 'active';
}
