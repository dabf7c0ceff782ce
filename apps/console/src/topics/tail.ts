import { randomUUID } from 'node:crypto';
import type { MessageEvent } from '@nestjs/common';
import { readMessages, withReader, type Cluster } from '@millrace/operations/client';
import type { FetchedRecord, PartitionOffset } from '@millrace/streaming-core/client';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import { Observable } from 'rxjs';
import type { Shown } from '../api/shown.ts';
import type { MessageRow, TailBatch } from '../api/topics.ts';
import { filterOf, type MessageFilter } from './message-filter.ts';
import { partitionsToRead } from './message-reader.ts';
import { rowOf } from './message-rows.ts';

export interface Tail extends MessageFilter {
  readonly topic: string;
  readonly partition?: number | undefined;
}

/** Together they allow 200 rows per second. */
const everyMs = 250;
const rowsMax = 50;
const retryMs = 2_000;

/**
 * Follows the messages that fit, from the present end of the topic on. Each event has the newest rows
 * since the one before, and says how many more there were. Goes on where it was after a failure.
 */
export const tailOf = (cluster: () => Cluster, tail: Tail): Observable<MessageEvent> =>
  new Observable((subscriber) => {
    const stop = new AbortController();
    const send = (data: Shown<TailBatch>) => subscriber.next({ type: 'snapshot', data });
    const gathered = new Gathered();
    const timer = setInterval(() => gathered.isNew && send({ ...gathered.take(), failure: null }), everyMs);
    void follow({
      cluster,
      tail,
      gathered,
      signal: stop.signal,
      fail: (reason) => send({ ...gathered.take(), failure: { reason, since: timeNow() } }),
    });
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  });

const timeNow = (): string => new Date(systemClock.now()).toISOString();

/** The newest rows that were not sent yet. */
class Gathered {
  readonly #tail = randomUUID();
  #rows: MessageRow[] = [];
  #dropped = 0;
  #scanned = 0;
  isNew = false;

  add(record: FetchedRecord, isWanted: boolean): void {
    this.isNew = true;
    this.#scanned += 1;
    if (!isWanted) return;
    this.#rows.push(rowOf(record));
    if (this.#rows.length <= rowsMax) return;
    this.#rows.shift();
    this.#dropped += 1;
  }

  take(): TailBatch {
    const batch = { tail: this.#tail, rows: this.#rows, dropped: this.#dropped, scanned: this.#scanned };
    this.#rows = [];
    this.#dropped = 0;
    this.#scanned = 0;
    this.isNew = false;
    return batch;
  }
}

interface Following {
  readonly cluster: () => Cluster;
  readonly tail: Tail;
  readonly gathered: Gathered;
  readonly fail: (reason: string) => void;
  readonly signal: AbortSignal;
}

async function follow({ cluster, tail, gathered, fail, signal }: Following): Promise<void> {
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
          gathered.isNew = true; // an event without rows says that the tail has begun
          const reading = { from: [...positions.values()], signal, onProgress: () => undefined };
          for await (const record of readMessages(reader, reading)) {
            positions.set(record.partition, {
              ...tail,
              partition: record.partition,
              offset: record.offset + 1n,
            });
            gathered.add(record, isWanted(record));
          }
        },
        { isolation: 'read_committed' },
      );
    } catch (error) {
      fail(error instanceof Error ? error.message : String(error));
      await pause(systemClock, retryMs, signal);
    }
}
