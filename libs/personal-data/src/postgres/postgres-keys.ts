import { createSecretKey, type KeyObject } from 'node:crypto';
import type { SqlDatabase, SqlRow } from '@millrace/streaming-core/postgres';
import { PersonalDataError, type KeyName, type SubjectState } from '@millrace/streaming-core/personal';
import { nameOf } from '../key-names.ts';
import type { KeyRecord } from '../key-record.ts';
import { CREATE_KEYS, FIND_KEYS } from './subject-keys.sql.ts';

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
