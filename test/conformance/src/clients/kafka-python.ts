import assert from 'node:assert/strict';
import { join } from 'node:path';
import { installKafkaPython, kafkaPythonVersion } from '@millrace/test-support/python';
import { Admin } from '@platformatic/kafka';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase, ForeignClient } from '../conformance-case.ts';

const programs = join(import.meta.dirname, '../programs/python');

export const kafkaPython: ForeignClient = {
  name: 'kafka-python',
  title: 'the client of the guides, from PyPI',
  quick: true,
  async prepare() {
    const python = await installKafkaPython();
    return { version: kafkaPythonVersion, cases: [guides(python), ...pythonCases(python)] };
  },
};

/** The guides' programs, word for word. The names of the topic and the group are theirs. */
const guides = (python: string): ConformanceCase => ({
  name: "the guides' producer and consumer",
  quick: true,
  async run(context) {
    const admin = new Admin({ clientId: 'conformance', bootstrapBrokers: [context.bootstrapServers] });
    context.atEnd(() => admin.close());
    await admin.createTopics({ topics: ['user-events'], partitions: 3, replicas: 1 });
    context.atEnd(() => admin.deleteTopics({ topics: ['user-events'] }));
    const run = (file: string) => context.run([python, join(programs, file), context.bootstrapServers]);
    const received = `Received: partition 0, key user123, {"user_id": "123", "action": "click", "timestamp": "2024-01-15T10:00:00Z"}\n`;
    assert.equal(await run('g16_producer.py'), 'Message sent to partition 0, offset 0\n');
    assert.equal(await run('g16_consumer.py'), received);
    assert.equal(await run('g16_producer.py'), 'Message sent to partition 0, offset 1\n');
    assert.equal(await run('g16_consumer.py'), received);
  },
});

const quickCases = ['group', 'transactions', 'send_offsets', 'admin_groups'];
const titles: Readonly<Record<string, string>> = {
  gzip: 'producer with gzip, keys and headers',
  acks_0: 'producer with acks=0',
  acks_1: 'producer with acks=1',
  idempotent: 'idempotent producer',
  group: 'group of two members',
  offsets: 'offsets: first, last, by timestamp, committed with metadata',
  transactions: 'transactions: commit, abort, read_committed',
  send_offsets: "transactions: consume, transform, produce, with the group's offsets",
  fencing: 'transactions: a second producer with its id fences the first',
  admin_topics: 'KafkaAdminClient: topics, partitions, the cluster',
  admin_configs: 'KafkaAdminClient: configs',
  admin_groups: 'KafkaAdminClient: groups and their offsets',
  admin_records: 'KafkaAdminClient: deleting records',
  admin_transactions: 'KafkaAdminClient: transactions and producers',
};

const pythonCases = (python: string): readonly ConformanceCase[] =>
  Object.entries(titles).map(([name, title]) => ({
    name: title,
    quick: quickCases.includes(name),
    run: async (context: CaseContext) => {
      await context.run([
        python,
        join(programs, 'cases.py'),
        name,
        context.bootstrapServers,
        context.name(''),
      ]);
    },
  }));
