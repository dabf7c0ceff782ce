import assert from 'node:assert/strict';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { kafkaVersion, propertiesOf } from '@millrace/embedded-kafka';
import { freePorts } from '@millrace/testing/kafka';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase, ForeignClient } from '../conformance-case.ts';
import { reached } from '../reached.ts';
import { compilePrograms, javaCommand } from './java-runner.ts';
import { consumeCommitted, linesOf, numbered, splitLines } from './kcat-commands.ts';
import { topicConfig } from './topic-config.ts';

type Start = (propertiesFile: string) => readonly string[];

export const kafkaConnect: ForeignClient = {
  name: 'connect',
  title: 'Kafka Connect: a distributed worker with its file source and file sink, from Maven Central',
  quick: false,
  async prepare({ print }) {
    const places = await compilePrograms(print);
    const start: Start = (file) =>
      javaCommand(places, 'org.apache.kafka.connect.cli.ConnectDistributed', [file]);
    return { version: kafkaVersion(), cases: [exactlyOnceSource(start)] };
  },
};

const exactlyOnceSource = (start: Start): ConformanceCase => ({
  name: 'an exactly-once file source and a file sink; the worker killed once',
  limitMs: 240_000,
  async run(context) {
    const folder = await context.folder();
    const source = join(folder, 'source.txt');
    const sink = join(folder, 'sink.txt');
    const topic = await context.topic('lines');
    const worker = await workerOf(context, folder);
    const lines = numbered('line ', 1_000);
    const copied = (count: number) =>
      reached(async () => new Set(await linesIn(sink)).size >= count, `${count} lines in the sink`, 90_000);

    await writeFile(source, linesOf(lines.slice(0, 500)));
    const first = context.start(start(worker.propertiesFile));
    await worker.answers();
    const exactlyOnce = { 'exactly.once.support': 'required', 'transaction.boundary': 'poll' };
    await worker.configure('source', {
      'connector.class': 'FileStreamSource',
      file: source,
      topic,
      ...exactlyOnce,
    });
    await worker.configure('sink', { 'connector.class': 'FileStreamSink', file: sink, topics: topic });
    await copied(500);
    await first.stop('SIGKILL');

    await appendFile(source, linesOf(lines.slice(500)));
    // The second worker reads its connectors and offsets from its topics, and fences the producer of
    // the first one.
    const second = context.start(start(worker.propertiesFile));
    await copied(1_000);
    assert.deepEqual(await consumeCommitted(context, topic, 1_000), lines);
    for (const internal of worker.topics)
      assert.equal(await topicConfig(context.bootstrapServers, internal, 'cleanup.policy'), 'compact');
    await second.stop();
  },
});

/** Writes a worker's properties, with its own topics and a REST interface. */
async function workerOf(context: CaseContext, folder: string) {
  const [port] = await freePorts(1);
  const rest = `http://127.0.0.1:${port}`;
  const topicOf = (kind: string) => context.name(kind);
  const storage = (kind: string) => ({
    [`${kind}.storage.topic`]: topicOf(kind),
    [`${kind}.storage.replication.factor`]: 1,
  });
  const propertiesFile = join(folder, 'worker.properties');
  const converter = 'org.apache.kafka.connect.storage.StringConverter';
  const properties = {
    'bootstrap.servers': context.bootstrapServers,
    'group.id': context.name('workers'),
    ...Object.assign({}, ...['config', 'offset', 'status'].map(storage)),
    'key.converter': converter,
    'value.converter': converter,
    'exactly.once.source.support': 'enabled',
    'consumer.isolation.level': 'read_committed',
    'consumer.session.timeout.ms': 3_000,
    'consumer.heartbeat.interval.ms': 500,
    'plugin.discovery': 'service_load',
    listeners: rest,
    'scheduled.rebalance.max.delay.ms': 0,
    'session.timeout.ms': 3_000,
    'heartbeat.interval.ms': 500,
    'offset.flush.interval.ms': 500,
  };
  await writeFile(propertiesFile, propertiesOf(properties));
  return {
    propertiesFile,
    topics: ['config', 'offset', 'status'].map(topicOf),
    /**
     * Resolves once the worker's group has assigned work to it. Until then the worker answers 404
     * to everything.
     */
    answers: () =>
      reached(() => fetch(`${rest}/connectors`).then((answer) => answer.ok, () => false), "the worker's REST interface", 90_000), // prettier-ignore
    async configure(connector: string, config: Readonly<Record<string, string>>) {
      const url = `${rest}/connectors/${context.name(connector)}/config`;
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(url, {
        method: 'PUT',
        headers,
        body: JSON.stringify({ ...config, 'tasks.max': '1' }),
      });
      assert.equal(answer.status, 201, await answer.text());
    },
  };
}

const linesIn = async (file: string): Promise<readonly string[]> =>
  splitLines(await readFile(file, 'utf8').catch(() => ''));
