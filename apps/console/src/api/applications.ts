import type { ApplicationView, StoreEntry } from '@millrace/operations/contract';

type OfProcess = 'state' | 'notRunningSeconds' | 'failure' | 'remainingRecords' | 'tasks';

/** A stream application, with what each of its processes says of itself. */
export interface ShownApplication extends Omit<ApplicationView, OfProcess> {
  readonly processes: ReadonlyArray<Pick<ApplicationView, OfProcess> & { readonly process: string }>;
}

export interface ApplicationList {
  readonly applications: readonly ShownApplication[];
  /** The reasons why processes did not answer, one sentence each. */
  readonly missing: readonly string[];
}

/** What the processes of an application have of a store. */
export interface StoreEntries {
  readonly entries: ReadonlyArray<StoreEntry & { readonly process: string }>;
  /** Whether a process may have further entries. */
  readonly mayHaveMore: boolean;
  readonly missing: readonly string[];
}
