import { describe, expect, it } from '@jest/globals';
import type { ApplicationList, StoreEntries } from '../api/applications.ts';
import { testConsole } from '../console.fixture.ts';

const node = { name: 'orders', kind: 'source', topics: ['order-events'], stores: [], parents: [] };
const topology = {
  subTopologies: [{ id: 0, isGlobal: false, nodes: [node] }],
  stores: [{ name: 'counts', kind: 'key_value', topic: 'words-counts-changelog' }],
};
const state = { state: 'restoring', notRunningSeconds: 3, failure: null, remainingRecords: 7, tasks: [] };
const missing = [expect.stringContaining('payment does not answer')];

describe('the stream applications of the console', () => {
  const console = testConsole();

  it('are shown with the state of each process, in the order of their names', async () => {
    console.answers(({ path }) =>
      path === '/ops/applications'
        ? {
            body: {
              items: ['words', 'fraud'].map((application) => ({ application, ...topology, ...state })),
            },
          }
        : undefined,
    );

    expect(await console.first<ApplicationList>('/api/applications/live')).toEqual({
      failure: null,
      applications: ['fraud', 'words'].map((application) => ({
        application,
        ...topology,
        processes: [{ process: 'inventory', ...state }],
      })),
      missing,
    });
  });

  it('show the entry of a key, with the process that has it', async () => {
    const entry = { key: 'kafka', from: null, to: null, value: 3 };
    console.answers(({ path }) =>
      path === '/ops/applications/words/stores/counts?key=kafka&limit=50'
        ? { body: { items: [entry], complete: false } }
        : undefined,
    );

    const path = '/api/applications/live/words/stores/counts?key=kafka';
    expect(await console.first<StoreEntries>(path)).toEqual({
      failure: null,
      entries: [{ process: 'inventory', ...entry }],
      wasRead: true,
      mayHaveMore: true,
      missing,
    });
  });

  it.each([
    ['no process has', 404, { code: 'unknown_store' }, missing],
    ['needs a key', 400, { code: 'invalid_request', title: 'Give a key' }, [...missing, expect.any(String)]],
  ])('say that a store was not read that %s', async (_what, status, body, reasons) => {
    console.answers(() => ({ status, body }));

    const found = await console.first<StoreEntries>(`/api/applications/live/words/stores/store-${status}`);
    expect(found).toMatchObject({ entries: [], wasRead: false });
    expect(found.missing).toHaveLength(reasons.length);
    expect(found.missing).toEqual(expect.arrayContaining(reasons));
  });
});
