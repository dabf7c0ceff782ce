import type { QueueMeasured } from '../../test/bench/src/queue/measure-queue.ts';
import { provideProgram } from '../install/provide-program.ts';
import { loadNow, replaceSection, reportedRun, tableOf, type LongRun } from './long-run.ts';

/** The report that `test/bench` prints. */
interface QueueReport {
  readonly measured: readonly QueueMeasured[];
  readonly problems: readonly string[];
}

const run = reportedRun<QueueReport>({
  name: 'queue',
  summary: 'so many tasks on a partitioned log and on RabbitMQ, which is installed from Debian',
  options: { tasks: '100000' },
  program: ['test/bench/src/queue/main.ts'],
  page: ({ measured, problems }, { tasks }) => ({
    title: 'Tasks on a log and on a queue',
    about:
      `First ${grouped(Number(tasks))} tasks of 1,000 customers, of whom each has ten in a row. Every ` +
      '97th takes 20 ms, every 89th fails once, and every 997th fails three times and goes to the dead ' +
      'letters. Six workers do one task at a time each: on our broker six members of a group, which ' +
      'repeat a failed task in place, and on RabbitMQ 3.10 six consumers of one quorum queue, which put ' +
      'a failed task back. Both flush to the disk before they confirm a task. Then 500 tasks a second ' +
      'come for six seconds, of which the one in the middle takes two seconds. A task is held up if it ' +
      'waits for half a second or more. Broker, client and workers share one machine, so compare the ' +
      'rows, not the hours. The run fails if a task is lost or the log changes the order.',
    columns: [
      'tasks',
      'sent/s',
      'done/s',
      'done after a later task of the customer',
      'done twice',
      'dead letters',
      'can be read again',
      'held up by the blocked task',
      'longest wait behind it, ms',
    ],
    rows: measured.map((each) => [
      each.name,
      grouped(each.sentPerSecond),
      grouped(each.donePerSecond),
      grouped(each.outOfOrder),
      each.twice,
      each.deadLetters,
      grouped(each.replayed),
      `${each.heldUp} of ${grouped(each.sentBehind)}`,
      grouped(each.longestWaitMs),
    ]),
    closing: [...problems, `${problems.length} problems`],
  }),
  onReport: ({ measured }, startedAt) =>
    replaceSection('docs/CHOOSING.md', 'queue', inShort(measured, startedAt)),
});

/** What the page about choosing shows of the run. */
const inShort = (measured: readonly QueueMeasured[], startedAt: Date): string =>
  [
    tableOf(
      ['', ...measured.map(({ name }) => name)],
      [
        ['tasks done per second', ...measured.map((each) => grouped(each.donePerSecond))],
        ['done after a later task of the customer', ...measured.map((each) => grouped(each.outOfOrder))],
        [
          'held up behind one blocked task',
          ...measured.map((each) => `${each.heldUp} of ${grouped(each.sentBehind)}`),
        ],
        ['can be read again afterwards', ...measured.map((each) => grouped(each.replayed))],
      ],
    ),
    `Measured ${startedAt.toISOString().slice(0, 10)} with ${grouped(measured[0]?.replayed ?? 0)} ` +
      `tasks, at a load average of ${loadNow()}.`,
  ].join('\n\n');

const grouped = (value: number): string => value.toLocaleString('en-US');

/** Runs nothing, unlike `rabbitmqctl`, which leaves a daemon behind that listens on every address. */
const settings = '/usr/lib/rabbitmq/bin/rabbitmq-defaults';

/** Does the same tasks on our broker and on RabbitMQ, one after the other. */
export const queue: LongRun = {
  summary: run.summary,
  async main(args) {
    const neededFor = 'the tasks on a queue';
    await provideProgram({ name: settings, debianPackage: 'rabbitmq-server', neededFor });
    return run.main(args);
  },
};
