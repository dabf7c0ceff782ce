import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { days, hours, silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { consumed, serdes, StreamsBuilder, windowStore } from '../index.ts';
import { openStateFile } from '../state/sqlite/open-state-file.ts';
import type { ExpectedState } from '../state/state-meta.ts';
import { windowKey } from '../state/windowed-keys.ts';
import { streamsSettings } from './streams-settings.ts';
import { TaskSet } from './task-set.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-tasks-'));
afterAll(() => rmSync(folder, { recursive: true }));

const changelog = { topic: 'app-seen-changelog', partition: 0 };
const plan = {
  id: { subTopology: 0, partition: 0 },
  name: '0_0',
  sources: [{ topic: 'in', partition: 0 }],
  changelogs: [changelog],
};
const expected: ExpectedState = { clusterId: 'c', bootId: 'b', nowMs: 0, changelogs: new Map() };

/** The tasks of an application with a window store, whose rows are read when it is opened. */
function tasksOver(path: string) {
  const builder = new StreamsBuilder();
  const retention = { windowSizeMs: 1_000, retentionMs: 100_000 };
  builder.addStateStore(windowStore('seen', serdes.string, serdes.string, retention));
  builder.stream('in', consumed(serdes.string, serdes.string)).process(() => ({ process: () => {} }), {
    stores: ['seen'],
  });
  const reasons: unknown[] = [];
  const nothing = async () => {};
  const tasks = new TaskSet({
    topology: builder.build(),
    settings: streamsSettings({
      applicationId: 'app',
      bootstrapServers: ['nowhere:1'],
      stateDir: 'nowhere',
      logger: { ...silentLogger, warn: (fields) => void reasons.push((fields as { reason: string }).reason) },
    }),
    output: {
      open: nothing,
      send: async () => [],
      commit: nothing,
      abort: nothing,
      renew: nothing,
      close: nothing,
    },
    partitionCount: () => 1,
    globalStore: () => undefined,
    openEngine: (_name, fitting) => openStateFile({ path, now: () => systemClock.now() }, fitting).engine,
  });
  tasks.open([plan], new Map([['0_0', expected]]));
  return { tasks, task: tasks.all[0]!, reasons };
}

const rowOf = (index: number) => ({
  key: windowKey({ key: Buffer.from(`key ${index}`), startMs: index, sequence: 0 }),
  value: Buffer.alloc(100, 'v'),
  timestampMs: index,
  headers: [],
});

/** The size of SQLite's pages. The first pages have the names of the tables. */
const pageBytes = 4_096;

describe('the tasks of a process', () => {
  it('are opened without rows, and restored, if the rows turn out to be damaged', () => {
    const path = join(folder, 'damaged.db');
    const first = tasksOver(path);
    first.task.restore(
      'seen',
      Array.from({ length: 2_000 }, (_each, index) => rowOf(index)),
    );
    first.task.keepRestored(new Map([[changelog.topic, 2_000n]]), true);
    first.tasks.close();
    writeFileSync(path, readFileSync(path).fill(0xab, pageBytes * 8));

    const { tasks, task, reasons } = tasksOver(path);
    expect(reasons).toEqual([expect.stringMatching(/^SQLite cannot read it: .+\.$/)]);
    expect(task.restoredOffset(changelog.topic)).toBeNull();
    task.restore('seen', [rowOf(1)]);
    task.keepRestored(new Map([[changelog.topic, 1n]]), true);
    expect(task.restoredOffset(changelog.topic)).toBe(1n);
    tasks.close();
  });

  it('T07 stay open across assignments, but are restored if their state has become too old', () => {
    const { tasks, task } = tasksOver(join(folder, 'suspended.db'));
    task.restore('seen', [rowOf(1)]);
    task.keepRestored(new Map([[changelog.topic, 1n]]), true);
    const inMs = (spanMs: number): ExpectedState => {
      const log = { topicId: 'id', startOffset: 0n, endOffset: 9n, deleteRetentionMs: days(1) };
      return {
        ...expected,
        nowMs: systemClock.now() + spanMs,
        changelogs: new Map([[changelog.topic, log]]),
      };
    };
    tasks.open([plan], new Map([['0_0', inMs(hours(1))]]));
    expect(tasks.all).toEqual([task]);

    tasks.open([plan], new Map([['0_0', inMs(days(2))]]));
    expect(tasks.all).toHaveLength(1);
    expect(tasks.all[0]?.restoredOffset(changelog.topic)).toBeNull();
    tasks.close();
  });
});
