import { startBroker, type BrokerOptions } from '@millrace/streaming-core/broker';
import { WireClient } from '@millrace/streaming-core/protocol';
import type { DiskOperation } from '../disk/disk-operation.ts';
import { watchFolder, type WatchOptions } from '../disk/watch-file-system.ts';
import { unseenChanges } from '../disk/unseen-changes.ts';
import { inMemoryFolder } from '../in-folder.ts';
import { AskingClient } from './asking-client.ts';
import { transactionTimeoutMs } from './asking-transactions.ts';
import { emptyBook, type PromiseBook } from './promise-book.ts';
import { hastyUpkeep, playLoad } from './scripted-load.ts';

export interface RecordedRun {
  readonly operations: readonly DiskOperation[];
  readonly book: PromiseBook;
  /** Paths at which the folder at the end differs from the record. */
  readonly unseen: readonly string[];
}

export interface RunSettings {
  readonly random: () => number;
  readonly batches: number;
  readonly flush?: BrokerOptions['flush'];
}

/**
 * The broker's own topics get few partitions, since each is opened at every start and there are
 * thousands of starts.
 */
export const brokerSettings: Partial<BrokerOptions> = {
  port: 0,
  groups: { offsetsTopicPartitions: 2, offsetsTopicSegmentBytes: 3_000 },
  transactions: {
    stateTopicPartitions: 2,
    stateTopicSegmentBytes: 3_000,
    timeoutMsMax: transactionTimeoutMs,
  },
};

/**
 * Runs a broker under load, stops it cleanly, starts it again, puts it under load again and stops
 * it. Records every change of its disk in order, and every promise that it made.
 */
export function recordRun(settings: RunSettings): Promise<RecordedRun> {
  return inMemoryFolder(async (folder) => {
    const operations: DiskOperation[] = [];
    const book = emptyBook();
    const stop = watchFolder(folder, watching(settings.random, operations));
    try {
      for (const part of ['a', 'b']) {
        const broker = await startBroker({
          dataFolder: folder,
          flush: settings.flush,
          ...brokerSettings,
          properties: hastyUpkeep,
        });
        const clients: WireClient[] = [];
        const connect = async () => {
          const client = await WireClient.connect(broker);
          clients.push(client);
          return new AskingClient({ client, book, now: () => operations.length });
        };
        await playLoad({ ...settings, connect, part, inFlightMax: 5 });
        for (const client of clients) client.close();
        await broker.close();
      }
    } finally {
      stop();
    }
    return { operations, book, unseen: unseenChanges(operations, folder) };
  });
}

const watching = (random: () => number, operations: DiskOperation[]): WatchOptions => ({
  onOperation: (operation) => operations.push(operation),
  syncMsMax: 3,
  random,
});
