import type { SqlTransaction, Queryable } from '@millrace/streaming-core/postgres';

/** A person whose data is to be erased. */
export interface ErasedSubject {
  /** The pseudonym of the person. */
  readonly subject: string;
  /** Ids after which the service names what it has about the person, such as those of orders. */
  readonly ids: readonly string[];
}

/** The names of what is still open, by kind, such as `{ calls: ['17:pay'] }`. */
export type OpenWork = Readonly<Record<string, readonly string[]>>;

/** What only a service itself knows about the personal data that it has. */
export interface PersonalRecords {
  /** The streams about the subject, in which releases without keys left plain text. */
  streams(transaction: Queryable, subject: ErasedSubject): Promise<readonly string[]> | readonly string[];
  /** The keys of the external calls that carry personal data. Without it, the service makes none. */
  readonly calls?: (ids: readonly string[]) => readonly string[];
  /**
   * Work that still needs the data, besides external calls. At most `limit` names of a kind.
   */
  readonly openWork?: (transaction: Queryable, subject: string, limit: number) => Promise<OpenWork>;
  /** Clears whatever else holds plain text, and returns how many rows of which kind. */
  readonly clear?: (
    transaction: SqlTransaction,
    subject: ErasedSubject,
  ) => Promise<Readonly<Record<string, number>>>;
}
