import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { JavaCase } from './java-tools.ts';
import type { JavaTool } from './java-tool.ts';
import { linesOf, numbered, produce } from './kcat-commands.ts';

const consoleConsumer = 'consumer.ConsoleConsumer';

const consoles: JavaCase = {
  name: 'ConsoleProducer and ConsoleConsumer: keys, headers, partitions',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t', { partitions: 3 });
    const reader =
      '--reader-property parse.key=true --reader-property key.separator=: --reader-property parse.headers=true';
    const lines = ['h1:v1\tuser_123:first', 'h1:v1\tuser123:second', 'h1:v2,h2:v3\tuser_123:third'];
    await tool.run('ConsoleProducer', `--topic ${topic} ${reader}`, linesOf(lines));
    const show = ['key', 'headers', 'partition', 'offset']
      .map((name) => `--formatter-property print.${name}=true`)
      .join(' ');
    const read = await tool.run(
      consoleConsumer,
      `--topic ${topic} --from-beginning --max-messages 3 --timeout-ms 20000 ${show}`,
    );
    const printed = read
      .split('\n')
      .filter((line) => line.startsWith('Partition:'))
      .sort();
    assert.deepEqual(printed, [
      'Partition:0\tOffset:0\th1:v1\tuser123\tsecond',
      'Partition:2\tOffset:0\th1:v1\tuser_123\tfirst',
      'Partition:2\tOffset:1\th1:v2,h2:v3\tuser_123\tthird',
    ]);
  },
};

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'].map((codec): JavaCase => ({
  name: `ConsoleProducer with ${codec}`,
  async run(tool, context) {
    const topic = await context.topic('t');
    const values = numbered('the same words again and again ', 500);
    await tool.run('ConsoleProducer', `--topic ${topic} --compression-codec ${codec}`, linesOf(values));
    assert.deepEqual(await readAll(tool, topic, 500), values);
  },
}));

async function readAll(tool: JavaTool, topic: string, count: number, more = ''): Promise<readonly string[]> {
  const limits = `--max-messages ${count} --timeout-ms 20000`;
  const output = await tool.run(consoleConsumer, `--topic ${topic} --from-beginning ${limits} ${more}`);
  return output
    .split('\n')
    .filter((line) => line !== '' && !/^(Processed a total|The consumer rebalance protocol)/.test(line));
}

const topicCompression: JavaCase = {
  name: 'a topic with a codec of its own accepts records in another',
  async run(tool, context) {
    const topic = await context.topic('t', { configs: { 'compression.type': 'zstd' } });
    const values = numbered('the same words again and again ', 200);
    await tool.run('ConsoleProducer', `--topic ${topic} --compression-codec gzip`, linesOf(values));
    assert.deepEqual(await readAll(tool, topic, 200), values);
  },
};

const verifiable: JavaCase = {
  name: 'VerifiableProducer and VerifiableConsumer',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t', { partitions: 3 });
    const written = await tool.alone('VerifiableProducer', `--topic ${topic} --max-messages 5000 --acks -1`);
    assert.match(written, /"name":"tool_data".*"acked":5000/);
    const read = await tool.run(
      'VerifiableConsumer',
      `--topic ${topic} --group-id ${context.name('group')} --max-messages 5000 --verbose`,
    );
    const records = read.split('\n').filter((line) => line.includes('"record_data"'));
    assert.equal(records.length, 5_000);
    assert.match(read, /"name":"offsets_committed".*"success":true/);
  },
};

const idempotentSmallBatches: JavaCase = {
  name: 'VerifiableProducer at 2,000 a second, read by the cooperative assignor',
  async run(tool, context) {
    const topic = await context.topic('t', { partitions: 3 });
    await tool.alone('VerifiableProducer', `--topic ${topic} --max-messages 4000 --throughput 2000`);
    const strategy = '--assignment-strategy org.apache.kafka.clients.consumer.CooperativeStickyAssignor';
    const wish = `--topic ${topic} --group-id ${context.name('group')} --max-messages 4000 --verbose ${strategy}`;
    assert.equal(
      (await tool.run('VerifiableConsumer', wish))
        .split('\n')
        .filter((line) => line.includes('"record_data"')).length,
      4_000,
    );
  },
};

const performance: JavaCase = {
  name: 'ProducerPerformance, ConsumerPerformance, EndToEndLatency',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    const size = '--num-records 20000 --record-size 100 --throughput -1';
    const produced = await tool.run(
      'ProducerPerformance',
      `--topic ${topic} ${size} --command-property acks=all`,
    );
    assert.match(produced, /20000 records sent/);
    const consumed = await tool.run(
      'ConsumerPerformance',
      `--topic ${topic} --num-records 20000 --timeout 20000`,
    );
    assert.match(consumed, /, 20000, /);
    assert.match(
      await tool.plain('EndToEndLatency', `${context.bootstrapServers} ${topic} 50 all 100`),
      /Percentiles: 50th/,
    );
  },
};

const transactionalPerformance: JavaCase = {
  name: 'ProducerPerformance with transactions',
  async run(tool, context) {
    const topic = await context.topic('t', { partitions: 2 });
    const size = '--num-records 5000 --record-size 100 --throughput -1';
    const transactional = `--transactional-id ${context.name('tx')} --transaction-duration-ms 20`;
    assert.match(
      await tool.run('ProducerPerformance', `--topic ${topic} ${size} ${transactional}`),
      /5000 records sent/,
    );
    const committed = await readAll(tool, topic, 5_000, '--isolation-level read_committed');
    assert.equal(committed.length, 5_000);
  },
};

const dump: JavaCase = {
  name: 'DumpLogSegments: batches, records, indexes',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t', {
      configs: { 'index.interval.bytes': '100', 'segment.bytes': '1048576' },
    });
    const values = numbered('value ', 50);
    for (const codec of ['none', 'gzip', 'zstd'])
      await produce(context, ['-t', topic, '-k', 'key', ...(codec === 'none' ? [] : ['-z', codec])], values);
    for (let round = 0; round < 3; round += 1) await produce(context, ['-t', topic], ['x'.repeat(600_000)]);
    const folder = context.partitionFolder(topic, 0);
    const files = (await readdir(folder))
      .filter((file) => /^0+\.(log|index|timeindex)$/.test(file))
      .map((file) => join(folder, file));
    assert.equal(files.length, 3);
    const [log = ''] = files.filter((file) => file.endsWith('.log'));
    const printed = await tool.plain('DumpLogSegments', `--files ${log} --print-data-log --deep-iteration`);
    assert.equal([...printed.matchAll(/ payload: value \d+/g)].length, 150);
    assert.match(printed, /Log starting offset: 0/);
    assert.doesNotMatch(printed, /isvalid: false/);
    for (const file of files.filter((each) => each !== log)) {
      assert.match(
        await tool.plain('DumpLogSegments', `--files ${file} --index-sanity-check`),
        /passed sanity check/,
      );
      assert.doesNotMatch(
        await tool.plain('DumpLogSegments', `--files ${file} --verify-index-only`),
        /mismatch|not found|Corrupt/i,
      );
    }
  },
};

export const javaRecordCases: readonly JavaCase[] = [
  consoles,
  ...codecs,
  topicCompression,
  verifiable,
  idempotentSmallBatches,
  performance,
  transactionalPerformance,
  dump,
];
