import type { MessageEvent } from '@nestjs/common';
import { partitionsOf, readMessages, withReader, type Cluster } from '@millrace/operations/client';
import type { OpenLogReader, PartitionOffset } from '@millrace/streaming-core/client';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import type { Observable } from 'rxjs';
import type { MessageRow } from '../api/topics.ts';
import { liveRows, type Rows } from '../live/live-rows.ts';
import { entryOf, filterOf, rowOf, type MessageFilter } from './log-entry.ts';

interface Tail extends MessageFilter {
  readonly topic: string;
  readonly partition?: number | undefined;
}

const retryMs = 2_000;

/**
 * Follows the messages that fit, from the present end of the topic on. Goes on where it was after a
 * failure.
 */
export const tailOf = (cluster: () => Cluster, tail: Tail): Observable<MessageEvent> =>
  liveRows<MessageRow>((rows) => {
    const stop = new AbortController();
    void follow(cluster, tail, rows, stop.signal);
    return () => stop.abort();
  });

async function follow(
  cluster: () => Cluster,
  { topic, partition: wanted, ...filter }: Tail,
  rows: Rows<MessageRow>,
  signal: AbortSignal,
): Promise<void> {
  const isWanted = filterOf(filter);
  const next = new Map<number, PartitionOffset>();
  const read = async (reader: OpenLogReader) => {
    const ends = await reader.endOffsets(await partitionsOf(reader, topic, wanted));
    for (const end of ends) if (!next.has(end.partition)) next.set(end.partition, end);
    rows.works();
    for await (const record of readMessages(reader, { from: [...next.values()], signal })) {
      const { partition, offset } = record;
      next.set(partition, { topic, partition, offset: offset + 1n });
      rows.add(isWanted({ record }) ? rowOf(entryOf(record)) : undefined);
    }
  };
  while (!signal.aborted)
    try {
      await withReader(cluster(), read, { isolation: 'read_committed' });
    } catch (error) {
      rows.fail(error instanceof Error ? error.message : String(error));
      await pause(systemClock, retryMs, signal);
    }
}
