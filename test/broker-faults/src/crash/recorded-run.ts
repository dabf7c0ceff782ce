import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker, type BrokerOptions } from '@millrace/streaming-core/broker';
import { WireClient } from '@millrace/streaming-core/wire';
import type { DiskOperation } from '../disk/disk-operation.ts';
import { DiskImage, type DiskContents } from '../disk/disk-image.ts';
import { watchFolder, type WatchOptions } from '../disk/watch-file-system.ts';
import { readContents } from '../disk/write-contents.ts';
import { AskingClient } from './asking-client.ts';
import { emptyBook, type PromiseBook } from './promise-book.ts';
import { playLoad } from './scripted-load.ts';

export interface RecordedRun {
  readonly operations: readonly DiskOperation[];
  readonly book: PromiseBook;
  /** What the folder really held at the end. */
  readonly contents: DiskContents;
}

export interface RunSettings {
  readonly random: () => number;
  readonly batches: number;
}

/** Few partitions of the broker's own topics: each is opened at every start, and there are thousands of starts. */
export const brokerSettings: Partial<BrokerOptions> = { port: 0, groups: { offsetsTopicPartitions: 2 } };

/** A folder that is gone when the work is done. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-faults-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A broker under load, ended in good order, started again, under load again and ended: every change of its disk, in order, and every promise it made. */
export function recordRun(settings: RunSettings): Promise<RecordedRun> {
  return inFolder(async (folder) => {
    const operations: DiskOperation[] = [];
    const book = emptyBook();
    const stop = watchFolder(folder, watching(settings.random, operations));
    try {
      for (const part of ['a', 'b']) {
        const broker = await startBroker({ dataFolder: folder, ...brokerSettings });
        const clients: WireClient[] = [];
        const connect = async () => {
          const client = await WireClient.connect(broker);
          clients.push(client);
          return new AskingClient(client, book, () => operations.length);
        };
        await playLoad({ ...settings, connect, part });
        for (const client of clients) client.close();
        await broker.close();
      }
    } finally {
      stop();
    }
    return { operations, book, contents: readContents(folder) };
  });
}

const watching = (random: () => number, operations: DiskOperation[]): WatchOptions => ({
  onOperation: (operation) => operations.push(operation),
  syncMsMax: 3,
  random,
});

/** Paths at which the record and the folder differ: none, or changes were made that the watcher does not see. */
export function unseenChanges({ operations, contents }: Pick<RecordedRun, 'operations' | 'contents'>): readonly string[] {
  const image = new DiskImage();
  for (const operation of operations) image.apply(operation);
  const recorded = image.contents('killed', () => 0);
  const same = (one: Buffer | 'folder' | undefined, other: Buffer | 'folder' | undefined) =>
    one === other || (Buffer.isBuffer(one) && Buffer.isBuffer(other) && one.equals(other));
  return [...new Set([...recorded.keys(), ...contents.keys()])].filter((path) => !same(recorded.get(path), contents.get(path)));
}
