import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { v7 } from 'uuid';
import { event, type AppendToNew } from './append-load.ts';

/** The part of Emmett's PostgreSQL store that is measured. */
interface EmmettStore {
  appendToStream(
    stream: string,
    events: readonly { readonly type: string; readonly data: unknown }[],
    options: { readonly expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' },
  ): Promise<unknown>;
  close(): Promise<void>;
  readonly schema: { migrate(): Promise<unknown> };
}

/**
 * Opens Emmett's event store from a folder where `npm install @event-driven-io/emmett-postgresql`
 * has run. It is no dependency of this workspace.
 */
export async function emmettAppend(
  folder: string,
  url: string,
): Promise<{ readonly append: AppendToNew; readonly close: () => Promise<void> }> {
  const entry = createRequire(join(folder, 'package.json')).resolve('@event-driven-io/emmett-postgresql');
  const { getPostgreSQLEventStore } = (await import(pathToFileURL(entry).href)) as {
    getPostgreSQLEventStore: (connectionString: string) => EmmettStore;
  };
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  return {
    append(events) {
      const added = Array.from({ length: events }, () => {
        const { type, ...data } = event();
        return { type, data };
      });
      return store.appendToStream(v7(), added, { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });
    },
    close: () => store.close(),
  };
}
