import { errorCodes, WireClient } from '@millrace/streaming-core/protocol';
import { AskingClient } from '../crash/asking-client.ts';
import { AskingProducer } from '../crash/asking-transactions.ts';
import { brokenPromises } from '../crash/broken-promises.ts';
import { surveyLog } from '../crash/log-survey.ts';
import { emptyBook, type Asked, type TopicAsked } from '../crash/promise-book.ts';
import { brokerSettings } from '../crash/recorded-run.ts';
import { startBrokerChild, type BrokerChild } from '../process/broker-child.ts';

export interface Found {
  readonly note: string;
  readonly problems: readonly string[];
}

const group = 'readers';
const batchBytesMax = 200_000;
const refusalsInARow = 3;
const transactional = { transactionalId: 'filler', protocol: 2 } as const;
const storageError = `error ${errorCodes.KAFKA_STORAGE_ERROR}`;

/** A broker's process and its clients, with a book of everything that it acknowledged. */
export class BrokerOnDisk {
  readonly #dataFolder: string;
  readonly #random: () => number;
  readonly #book = emptyBook();
  #broker: BrokerChild | undefined;
  #topic: TopicAsked | undefined;
  #time = 0;
  #written = 0;

  constructor(dataFolder: string, random: () => number) {
    this.#dataFolder = dataFolder;
    this.#random = random;
  }

  async start(): Promise<void> {
    this.#broker = await startBrokerChild({ dataFolder: this.#dataFolder, ...brokerSettings });
  }

  /** Stops the broker with kill -9. */
  async stop(): Promise<void> {
    await this.#broker?.kill();
    this.#broker = undefined;
  }

  /**
   * Writes batches of every size until several in a row are refused, then smaller ones, down to the
   * last byte. Commits offsets and runs transactions at the same time.
   */
  fill(): Promise<Found> {
    return this.#asking(async (client) => {
      const topic = (this.#topic ??= await client.createTopic('filling', 2, {
        configs: { 'segment.bytes': '1048576' },
      }));
      const producer = new AskingProducer(client, transactional);
      await producer.init();
      const before = this.#written;
      const refusals = new Set<string>();
      let bytesMax = batchBytesMax;
      let inARow = 0;
      while (bytesMax >= 1) {
        const { failed } = await this.#writeOne(client, topic, bytesMax * this.#random());
        inARow = failed === undefined ? 0 : inARow + 1;
        if (inARow === refusalsInARow) {
          bytesMax = bytesMax / 10;
          inARow = 0;
        }
        if (failed !== undefined) refusals.add(failed);
        else if (this.#written % 10 === 0) await this.#transact(producer, topic);
        await this.#commitOf(client, topic);
      }
      const wrong = [...refusals]
        .filter((refusal) => refusal !== storageError)
        .map((refusal) => `a write is refused with ${refusal}`);
      const note = `${this.#written - before} batches acknowledged, others refused with ${[...refusals].join(', ')}`;
      return { note, problems: [...wrong, ...(await this.#brokenPromises(client, { endsMayWait: true }))] };
    });
  }

  /**
   * Requests writes, offsets and topics, which the broker must refuse, or acknowledge and keep.
   * Reads must keep working.
   */
  usedWhileFull(): Promise<Found> {
    return this.#asking(async (client) => {
      const topic = this.#topic as TopicAsked;
      const large = await this.#writeOne(client, topic, batchBytesMax);
      const another = await client.createTopic('another', 1);
      const commit = await this.#commitOf(client, topic);
      const note = `a write: ${outcome(large)}; a topic: ${outcome(another)}; an offset: ${outcome(commit)}`;
      const wrong = large.failed === storageError ? [] : [`a write on the full disk: ${outcome(large)}`];
      return { note, problems: [...wrong, ...(await this.#brokenPromises(client, { endsMayWait: true }))] };
    });
  }

  worksAgain(): Promise<Found> {
    return this.#asking(async (client) => {
      const topic = this.#topic as TopicAsked;
      const outcomes = {
        write: await this.#writeOne(client, topic, batchBytesMax),
        offset: await this.#commitOf(client, topic),
        topic: await client.createTopic(`later-${this.#written}`, 1),
      };
      const wrong = Object.entries(outcomes).flatMap(([what, { failed }]) =>
        failed === undefined ? [] : [`a new ${what} is refused although there is room again: ${failed}`],
      );
      const producer = new AskingProducer(client, transactional);
      const isTransacting = (await producer.init()) && (await this.#transact(producer, topic));
      const more = isTransacting ? [] : ['a transaction is refused although there is room again'];
      return {
        note: `${this.#written} batches in all`,
        problems: [...wrong, ...more, ...(await this.#brokenPromises(client, { endsMayWait: false }))],
      };
    });
  }

  /** The broker may refuse to start if it says why. What it serves has to be right. */
  async restartWhileFull(): Promise<Found> {
    await this.stop();
    try {
      await this.start();
    } catch (error) {
      const reason = String(error);
      return {
        note: 'it does not start and says why',
        problems: reason.includes('make room')
          ? []
          : [`it does not start and does not ask for room: ${reason}`],
      };
    }
    return this.#asking(async (client) => ({
      note: 'it serves',
      problems: await this.#brokenPromises(client, { endsMayWait: true }),
    }));
  }

  async #asking(work: (client: AskingClient) => Promise<Found>): Promise<Found> {
    const broker = this.#broker as BrokerChild;
    const client = await WireClient.connect(broker);
    try {
      const found = await work(new AskingClient({ client, book: this.#book, now: () => (this.#time += 1) }));
      return broker.isAlive ? found : { ...found, problems: [...found.problems, 'the broker ended'] };
    } finally {
      client.close();
    }
  }

  async #writeOne(client: AskingClient, topic: TopicAsked, bytes: number): Promise<Asked> {
    const number = this.#book.batches.length;
    const values = [`${number}:${'x'.repeat(bytes)}`];
    const asked = await client.produce({
      topic,
      partition: number % topic.partitions,
      values,
      session: `filler-${number % 2}`,
      acks: -1,
    });
    if (asked.failed === undefined) this.#written += 1;
    return asked;
  }

  async #commitOf(client: AskingClient, topic: TopicAsked): Promise<Asked> {
    await client.commit({ group, topic: topic.name, partition: 0, offset: BigInt(this.#written) });
    return this.#book.commits.at(-1) as Asked;
  }

  async #transact(producer: AskingProducer, topic: TopicAsked): Promise<boolean> {
    producer.begin();
    const number = this.#book.batches.length;
    const values = [`${number}:transaction`];
    if (
      !(await producer.produce({
        topic,
        partition: number % topic.partitions,
        values,
        session: 'transactions',
      }))
    )
      return false;
    if (!(await producer.end(number % 3 !== 0))) return false;
    await producer.completed();
    return true;
  }

  async #brokenPromises(
    { asking }: AskingClient,
    { endsMayWait }: { readonly endsMayWait: boolean },
  ): Promise<readonly string[]> {
    const survey = await surveyLog(asking.client, [group]);
    return brokenPromises(this.#book, survey, { at: Number.MAX_SAFE_INTEGER, powerLost: false, endsMayWait });
  }
}

const outcome = ({ failed }: Asked): string => failed ?? 'acknowledged';
