import { beforeAll, describe, expect, it } from '@jest/globals';
import type { FaultName } from './faults.ts';
import type { RunReport } from './report.ts';
import { reportInWords } from './report.ts';
import { runReplication } from './run.ts';

/** The other faults take several minutes more: `npm run verify -- replication`. */
const quick: readonly FaultName[] = ['leader-killed', 'two-killed', 'brokers-apart'];

describe('three brokers of Apache Kafka under records and orders', () => {
  let report: RunReport;

  beforeAll(async () => {
    const print = (line: string) => void process.stdout.write(`${line}\n`);
    report = await runReplication({ faults: quick, acks: ['behind'], print });
    print(reportInWords(report));
  }, 900_000);

  const row = (name: FaultName) => report.faults.find((fault) => fault.name === name);
  const acks = (level: string) => report.acks.find((line) => line.acks === level);

  it('A01 lose no acknowledged record, store none twice, show none that disappears later, and keep the order of each producer', () => {
    expect(report.violations).toEqual([]);
    const { acknowledged, kept, read } = report.records;
    expect({ kept, isEnough: acknowledged > 500 && read > 500 }).toEqual({
      kept: acknowledged,
      isEnough: true,
    });
  });

  it('continue when the leader is killed with kill -9', () => {
    expect(row('leader-killed')?.records).toBeGreaterThan(0);
    expect(row('leader-killed')?.orders).toBeGreaterThan(0);
  });

  it('A02 refuse writes while two of three are dead or none reaches another, and resume; orders are accepted meanwhile', () => {
    for (const name of ['two-killed', 'brokers-apart'] as const) {
      expect(row(name)?.orders).toBeGreaterThan(0);
      expect(row(name)?.records).toBeGreaterThan(0);
    }
    expect(report.records.refused).toBeGreaterThanOrEqual(2); // the broker itself refused, in each of the two
  });

  it('A03 end every order, with each effect once: the books balance', () => {
    const { placed, completed, cancelled, problems } = report.orders;
    expect(problems).toEqual([]);
    expect(completed + cancelled).toBe(placed);
    expect(completed).toBeGreaterThan(0);
  });

  it('keep everything acknowledged with acks=all when the leader is killed, and lose with acks=1 and 0 what the followers did not have', () => {
    expect(acks('all')).toMatchObject({ lost: 0 });
    expect(acks('all')?.acknowledged).toBeGreaterThan(0);
    expect(acks('1')?.lost).toBeGreaterThan(0);
    expect(acks('0')?.lost).toBeGreaterThan(0);
  });
});
