import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { StateMeasured, StateStart } from '../../test/bench/src/streams-state/measure-state.ts';
import { workspace } from '../workspace.ts';
import { commit, runLogged, writePage, type LongRun } from './long-run.ts';

/** The report that `test/bench` prints. */
interface StateReport {
  readonly measured: readonly StateMeasured[];
  readonly problems: readonly string[];
}

const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/bench/src/streams-state/main.ts',
];
const keysByDefault = '500000,5000000';

/** Starts a stream application with much state after each way in which it can have ended. */
export const streamsState: LongRun = {
  summary:
    `[--keys ${keysByDefault}]: starts of a stream application with so many keys on its disk, and their ` +
    'memory; writes docs/reports/streams-state.md',
  async main(args) {
    const { values } = parseArgs({
      args: [...args],
      options: { keys: { type: 'string', default: keysByDefault } },
    });
    if (!/^[1-9]\d*(,[1-9]\d*)*$/.test(values.keys))
      throw new Error(`--keys must be whole numbers with commas between them, not ${values.keys}`);
    const startedAt = new Date();
    const onCommit = commit();
    const logFile = join(workspace, 'tmp/streams-state.log');
    const { passed, output } = await runLogged(
      process.execPath,
      [...program, '--keys', values.keys],
      logFile,
    );
    const line = output.split('\n').findLast((each) => each.startsWith('{"form":"streams-state"'));
    if (line === undefined) throw new Error(`the run printed no report: see ${logFile}`);
    const report = JSON.parse(line) as StateReport;
    writePage(pageOf(report, args), startedAt, onCommit);
    process.stdout.write(`${closing(report).join('\n')}\n`);
    return passed;
  },
};

const closing = ({ measured, problems }: StateReport): readonly string[] => [
  ...problems,
  `${measured.reduce((sum, { starts }) => sum + starts.length, 0)} starts, ${problems.length} problems`,
];

const seconds = (value: number): string => value.toFixed(1);

function pageOf(report: StateReport, args: readonly string[]) {
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
  return {
    path: 'docs/reports/streams-state.md',
    title: 'State of a stream application on its disk',
    command: ['npm run verify -- streams-state', ...args].join(' '),
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
    rows: report.measured.flatMap((each) => each.starts.map((start) => row(each, start))),
    closing: closing(report),
  };
}
