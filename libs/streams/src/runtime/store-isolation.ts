import { StreamsError } from './streams-error.ts';

/**
 * The data that queries of a store read: with `committed` the last commit, and with `latest` also the
 * open transaction, which may still be undone.
 */
export type StoreIsolation = 'committed' | 'latest';

export interface StoreQueryOptions {
  /** Default: `committed`. */
  readonly isolation?: StoreIsolation;
}

/** Throws `setting_invalid`. */
export function isolationOf({ isolation = 'committed' }: StoreQueryOptions): StoreIsolation {
  if (isolation === 'committed' || isolation === 'latest') return isolation;
  throw new StreamsError(
    'setting_invalid',
    `isolation is ${JSON.stringify(isolation)}: give committed or latest`,
  );
}
