import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { compareWithJava, type OracleReport } from './compare-with-java.ts';
import { JavaOracle } from './java-oracle.ts';
import { randomTopologies } from './random/random-topologies.ts';
import { randomInWords } from './random/report.ts';
import { inWords } from './report.ts';
import { allCases } from './topologies/all-cases.ts';

const scripts = 260;
const topologies = 25;

describe('the same scripts in Kafka Streams and here', () => {
  let java: JavaOracle | undefined;
  let report: OracleReport;

  beforeAll(async () => {
    java = await JavaOracle.start();
    report = await compareWithJava(java, {
      seed,
      scripts: Array.from({ length: scripts }, (_, script) => script),
    });
    process.stdout.write(`${inWords(report)}\n`);
  }, 240_000);
  afterAll(() => java?.stop());

  it('run on every topology that Java has', async () => {
    expect(allCases.map(({ name }) => name)).toEqual(await java!.names());
  });

  it('T02 give topologies with the same names, stores and topics', () => {
    expect(report.descriptions).toEqual([]);
  });

  it('T01 write the same records to the same topics with the same times, step by step', () => {
    expect(report.findings).toEqual([]);
    expect(report.scripts).toBe(scripts);
  });

  it('agree on random topologies, without a cache and with one', async () => {
    const cases = randomTopologies(seed, topologies);
    const random = await compareWithJava(java!, { seed, scripts: cases.map((_, script) => script), cases });
    process.stdout.write(`${await randomInWords(java!, random, cases)}\n`);
    expect(random.descriptions).toEqual([]);
    expect(random.findings).toEqual([]);
    expect(random.cases.reduce((sum, { records }) => sum + records, 0)).toBeGreaterThan(0);
  }, 120_000);

  it.each(allCases.map(({ name }) => name))('T01 reach records of %s', (name) => {
    expect(report.cases.find(({ topology }) => topology === name)?.records).toBeGreaterThan(0);
  });
});
