import type { Acknowledged, LogsMeasured } from '../../test/bench/src/logs/measure-logs.ts';
import { reportedRun } from './long-run.ts';

/** The report that `test/bench` prints. */
interface LogsReport {
  readonly measured: LogsMeasured;
  readonly problems: readonly string[];
}

/** Ships lines faster than the sink takes them, and compares them once it has caught up. */
export const logs = reportedRun<LogsReport>({
  name: 'logs',
  summary: 'so many log lines a second with a sink that is held back, then counted and compared',
  options: { rate: '100000', seconds: '60', held: '20000' },
  program: ['test/bench/src/logs/main.ts'],
  page: ({ measured, problems }) => ({
    title: 'Log lines with a sink that is held back',
    about:
      'Two processes send lines of 200 bytes at a fixed rate with acks=all, first to a topic that nobody reads, ' +
      'then to the one that `apps/logs` indexes into PostgreSQL while `SINK_LINES_PER_SECOND_MAX` holds it back. Then ' +
      'it is started again without that limit, until nothing waits any more. Everything runs on one machine, and the ' +
      'broker and PostgreSQL flush to disk. The run fails if the producers cannot keep their rate, if the broker ' +
      'takes more than 300 MB, if the lag does not grow, or if count, checksum or the planted line differ in the end.',
    columns: [
      'lines of 200 bytes',
      'sent',
      'lines/s',
      'CPU of a producer, µs/line',
      'ack p50, ms',
      'ack p99, ms',
      'ack max, ms',
    ],
    rows: [
      row('without the sink', measured.alone),
      row(`beside the sink at ${measured.heldAt.toLocaleString('en-US')}/s`, measured.beside),
    ],
    closing: [
      `lines that waited when the producers had ended: ${measured.lag}`,
      `then indexed without a limit in ${measured.drainSeconds.toFixed(1)} s, ` +
        `${Math.round(measured.drainedPerSecond)} lines/s, down to a lag of 0`,
      `indexed ${measured.indexed} of ${measured.beside.lines}, checksum ${measured.sameChecksum ? 'equal' : 'differs'}`,
      `the planted line was found ${measured.plantedFound} time(s) by level and text in ${Math.round(measured.searchMs)} ms`,
      `peak memory: broker ${Math.round(measured.brokerPeakMb)} MB, logs app ${Math.round(measured.indexerPeakMb)} MB`,
      ...problems,
      `${problems.length} problems`,
    ],
  }),
});

const row = (name: string, { lines, perSecond, cpuUs, p50Ms, p99Ms, maxMs }: Acknowledged) => [
  name,
  lines.toLocaleString('en-US'),
  perSecond.toLocaleString('en-US'),
  cpuUs,
  p50Ms,
  p99Ms,
  maxMs,
];
