import { Module, type DynamicModule } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Registry, registryLimits, SchemaStore, serveRegistry } from '@millrace/schema-registry/server';
import {
  HEALTH,
  LOG_CLIENT,
  LOGGER,
  METRICS,
  provide,
  provideLifecycle,
  token,
  WATCHER,
} from '@millrace/service-chassis/service';
import { connectAdmin, type ConnectionOptions } from '@millrace/streaming-core/client';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import type { RegistryConfig } from './config.ts';
import { failureWatch, type StoreFailure } from './failure-watch.ts';

const STORE = token<SchemaStore>('SchemaStore');
/** The reason why the store cannot continue, once there is one. */
const FAILURE = token<StoreFailure>('StoreFailure');
const version = '0.1.0';

@Module({})
class RegistryModule {}

/** Reads the topic before the process listens, and joins the election with its address afterwards. */
export const registryModule = (config: RegistryConfig): DynamicModule => ({
  module: RegistryModule,
  providers: [
    provide(FAILURE, [], () => ({})),
    provide(STORE, [LOG_CLIENT, LOGGER, FAILURE], ({ name }, logger, failure) =>
      SchemaStore.open({
        connection: connectionOf(config, name, logger),
        topic: config.topic,
        groupId: config.group,
        replication: { replicationFactor: config.replicationFactor },
        onFailed: (error) => {
          failure.error = error;
          logger.error({ error }, 'the registry cannot go on: restart this process');
        },
      }),
    ),
    provide(
      token<void>('routes of the registry'),
      [STORE, HttpAdapterHost, LOG_CLIENT, LOGGER],
      async (store, { httpAdapter }, { name }, logger) => {
        const limits = { ...registryLimits, subjectsMax: config.subjectsMax };
        const registry = new Registry({ table: store.table, writer: store, limits });
        const clusterId = await clusterOf(connectionOf(config, name, logger));
        const identity = { clusterId, groupId: config.group, version };
        await serveRegistry(httpAdapter.getInstance<FastifyInstance>(), {
          registry,
          store,
          identity,
          logger,
        });
      },
    ),
    provideLifecycle(
      { name: 'election of the registry' },
      [STORE, HttpAdapterHost, HEALTH, FAILURE, METRICS, WATCHER],
      (store, { httpAdapter }, health, failure, { registry }, watcher) => {
        watcher.add(failureWatch(registry, failure));
        health.add('registry', () => ({
          healthy: failure.error === undefined && store.leaderUrl !== undefined,
          details: { leader: store.leaderUrl ?? null, reason: failure.error?.message },
        }));
        return {
          start: () => store.join(config.advertisedUrl ?? urlOf(httpAdapter.getHttpServer(), config)),
          stop: () => store.close(),
        };
      },
    ),
  ],
});

const connectionOf = (
  { bootstrapServers, security }: RegistryConfig,
  name: string,
  logger: Logger,
): ConnectionOptions => ({ bootstrapServers, security, clientId: `millrace-${name}`, logger });

async function clusterOf(connection: ConnectionOptions): Promise<string> {
  await using admin = connectAdmin(connection);
  return (await admin.describeCluster()).clusterId;
}

function urlOf(server: { address(): AddressInfo }, { host }: RegistryConfig): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name === '0.0.0.0' ? '127.0.0.1' : name}:${server.address().port}`;
}
