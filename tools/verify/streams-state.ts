import type { StateMeasured, StateStart } from '../../test/bench/src/streams-state/measure-state.ts';
import { reportedRun } from './long-run.ts';

/** The report that `test/bench` prints. */
interface StateReport {
  readonly measured: readonly StateMeasured[];
  readonly problems: readonly string[];
}

/** Starts a stream application with much state after each way in which it can have ended. */
export const streamsState = reportedRun<StateReport>({
  name: 'streams-state',
  summary: 'starts of a stream application with so many keys on its disk, and their memory',
  options: { keys: '500000,5000000' },
  program: ['test/bench/src/streams-state/main.ts'],
  page: ({ measured, problems }) => ({
    title: 'State of a stream application on its disk',
    about:
      'A stream application with `exactly_once_v2` keeps a value of 100 bytes for each key, in four tasks of ' +
      'one process with a heap of at most 320 MB. It is started without files, which are then restored from ' +
      'a changelog, after a close, and after kill -9 during a load. "Running" is the time from the start of ' +
      'the process until every task runs; after kill -9 it has the session timeout of 6 s. "Done" is the time ' +
      'until every change was processed. "Restored" are the offsets of changelogs that were read: the markers ' +
      'of the last transactions, or the tail that the files did not have. Each value that is looked up says ' +
      'how often its key was changed. A wrong value, a restoration beyond the tail, or a peak of memory that ' +
      'grows with the keys fails the run.',
    columns: [
      'keys',
      'files, MB',
      'start',
      'running, s',
      'done, s',
      'restored',
      'peak, MB',
      'lookups',
      'wrong',
    ],
    rows: measured.flatMap((each) => each.starts.map((start) => row(each, start))),
    closing: [
      ...problems,
      `${measured.reduce((sum, { starts }) => sum + starts.length, 0)} starts, ${problems.length} problems`,
    ],
  }),
});

const row = ({ keys, stateMb }: StateMeasured, start: StateStart) => [
  keys.toLocaleString('en-US'),
  Math.round(stateMb),
  start.name,
  seconds(start.startSeconds),
  seconds(start.seconds),
  start.restored.toLocaleString('en-US'),
  Math.round(start.peakMb),
  start.lookups.toLocaleString('en-US'),
  start.wrong.length,
];

const seconds = (value: number): string => value.toFixed(1);
