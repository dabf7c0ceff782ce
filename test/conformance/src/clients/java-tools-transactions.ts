import assert from 'node:assert/strict';
import type { CaseContext } from '../case-context.ts';
import { connect } from './kafkajs-connection.ts';
import { rowsOf, type JavaTool } from './java-tool.ts';
import type { JavaCase } from './java-tools.ts';
import { reached } from '../reached.ts';
import { consume, consumeCommitted, numbered, produce } from './kcat-commands.ts';

/** Opens a transaction with kafkajs, writes one record and leaves it open. */
async function openTransaction(context: CaseContext, topic: string, transactionalId: string) {
  const producer = connect(context).producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  context.atEnd(() => producer.disconnect());
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: [{ value: 'open' }] });
  return transaction;
}

const listing: JavaCase = {
  name: 'TransactionsCommand: list, describe, describe-producers, find-hanging',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    const id = context.name('tx');
    const transaction = await openTransaction(context, topic, id);
    assert.match(
      await tool.run('TransactionsCommand', 'list'),
      new RegExp(`${id}\\s+\\d+\\s+\\d+\\s+Ongoing`),
    );
    const described = await tool.run('TransactionsCommand', `describe --transactional-id ${id}`);
    assert.match(described, new RegExp(`${id}[^]*Ongoing[^]*${topic}-0`));
    const [producer = {}] = rowsOf(
      await tool.run('TransactionsCommand', `describe-producers --topic ${topic} --partition 0`),
      'ProducerId',
    );
    assert.equal(producer.CurrentTransactionStartOffset, '0');
    await tool.run('TransactionsCommand', 'find-hanging --broker-id 1');
    await transaction.commit();
    assert.match(
      await tool.run('TransactionsCommand', 'list'),
      new RegExp(`${id}\\s+\\d+\\s+\\d+\\s+(CompleteCommit|PrepareCommit)`),
    );
    assert.match(
      await tool.refused('TransactionsCommand', `describe --transactional-id ${context.name('none')}`),
      /could not be found|not found/i,
    );
  },
};

const abort: JavaCase = {
  name: 'TransactionsCommand: abort of a hanging transaction in a partition',
  async run(tool, context) {
    const topic = await context.topic('t');
    const id = context.name('tx');
    await openTransaction(context, topic, id);
    await produce(context, ['-t', topic], ['after']);
    assert.deepEqual(
      await consume(context, ['-t', topic, '-o', 'beginning'], { 'isolation.level': 'read_committed' }),
      [],
    );
    await tool.run('TransactionsCommand', `abort --topic ${topic} --partition 0 --start-offset 0`);
    assert.deepEqual(await consumeCommitted(context, topic, 1), ['after']);
  },
};

const abortAsBefore: JavaCase = {
  name: 'TransactionsCommand: abort that names the producer, as for brokers before 3.0',
  async run(tool, context) {
    const topic = await context.topic('t');
    await openTransaction(context, topic, context.name('tx'));
    const producers = () =>
      tool.run('TransactionsCommand', `describe-producers --topic ${topic} --partition 0`);
    const open = async () => rowsOf(await producers(), 'ProducerId')[0] ?? {};
    const {
      ProducerId: id = '',
      ProducerEpoch: epoch = '',
      CurrentTransactionStartOffset: start,
    } = await open();
    assert.equal(start, '0');
    const named = `--producer-id ${id} --producer-epoch ${epoch} --coordinator-epoch 0`;
    await tool.run('TransactionsCommand', `abort --topic ${topic} --partition 0 ${named}`);
    assert.equal((await open()).CurrentTransactionStartOffset, 'None');
    const nothing = await tool.refused(
      'TransactionsCommand',
      `abort --topic ${topic} --partition 0 --start-offset 0`,
    );
    assert.match(nothing, /Could not find any open transactions starting at offset 0/);
  },
};

const filtered: JavaCase = {
  name:
    'TransactionsCommand: list by duration and pattern; find-hanging ignores a transaction that its ' +
    'coordinator knows',
  async run(tool, context) {
    const topic = await context.topic('t');
    const id = context.name('tx');
    await openTransaction(context, topic, id);
    const list = async (filter: string) =>
      (await tool.run('TransactionsCommand', `list ${filter}`)).includes(id);
    assert.deepEqual(
      [await list('--duration-filter 0'), await list('--duration-filter 3600000')],
      [true, false],
    );
    const byPattern = (pattern: string) => list(`--transactional-id-pattern ${pattern}`);
    assert.deepEqual(
      [await byPattern(`${id}.*`), await byPattern('none.*'), await byPattern(id.slice(1))],
      [true, false, false],
    );
    const where = `--topic ${topic} --partition 0 --max-transaction-timeout 0`;
    const hanging = await tool.run('TransactionsCommand', `find-hanging ${where}`);
    assert.match(hanging, /ProducerId/);
    assert.ok(!hanging.includes(topic));
    assert.match(
      await tool.refused('TransactionsCommand', `find-hanging --topic ${context.name('none')}`),
      /UnknownTopicOrPartition|does not/i,
    );
  },
};

const forceTerminate: JavaCase = {
  name: 'TransactionsCommand: forceTerminateTransaction ends a transaction and fences its producer',
  async run(tool, context) {
    const topic = await context.topic('t');
    const id = context.name('tx');
    const transaction = await openTransaction(context, topic, id);
    await produce(context, ['-t', topic], ['after']);
    await tool.run('TransactionsCommand', `forceTerminateTransaction --transactionalId ${id}`);
    assert.deepEqual(await consumeCommitted(context, topic, 1), ['after']);
    await assert.rejects(transaction.commit(), /epoch|fenced/i);
    assert.match(
      await tool.run('TransactionsCommand', `describe --transactional-id ${id}`),
      /Empty|CompleteAbort/,
    );
  },
};

/** Copies this many records with TransactionalMessageCopier, and compares what it has committed. */
async function copyInTransactions(
  tool: JavaTool,
  context: CaseContext,
  records: number,
  how: string,
): Promise<void> {
  const input = await context.topic('in');
  const output = await context.topic('out');
  const values = numbered('v', records);
  await produce(context, ['-t', input], values);
  const options = [
    `--broker-list ${context.bootstrapServers} --max-messages ${records}`,
    `--input-topic ${input} --input-partition 0 --output-topic ${output}`,
    `--consumer-group ${context.name('group')} --transactional-id ${context.name('tx')}`,
    how,
  ];
  await tool.plain('TransactionalMessageCopier', options.join(' '));
  assert.deepEqual(await consumeCommitted(context, output, records), values);
}

const copier: JavaCase = {
  name: 'TransactionalMessageCopier with random aborts',
  quick: true,
  limitMs: 90_000,
  async run(tool, context) {
    await copyInTransactions(tool, context, 1_000, '--transaction-size 100 --enable-random-aborts');
    const describe = `--describe --group ${context.name('group')} --offsets`;
    const offset = async () =>
      rowsOf(await tool.run('consumer.group.ConsumerGroupCommand', describe), 'GROUP')[0]?.['CURRENT-OFFSET'];
    await reached(async () => (await offset()) === '1000', "the group's offset 1000");
  },
};

const copierInGroup: JavaCase = {
  name: 'TransactionalMessageCopier in a group, with its metadata',
  limitMs: 90_000,
  async run(tool, context) {
    await copyInTransactions(tool, context, 500, '--transaction-size 50 --group-mode --use-group-metadata');
  },
};

export const javaTransactionCases: readonly JavaCase[] = [
  listing,
  filtered,
  abort,
  abortAsBefore,
  forceTerminate,
  copier,
  copierInGroup,
];
