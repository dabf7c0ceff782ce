import type { PatternReport } from '../../test/streams-oracle/src/flink/compare-with-flink.ts';
import { reportedRun } from './long-run.ts';

/** Finds the same patterns in the same events with Flink CEP and with `@millrace/streams/cep`. */
export const flinkCep = reportedRun<PatternReport>({
  name: 'flink-cep',
  summary: 'the same random patterns in the same random events in Flink CEP and in @millrace/streams/cep',
  options: { seeds: '500', seed: '1' },
  program: ['test/streams-oracle/src/flink/main.ts', '--json'],
  page: ({ seed: first, seeds, tallies, findings }) => ({
    title: 'Side by side with Flink CEP',
    about:
      'Each seed gives a pattern of two to four steps, a skip strategy and up to twelve events of one key. ' +
      'Flink CEP 2.2.1 looks for the pattern on a MiniCluster in Java, and @millrace/streams/cep under its test driver. ' +
      'The matches and the partial matches that timed out are compared, with their times and in their order. ' +
      'Those of Flink are counted below. Any difference fails the run.',
    columns: ['skip strategy', 'cases', 'matches', 'time-outs', 'cases that differ'],
    rows: tallies.map((each) => [each.skip, each.cases, each.matches, each.timedOut, each.differences]),
    closing: [
      ...findings.map(({ seed }) => `seed ${seed} differs`),
      `${seeds} seeds from ${first} on compared, ${findings.length} differ`,
    ],
  }),
});
