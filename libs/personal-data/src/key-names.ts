import {
  PersonalDataError,
  subjectCharactersMax,
  type KeyName,
  type SubjectState,
} from '@millrace/streaming-core/personal';
import type { KeyObject } from 'node:crypto';

/** A key as the database has it. */
export interface KeyRecord {
  /** `missing` if the key never existed, or if the database has lost it. */
  readonly key: KeyObject | 'erased' | 'missing';
  readonly subjectState: SubjectState;
}

export type NamedRecord = KeyRecord & KeyName;

const holderCharactersMax = 63;

/** A text that identifies the key. The length of the holder's name makes it unambiguous. */
export const nameOf = ({ holder, subject }: KeyName): string => `${holder.length}:${holder}:${subject}`;

export function refuseName({ holder, subject }: KeyName): void {
  refuseText('holder', holder, holderCharactersMax);
  refuseText('subject', subject, subjectCharactersMax);
}

function refuseText(what: string, name: string, charactersMax: number): void {
  if (name.length === 0 || name.length > charactersMax)
    throw new PersonalDataError(
      'invalid_name',
      `the name of a ${what} must have 1 to ${charactersMax} characters, but this one has ${name.length}`,
    );
  if (name.includes('\0'))
    throw new PersonalDataError(
      'invalid_name',
      `the name of a ${what} has a NUL, which PostgreSQL does not store`,
    );
}
