import { StreamsError } from './streams-error.ts';

/**
 * What the queries of a store see: `committed` is the last commit, and `latest` also what is done since
 * and may be undone.
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
