import { expect, it } from '@jest/globals';
import { byApplication } from './applications.controller.ts';

it('an application has one row, with each of its processes', () => {
  const topology = { subTopologies: [], stores: [] };
  const state = {
    state: 'running' as const,
    notRunningSeconds: 0,
    failure: null,
    remainingRecords: 0,
    tasks: [],
  };
  const found = [
    { process: 'words-1', application: 'words', ...topology, ...state },
    { process: 'fraud', application: 'fraud', ...topology, ...state },
    { process: 'words-2', application: 'words', ...topology, ...state, remainingRecords: 7 },
  ];

  expect(byApplication(found)).toEqual([
    { application: 'fraud', ...topology, processes: [{ process: 'fraud', ...state }] },
    {
      application: 'words',
      ...topology,
      processes: [
        { process: 'words-1', ...state },
        { process: 'words-2', ...state, remainingRecords: 7 },
      ],
    },
  ]);
});
