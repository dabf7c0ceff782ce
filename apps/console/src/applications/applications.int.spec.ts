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

  it('show a key of a store, which one of the processes has', async () => {
    const entry = { key: 'kafka', from: null, to: null, value: 3 };
    console.answers(({ path }) =>
      path === '/ops/applications/words/stores/counts?key=kafka&limit=2'
        ? { body: { items: [entry], complete: false } }
        : undefined,
    );

    const path = '/api/applications/live/words/stores/counts?key=kafka&limit=2';
    expect(await console.first<StoreEntries>(path)).toEqual({
      failure: null,
      entries: [{ process: 'inventory', ...entry }],
      mayHaveMore: true,
      missing,
    });
  });
});
