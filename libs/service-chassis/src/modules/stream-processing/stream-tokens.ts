/** The token under which `StreamsModule` provides the `StreamsApp` of this id. */
export const streamsApp = (applicationId: string): symbol =>
  Symbol.for(`millrace stream application ${applicationId}`);

/**
 * The token under which `StreamsModule` provides a store, such as a `ReadOnlyKeyValueStore`, to be
 * read as of the last commit. It has the keys of this process's tasks only. Its reads throw
 * `not_running` while the tasks do not run, as always in a process without the role `worker`.
 */
export const streamStore = (applicationId: string, storeName: string): symbol =>
  Symbol.for(`millrace store ${storeName} of stream application ${applicationId}`);
