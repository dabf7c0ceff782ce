import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord, ProducerRecord } from '@millrace/streaming-core/client';
import { decodeOffsetMetadata } from '../assignment/offset-metadata.ts';
import {
  consumed,
  type KeyValueStore,
  keyValueStore,
  type ProcessorSupplier,
  serdes,
  StreamsBuilder,
} from '../index.ts';
import { hours, systemClock } from '@millrace/streaming-core/runtime';
import { MemoryEngine } from '../state/memory-engine.ts';
import type { ActiveTask } from './active-task.ts';
import { streamsSettings } from './streams-settings.ts';
import { TaskSet } from './task-set.ts';

const place = { topic: 'in', partition: 0 };
const plan = {
  id: { subTopology: 0, partition: 0 },
  name: '0_0',
  sources: [place],
  changelogs: [{ topic: 'app-last-changelog', partition: 0 }],
};
type Store = KeyValueStore<string, string>;

/**
 * Appends each value to the earlier ones of its key. Writes to its store every hour of the clock if
 * there is a value, and once more when it is closed.
 */
const appending: ProcessorSupplier<string, string, string, string> = () => {
  let store: Store;
  return {
    init(context) {
      store = context.store('last');
      context.schedule(hours(1), 'wall_clock', () => {
        if (store.get('k') !== null) store.put('hourly', null);
      });
    },
    process: ({ key, value }) => store.put(key, `${store.get(key) ?? ''}${value}`),
    close: () => store.put('closed', 'yes'),
  };
};

function taskOf(engine = new MemoryEngine()): {
  readonly task: ActiveTask;
  readonly sent: ProducerRecord[];
  rows(): unknown;
} {
  const builder = new StreamsBuilder();
  builder.addStateStore(keyValueStore('last', serdes.string, serdes.string));
  builder.stream('in', consumed(serdes.string, serdes.string)).process(appending, { stores: ['last'] });
  const settings = streamsSettings({
    applicationId: 'app',
    bootstrapServers: ['nowhere:1'],
    stateDir: 'nowhere',
  });
  const sent: ProducerRecord[] = [];
  const send = async (records: readonly ProducerRecord[]) => {
    const first = sent.push(...records) - records.length;
    return records.map(({ topic }, index) => ({ topic, partition: 0, offset: BigInt(first + index) }));
  };
  const set = new TaskSet({
    topology: builder.build(),
    settings,
    output: {
      open: async () => {},
      send,
      commit: async () => {},
      abort: async () => {},
      renew: async () => {},
      close: async () => {},
    },
    partitionCount: () => 1,
    globalStore: () => undefined,
    openEngine: () => engine,
  });
  set.open([plan], new Map([['0_0', { clusterId: 'c', bootId: 'b', nowMs: 0, changelogs: new Map() }]]));
  const [task] = set.all;
  if (task === undefined) throw new Error('The set has no task');
  const rows = () => {
    using all = (task.store('last', 'committed') as Store).all();
    return Object.fromEntries([...all].map(({ key, value }) => [key, value]));
  };
  return { task, sent, rows };
}

const startAt = (task: ActiveTask, offset: bigint, partitionTimeMs = -1) =>
  task.start(new Map([['in/0', { offset, partitionTimeMs, nodeTimes: new Map() }]]));

const recordOf = (offset: bigint, text: string): FetchedRecord => ({
  ...place,
  offset,
  timestampMs: times[text] ?? 100 + Number(offset),
  key: Buffer.from('k'),
  value: Buffer.from(text),
  headers: new Map(),
  headerList: [],
});
/** A record without a valid time is skipped. */
const times: Readonly<Record<string, number>> = { old: 10, timeless: -1 };

/**
 * Gives the task records with these texts, the first of which has this offset, and a marker after
 * them.
 */
function fetch(task: ActiveTask, first: bigint, ...texts: readonly string[]): void {
  const records = texts.map((text, index) => recordOf(first + BigInt(index), text));
  const nextOffset = first + BigInt(texts.length) + 1n;
  let taken = 0;
  const undecoded = { countMax: records.length, sizeBytes: 0, next: () => records[taken++] };
  task.add({ ...place, records: undecoded, nextOffset, highWatermark: nextOffset });
}

/** Commits as the committer does, and returns the offsets that it sends to the log. */
async function commit(task: ActiveTask) {
  task.flushCaches();
  await task.flushOutputs();
  const offsets = task.offsets().map(({ offset, metadata }) => ({
    offset,
    partitionTimeMs: decodeOffsetMetadata(metadata).partitionTimeMs,
  }));
  task.keepState();
  return offsets;
}

describe('a task at work', () => {
  it('commits the offset after the last record that it has processed, and its time', async () => {
    const { task } = taskOf();
    startAt(task, 5n, 50);
    fetch(task, 5n, 'a', 'b');

    task.process();
    expect(await commit(task)).toEqual([{ offset: 6n, partitionTimeMs: 105 }]);
    task.process();
    expect(await commit(task)).toEqual([{ offset: 8n, partitionTimeMs: 106 }]);
    fetch(task, 8n, 'old');
    task.process();
    expect(await commit(task)).toEqual([{ offset: 10n, partitionTimeMs: 106 }]);
    expect(await commit(task)).toEqual([]);
  });

  it('commits its offset again if only a callback has written, so that the group can reject it', async () => {
    const { task } = taskOf();
    startAt(task, 5n, 50);
    expect(task.punctuate(systemClock.now() + hours(2))).toBe(true);
    expect(await commit(task)).toEqual([]);
    fetch(task, 5n, 'a');
    task.process();
    await commit(task);
    task.punctuate(systemClock.now() + hours(4));

    expect(await commit(task)).toEqual([{ offset: 7n, partitionTimeMs: 105 }]);
  });

  it('counts as caught up after a commit with an offset, which the group accepts only from the owner', async () => {
    const said: (boolean | undefined)[] = [];
    const engine = new MemoryEngine();
    const { task } = taskOf(
      Object.assign(engine, {
        commit: (_offsets: ReadonlyMap<string, bigint>, isCaughtUp?: boolean) =>
          isCaughtUp === undefined ? undefined : said.push(isCaughtUp),
      }),
    );
    startAt(task, 5n);
    task.punctuate(systemClock.now() + hours(2));
    await commit(task);
    fetch(task, 5n, 'a');
    task.process();
    await commit(task);

    expect(said).toEqual([false, true]);
  });

  it('reports as committed only what it has committed', async () => {
    const { task } = taskOf();
    startAt(task, 5n);
    fetch(task, 5n, 'a', 'b');
    task.process();

    expect(task.committedOffsets()).toEqual([{ ...place, offset: 5n }]);
    await commit(task);
    expect(task.committedOffsets()).toEqual([{ ...place, offset: 6n }]);
  });

  it('commits the offset after records that were skipped', async () => {
    const { task } = taskOf();
    startAt(task, 5n);
    expect(task.hasWork).toBe(false);

    fetch(task, 5n, 'timeless');

    expect(task.hasWork).toBe(true);
    expect(await commit(task)).toEqual([{ offset: 7n, partitionTimeMs: -1 }]);
  });

  it('commits the offset after a marker without records', async () => {
    const { task } = taskOf();
    startAt(task, 5n);

    fetch(task, 5n);

    expect(task.hasWork).toBe(true);
    expect(await commit(task)).toEqual([{ offset: 6n, partitionTimeMs: -1 }]);
  });
});

describe('a task that gives up its work', () => {
  it('undoes uncommitted work, and repeats it from the committed offset', async () => {
    const { task, rows } = taskOf();
    startAt(task, 0n);
    fetch(task, 0n, 'a', 'b');
    task.process();
    await commit(task);
    task.process();
    task.send();

    task.giveUp();
    expect(task.hasWork).toBe(false);
    startAt(task, 1n);
    fetch(task, 1n, 'b');
    task.process();
    await commit(task);

    expect(rows()).toEqual({ k: 'ab' });
  });

  it('undoes the writes of nodes that are being closed', async () => {
    const { task, sent, rows } = taskOf();
    startAt(task, 0n);
    fetch(task, 0n, 'a');

    task.giveUp();
    startAt(task, 0n);
    fetch(task, 0n, 'a');
    task.process();
    await commit(task);

    expect(rows()).toEqual({ k: 'a' });
    expect(sent.map(({ key }) => String(key))).toEqual(['k']);
  });
});
