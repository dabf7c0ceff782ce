import { randomUUID } from 'node:crypto';
import {
  connectAdmin,
  connectConsumer,
  connectProducer,
  type ConsumedBatch,
  type Consumer,
} from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { attemptsMax, workers, type Task, type TaskQueue } from './tasks.ts';

const batchMax = 5_000;

/** Tasks on a topic with a partition for each worker, keyed by the customer. */
export async function logTasks(bootstrapServer: string): Promise<TaskQueue> {
  const connection = { bootstrapServers: [bootstrapServer], clientId: 'tasks', logger: silentLogger };
  const topic = `tasks-${randomUUID()}`;
  const deadTopic = `${topic}.dlq`;
  const admin = connectAdmin(connection);
  const producer = connectProducer({ ...connection, lingerMs: 5, queueRecordsMax: 2 * batchMax });
  await admin.topics.create([
    { name: topic, partitions: workers },
    { name: deadTopic, partitions: 1 },
  ]);
  const readers = (groupId: string, partitionsOf = topic): Consumer =>
    connectConsumer({ ...connection, groupId, topics: [partitionsOf], autoOffsetReset: 'earliest' });

  /** Does a task until it succeeds, while the later ones of its partition wait. */
  async function doInPlace(value: Buffer, handle: (task: Task) => Promise<void>): Promise<void> {
    const task = JSON.parse(value.toString()) as Task;
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1)
      try {
        return await handle(task);
      } catch {
        // The next attempt follows.
      }
    await producer.send([{ topic: deadTopic, key: task.customer, value }]);
  }

  async function runWorker(
    batches: AsyncIterable<ConsumedBatch>,
    handle: (task: Task) => Promise<void>,
  ): Promise<void> {
    for await (const { records } of batches)
      for (const { value } of records) if (value !== null) await doInPlace(value, handle);
  }

  async function endOf(name: string): Promise<number> {
    const { partitions = [] } = (await admin.topics.describe([name])).get(name) ?? {};
    await using reader = readers(`ends-${randomUUID()}`, name);
    const ends = await reader.endOffsets(partitions.map(({ partition }) => ({ topic: name, partition })));
    return ends.reduce((total, { offset }) => total + Number(offset), 0);
  }

  return {
    name: `log, ${workers} partitions`,
    async send(tasks) {
      for (let from = 0; from < tasks.length; from += batchMax)
        await producer.send(
          tasks
            .slice(from, from + batchMax)
            .map((task) => ({ topic, key: task.customer, value: JSON.stringify(task) })),
        );
    },
    async work(handle) {
      const members = Array.from({ length: workers }, () => readers(`${topic}-workers`));
      await Promise.all(members.map((member) => member.start()));
      const running = members.map((member) => runWorker(member.batches(), handle));
      return {
        async [Symbol.asyncDispose]() {
          await Promise.all(members.map((member) => member.close()));
          await Promise.all(running);
        },
      };
    },
    deadLetters: () => endOf(deadTopic),
    async replay() {
      const end = await endOf(topic);
      await using reader = readers(`replay-${randomUUID()}`);
      let read = 0;
      for await (const { records } of reader.batches()) {
        read += records.length;
        if (read >= end) break;
      }
      return read;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([producer.close(), admin.close()]);
    },
  };
}
