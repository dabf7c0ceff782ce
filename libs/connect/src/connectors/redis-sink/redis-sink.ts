import { ConnectError } from '../../plugin/connect-error.ts';
import type { SinkContext, SinkOffset, SinkTask } from '../../plugin/task.ts';
import type { SinkRecord } from '../../record/records.ts';
import { isFaultOfRecord, refuseRecord } from '../refused-record.ts';
import { partitionText, startingOffset, StartingOffsets, type Partition } from '../starting-offsets.ts';
import { RedisSession, type RedisClient } from './redis-session.ts';
import { redisWriteOf, type RedisWrite } from './redis-write.ts';

/** The most records in one MULTI, so that none of them keeps Redis busy for long. */
const recordsOfTransactionMax = 1_000;

/**
 * Writes records into Redis in transactions, each of which also moves the offsets of its partitions. So it
 * never writes a record again, whichever process is killed. The sink watches the keys of the offsets, so of
 * two processes that both believe to own a partition only one can write.
 */
export class RedisSink implements SinkTask {
  #context!: SinkContext;
  #session!: RedisSession;
  readonly #startingOffsets = new StartingOffsets();
  /** The partitions for which Redis has had an offset since this task began. */
  readonly #written = new Set<string>();

  async start(context: SinkContext): Promise<void> {
    this.#context = context;
    this.#session = new RedisSession(context.config);
  }

  /** If Redis has lost its data, the sink fills it again from the beginning of the log. */
  async assigned(partitions: readonly Partition[]): Promise<readonly SinkOffset[]> {
    this.#written.clear();
    if (partitions.length === 0) return [];
    const keys = partitions.map((partition) => this.#offsetKey(partition));
    const found = await this.#session.run((client) => client.mGet(keys));
    const offsets = partitions.flatMap(({ topic, partition }, index) => {
      const stored = found[index];
      const offset = startingOffset(this.#context.config, stored == null ? undefined : BigInt(stored));
      return offset === undefined ? [] : [{ topic, partition, offset }];
    });
    this.#startingOffsets.expect(offsets, `delete the keys ${this.#offsetKeyPrefix()}* in Redis`);
    return offsets;
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    this.#startingOffsets.check(records);
    for (let start = 0; start < records.length; start += recordsOfTransactionMax)
      await this.#write(records.slice(start, start + recordsOfTransactionMax));
  }

  async stop(): Promise<void> {
    this.#session?.close();
  }

  async #write(records: readonly SinkRecord[]): Promise<void> {
    const { watching, next } = await this.#session.run(async (client) => ({
      watching: client,
      next: await this.#watch(client, records),
    }));
    const fresh = records.filter(({ origin }) => origin.offset >= next.get(this.#offsetKey(origin))!);
    const writes: RedisWrite[] = [];
    for (const record of fresh)
      try {
        writes.push(redisWriteOf(record, this.#context.config));
      } catch (error) {
        if (!isFaultOfRecord(error)) throw error;
        await refuseRecord(this.#context, record, error);
      }
    await this.#session.run(async (client) => {
      if (client !== watching) throw new Error('the connection was closed');
      await this.#commit(client, fresh, writes);
    });
  }

  /** Watches the offsets of the records' partitions, and returns them. */
  async #watch(client: RedisClient, records: readonly SinkRecord[]): Promise<ReadonlyMap<string, bigint>> {
    const partitions = new Map(records.map(({ origin }) => [this.#offsetKey(origin), partitionText(origin)]));
    const keys = [...partitions.keys()];
    await client.watch(keys);
    const found = await client.mGet(keys);
    const next = keys.map((key, index) => {
      const partition = partitions.get(key)!;
      const offset = found[index];
      if (typeof offset === 'string') this.#written.add(partition);
      else if (this.#written.has(partition))
        throw new ConnectError(
          `Redis at ${this.#context.config['redis.url']} has lost its data: restart the task, which ` +
            'fills it again from the beginning of the log',
        );
      return [key, BigInt(offset ?? 0)] as const;
    });
    return new Map(next);
  }

  async #commit(
    client: RedisClient,
    fresh: readonly SinkRecord[],
    writes: readonly RedisWrite[],
  ): Promise<void> {
    if (fresh.length === 0) {
      await client.unwatch();
      return;
    }
    if (this.#context.config.mode === 'stream') await refuseOtherTypes(client, writes);
    const transaction = client.multi();
    for (const { commands } of writes) for (const command of commands) transaction.addCommand([...command]);
    const next = new Map(fresh.map(({ origin }) => [this.#offsetKey(origin), origin.offset + 1n]));
    for (const [key, offset] of next) transaction.set(key, String(offset));
    await transaction.exec();
    for (const { origin } of fresh) this.#written.add(partitionText(origin));
  }

  #offsetKeyPrefix(): string {
    return `${this.#context.config['offset.prefix']}:${this.#context.connector}:offset:`;
  }

  #offsetKey(partition: Partition): string {
    return `${this.#offsetKeyPrefix()}${partitionText(partition)}`;
  }
}

/**
 * Throws if a key holds another type. An XADD to it would fail alone, while the rest of the transaction takes
 * effect. The sink watches the keys, so they cannot change their type until then.
 */
async function refuseOtherTypes(client: RedisClient, writes: readonly RedisWrite[]): Promise<void> {
  const keys = [...new Set(writes.map(({ key }) => key))];
  if (keys.length === 0) return;
  await client.watch(keys);
  const types = await Promise.all(keys.map((key) => client.type(key)));
  const wrong = types.findIndex((type) => type !== 'none' && type !== 'stream');
  if (wrong >= 0)
    throw new ConnectError(
      `the key ${keys[wrong]} in Redis holds a ${types[wrong]}, not a stream: delete it, or change key.pattern`,
    );
}
