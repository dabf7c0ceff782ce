import { setTimeout as wait } from 'node:timers/promises';
import { connectConsumer, connectProducer, type Consumer } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { inParallel, type Place, type Steps } from './order-steps.ts';

/** A service that reads the topic as a group of its own. It does its work for each order. */
export class Subscriber {
  readonly done: string[] = [];
  readonly #connect: () => Consumer;
  readonly #workMs: number;
  #consumer?: Consumer;
  #reading: Promise<void> = Promise.resolve();

  constructor(log: EventLog, group: string, workMs: number) {
    this.#connect = () =>
      connectConsumer({
        ...connectionOf(log),
        groupId: `${log.topic}-${group}`,
        topics: [log.topic],
        autoOffsetReset: 'earliest',
      });
    this.#workMs = workMs;
  }

  async start(): Promise<void> {
    this.#consumer = this.#connect();
    this.#reading = this.#read(this.#consumer);
  }

  async stop(): Promise<void> {
    await this.#consumer?.close();
    await this.#reading;
  }

  async #read(consumer: Consumer): Promise<void> {
    for await (const { key } of consumer) {
      await wait(this.#workMs);
      this.done.push(String(key));
    }
  }
}

export interface EventLog {
  readonly bootstrapServers: string;
  readonly topic: string;
}

const connectionOf = ({ bootstrapServers }: EventLog) => ({
  bootstrapServers: [bootstrapServers],
  clientId: 'guides',
  logger: silentLogger,
});

/** Order writes an event to the topic, and knows none of the services that read it. */
export async function startEventFlow(log: EventLog, workMs: Steps<number>): Promise<Place> {
  const producer = connectProducer(connectionOf(log));
  const subscribers = {
    inventory: new Subscriber(log, 'inventory', workMs.inventory),
    shipping: new Subscriber(log, 'shipping', workMs.shipping),
    notification: new Subscriber(log, 'notification', workMs.notification),
  };
  await inParallel(subscribers, (subscriber) => subscriber.start());
  return {
    place: (orderId) =>
      producer.send([{ topic: log.topic, key: orderId, value: '{"type":"OrderCreated"}' }]).then(
        () => 202,
        () => 503,
      ),
    done: (step) => subscribers[step].done,
    takeDown: (step) => subscribers[step].stop(),
    bringBack: (step) => subscribers[step].start(),
    async stop() {
      await inParallel(subscribers, (subscriber) => subscriber.stop());
      await producer.close();
    },
  };
}
