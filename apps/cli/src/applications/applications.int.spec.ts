import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ApplicationView } from '@millrace/operations/contract';
import { millrace, millraceJson } from '../cli.fixture.ts';
import { opsStub, type OpsStub } from '../ops-stub.fixture.ts';

const counting: ApplicationView = {
  application: 'words',
  state: 'running',
  notRunningSeconds: 0,
  failure: null,
  remainingRecords: 0,
  subTopologies: [
    {
      id: 0,
      isGlobal: false,
      nodes: [
        { name: 'source', kind: 'source', topics: ['lines'], stores: [], parents: [] },
        { name: 'split', kind: 'processor', topics: [], stores: [], parents: ['source'] },
        { name: 'count', kind: 'processor', topics: [], stores: ['counts'], parents: ['split'] },
        { name: 'sink', kind: 'sink', topics: [], stores: [], parents: ['count'] },
      ],
    },
  ],
  stores: [{ name: 'counts', kind: 'key_value', topic: 'words-counts-changelog' }],
  tasks: [
    {
      task: '0_10',
      role: 'active',
      partitions: ['lines/10'],
      storeBytes: 4_096,
      streamTime: '2026-11-26T10:00:00.000Z',
      lagRecords: 0,
    },
    { task: '0_2', role: 'standby', partitions: [], storeBytes: null, streamTime: null, lagRecords: 7 },
  ],
};
const failed: ApplicationView = {
  ...counting,
  state: 'failed',
  notRunningSeconds: 61.4,
  failure: 'the word cannot be counted',
  tasks: [],
};
const entry = { key: 'kafka', from: null, to: null, value: { count: 2 } };

describe('millrace applications', () => {
  let one: OpsStub;
  let two: OpsStub;
  let service: OpsStub;
  const stub = (view: ApplicationView, items: readonly object[]) =>
    opsStub(({ path }) => {
      if (path === '/ops/applications') return { body: { items: [view] } };
      return path === '/ops/applications/words/stores/counts'
        ? { body: { items, complete: items.length === 0 } }
        : undefined;
    });
  beforeEach(async () => {
    one = await stub(counting, [entry]);
    two = await stub(failed, []);
    service = await opsStub(() => undefined);
  });
  afterEach(() => [one, two, service].forEach((each) => each.close()));
  const line = (...args: string[]) => {
    const urls = { order: service.url, words: one.url, 'words-2': two.url };
    return [
      'applications',
      ...args,
      ...Object.entries(urls).flatMap(([name, url]) => ['--ops', `${name}=${url}`]),
    ];
  };

  it('lists what each process has, and leaves out services without stream applications', async () => {
    const { exitCode, out } = await millrace(line('list'));
    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      'APPLICATION  PROCESS  STATE    TASKS  STANDBYS  STATE BYTES  TO RESTORE  FAILURE',
      'words        words    running      1         1         4096           0  -',
      'words        words-2  failed       0         0            0           0  the word cannot be counted',
    ]);
  });

  it('shows the topology once, and the tasks of all processes by their numbers', async () => {
    const { out } = await millrace(line('show', 'words'));
    expect(out.split('\n')).toEqual([
      'words in words: running',
      'words in words-2: failed for 61 s: the word cannot be counted',
      'sub-topology 0',
      '  source reads lines',
      '  split after source',
      '  count after split keeps counts',
      '  sink after count writes a topic that it chooses for each record',
      'stores',
      '  counts (key value), restored from words-counts-changelog',
      '',
      'TASK  PROCESS  ROLE     READS     STATE BYTES  STREAM TIME               LAG (STANDBY)',
      '0_2   words    standby                      -  -                                     7',
      '0_10  words    active   lines/10         4096  2026-11-26T10:00:00.000Z              0',
    ]);
  });

  it('reads one key of a store in all processes, and says if there may be more', async () => {
    const { exitCode, out, err } = await millrace(line('get', 'words', 'counts', 'kafka', '--limit', '1'));
    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      'KEY    FROM  TO  VALUE        PROCESS',
      'kafka  -     -   {"count":2}  words',
    ]);
    expect(err).toContain('these are the first 1, and there may be more');
    expect(one.asked.at(-1)?.query).toEqual({ key: 'kafka', limit: '1' });
    expect(await millraceJson(line('get', 'words', 'counts'))).toEqual([{ process: 'words', ...entry }]);
  });

  it.each([
    [['show', 'wordz'], 1, 'no process runs the stream application wordz; these are running: words'],
    [
      ['get', 'words', 'sums'],
      1,
      'words has no store sums that can be read. "applications show words" lists its stores',
    ],
    [
      ['get', 'words', 'counts', 'a', '--key-hex', '61'],
      2,
      'give the key as text or with --key-hex, not both',
    ],
  ])('refuses %j', async (args, exitCode, err) => {
    expect(await millrace(line(...args))).toMatchObject({ exitCode, err: expect.stringContaining(err) });
  });
});
