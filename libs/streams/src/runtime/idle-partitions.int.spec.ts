import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectTransactionalProducer, type Transaction } from '@millrace/streaming-core/client';
import { consumed, produced, serdes, StreamsBuilder, type Topology } from '../index.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams } from './streams-app.ts';
import type { ProcessingGuarantee } from './streams-options.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const text = serdes.string;

/** One task that takes the records of both topics in the order of their times. */
function merged(left: string, right: string, output: string): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(left, consumed(text, text))
    .merge(builder.stream(right, consumed(text, text)))
    .to(output, produced(text, text));
  return builder.build();
}

/** An application that reads two topics, and a transaction that has written to the second one. */
async function withTransaction(name: string, guarantee: ProcessingGuarantee = 'exactly_once_v2') {
  const [left = '', right = '', output = ''] = ['left', 'right', 'output'].map((topic) => `${name}-${topic}`);
  for (const topic of [left, right, output]) await world.createTopic(topic, 1);
  const { bootstrapServers } = world;
  const ids = { clientId: name, transactionalId: name };
  const producer = connectTransactionalProducer({ bootstrapServers, ...ids });
  const transaction: Transaction = await producer.begin();
  const send = (topic: string, value: string, timestampMs: number) =>
    world.send([{ topic, key: 'k', value, timestampMs }]);
  await send(right, 'committed', 1);
  await transaction.send([{ topic: right, key: 'k', value: 'open', timestampMs: 2 }]);
  await send(left, 'first', 3);
  const app = connectStreams(merged(left, right, output), {
    applicationId: name,
    bootstrapServers,
    stateDir: join(world.folder, name),
    guarantee,
    maxTaskIdleMs: 0,
    commitIntervalMs: 30,
  });
  const values = async (count: number) =>
    (await world.committedOf(output, count)).map(({ value }) => String(value));
  return { app, transaction, send, left, right, values, close: () => producer.close() };
}

describe('a task with exactly_once_v2 that waits for its empty partitions', () => {
  it('T10 does not wait for an open transaction, and takes its records once it is committed', async () => {
    const { app, transaction, send, left, values, close } = await withTransaction('open');
    await using _app = app;
    await app.start();

    expect(await values(2)).toEqual(['committed', 'first']);
    await send(left, 'second', 4);
    expect(await values(3)).toEqual(['committed', 'first', 'second']);
    await transaction.commit();
    await close();
    expect(await values(4)).toEqual(['committed', 'first', 'second', 'open']);
  });

  it('continues after an aborted transaction at the end of a partition', async () => {
    const { app, transaction, send, left, right, values, close } = await withTransaction('aborted');
    await transaction.abort();
    await close();
    await using _app = app;
    await app.start();

    expect(await values(2)).toEqual(['committed', 'first']);
    await send(left, 'second', 4);
    await send(right, 'third', 5);
    expect(await values(4)).toEqual(['committed', 'first', 'second', 'third']);
  });
});

describe('a task with at_least_once', () => {
  it('takes the records of an open transaction in the order of their times', async () => {
    const { app, values, transaction, close } = await withTransaction('uncommitted', 'at_least_once');
    await using _app = app;
    await app.start();

    expect(await values(3)).toEqual(['committed', 'open', 'first']);
    await transaction.abort();
    await close();
  });
});
