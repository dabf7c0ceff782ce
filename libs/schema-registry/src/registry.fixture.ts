import { fastify, type FastifyInstance } from 'fastify';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { Registry, SchemaStore, serveRegistry, type RegistryLimits } from './server.ts';

export interface RunningRegistry extends AsyncDisposable {
  readonly url: string;
  readonly store: SchemaStore;
  /** Resolves with the answer. A body that is not JSON stays text. */
  call(method: string, path: string, body?: unknown): Promise<RegistryAnswer>;
}

interface RegistryAnswer {
  readonly status: number;
  readonly type: string | null;
  readonly body: unknown;
}

interface RegistryOptions {
  readonly bootstrapServers: string;
  readonly topic?: string;
  readonly groupId?: string;
  readonly limits?: RegistryLimits;
}

/** Starts a registry on a port of its own, and joins the election. */
export async function startRegistry(options: RegistryOptions): Promise<RunningRegistry> {
  const { bootstrapServers, topic, groupId, limits } = options;
  const connection = {
    bootstrapServers: [bootstrapServers],
    clientId: 'registry-test',
    logger: silentLogger,
  };
  const store = await SchemaStore.open({ connection, topic, groupId });
  const server: FastifyInstance = fastify();
  const registry = new Registry({ table: store.table, writer: store, limits });
  const identity = { clusterId: 'cluster', groupId: groupId ?? 'schema-registry', version: '0' };
  await serveRegistry(server, { registry, store, identity, logger: silentLogger });
  const url = await server.listen({ port: 0, host: '127.0.0.1' });
  await store.join(url, { sessionTimeoutMs: 6_000, rebalanceTimeoutMs: 6_000, heartbeatIntervalMs: 200 });
  return {
    url,
    store,
    call: (method, path, body) => call(`${url}${path}`, method, body),
    async [Symbol.asyncDispose]() {
      await server.close();
      await store.close();
    },
  };
}

async function call(url: string, method: string, body: unknown): Promise<RegistryAnswer> {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, type: answer.headers.get('content-type'), body: JSON.parse(text) };
}
