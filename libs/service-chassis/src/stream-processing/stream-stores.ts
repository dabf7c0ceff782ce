import type { StateStore, StreamsApp } from '@millrace/streams';

/**
 * The stores of one name that this process has, one for each of its tasks. Throws `not_running`
 * until the tasks run, and in a process without the role `worker`.
 */
export type StreamStores<Store extends StateStore = StateStore> = () => readonly Store[];

/**
 * The token under which `StreamsModule` provides the `StreamStores` of a store. The application id
 * tells stores of the same name apart.
 */
export const streamStores = (applicationId: string, storeName: string): symbol =>
  Symbol.for(`millrace stores ${storeName} of ${applicationId}`);

export const storesOf =
  (app: StreamsApp, storeName: string): StreamStores =>
  () =>
    app.stores(storeName);
