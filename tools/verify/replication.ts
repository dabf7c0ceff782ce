import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { commit, replaceSection, runLogged, tableOf, writePage, type LongRun } from './long-run.ts';

interface FaultRow {
  readonly title: string;
  readonly seconds: number;
  readonly records: number;
  readonly orders: number;
  readonly silenceMs: number;
}

interface AcksRow {
  readonly fault: string;
  readonly acks: string;
  readonly acknowledged: number;
  readonly kept: number;
  readonly lost: number;
}

/** The JSON document that `test/replication/src/main.ts --json` prints. */
interface ReplicationReport {
  readonly seconds: number;
  readonly faults: readonly FaultRow[];
  readonly acks: readonly AcksRow[];
  readonly records: Readonly<
    Record<'acknowledged' | 'kept' | 'unknown' | 'unknownStored' | 'refused' | 'read', number>
  >;
  readonly orders: Readonly<Record<'placed' | 'completed' | 'cancelled', number>>;
  readonly violations: ReadonlyArray<{ readonly subject: string; readonly detail: string }>;
}

const program = [
  '--conditions=@millrace/source',
  '--import',
  './tools/typescript/register.mjs',
  'test/replication/src/main.ts',
  '--json',
];
const acksPage = 'docs/reports/acks.md';

/**
 * Runs three brokers of Apache Kafka through one fault after the other. It needs root on Linux to
 * cut networks.
 */
export const replication: LongRun = {
  summary:
    '[--faults NAMES] [--no-acks]: three brokers of Apache Kafka killed, ' +
    'paused and cut off under orders; writes docs/reports/replication.md and docs/reports/acks.md',
  async main(args) {
    const startedAt = new Date();
    const onCommit = commit();
    const logFile = join(workspace, 'tmp/replication.log');
    const { passed, output } = await runLogged('node', [...program, ...args], logFile);
    process.stdout.write(output);
    const report = reportIn(output);
    if (report === undefined) throw new Error(`the run printed no report: see ${logFile}`);
    writePage(pageOf(report, args), startedAt, onCommit);
    if (report.acks.length > 0) replaceSection(acksPage, 'acks', acksTable(report.acks, startedAt));
    return passed;
  },
};

function reportIn(output: string): ReplicationReport | undefined {
  const line = output.split('\n').findLast((each) => each.startsWith('{"faults":'));
  return line === undefined ? undefined : (JSON.parse(line) as ReplicationReport);
}

function acksTable(rows: readonly AcksRow[], startedAt: Date): string {
  const columns = ['when', 'acks', 'acknowledged', 'kept', 'lost'];
  const cells = rows.map(({ fault, acks, acknowledged, kept, lost }) => [
    fault,
    acks,
    acknowledged,
    kept,
    lost,
  ]);
  return (
    `${tableOf(columns, cells)}\n\nCounted ${startedAt.toISOString().slice(0, 10)} by ` +
    `\`npm run verify -- replication\`.`
  );
}

function pageOf(
  { faults, records, orders, violations, seconds }: ReplicationReport,
  args: readonly string[],
) {
  const { acknowledged, kept, unknown, unknownStored, refused, read } = records;
  return {
    path: 'docs/reports/replication.md',
    title: 'Replication',
    command: ['npm run verify -- replication', ...args].join(' '),
    about:
      'Three brokers of Apache Kafka 4.3.1 (factor 3, min.insync.replicas=2, ' +
      'acks=all) and a separate controller run, each broker in its own network namespace. ' +
      'During the faults, one producer per partition of a topic writes, a consumer reads, ' +
      'and customers place orders with the whole system. Afterwards a checker compares the ' +
      'acknowledged records and the records read with the log, and the shop’s books with its events.',
    columns: [
      'fault',
      'seconds until every replica was in sync',
      'records acknowledged',
      'orders placed',
      'longest time without an acknowledgement, s',
    ],
    rows: faults.map(({ title, seconds: took, records: written, orders: placed, silenceMs }) => [
      title,
      took,
      written,
      placed,
      (silenceMs / 1_000).toFixed(1),
    ]),
    closing: [
      `${acknowledged} records acknowledged, ${kept} kept, ${acknowledged - kept} lost; ${read} read meanwhile`,
      `${unknown} with an unknown outcome, ${unknownStored} of them stored; ${refused} refused and not stored`,
      `${orders.placed} orders placed: ${orders.completed} completed, ${orders.cancelled} cancelled`,
      ...violations.map(({ subject, detail }) => `violation: ${subject}: ${detail}`),
      `${violations.length} violations, ${seconds} s`,
    ],
  };
}
