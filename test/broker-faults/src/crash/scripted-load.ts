import { setTimeout as pause } from 'node:timers/promises';
import type { AskingClient } from './asking-client.ts';
import { produceInTransactions } from './load-in-transactions.ts';
import type { Asked, TopicAsked } from './promise-book.ts';
import { commitAsMembers, growTopic, produceBeyondRetention, putKeys } from './load-of-upkeep.ts';
import { valuesOf } from './values.ts';

export interface LoadOptions {
  readonly connect: () => Promise<AskingClient>;
  readonly random: () => number;
  /** The number of batches of each producer. The rest of the load grows with it. */
  readonly batches: number;
  /** The name of this part of the load. It keeps the values and topics of two parts apart. */
  readonly part: string;
  /** The number of batches that the idempotent producer sends before it waits for answers. */
  readonly inFlightMax: number;
}

const small = { 'internal.segment.bytes': '5000', 'index.interval.bytes': '400', 'retention.ms': '-1' };
const compacted = {
  ...small,
  'internal.segment.bytes': '1500',
  'cleanup.policy': 'compact',
  'min.cleanable.dirty.ratio': '0.1',
  'delete.retention.ms': '0',
};
const retentionBytes = 3_000;
const retained = { ...small, 'internal.segment.bytes': '1500', 'retention.bytes': String(retentionBytes) };

/**
 * Makes the brokers that play this load look for retention and compaction work every few
 * milliseconds.
 */
export const hastyUpkeep = { 'log.retention.check.interval.ms': '40', 'log.cleaner.backoff.ms': '40' };

/**
 * Does everything that changes the disk at the same time: a broker's busy day within a second.
 * Rejects only after all of it has ended.
 */
export async function playLoad(options: LoadOptions): Promise<void> {
  const { connect, part } = options;
  const admin = await connect();
  const orders = await admin.createTopic(`orders-${part}`, 3, { configs: small });
  const audit = await admin.createTopic(`audit-${part}`, 1, { configs: small });
  const states = await admin.createTopic(`states-${part}`, 1, { configs: compacted, compacted: true });
  const recent = await admin.createTopic(`recent-${part}`, 1, { configs: retained, retentionBytes });
  const ended = await Promise.allSettled([
    produceIdempotently(options, orders),
    produceWith(options, orders, { acks: 1, session: `${part}-one` }),
    produceWith(options, audit, { acks: -1, session: `${part}-all` }),
    commitOffsets(options, orders),
    makeAndDeleteTopics(options),
    deleteRecordsOf(options, audit),
    produceInTransactions(options, { orders, states, protocol: 1 }),
    produceInTransactions(options, { orders, states, protocol: 2 }),
    putKeys(options, states),
    produceBeyondRetention(options, recent),
    growTopic(options),
    commitAsMembers(options, orders),
  ]);
  await admin.deleteRecords(audit, 0, lastOffsetOf(admin, audit));
  for (const each of ended) if (each.status === 'rejected') throw each.reason;
}

/**
 * Produces as a client with several requests in flight, with its own sequence for each partition.
 */
async function produceIdempotently(
  { connect, random, batches, part, inFlightMax }: LoadOptions,
  topic: TopicAsked,
): Promise<void> {
  const client = await connect();
  const identity = await client.producerIdentity();
  if (identity === undefined) return;
  const sequences = Array<number>(topic.partitions).fill(0);
  let inFlight: Array<Promise<Asked>> = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const partition = Math.floor(random() * topic.partitions);
    const values = valuesOf(`${part}-idem`, batch, random);
    const baseSequence = sequences[partition] ?? 0;
    sequences[partition] = baseSequence + values.length;
    inFlight.push(
      client.produce({
        topic,
        partition,
        values,
        session: `${part}-idem`,
        acks: -1,
        batch: { ...identity, baseSequence },
      }),
    );
    if (inFlight.length < inFlightMax && random() < 0.7) continue;
    const answered = await Promise.all(inFlight);
    if (answered.some(({ failed }) => failed !== undefined)) return; // a real client would wait until it may continue
    inFlight = [];
  }
  await Promise.all(inFlight);
}

async function produceWith(
  { connect, random, batches }: LoadOptions,
  topic: TopicAsked,
  { acks, session }: { acks: 1 | -1; session: string },
): Promise<void> {
  const client = await connect();
  for (let batch = 0; batch < batches; batch += 1) {
    const partition = Math.floor(random() * topic.partitions);
    const codec = batch % 5 === 0 ? ('gzip' as const) : ('none' as const);
    await client.produce({
      topic,
      partition,
      values: valuesOf(session, batch, random),
      session,
      acks,
      batch: { codec },
    });
    if (acks === 1) await pause(random() * 3);
  }
}

async function commitOffsets(
  { connect, random, batches, part }: LoadOptions,
  topic: TopicAsked,
): Promise<void> {
  const client = await connect();
  for (let step = 0; step < batches; step += 3) {
    const group = random() < 0.5 ? `readers-${part}` : `writers-${part}`;
    await client.commit({
      group,
      topic: topic.name,
      partition: step % topic.partitions,
      offset: BigInt(step),
    });
    await pause(random() * 4);
  }
}

async function makeAndDeleteTopics({ connect, random, batches, part }: LoadOptions): Promise<void> {
  const client = await connect();
  for (let round = 0; round < batches / 12; round += 1) {
    const topic = await client.createTopic(`brief-${part}`, 1 + (round % 2), { configs: small });
    const session = `${part}-brief${round}`;
    for (let batch = 0; batch < 2; batch += 1)
      await client.produce({
        topic,
        partition: 0,
        values: valuesOf(session, batch, random),
        session,
        acks: -1,
      });
    await client.producerIdentity();
    await client.deleteTopic(topic);
  }
}

/** Deletes up to the last acknowledged batch. */
async function deleteRecordsOf({ connect, random, batches }: LoadOptions, topic: TopicAsked): Promise<void> {
  const client = await connect();
  for (let step = 0; step < batches / 8; step += 1) {
    await pause(random() * 60);
    await client.deleteRecords(topic, 0, lastOffsetOf(client, topic));
  }
}

const lastOffsetOf = ({ asking }: AskingClient, topic: TopicAsked): bigint =>
  asking.book.batches.findLast((batch) => batch.topic === topic && batch.offset !== undefined)?.offset ?? 0n;
