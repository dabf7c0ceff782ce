import type { ConnectionSecurity, LagReader, TopicIdentity } from '@millrace/streaming-core/client';
import type { MessageHandler, MonitoredConsumerRuntime } from '@millrace/streaming-core/consumer';
import type { Relay } from '@millrace/streaming-core/outbox';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import type { DurationMs, Logger } from '@millrace/streaming-core/contract';

export interface EngineOptions {
  /** The service's name: its consumer group and its client id. */
  readonly service: string;
  /** Of this process, unique in the service and the same over restarts; absent: a new one at every start. */
  readonly instance?: string;
  readonly bootstrapServers: readonly string[];
  /** How long a message may wait for others to share its transaction: for effects that nobody waits for. */
  readonly lingerMs?: DurationMs;
  /** How long a relay that was killed under another instance name keeps its successor waiting. */
  readonly leaseMs?: DurationMs;
  /** How long the partitions of a process that was killed wait for one of another instance name. */
  readonly sessionTimeoutMs?: DurationMs;
  /** TLS and credentials of the log's clients. */
  readonly security?: ConnectionSecurity;
  /** Whose commits wake the relay: effects. */
  readonly database: SqlDatabase;
  /** Whose commits wake nobody: the relay's own reading. */
  readonly quietDatabase: SqlDatabase;
  readonly logger: Logger;
  /** Topics on which an unknown message type is a mistake of its sender, and goes to the dead letters. */
  readonly commandTopics: readonly string[];
}

/** What moves messages: the log, the relay and the consumer runtime. A test may script it. */
export interface MessagingEngine {
  readonly relay: Relay;
  readonly lagReader: LagReader;
  /** The ones that exist; rejects while no broker answers. */
  describeTopics(topics: readonly string[]): Promise<ReadonlyMap<string, TopicIdentity>>;
  createRuntime(handlers: readonly MessageHandler[]): MonitoredConsumerRuntime;
  /** After relay and runtime have stopped. */
  close(): Promise<void>;
}

export type CreateMessagingEngine = (options: EngineOptions) => MessagingEngine;
