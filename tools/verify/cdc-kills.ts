import type { KillReport } from '../../test/capture/src/kills/main.ts';
import { reportedRun } from './long-run.ts';

/** Kills the worker that captures the changes of a table, with many seeds. */
export const cdcKills = reportedRun<KillReport>({
  name: 'cdc-kills',
  summary: 'the worker of change data capture is killed with each seed, in the snapshot and in the stream',
  options: { seeds: '50', seed: '1' },
  program: ['test/capture/src/kills/main.ts'],
  page: ({ outcomes }) => ({
    title: 'Kills of change data capture',
    about:
      'Each seed writes random transactions to a table of PostgreSQL while the worker of the connector ' +
      'is killed with kill -9, at random moments of the snapshot and of the stream. Each change of a ' +
      'row counts its version on. A reader of committed records compares the topic with the versions. A ' +
      'change that is lost, repeated or out of order fails the run.',
    columns: ['seed', 'kills', 'transactions', 'changes', 'records', 'problems'],
    rows: outcomes.map((each) => [
      each.seed,
      each.kills,
      each.transactions,
      each.changes,
      each.records,
      each.problems.length,
    ]),
    closing: [
      ...outcomes.flatMap(({ seed, problems }) => problems.map((problem) => `seed ${seed}: ${problem}`)),
      `${outcomes.length} seeds, ${sum(outcomes.map(({ kills }) => kills))} kills, ` +
        `${sum(outcomes.map(({ problems }) => problems.length))} problems`,
    ],
  }),
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
