import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { reached } from '../reached.ts';
import { connect, readMessages } from './kafkajs-connection.ts';
import type { JavaCase } from './java-tools.ts';
import { rowsOf, type JavaTool } from './java-tool.ts';
import { numbered, produce } from './kcat-commands.ts';

const command = 'consumer.group.ConsumerGroupCommand';

/** The group's committed offset for partition 0, as `--describe` shows it. */
async function described(tool: JavaTool, group: string): Promise<Readonly<Record<string, string>>> {
  const [first = {}] = rowsOf(await tool.run(command, `--describe --group ${group} --offsets`), 'GROUP');
  return first;
}

const describeGroup: JavaCase = {
  name: 'ConsumerGroupCommand: list and describe, with and without a member',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    const groupId = context.name('group');
    await produce(context, ['-t', topic], numbered('v', 10));
    const consumer = connect(context).consumer({ groupId, maxWaitTimeInMs: 100 });
    context.atEnd(() => consumer.disconnect());
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    let read = 0;
    await consumer.run({ autoCommitThreshold: 1, eachMessage: async () => void (read += 1) });
    await reached(
      async () => read === 10 && (await described(tool, groupId))['CURRENT-OFFSET'] === '10',
      'the commit of offset 10',
    );
    const row = await described(tool, groupId);
    assert.deepEqual([row.TOPIC, row.PARTITION, row['LOG-END-OFFSET'], row.LAG], [topic, '0', '10', '0']);
    assert.match(row['CLIENT-ID'] ?? '', /conformance/);
    assert.match(await tool.run(command, `--describe --group ${groupId} --state`), /Stable\s+1/);
    assert.match(
      await tool.run(command, `--describe --group ${groupId} --members --verbose`),
      new RegExp(`${topic}[(:]0`),
    );
    assert.match(await tool.run(command, '--list --state'), new RegExp(`${groupId}\\s+Stable`));
    assert.match(
      await tool.refused(command, `--delete --group ${groupId}`),
      /GroupNotEmptyException|not empty/i,
    );
    assert.match(await tool.run('GroupsCommand', '--list'), new RegExp(`${groupId}\\s+Classic\\s+consumer`));
    await consumer.disconnect();
    await produce(context, ['-t', topic], numbered('w', 5));
    const away = await described(tool, groupId);
    assert.deepEqual([away['CURRENT-OFFSET'], away.LAG, away['CONSUMER-ID']], ['10', '5', '-']);
    assert.match(await tool.run(command, `--describe --group ${groupId} --state`), /Empty\s+0/);
  },
};

const reset: JavaCase = {
  name: 'ConsumerGroupCommand: reset-offsets, delete-offsets, delete',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    const group = context.name('group');
    await produce(context, ['-t', topic], numbered('v', 10));
    await readMessages(context, topic, 10, { groupId: group });
    const resetTo = async (how: string) => {
      const output = await tool.run(
        command,
        `--reset-offsets --group ${group} --topic ${topic} ${how} --execute`,
      );
      return rowsOf(output, 'GROUP')[0]?.['NEW-OFFSET'];
    };
    assert.equal(await resetTo('--to-earliest'), '0');
    assert.equal(await resetTo('--to-offset 7'), '7');
    assert.equal(await resetTo('--shift-by -3'), '4');
    assert.equal(await resetTo('--to-latest'), '10');
    assert.equal(await resetTo('--to-datetime 2000-01-01T00:00:00.000'), '0');
    assert.equal((await described(tool, group))['CURRENT-OFFSET'], '0');
    assert.match(await tool.run(command, `--delete-offsets --group ${group} --topic ${topic}`), /Successful/);
    assert.match(await tool.run(command, `--delete --group ${group}`), /was successful/);
    assert.match(
      await tool.refused(command, `--describe --group ${group}`),
      /GroupIdNotFoundException|does not exist/,
    );
  },
};

/** Reads all partitions, because Kafka may number those of its internal topics as it likes. */
async function dumpInternal(
  tool: JavaTool,
  logFolder: string,
  topic: string,
  decoder: string,
): Promise<string> {
  const folders = (await readdir(logFolder)).filter((folder) => folder.startsWith(`${topic}-`));
  const logs = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(logFolder, folder)))
        .filter((file) => file.endsWith('.log'))
        .map((file) => join(logFolder, folder, file)),
    ),
  );
  return tool.plain('DumpLogSegments', `${decoder} --files ${logs.flat().join(',')}`);
}

const dumpOffsets: JavaCase = {
  name: 'DumpLogSegments --offsets-decoder on __consumer_offsets',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    const group = context.name('group');
    await produce(context, ['-t', topic], numbered('v', 10));
    await readMessages(context, topic, 10, { groupId: group });
    const printed = await dumpInternal(
      tool,
      context.engine.logFolder,
      '__consumer_offsets',
      '--offsets-decoder',
    );
    assert.match(printed, new RegExp(`"group":"${group}","topic":"${topic}","partition":0.*"offset":10`));
    assert.match(printed, new RegExp(`"group":"${group}".*"protocolType":"consumer"`));
  },
};

const dumpTransactions: JavaCase = {
  name: 'DumpLogSegments --transaction-log-decoder on __transaction_state',
  quick: true,
  async run(tool, context) {
    const topic = await context.topic('t');
    const id = context.name('tx');
    await produce(context, ['-t', topic], ['v'], { 'transactional.id': id });
    const isThere = async () => {
      const printed = await dumpInternal(
        tool,
        context.engine.logFolder,
        '__transaction_state',
        '--transaction-log-decoder',
      );
      return (
        new RegExp(`${id}[^]*CompleteCommit`).test(printed) ||
        new RegExp(`"transactionalId":"${id}"[^]*"transactionStatus":4`).test(printed)
      );
    };
    await reached(isThere, 'the committed transaction in __transaction_state');
  },
};

export const javaGroupCases: readonly JavaCase[] = [describeGroup, reset, dumpOffsets, dumpTransactions];
