import type { ApplicationView, StoreEntry } from '@millrace/operations/contract';

type OfProcess = 'state' | 'notRunningSeconds' | 'failure' | 'remainingRecords' | 'tasks';

/** A stream application, with the state that each of its processes reports. */
export interface ShownApplication extends Omit<ApplicationView, OfProcess> {
  readonly processes: ReadonlyArray<Pick<ApplicationView, OfProcess> & { readonly process: string }>;
}

export interface ApplicationList {
  readonly applications: readonly ShownApplication[];
  /** The reasons why processes did not answer, one sentence each. */
  readonly missing: readonly string[];
}

/** The entries of a store, by process. */
export interface StoreEntries {
  readonly entries: ReadonlyArray<StoreEntry & { readonly process: string }>;
  /** Whether at least one process could read the store. */
  readonly wasRead: boolean;
  /** Whether a process may have further entries. */
  readonly mayHaveMore: boolean;
  readonly missing: readonly string[];
}
