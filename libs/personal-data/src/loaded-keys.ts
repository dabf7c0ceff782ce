import type { KeyObject } from 'node:crypto';
import {
  erased,
  PersonalDataError,
  type KeyName,
  type LoadedKeys,
  type SealedValue,
  type SubjectState,
} from '@millrace/streaming-core/personal';
import { decrypt, encrypt } from './cipher.ts';
import { nameOf } from './key-names.ts';
import type { KeyRecord, NamedRecord } from './key-record.ts';

export type LoadedRecords = ReadonlyMap<string, NamedRecord>;

export interface LoadedKeysOptions {
  /** Returns 12 random bytes. */
  readonly newNonce: () => Uint8Array;
  readonly seals: boolean;
}

/** Seals and opens with keys that were loaded together. */
export function loadedKeys(records: LoadedRecords, { newNonce, seals }: LoadedKeysOptions): LoadedKeys {
  const recordOf = (key: KeyName): KeyRecord => {
    const record = records.get(nameOf(key));
    if (record === undefined)
      throw new TypeError(
        `the key of ${key.holder} for ${key.subject} was not loaded; name it when the keys are loaded`,
      );
    return record;
  };
  const states = new Map<string, SubjectState>();
  for (const { subject, subjectState } of records.values()) states.set(subject, subjectState);
  return {
    seal(name, context, value) {
      const { key } = recordOf(name);
      if (key === 'missing') throw missing(name);
      if (!seals && key !== 'erased') return value;
      const data = key === 'erased' ? '' : encrypt(key, newNonce(), context, JSON.stringify(value));
      return { sealed: 1, subject: name.subject, data } satisfies SealedValue;
    },
    open(holder, context, { subject, data }) {
      const { key } = recordOf({ holder, subject });
      if (key === 'erased' || data === '') return erased;
      if (key === 'missing') throw missing({ holder, subject });
      return opened(key, context, data, { holder, subject });
    },
    subjectState(subject) {
      const state = states.get(subject);
      if (state === undefined)
        throw new TypeError(`no key of ${subject} was loaded; name one when the keys are loaded`);
      return state;
    },
  };
}

function opened(key: KeyObject, context: string, data: string, name: KeyName): unknown {
  const text = decrypt(key, context, data);
  if (text === undefined)
    throw new PersonalDataError(
      'unreadable',
      `data of ${name.subject} does not open with the key of ${name.holder} as ${context}: ` +
        'it is damaged, was sealed for another place, or that key was lost and replaced ' +
        '(then restore the backup of the keys)',
    );
  return JSON.parse(text) as unknown;
}

const missing = ({ holder, subject }: KeyName): PersonalDataError =>
  new PersonalDataError(
    'key_missing',
    `the key of ${holder} for ${subject} is missing, and no erasure destroyed it; ` +
      'restore the backup of the keys, or correct KEYS_DATABASE_URL',
  );
