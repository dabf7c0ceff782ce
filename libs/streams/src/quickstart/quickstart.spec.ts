import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { serdes } from '../index.ts';
import { wordCount } from '../runtime/word-count.fixture.ts';
import { TopologyTestDriver } from '../test-driver.ts';
import { alertJson, fraud, transactionJson } from './fraud.fixture.ts';

const textOf = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

/** A file as a reader writes it, in a folder outside this package. */
const asRead = (path: string): string =>
  textOf(path)
    .replace("'../index.ts'", "'@millrace/streams'")
    .replace("'../cep.ts'", "'@millrace/streams/cep'")
    .replace("'../test-driver.ts'", "'@millrace/streams/test-driver'")
    .replace("'./orders-per-minute.fixture.ts'", "'./topology.ts'");

/** The statement that makes the topology of the word count. */
const wordCountTopology = (): string =>
  /\n {2}builder\n([\s\S]*?;)\n/
    .exec(textOf('../runtime/word-count.fixture.ts'))![1]!
    .replaceAll(/^ {2}/gm, '')
    .replace('stream(input,', "stream('lines',")
    .replace('.to(output,', ".to('word-counts',");

const readme = textOf('../../README.md');

describe('the README', () => {
  it.each([
    'fraud.fixture.ts',
    'orders-per-minute.fixture.ts',
    'orders-per-minute-test.program.ts',
    'orders-per-minute.program.ts',
  ])('T17 contains %s verbatim', (file) => {
    expect(readme).toContain(`\`\`\`ts\n${asRead(`./${file}`)}\`\`\``);
  });

  it('T17 contains the word count that these tests run', () => {
    expect(readme).toContain(wordCountTopology());
  });

  it('counts words', () => {
    using driver = new TopologyTestDriver(wordCount('lines', 'word-counts'));
    const lines = driver.createInputTopic('lines', serdes.string, serdes.string);
    const counts = driver.createOutputTopic('word-counts', serdes.string, serdes.safeLong);

    lines.pipeInput('a', 'all streams lead to Kafka', 0);
    lines.pipeInput('b', 'hello Kafka', 1);

    expect(counts.readKeyValuesToMap()).toEqual(
      new Map([
        ['all', 1],
        ['streams', 1],
        ['lead', 1],
        ['to', 1],
        ['hello', 1],
        ['kafka', 2],
      ]),
    );
  });

  it('finds three transactions in different countries', () => {
    using driver = new TopologyTestDriver(fraud());
    const transactions = driver.createInputTopic('transactions', serdes.string, transactionJson);
    const alerts = driver.createOutputTopic('fraud-alerts', serdes.string, alertJson);
    const pay = (transactionId: string, country: string, time: string) =>
      transactions.pipeInput('card', { transactionId, country, occurredAt: `2026-11-26T${time}Z` }, 0);

    pay('a', 'DE', '10:00:00');
    pay('c', 'US', '10:00:20');
    pay('b', 'FR', '10:00:10');
    pay('d', 'US', '10:09:00');

    expect(alerts.readKeyValuesToMap()).toEqual(new Map([['card', { transactionIds: ['a', 'b', 'c'] }]]));
  });

  it('has a test of orders per minute and SKU that passes', async () => {
    await expect(import('./orders-per-minute-test.program.ts')).resolves.toBeDefined();
  });
});
