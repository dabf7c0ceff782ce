import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { until } from '@millrace/testing/within';
import { consumed, produced } from '../dsl/options/topics.ts';
import { StreamsBuilder } from '../dsl/streams-builder.ts';
import { serdes } from '../serdes/serdes.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams } from './streams-app.ts';
import type { ErrorPolicy } from './streams-options.ts';
import { startStreamsProcess } from './streams-process.fixture.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

describe('a process whose tasks have several slow callbacks', () => {
  it('T20 stays in its group, since heartbeats are sent after each callback', async () => {
    const tasks = 2;
    await world.createTopic('slow-input', tasks);
    const stateDir = join(world.folder, 'slow');
    const [broker = ''] = world.bootstrapServers;
    await using app = startStreamsProcess('./slow-callbacks.program.ts', [
      broker,
      'slow',
      stateDir,
      String(tasks),
    ]);

    let line = await app.line();
    while (!line.endsWith('rebalances')) line = await app.line();

    expect(line).toBe('0 rebalances');
  }, 60_000);
});

describe('a record that no task can process', () => {
  const partitions = 3;
  const text = serdes.string;

  it.each<[string, ErrorPolicy]>([
    ['skipped', 'skip'],
    ['sent', { deadLetter: 'sent-letters' }],
  ])(
    'is %s, and neither its task nor other tasks nor the membership end',
    async (name, onProcessingError) => {
      for (const topic of ['input', 'output', 'letters'])
        await world.createTopic(`${name}-${topic}`, partitions);
      const values = ['before', 'poison', 'after'];
      const records = values.flatMap((value) =>
        Array.from({ length: partitions }, (_, partition) => ({
          topic: `${name}-input`,
          key: `${partition}`,
          value: partition === 0 ? value : 'sound',
          partition,
        })),
      );
      const builder = new StreamsBuilder();
      builder
        .stream(`${name}-input`, consumed(text, text))
        .mapValues((value) => {
          if (value === 'poison') throw new RangeError('it is poison');
          return value;
        })
        .to(`${name}-output`, produced(text, text));
      const states: string[] = [];
      await using app = connectStreams(builder.build(), {
        applicationId: name,
        bootstrapServers: world.bootstrapServers,
        stateDir: join(world.folder, name),
        guarantee: 'exactly_once_v2',
        commitIntervalMs: 30,
        onProcessingError,
      });
      await app.start();
      app.onStateChange((state) => states.push(state));
      await world.send(records);
      const results = await world.committedOf(`${name}-output`, records.length - 1);

      const valuesOf = (key: string) =>
        results.filter((result) => String(result.key) === key).map(({ value }) => String(value));
      expect(valuesOf('0')).toEqual(['before', 'after']);
      expect(valuesOf('1')).toEqual(['sound', 'sound', 'sound']);
      expect(valuesOf('2')).toEqual(['sound', 'sound', 'sound']);
      expect(await world.committed(`${name}-letters`)).toHaveLength(onProcessingError === 'skip' ? 0 : 1);
      expect(states).toEqual([]);
    },
  );

  it('ends only the process that reads it if the policy is to fail, and committed work stays', async () => {
    for (const topic of ['input', 'output']) await world.createTopic(`failing-${topic}`, 1);
    const send = (value: string) => world.send([{ topic: 'failing-input', key: 'k', value }]);
    let isCured = false;
    const builder = new StreamsBuilder();
    builder
      .stream('failing-input', consumed(text, text))
      .mapValues((value) => {
        if (value === 'poison' && !isCured) throw new RangeError('it is poison');
        return value;
      })
      .to('failing-output', produced(text, text));
    const processOf = (process: string) =>
      connectStreams(builder.build(), {
        applicationId: 'failing',
        bootstrapServers: world.bootstrapServers,
        stateDir: join(world.folder, 'failing', process),
        guarantee: 'exactly_once_v2',
        commitIntervalMs: 30,
      });
    await using first = processOf('first');
    await first.start();
    await send('before');
    await world.committedOf('failing-output', 1);
    await send('poison');
    await until(
      () => first.state,
      (state) => state === 'failed',
    );
    isCured = true;
    await using second = processOf('second');
    await second.start();
    await send('after');

    const results = await world.committedOf('failing-output', 3);
    expect(results.map(({ value }) => String(value))).toEqual(['before', 'poison', 'after']);
  });
});
