import { createSecretKey } from 'node:crypto';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { PersonalDataError, type KeyName, type SubjectState } from '@millrace/streaming-core/personal';
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

/** Creates the keys that do not exist. Concurrent callers agree on one key. */
export async function createKeys(
  database: SqlDatabase,
  names: readonly KeyName[],
  newKey: () => Uint8Array,
): Promise<void> {
  const keys = names.map(newKey);
  try {
    await answered(database.query(CREATE_KEYS, [names.map(({ holder }) => holder), subjectsOf(names), keys]));
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
