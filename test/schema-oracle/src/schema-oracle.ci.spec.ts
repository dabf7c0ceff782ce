import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { seed } from '@millrace/testing/random';
import { AvroJava } from './avro-java.ts';
import { compareWithJava, reportInWords } from './compare-with-java.ts';

const pairs = 1_000;

describe('N42 the same schemas in Avro Java and here', () => {
  let java: AvroJava | undefined;
  beforeAll(async () => {
    java = await AvroJava.start();
  }, 240_000);
  afterAll(() => java?.stop());

  it('parse alike, have the same canonical text, and the same parts that a reader cannot read', async () => {
    const report = await compareWithJava(java!, { seed, pairs });
    process.stdout.write(`${reportInWords(report)}\n`);
    expect(report.differences).toEqual([]);
    expect(report.readable).toBeGreaterThan(pairs / 20);
    expect(Object.keys(report.found).length).toBe(6);
  }, 120_000);
});
