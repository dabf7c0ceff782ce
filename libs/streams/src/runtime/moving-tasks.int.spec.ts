import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import type { ReadOnlyKeyValueStore } from '../state/stores.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams, type StreamsApp } from './streams-app.ts';
import { wordCount } from './word-count.fixture.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const processOf = (name: string): StreamsApp =>
  connectStreams(wordCount('moving-input', 'moving-output'), {
    applicationId: 'moving',
    bootstrapServers: world.bootstrapServers,
    stateDir: join(world.folder, name),
    commitIntervalMs: 30,
    cacheBytesMax: 0,
    probingIntervalMs: 300,
    heartbeatIntervalMs: 100,
  });

/** Words whose counts are in the four partitions of the store. */
const words = ['kafka', 'again', 'four', 'lead'];
/** More records than the lag with which a process may take over a task. */
const repeats = 10_500;
const lines = 10;

type Counts = ReadOnlyKeyValueStore<string, { readonly value: number }>;
const storesOf = (app: StreamsApp) => app.stores('counts') as readonly Counts[];
const countOf = (app: StreamsApp, word: string) =>
  storesOf(app).flatMap((store) => store.get(word)?.value ?? [])[0] ?? 0;

describe('tasks with much state', () => {
  it('T09 stay with their process until another one has restored them', async () => {
    await world.createTopic('moving-input', 4);
    await world.createTopic('moving-output', 4);
    const value = words.map((word) => `${word} `.repeat(repeats / lines)).join('');
    await world.send(
      Array.from({ length: lines }, (_, index) => ({ topic: 'moving-input', key: `${index}`, value })),
    );
    await using old = processOf('old');
    await old.start();
    await until(
      () => words.map((word) => countOf(old, word)),
      (counts) => counts.every((count) => count === repeats),
      30_000,
    );

    await using young = processOf('young');
    await young.start();
    expect(storesOf(old)).toHaveLength(4);
    expect(storesOf(young)).toHaveLength(0);

    await until(
      () => [storesOf(old).length, storesOf(young).length],
      ([ofOld, ofYoung]) => ofOld === 2 && ofYoung === 2,
      30_000,
    );
    await until(
      () => words.map((word) => countOf(old, word) + countOf(young, word)),
      (counts) => counts.every((count) => count === repeats),
      10_000,
    );
  });
});
