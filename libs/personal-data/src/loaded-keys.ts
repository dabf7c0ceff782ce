import { type KeyObject, createCipheriv, createDecipheriv } from 'node:crypto';
import {
  erased,
  PersonalDataError,
  type KeyName,
  type LoadedKeys,
  type SealedValue,
  type SubjectState,
} from '@millrace/streaming-core/personal';
import { nameOf, type KeyRecord, type NamedRecord } from './key-names.ts';

type LoadedRecords = ReadonlyMap<string, NamedRecord>;

interface LoadedKeysOptions {
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

/** AES-256-GCM as NIST SP 800-38D recommends it: nonces of 96 bits and tags of 128 bits. */
const algorithm = 'aes-256-gcm';
export const keyBytes = 32;
export const nonceBytes = 12;
const tagBytes = 16;

/**
 * Encrypts a text and binds it to its context. The nonce must be random or new. With random nonces
 * a key may encrypt 2^32 texts (NIST SP 800-38D, 8.3).
 */
export function encrypt(key: KeyObject, nonce: Uint8Array, context: string, text: string): string {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(context));
  const encrypted = cipher.update(text, 'utf8');
  cipher.final();
  return Buffer.concat([nonce, encrypted, cipher.getAuthTag()]).toString('base64url');
}

/** Undefined if the data was damaged, or encrypted with another key or for another context. */
export function decrypt(key: KeyObject, context: string, data: string): string | undefined {
  const bytes = Buffer.from(data, 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-tagBytes));
  const text = decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8');
  try {
    return text + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
