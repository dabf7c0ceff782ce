import type { KeyObject } from 'node:crypto';
import type { KeyName, SubjectState } from '@millrace/streaming-core/personal';

/** A key as the database has it. */
export interface KeyRecord {
  /** `missing` if the key never existed, or if the database has lost it. */
  readonly key: KeyObject | 'erased' | 'missing';
  readonly subjectState: SubjectState;
}

export type NamedRecord = KeyRecord & KeyName;
