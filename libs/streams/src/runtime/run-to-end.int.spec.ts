import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectTransactionalProducer } from '@millrace/streaming-core/client';
import { materialized } from '../dsl/options/stores.ts';
import { consumed, grouped, produced } from '../dsl/options/topics.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { serdes } from '../serdes/serdes.ts';
import type { ReadOnlyKeyValueStore } from '../state/stores.ts';
import type { Topology } from '../topology/topology.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { runToEnd } from './run-to-end.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

/** Counts the words of lines. `onLine` is called for each line. */
function wordCount(input: string, onLine: (line: string) => void = () => undefined): Topology {
  const builder = new StreamsBuilder();
  builder
    .stream(input, consumed(serdes.string, serdes.string))
    .peek((_key, line) => onLine(line))
    .flatMapValues((line) => line.split(' '))
    .groupBy((_line, word) => word, grouped(serdes.string, serdes.string))
    .count(materialized('counts'));
  return builder.build();
}

const countsOf = (topology: Topology, options: { readonly onProgress?: (remaining: bigint) => void } = {}) =>
  runToEnd(topology, { name: 'report', bootstrapServers: world.bootstrapServers, ...options }, (app) => {
    const counts = [...app.store<ReadOnlyKeyValueStore<string, number>>('counts').all()];
    return Object.fromEntries(counts.map(({ key, value }) => [key, value]));
  });

const lines = (input: string, count: number, line: string) =>
  Array.from({ length: count }, (_, index) => ({ topic: input, key: `${index}`, value: line }));

describe('a batch run of a topology', () => {
  it('T25 G21 counts what the input has when it begins, and nothing that comes later', async () => {
    await world.createTopic('batch', 3);
    await world.send(lines('batch', 600, 'one two'));
    let later: Promise<void> | undefined;
    const remaining: bigint[] = [];

    const counts = await countsOf(
      wordCount('batch', () => (later ??= world.send(lines('batch', 300, 'two three')))),
      { onProgress: (left) => remaining.push(left) },
    );
    await later;

    expect(counts).toEqual({ one: 600, two: 600 });
    expect(remaining.at(-1)).toBe(0n);
    expect(await countsOf(wordCount('batch'))).toEqual({ one: 600, two: 900, three: 300 });
  });

  it.each([['empty-right'], ['growing-right']])(
    'T25 reads one input to its end while the other is %s',
    async (right) => {
      const left = `left-of-${right}`;
      await world.createTopic(left, 1);
      await world.createTopic(right, 1);
      await world.send(lines(left, 50, 'one'));
      if (right === 'growing-right') await world.send(lines(right, 10, 'two'));
      let growing: Promise<void> | undefined;
      const builder = new StreamsBuilder();
      builder
        .stream(left, consumed(serdes.string, serdes.string, { offsetReset: 'latest' }))
        .merge(builder.stream(right, consumed(serdes.string, serdes.string)))
        .peek(() => {
          if (right === 'growing-right') growing ??= world.send(lines(right, 500, 'three'));
        })
        .groupBy((_key, word) => word, grouped(serdes.string, serdes.string))
        .count(materialized('counts'));

      const counts = await countsOf(builder.build());
      await growing;
      expect(counts).toEqual(right === 'growing-right' ? { one: 50, two: 10 } : { one: 50 });
    },
  );

  it('T25 passes over aborted transactions at the end of a partition', async () => {
    await world.createTopic('aborted', 1);
    await world.send(lines('aborted', 1, 'kept'));
    const producer = connectTransactionalProducer({
      bootstrapServers: world.bootstrapServers,
      clientId: 'aborting',
      transactionalId: 'aborting',
    });
    const transaction = await producer.begin();
    await transaction.send(lines('aborted', 1, 'aborted'));
    await transaction.abort();
    await producer.close();

    expect(await countsOf(wordCount('aborted'))).toEqual({ kept: 1 });
  });

  it('has no results where the input is empty', async () => {
    await world.createTopic('empty', 2);
    expect(await countsOf(wordCount('empty'))).toEqual({});
  });

  it('T25 leaves neither topics nor groups behind, also after an error', async () => {
    await world.createTopic('poisoned', 1);
    await world.send(lines('poisoned', 3, 'word'));
    const poisoned = wordCount('poisoned', () => {
      throw new Error('no such word');
    });
    await expect(countsOf(poisoned)).rejects.toThrow('no such word');

    const names = [
      ...(await world.admin.topics.list()).map(({ name }) => name),
      ...(await world.admin.groups.list()).map(({ groupId }) => groupId),
    ];
    expect(names.filter((name) => name.startsWith('report-'))).toEqual([]);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith('millrace-report-'))).toEqual([]);
  });

  it('refuses a topology that would write its results again', async () => {
    const builder = new StreamsBuilder();
    builder
      .stream('batch', consumed(serdes.string, serdes.string))
      .to('out', produced(serdes.string, serdes.string));

    await expect(countsOf(builder.build())).rejects.toMatchObject({
      code: 'setting_invalid',
      message: expect.stringContaining('runToEnd cannot run a topology that writes to out'),
    });
    const chosen = new StreamsBuilder();
    chosen.stream('batch', consumed(serdes.string, serdes.string)).to(() => 'out');
    await expect(countsOf(chosen.build())).rejects.toThrow(
      'writes to topics that it chooses for each record',
    );
  });

  it('ends with the reason of an abort', async () => {
    const options = {
      name: 'report',
      bootstrapServers: world.bootstrapServers,
      signal: AbortSignal.abort(new Error('not any more')),
    };
    await expect(runToEnd(wordCount('empty'), options, () => undefined)).rejects.toThrow('not any more');
  });
});
