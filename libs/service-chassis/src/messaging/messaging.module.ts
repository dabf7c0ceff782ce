import { Module, type DynamicModule, type InjectionToken } from '@nestjs/common';
import {
  type MessageHandler,
  type MonitoredConsumerRuntime,
  type OwnershipListener,
} from '@millrace/streaming-core/consumer';
import type { Logger, Topic } from '@millrace/streaming-core/contract';
import { OutboxError } from '@millrace/streaming-core/outbox';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { instanceVariable } from '../config/service-config.ts';
import { SERVICE, type ServiceIdentity } from '../config/service.ts';
import { COMMITS, type Commits } from '../database/commits.ts';
import { DATABASE, QUIET_DATABASE } from '../database/database.module.ts';
import { HEALTH, type Health } from '../health/health.ts';
import { LIFECYCLE, type Component, type Lifecycle } from '../lifecycle/lifecycle.ts';
import { wokenByCommits } from '../lifecycle/woken-by-commits.ts';
import { LOGGER } from '../logging/logger.ts';
import { MESSAGING_METRICS, type MessagingMetrics } from '../metrics/messaging-metrics.ts';
import { METRICS, type Metrics } from '../metrics/metrics.ts';
import { observeRelay } from '../metrics/relay-metrics.ts';
import { LAGS, type Lags } from '../watch/lag-watch.ts';
import { watchMessaging } from '../watch/watch-messaging.ts';
import { WATCHER, type Watcher } from '../watch/watcher.ts';
import { ConsumerTransport } from './consumer-transport.ts';
import { kafkaEngine, relayClientId, topicsOf } from './kafka-engine.ts';
import type { CreateMessagingEngine, MessagingEngine } from './messaging-engine.ts';
import { claimClusterOf, waitForTopics } from './required-topics.ts';
import { TRANSPORT_SLOT, type TransportSlot } from './transport-slot.ts';

/** What reacts to messages beside the methods marked `@Handles`: a saga. */
export interface Reactions {
  readonly handlers: readonly MessageHandler[];
  /** Hears which partitions this process owns, before the first message of each. */
  readonly ownership?: readonly OwnershipListener[];
  /** Names of the topics that it reads or writes, beside those of the module. */
  readonly topics?: readonly string[];
}

export interface MessagingModuleOptions {
  /** Commands that this service alone reads: an unknown type there is dead-lettered. */
  readonly commands: readonly Pick<Topic, 'declaration'>[];
  /** Every other topic that it reads or writes. All of them must exist before it starts. */
  readonly events: readonly Pick<Topic, 'declaration'>[];
  readonly reactions?: {
    readonly inject?: readonly InjectionToken[];
    // Nest cannot type what it injects into a factory: the caller's parameter types are the contract.
    readonly useFactory: (...injected: never[]) => Reactions | Promise<Reactions>;
  };
  readonly engine?: CreateMessagingEngine;
}

const ENGINE = Symbol('MessagingEngine');
const REACTIONS = Symbol('Reactions');
const noReactions: Reactions = { handlers: [] };

/**
 * Publishes the outbox (role `relay`) and consumes as the group named after the service (role `worker`). Needs `DatabaseModule`. Starts once
 * every topic exists, tells the relay of each commit, and stops before the database closes. A process with neither role needs no log.
 */
@Module({})
export class MessagingModule {
  static forRoot({
    commands,
    events,
    reactions,
    engine = kafkaEngine,
  }: MessagingModuleOptions): DynamicModule {
    const namesOf = (topics: readonly Pick<Topic, 'declaration'>[]) =>
      topics.map(({ declaration }) => declaration.name);
    const commandTopics = namesOf(commands);
    const topics = [...commandTopics, ...namesOf(events)];
    return {
      module: MessagingModule,
      providers: [
        {
          provide: ENGINE,
          inject: [SERVICE, DATABASE, QUIET_DATABASE, LOGGER],
          useFactory: (
            { name, config }: ServiceIdentity,
            database: SqlDatabase,
            quietDatabase: SqlDatabase,
            logger: Logger,
          ) =>
            engine({
              service: name,
              instance: config.instance,
              bootstrapServers: config.bootstrapServers,
              security: config.security,
              database,
              quietDatabase,
              logger,
              commandTopics,
            }),
        },
        {
          provide: REACTIONS,
          inject: [...(reactions?.inject ?? [])],
          useFactory: (...injected: never[]) => reactions?.useFactory(...injected) ?? noReactions,
        },
        {
          provide: Symbol('messaging'),
          inject: [
            SERVICE,
            ENGINE,
            REACTIONS,
            TRANSPORT_SLOT,
            LIFECYCLE,
            COMMITS,
            HEALTH,
            METRICS,
            LOGGER,
            QUIET_DATABASE,
            WATCHER,
            LAGS,
            MESSAGING_METRICS,
          ],
          useFactory: (...parts: WiringParts) => wire(topics, ...parts),
        },
      ],
    };
  }
}

type WiringParts = [
  ...[
    ServiceIdentity,
    MessagingEngine,
    Reactions,
    TransportSlot,
    Lifecycle,
    Commits,
    Health,
    Metrics,
    Logger,
  ],
  ...[SqlDatabase, Watcher, Lags, MessagingMetrics],
];

function wire(topics: readonly string[], ...parts: WiringParts): void {
  const [
    service,
    engine,
    reactions,
    slot,
    lifecycle,
    commits,
    health,
    metrics,
    logger,
    database,
    watcher,
    lags,
    messages,
  ] = parts;
  const group = service.name;
  const works = lifecycle.has('worker');
  const relays = lifecycle.has('relay');
  let runtime: MonitoredConsumerRuntime | undefined;
  let read: readonly string[] = [];
  const transport = new ConsumerTransport(
    (handlers) => {
      read = topicsOf(handlers);
      runtime = engine.createRuntime(handlers);
      for (const listener of reactions.ownership ?? []) runtime.addOwnershipListener(listener);
      return runtime;
    },
    logger,
    reactions.handlers,
  );
  if (works) slot.transport = transport;
  const { registry } = metrics;
  if (relays) observeRelay(registry, engine.relay);
  messages.observeGroup({ group, partitions: () => runtime?.status() ?? [] });
  for (const clientId of [group, relayClientId(group)]) messages.observeClient(clientId);

  lifecycle.add({
    name: 'log connections',
    start: () => undefined,
    stop: () => engine.close(),
  });
  const { lagReader } = engine;
  watchMessaging(watcher, {
    registry,
    service,
    database,
    lagReader,
    lags,
    ...(works && { topics: () => read }),
  });
  const required = [...new Set([...topics, ...(reactions.topics ?? [])])];
  if (works || relays) lifecycle.add(topicsComponent(required, engine, { database, logger }));
  lifecycle.add(relayComponent(engine, commits));
  const instanceSetting = instanceVariable(group);
  if (works) watchConsumer(health, { transport, runtime: () => runtime, instanceSetting });
  if (relays) watchRelay(health, { relay: engine.relay, instanceSetting });
}

interface OwnLog {
  readonly database: SqlDatabase;
  readonly logger: Logger;
}

/** Once the topics are there, the service starts only if its database goes with their cluster. */
function topicsComponent(
  topics: readonly string[],
  engine: MessagingEngine,
  { database, logger }: OwnLog,
): Component {
  const waiting = new AbortController();
  return {
    name: 'topics',
    start: async () => {
      const found = await waitForTopics({
        topics,
        describe: engine.describeTopics,
        logger,
        signal: waiting.signal,
      });
      if (found !== undefined) await claimClusterOf(found, database);
    },
    stop: () => waiting.abort(),
  };
}

/** Each commit is a hint, so that a message leaves within milliseconds; without it the relay's own polling finds it. */
const relayComponent = ({ relay }: MessagingEngine, commits: Commits): Component => ({
  name: 'relay',
  role: 'relay',
  ...wokenByCommits(commits, [relay]),
});

interface WatchedConsumer {
  readonly transport: ConsumerTransport;
  readonly runtime: () => MonitoredConsumerRuntime | undefined;
  readonly instanceSetting: string;
}

function watchConsumer(health: Health, { transport, runtime, instanceSetting }: WatchedConsumer): void {
  health.add('consumer', () => {
    const partitions = runtime()?.status() ?? [];
    const failure = runtime()?.failure;
    const refused = partitions
      .filter(({ state }) => state === 'refused')
      .map(({ topic, partition }) => `${topic}/${partition}`);
    const details = {
      partitions: partitions.length,
      refused,
      ...(failure && { reason: failure.message, setting: instanceSetting }),
    };
    return { healthy: transport.running && refused.length === 0 && failure === undefined, details };
  });
}

interface WatchedRelay extends Pick<MessagingEngine, 'relay'> {
  readonly instanceSetting: string;
}

function watchRelay(health: Health, { relay, instanceSetting }: WatchedRelay): void {
  health.add('relay', async () => {
    const { publishing, position, oldestUnpublishedAgeMs, failure } = await relay.status();
    const taken = failure instanceof OutboxError && failure.code === 'holder_taken';
    const reason = {
      ...(failure && { reason: failure.message }),
      ...(taken && { setting: instanceSetting }),
    };
    return {
      healthy: failure === undefined,
      details: { publishing, position: String(position), oldestUnpublishedAgeMs, ...reason },
    };
  });
}
