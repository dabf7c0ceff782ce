import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, type Channel, type ConsumeMessage } from 'amqplib';
import { attemptsMax, workers, type Task, type TaskQueue } from './tasks.ts';

const batchMax = 5_000;
/** The queue moves a dead letter a moment after it was put back for the last time. */
const deadLetterMsMax = 10_000;

/**
 * Tasks in one quorum queue, which flushes to the disk before it confirms, as our broker does. Each
 * worker has so many tasks at hand, of which it does one at a time.
 */
export async function rabbitmqTasks(url: string, prefetch: number): Promise<TaskQueue> {
  const connection = await connect(url);
  const sender = await connection.createConfirmChannel();
  const queue = `tasks-${randomUUID()}`;
  const deadQueue = `${queue}.dlq`;
  await sender.assertQueue(deadQueue, { durable: true, arguments: { 'x-queue-type': 'quorum' } });
  await sender.assertQueue(queue, {
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-delivery-limit': attemptsMax - 1,
      'x-dead-letter-exchange': '',
      'x-dead-letter-routing-key': deadQueue,
    },
  });

  return {
    name: `RabbitMQ, prefetch ${prefetch}`,
    async send(tasks) {
      for (let from = 0; from < tasks.length; from += batchMax) {
        for (const task of tasks.slice(from, from + batchMax))
          sender.sendToQueue(queue, Buffer.from(JSON.stringify(task)), { persistent: true });
        await sender.waitForConfirms();
      }
    },
    async work(handle) {
      const channels = await Promise.all(Array.from({ length: workers }, () => connection.createChannel()));
      const stops = await Promise.all(
        channels.map((channel) => startWorker(channel, { queue, prefetch, handle })),
      );
      return { [Symbol.asyncDispose]: async () => void (await Promise.all(stops.map((stop) => stop()))) };
    },
    async deadLetters(wanted) {
      const deadline = performance.now() + deadLetterMsMax;
      for (;;) {
        const { messageCount } = await sender.checkQueue(deadQueue);
        if (messageCount >= wanted || performance.now() > deadline) return messageCount;
        await wait(deadLetterMsMax / 100);
      }
    },
    async replay() {
      let read = 0;
      while ((await sender.get(queue)) !== false) read += 1;
      return read;
    },
    [Symbol.asyncDispose]: () => connection.close(),
  };
}

interface Work {
  readonly queue: string;
  readonly prefetch: number;
  readonly handle: (task: Task) => Promise<void>;
}

/** Starts a worker, and returns what ends it. A task that fails is put back. */
async function startWorker(
  channel: Channel,
  { queue, prefetch, handle }: Work,
): Promise<() => Promise<void>> {
  const doTask = async (message: ConsumeMessage) => {
    try {
      await handle(JSON.parse(message.content.toString()) as Task);
      channel.ack(message);
    } catch {
      channel.nack(message, false, true);
    }
  };
  let doing: Promise<void> = Promise.resolve();
  await channel.prefetch(prefetch);
  const { consumerTag } = await channel.consume(queue, (message) => {
    if (message !== null) doing = doing.then(() => doTask(message));
  });
  return async () => {
    await channel.cancel(consumerTag);
    await doing;
    await channel.close();
  };
}
