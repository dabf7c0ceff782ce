import type { SealedValue } from './sealed-value.ts';
import { CodedError, type errors } from '../runtime/errors.ts';

export type PersonalDataErrorCode = keyof typeof errors.personalData;

/** Neither its message nor its causes contain personal data or a key. */
export class PersonalDataError extends CodedError<PersonalDataErrorCode> {
  override readonly name = 'PersonalDataError';
}

/** A key protects the copy that one service, the holder, has of one person's data. */
export interface KeyName {
  readonly holder: string;
  /** A pseudonym of the person. */
  readonly subject: string;
}

/**
 * - `active`: nobody has asked for an erasure.
 * - `closing`: an erasure has begun. The keys still exist, so that open work can end.
 * - `erased`: at least one holder has destroyed its key.
 */
export type SubjectState = 'active' | 'closing' | 'erased';

/** Keys that were loaded together. Use them at once and drop them, because a key can be destroyed. */
export interface LoadedKeys {
  /**
   * Encrypts a JSON value. The context names the place of the value, such as its event id, and the
   * value opens only there. Returns a `SealedValue`, which is empty if the key was destroyed. Returns
   * the value itself while sealing is off, because processes are running that cannot open it.
   */
  seal(key: KeyName, context: string, value: unknown): unknown;
  /**
   * Decrypts a value for a holder, or returns `erased` if the key was destroyed. Throws
   * `PersonalDataError` if the key is lost, or if the value was damaged or sealed for another place.
   */
  open(holder: string, context: string, sealed: SealedValue): unknown;
  /** The state of a subject that one of the keys belongs to. */
  subjectState(subject: string): SubjectState;
}

/**
 * Seals and opens personal data with a key for each holder and subject, which erasure destroys. The
 * library `personal-data` implements it. Both calls run at most one statement for all keys that
 * this process does not hold, and reject with `PersonalDataError` (`keys_unavailable`) if the
 * database of the keys does not answer.
 */
export interface PersonalData {
  /** Loads keys and creates those that never existed. */
  keysToSeal(names: readonly KeyName[]): Promise<LoadedKeys>;
  /** Loads keys for reading. */
  keysToOpen(names: readonly KeyName[]): Promise<LoadedKeys>;
}

/** A service that seals and opens with keys of its own. */
export interface Holder {
  readonly name: string;
  readonly personalData: PersonalData;
}
