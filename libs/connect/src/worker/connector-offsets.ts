import {
  ClientError,
  connectTransactionalProducer,
  type Admin,
  type OffsetToCommit,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import { pause, type Clock } from '@millrace/streaming-core/runtime';
import type { SourcePlace } from '../record/records.ts';
import { connectorOf } from '../settings/plugin-table.ts';
import type { ValidationContext } from '../settings/validation.ts';
import { CommandRefused, unknownConnector } from './command-refused.ts';
import { sinkGroup } from './sink-run.ts';
import { transactionalIdOf } from './wanted-work.ts';
import type { WorkerOptions } from './worker-options.ts';
import type { WorkerState } from './worker-state.ts';

/** An offset as the REST interface shows it. A null deletes it. */
export interface ShownOffset {
  readonly partition: SourcePlace;
  readonly offset: SourcePlace | null;
}

export interface OffsetParts {
  readonly options: WorkerOptions;
  readonly clock: Clock;
  readonly state: WorkerState;
  readonly validation: ValidationContext;
  readonly admin: Admin;
}

type SinkOffsetChange = TopicPartition & { readonly offset: bigint | null };

/** How long a change waits until the last member of a sink's group has left. */
const groupMsMax = 15_000;

/**
 * Reads and changes the offsets of connectors. Those of sources are in the topic of offsets, and those of
 * sinks in consumer groups.
 */
export class ConnectorOffsets {
  readonly #parts: OffsetParts;

  constructor(parts: OffsetParts) {
    this.#parts = parts;
  }

  async list(name: string): Promise<readonly ShownOffset[]> {
    if (this.#kind(name) === 'source') return this.#parts.state.offsets.ofConnector(name);
    const committed = await this.#parts.admin.groups.offsets(sinkGroup(name));
    return committed.map(({ topic, partition, offset }) => ({
      partition: { kafka_topic: topic, kafka_partition: partition },
      offset: { kafka_offset: Number(offset) },
    }));
  }

  async alter(name: string, changes: readonly ShownOffset[]): Promise<void> {
    this.#refuseUnlessStopped(name, 'altered');
    if (changes.length === 0)
      throw new CommandRefused(400, 'Partitions / offsets need to be provided for an alter offsets request');
    if (this.#kind(name) === 'source') return this.#writeSource(name, changes);
    const parsed = changes.map(sinkOffset);
    const set = parsed.filter((one): one is OffsetToCommit => one.offset !== null);
    const { groups } = this.#parts.admin;
    if (set.length > 0) await this.#onceEmpty(() => groups.commitOffsets(sinkGroup(name), set));
    const deleted = parsed.filter(({ offset }) => offset === null);
    if (deleted.length > 0) await this.#onceEmpty(() => groups.deleteOffsets(sinkGroup(name), deleted));
  }

  async reset(name: string): Promise<void> {
    this.#refuseUnlessStopped(name, 'reset');
    if (this.#kind(name) === 'sink')
      return this.#onceEmpty(() => this.#parts.admin.groups.delete([sinkGroup(name)]));
    const known = this.#parts.state.offsets.ofConnector(name);
    if (known.length > 0)
      await this.#writeSource(
        name,
        known.map(({ partition }) => ({ partition, offset: null })),
      );
  }

  /** Fences a task that may still be running, so that it cannot overwrite these offsets. */
  async #writeSource(name: string, changes: readonly ShownOffset[]): Promise<void> {
    const { options, state } = this.#parts;
    const transactionalId = transactionalIdOf(options.groupId, { connector: name, task: 0 });
    const producer = connectTransactionalProducer({ ...options.connection, transactionalId });
    try {
      const records = changes.map(({ partition, offset }) => state.offsets.record(name, partition, offset));
      const written = await producer.transaction((transaction) => transaction.send(records));
      await state.offsetTopic.readBack(written);
    } finally {
      await producer.close();
    }
  }

  async #onceEmpty(change: () => Promise<void>): Promise<void> {
    const { clock } = this.#parts;
    const end = clock.monotonic() + groupMsMax;
    for (;;)
      try {
        return await change();
      } catch (error) {
        const code = codeOf(error);
        if (code === 'unknown_group') return;
        if (code !== 'group_in_use' || clock.monotonic() > end) throw error;
        await pause(clock, 200);
      }
  }

  #kind(name: string): 'source' | 'sink' {
    const { state, validation } = this.#parts;
    const entry = state.configs.entry(name);
    if (entry === undefined) throw unknownConnector(name);
    const connector = connectorOf(validation.plugins, entry.config['connector.class']);
    if (connector) return connector.kind;
    throw new CommandRefused(400, `${entry.config['connector.class']} does not run here`);
  }

  #refuseUnlessStopped(name: string, done: 'altered' | 'reset'): void {
    const entry = this.#parts.state.configs.entry(name);
    if (entry === undefined) throw unknownConnector(name);
    if (entry.target === 'STOPPED') return;
    throw new CommandRefused(
      400,
      `Connectors must be in the STOPPED state before their offsets can be ${done}. This can be done for the ` +
        `specified connector by issuing a 'PUT' request to the '/connectors/${name}/stop' endpoint`,
    );
  }
}

const codeOf = (error: unknown): string | undefined => {
  const failed = (error as { readonly failed?: ReadonlyMap<string, ClientError> }).failed;
  const [first] = failed?.values() ?? [];
  const cause = first ?? error;
  return cause instanceof ClientError ? cause.code : undefined;
};

function sinkOffset({ partition, offset }: ShownOffset, index: number): SinkOffsetChange {
  const wrong = (field: string, remedy: string) =>
    new CommandRefused(400, `offsets[${index}].${field}: give ${remedy}`);
  const topic = partition['kafka_topic'];
  if (typeof topic !== 'string' || topic === '')
    throw wrong('partition.kafka_topic', 'the name of the topic that the sink reads');
  const number = wholeNumber(partition['kafka_partition']);
  if (number === undefined || number >= 2n ** 31n)
    throw wrong('partition.kafka_partition', 'the number of the partition, from 0');
  if (offset === null) return { topic, partition: Number(number), offset };
  const next = wholeNumber(offset['kafka_offset']);
  if (next === undefined || next >= 2n ** 63n)
    throw wrong('offset.kafka_offset', 'the next offset to read, from 0, and as text if it is beyond 2^53');
  return { topic, partition: Number(number), offset: next };
}

/** Numbers may be text, as in Kafka's Connect. */
const wholeNumber = (value: unknown): bigint | undefined =>
  Number.isSafeInteger(value) || typeof value === 'string' ? digits(String(value)) : undefined;

const digits = (text: string): bigint | undefined => (/^\d{1,19}$/.test(text) ? BigInt(text) : undefined);
