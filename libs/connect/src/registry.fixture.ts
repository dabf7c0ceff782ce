import { fastify } from 'fastify';
import { Registry, SchemaStore, serveRegistry } from '@millrace/schema-registry/server';
import { silentLogger } from '@millrace/streaming-core/runtime';

export interface TestRegistry extends AsyncDisposable {
  readonly url: string;
}

interface TestRegistryOptions {
  readonly bootstrapServers: string;
  /** 0, the default, takes any free port. */
  readonly port?: number;
}

/** A schema registry on the log of the suite. */
export async function startTestRegistry({
  bootstrapServers,
  port = 0,
}: TestRegistryOptions): Promise<TestRegistry> {
  const connection = { bootstrapServers: [bootstrapServers], clientId: 'registry', logger: silentLogger };
  const store = await SchemaStore.open({ connection });
  const server = fastify();
  const registry = new Registry({ table: store.table, writer: store });
  const identity = { clusterId: 'cluster', groupId: 'schema-registry', version: '0' };
  await serveRegistry(server, { registry, store, identity, logger: silentLogger });
  const url = await server.listen({ port, host: '127.0.0.1' });
  await store.join(url, { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 6_000, heartbeatIntervalMs: 200 });
  return {
    url,
    async [Symbol.asyncDispose]() {
      await server.close();
      await store.close();
    },
  };
}
