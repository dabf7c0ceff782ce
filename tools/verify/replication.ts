import { parseArgs } from 'node:util';
import type { AcksRow } from '../../test/replication/src/acks-table.ts';
import type { RunReport } from '../../test/replication/src/report.ts';
import { commit, replaceSection, runReport, tableOf, writePage, type LongRun } from './long-run.ts';

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
    parseArgs({ args: [...args], options: { faults: { type: 'string' }, 'no-acks': { type: 'boolean' } } });
    const startedAt = new Date();
    const onCommit = commit();
    const program = ['test/replication/src/main.ts', '--json', ...args];
    const { passed, report } = await runReport<RunReport>(program, 'tmp/replication.log');
    const page = pageOf(report, args);
    process.stdout.write(`${page.closing.join('\n')}\n`);
    writePage(page, startedAt, onCommit);
    if (report.acks.length > 0) replaceSection(acksPage, 'acks', acksTable(report.acks, startedAt));
    return passed;
  },
};

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

function pageOf({ faults, records, orders, violations, seconds }: RunReport, args: readonly string[]) {
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
