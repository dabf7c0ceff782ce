import { topics } from '@millrace/contracts';
import {
  connectLogReader,
  type FetchedRecord,
  type FetchPosition,
  type TopicPartition,
} from '@millrace/streaming-core/client';
import { sum } from '../numbers.ts';
import type { LoggedMessage } from './hops.ts';

type LogReader = ReturnType<typeof connectLogReader>;

/** Reads the messages of all topics that the system writes between two moments. */
export class LoggedMessages {
  readonly #reader: LogReader;
  readonly #partitions: readonly TopicPartition[];

  private constructor(reader: LogReader, partitions: readonly TopicPartition[]) {
    this.#reader = reader;
    this.#partitions = partitions;
  }

  static async open(bootstrapServers: string): Promise<LoggedMessages> {
    const reader = connectLogReader({ bootstrapServers: [bootstrapServers], clientId: 'bench' });
    const identities = await reader.identify(topics.map(({ name }) => name));
    const partitions = [...identities].flatMap(([topic, identity]) =>
      Array.from({ length: identity.partitions }, (_, partition) => ({ topic, partition })),
    );
    return new LoggedMessages(reader, partitions);
  }

  /** The ends of all partitions now, from which `since` reads on. */
  ends(): Promise<readonly FetchPosition[]> {
    return this.#reader.endOffsets(this.#partitions);
  }

  async since(from: readonly FetchPosition[]): Promise<readonly LoggedMessage[]> {
    const ends = new Map((await this.ends()).map((end) => [nameOf(end), end.offset]));
    const isBehind = (position: FetchPosition) => position.offset < (ends.get(nameOf(position)) ?? 0n);
    const messages: LoggedMessage[] = [];
    for (let behind = from.filter(isBehind); behind.length > 0;) {
      const fetched = await this.#reader.fetch(behind);
      for (const { error, records } of fetched) {
        if (error !== undefined) throw error;
        messages.push(...records.map(loggedMessage));
      }
      behind = fetched
        .map(({ topic, partition, nextOffset }) => ({ topic, partition, offset: nextOffset }))
        .filter(isBehind);
    }
    return messages;
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

const loggedMessage = ({ key, value, headers, timestampMs }: FetchedRecord): LoggedMessage => ({
  id: headers.get('ce_id') ?? '',
  type: headers.get('ce_type') ?? '',
  causationId: headers.get('ce_causationid') ?? '',
  writtenMs: Date.parse(headers.get('ce_time') ?? ''),
  publishedMs: timestampMs,
  bytes:
    (key?.length ?? 0) +
    (value?.length ?? 0) +
    sum([...headers].map(([name, text]) => Buffer.byteLength(name) + Buffer.byteLength(text))),
});
