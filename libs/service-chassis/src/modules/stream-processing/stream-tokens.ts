import type { StreamsApp } from '@millrace/streams';
import type { Token } from '../../ground/provide.ts';

const shared = <Part>(name: string) => Symbol.for(name) as unknown as Token<Part>;

/** The token under which `StreamsModule` provides the `StreamsApp` of this id. */
export const streamsApp = (applicationId: string): Token<StreamsApp> =>
  shared(`millrace stream application ${applicationId}`);

/**
 * The token under which `StreamsModule` provides a store, such as a `ReadOnlyKeyValueStore`, to be
 * read as of the last commit. It has the keys of this process's tasks only. Its reads throw
 * `not_running` while the tasks do not run, as always in a process without the role `worker`.
 */
export const streamStore = (applicationId: string, storeName: string): Token<unknown> =>
  shared(`millrace store ${storeName} of stream application ${applicationId}`);
