import assert from 'node:assert/strict';
import type { CaseContext } from '../case-context.ts';
import { connect } from './kafkajs-connection.ts';
import { rowsOf } from './java-tool.ts';
import type { JavaCase } from './java-tools.ts';
import { consume, numbered, produce } from './kcat-commands.ts';

/** A transaction of kafkajs that is left open, with one record in it. */
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
    const [topic, id] = [await context.topic('t'), context.name('tx')];
    const transaction = await openTransaction(context, topic, id);
    assert.match(await tool.run('TransactionsCommand', ['list']), new RegExp(`${id}\\s+\\d+\\s+\\d+\\s+Ongoing`));
    const described = await tool.run('TransactionsCommand', ['describe', '--transactional-id', id]);
    assert.match(described, new RegExp(`${id}[^]*Ongoing[^]*${topic}-0`));
    const [producer = {}] = rowsOf(
      await tool.run('TransactionsCommand', ['describe-producers', '--topic', topic, '--partition', '0']),
      'ProducerId',
    );
    assert.equal(producer.CurrentTransactionStartOffset, '0');
    await tool.run('TransactionsCommand', ['find-hanging', '--broker-id', '1']);
    await transaction.commit();
    assert.match(await tool.run('TransactionsCommand', ['list']), new RegExp(`${id}\\s+\\d+\\s+\\d+\\s+(CompleteCommit|PrepareCommit)`));
    assert.match(
      await tool.refused('TransactionsCommand', ['describe', '--transactional-id', context.name('none')]),
      /could not be found|not found/i,
    );
  },
};

const abort: JavaCase = {
  name: 'TransactionsCommand: abort of what hangs in a partition',
  async run(tool, context) {
    const [topic, id] = [await context.topic('t'), context.name('tx')];
    await openTransaction(context, topic, id);
    await produce(context, ['-t', topic], ['after']);
    const read = () => consume(context, ['-t', topic, '-o', 'beginning'], { 'isolation.level': 'read_committed' });
    assert.deepEqual(await read(), []);
    await tool.run('TransactionsCommand', ['abort', '--topic', topic, '--partition', '0', '--start-offset', '0']);
    assert.deepEqual(await read(), ['after']);
  },
};

const copier: JavaCase = {
  name: 'TransactionalMessageCopier with random aborts',
  quick: true,
  limitMs: 90_000,
  async run(tool, context) {
    const [input, output] = [await context.topic('in'), await context.topic('out')];
    const values = numbered('v', 1_000);
    await produce(context, ['-t', input], values);
    const places = ['--input-topic', input, '--input-partition', '0', '--output-topic', output, '--broker-list', context.bootstrapServers];
    const ids = ['--consumer-group', context.name('group'), '--transactional-id', context.name('tx')];
    const how = ['--transaction-size', '100', '--enable-random-aborts', '--max-messages', '1000'];
    await tool.plain('TransactionalMessageCopier', [...places, ...ids, ...how]);
    const copied = await consume(context, ['-t', output, '-o', 'beginning'], { 'isolation.level': 'read_committed' });
    assert.deepEqual(copied, values);
    const offset = await tool.run('consumer.group.ConsumerGroupCommand', ['--describe', '--group', context.name('group'), '--offsets']);
    assert.equal(rowsOf(offset, 'GROUP')[0]?.['CURRENT-OFFSET'], '1000');
  },
};

const copierInGroup: JavaCase = {
  name: 'TransactionalMessageCopier in a group, with its metadata',
  limitMs: 90_000,
  async run(tool, context) {
    const [input, output] = [await context.topic('in'), await context.topic('out')];
    const values = numbered('v', 500);
    await produce(context, ['-t', input], values);
    const places = ['--input-topic', input, '--input-partition', '0', '--output-topic', output, '--broker-list', context.bootstrapServers];
    const ids = [
      '--consumer-group',
      context.name('group'),
      '--transactional-id',
      context.name('tx'),
      '--group-mode',
      '--use-group-metadata',
    ];
    await tool.plain('TransactionalMessageCopier', [...places, ...ids, '--transaction-size', '50', '--max-messages', '500']);
    assert.deepEqual(await consume(context, ['-t', output, '-o', 'beginning'], { 'isolation.level': 'read_committed' }), values);
  },
};

export const javaTransactionCases: readonly JavaCase[] = [listing, abort, copier, copierInGroup];
