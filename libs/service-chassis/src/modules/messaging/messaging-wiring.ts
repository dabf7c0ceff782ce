import { Inject, Injectable, Optional } from '@nestjs/common';
import type {
  MessageHandler,
  ConsumerRuntime,
  OwnershipListener,
  SkipGuard,
} from '@millrace/streaming-core/consumer';
import { systemClock, type Logger } from '@millrace/streaming-core/runtime';
import { callWorker } from '@millrace/streaming-core/external-calls';
import { OutboxError, relayWorker } from '@millrace/streaming-core/outbox';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { instanceVariable } from '../../ground/config/log-client-config.ts';
import { SERVICE, type ServiceIdentity } from '../../ground/config/service-config.ts';
import { COMMITS, type Commits, wokenByCommits } from '../../database/commits.ts';
import { QUIET_DATABASE } from '../../database/database.tokens.ts';
import { COMMAND_HANDLER, type CommandHandler } from '../events/command-handler.ts';
import { RECORDER } from '../events/event-store.tokens.ts';
import type { Recorder } from '@millrace/event-sourcing';
import { HEALTH, type Health } from '../../observability/health/health.ts';
import { createHintListener, createHintSender } from '../../database/hints.ts';
import { LIFECYCLE, type Component, type Lifecycle } from '../../ground/lifecycle/lifecycle.ts';
import { LOGGER } from '../../ground/logging/logger.ts';
import { MESSAGING_METRICS, type MessagingMetrics } from '../../observability/metrics/messaging-metrics.ts';
import { METRICS, type Metrics } from '../../observability/metrics/metrics.ts';
import { observeRelay } from '../../observability/metrics/relay-metrics.ts';
import { backlogWatches } from '../../observability/watch/database-watches.ts';
import { GROUP_WATCHES, type GroupWatches } from '../../observability/watch/group-watches.ts';
import { WATCHER, type Watcher } from '../../observability/watch/watcher.ts';
import { consumerHealth } from './consumer-health.ts';
import { ConsumerTransport } from './consumer-transport.ts';
import { TRANSPORT_SLOT, type TransportSlot } from './transport-slot.ts';
import { relayClientId, topicsOf, type MessageBus } from './message-bus.ts';
import { claimClusterOf, waitForTopics } from './required-topics.ts';
import { token } from '../../ground/provide.ts';

/** Handlers other than the methods marked `@Handles`, such as those of a saga. */
export interface Reactions {
  readonly handlers: readonly MessageHandler[];
  /** Learns which partitions this process owns, before the first message of each. */
  readonly ownership?: readonly OwnershipListener[];
  /** The consumer asks these guards before it skips a message of an unhandled type. */
  readonly skipGuards?: readonly SkipGuard[];
  /** Names of the topics that the handlers read or write, in addition to those of the module. */
  readonly topics?: readonly string[];
}

export const MESSAGE_BUS = token<MessageBus>('MessageBus');
export const REACTIONS = token<Reactions>('Reactions');

/** Everything in the service that its messaging is connected to. */
@Injectable()
export class MessagingWiring {
  @Inject(SERVICE) readonly service!: ServiceIdentity;
  @Inject(MESSAGE_BUS) readonly bus!: MessageBus;
  @Inject(REACTIONS) readonly reactions!: Reactions;
  @Inject(TRANSPORT_SLOT) readonly slot!: TransportSlot;
  @Inject(LIFECYCLE) readonly lifecycle!: Lifecycle;
  @Inject(COMMITS) readonly commits!: Commits;
  @Inject(HEALTH) readonly health!: Health;
  @Inject(METRICS) readonly metrics!: Metrics;
  @Inject(LOGGER) readonly logger!: Logger;
  @Inject(QUIET_DATABASE) readonly database!: SqlDatabase;
  @Inject(WATCHER) readonly watcher!: Watcher;
  @Inject(GROUP_WATCHES) readonly groups!: GroupWatches;
  @Inject(MESSAGING_METRICS) readonly messagingMetrics!: MessagingMetrics;
  /** Undefined in a service without an event store. */
  @Optional() @Inject(COMMAND_HANDLER) readonly commands?: CommandHandler;
  @Optional() @Inject(RECORDER) readonly recorder?: Recorder<never>;
}

/**
 * Adds everything that the roles of this process need to the lifecycle, health, metrics and alarms.
 */
export function connectMessaging(topics: readonly string[], wiring: MessagingWiring): void {
  const { service, bus, lifecycle, metrics, messagingMetrics, health, database, groups } = wiring;
  const works = lifecycle.has('worker');
  const relays = lifecycle.has('relay');
  const consumer = createConsumer(wiring);
  if (works) wiring.slot.transport = consumer.transport;
  if (relays) observeRelay(metrics.registry, bus.relay);
  const partitions = () => consumer.runtime()?.status() ?? [];
  messagingMetrics.observeGroup({ group: service.name, partitions });
  messagingMetrics.observeClient(service.name);
  messagingMetrics.observeClient(relayClientId(service.name));

  lifecycle.add({
    name: 'log connections',
    start: () => undefined,
    stop: () => bus.close(),
  });
  const callsOutside = wiring.recorder?.externalCall !== undefined;
  for (const watch of backlogWatches(metrics.registry, database, { callsOutside })) wiring.watcher.add(watch);
  for (const group of service.config.lagGroups)
    if (group !== service.name) groups.watchLag(group, () => bus.lagReader.ofGroup(group));
  if (works)
    groups.watch({
      group: service.name,
      database,
      reader: bus.lagReader,
      topics: consumer.topics,
      partitions,
    });
  if (works || relays) lifecycle.add(hintsComponent(wiring));
  passOnHints(wiring);
  if (works || relays)
    lifecycle.add(topicsComponent(new Set([...topics, ...(wiring.reactions.topics ?? [])]), wiring));
  lifecycle.add(relayComponent(wiring));
  const instanceSetting = instanceVariable(service.name);
  if (works) checkConsumer(health, consumer, instanceSetting);
  if (relays) checkRelay(health, bus, instanceSetting);
}

interface Consumer {
  readonly transport: ConsumerTransport;
  /** Undefined until the handlers are known. */
  readonly runtime: () => ConsumerRuntime | undefined;
  /** The topics that the group reads; empty until the handlers are known. */
  readonly topics: () => readonly string[];
}

function createConsumer({ service, bus, reactions, logger, commands }: MessagingWiring): Consumer {
  let runtime: ConsumerRuntime | undefined;
  let topics: readonly string[] = [];
  const transport = new ConsumerTransport({
    createRuntime: (handlers) => {
      topics = topicsOf(handlers);
      runtime = bus.createRuntime(handlers, reactions.skipGuards);
      for (const listener of reactions.ownership ?? []) runtime.addOwnershipListener(listener);
      return runtime;
    },
    logger,
    extraHandlers: reactions.handlers,
    logSubject: service.logSubject,
    repeatAnswer: commands?.repeatAnswer,
  });
  return { transport, runtime: () => runtime, topics: () => topics };
}

/** Waits for the topics. The service then starts only if its database belongs to their cluster. */
function topicsComponent(topics: ReadonlySet<string>, { bus, database, logger }: MessagingWiring): Component {
  const waiting = new AbortController();
  return {
    name: 'topics',
    start: async () => {
      const found = await waitForTopics({
        topics: [...topics],
        describe: bus.describeTopics,
        logger,
        signal: waiting.signal,
      });
      if (found !== undefined) await claimClusterOf(found, database);
    },
    stop: () => waiting.abort(),
  };
}

/** Wakes relay and workers of this process for commits of the service's other processes. */
const hintsComponent = ({ service, commits, logger }: MessagingWiring): Component => ({
  name: 'hints',
  ...createHintListener({
    url: service.config.databaseUrl,
    applicationName: `millrace-${service.name}-hints`,
    commits,
    clock: systemClock,
    logger,
  }),
});

/** Readers of events are left out: every append would send a hint. They poll while they wait. */
function passOnHints({ commits, database, logger }: MessagingWiring): void {
  const send = createHintSender({ database, clock: systemClock, logger });
  commits.passOnTo((workers) => send(new Set([...workers].filter(isHinted))));
}

const isHinted = (worker: string): boolean => worker === relayWorker || worker.startsWith(callWorker(''));

/**
 * Each commit is a hint to the relay, so that a message leaves within milliseconds. Without the
 * hint, the relay finds it by polling.
 */
const relayComponent = ({ bus, commits }: MessagingWiring): Component => ({
  name: 'relay',
  role: 'relay',
  ...wokenByCommits(commits, [bus.relay]),
});

function checkConsumer(health: Health, { transport, runtime }: Consumer, setting: string): void {
  health.add('consumer', () => {
    const { works, details } = consumerHealth(runtime());
    return {
      healthy: transport.running && works,
      details: { ...details, ...('reason' in details && { setting }) },
    };
  });
}

function checkRelay(health: Health, { relay }: MessageBus, instanceSetting: string): void {
  health.add('relay', async () => {
    const { publishing, follows, position, oldestUnpublishedAgeMs, failure } = await relay.status();
    const taken = failure instanceof OutboxError && failure.code === 'holder_taken';
    const reason = {
      ...(failure && { reason: failure.message }),
      ...(taken && { setting: instanceSetting }),
    };
    return {
      healthy: failure === undefined,
      details: { publishing, follows, position: String(position), oldestUnpublishedAgeMs, ...reason },
    };
  });
}
