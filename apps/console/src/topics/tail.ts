import type { MessageEvent } from '@nestjs/common';
import { readMessages, withReader, type Cluster } from '@millrace/operations/client';
import type { PartitionOffset } from '@millrace/streaming-core/client';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import type { Observable } from 'rxjs';
import type { MessageRow } from '../api/topics.ts';
import { liveRows, type Rows } from '../live/live-rows.ts';
import { filterOf, type MessageFilter } from './message-filter.ts';
import { partitionsToRead } from './message-reader.ts';
import { rowOf } from './message-rows.ts';

export interface Tail extends MessageFilter {
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
    void follow({ cluster, tail, rows, signal: stop.signal });
    return () => stop.abort();
  });

interface Following {
  readonly cluster: () => Cluster;
  readonly tail: Tail;
  readonly rows: Rows<MessageRow>;
  readonly signal: AbortSignal;
}

async function follow({ cluster, tail, rows, signal }: Following): Promise<void> {
  const isWanted = filterOf(tail);
  const positions = new Map<number, PartitionOffset>();
  while (!signal.aborted)
    try {
      await withReader(
        cluster(),
        async (reader) => {
          const partitions = await partitionsToRead(reader, tail.topic, tail.partition);
          const ends = await reader.endOffsets(partitions);
          for (const end of ends) if (!positions.has(end.partition)) positions.set(end.partition, end);
          rows.works();
          const reading = { from: [...positions.values()], signal, onProgress: () => undefined };
          for await (const record of readMessages(reader, reading)) {
            positions.set(record.partition, {
              ...tail,
              partition: record.partition,
              offset: record.offset + 1n,
            });
            rows.add(isWanted(record) ? rowOf(record) : undefined);
          }
        },
        { isolation: 'read_committed' },
      );
    } catch (error) {
      rows.fail(error instanceof Error ? error.message : String(error));
      await pause(systemClock, retryMs, signal);
    }
}
