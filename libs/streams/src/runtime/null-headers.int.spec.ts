import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { minutes } from '@millrace/streaming-core/runtime';
import { consumed, joinWindows, produced, serdes, StreamsBuilder, streamJoined } from '../index.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams } from './streams-app.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const text = serdes.string;
const headers = [
  ['none', null],
  ['empty', ''],
] as const;
const kept = [
  { name: 'none', value: null },
  { name: 'empty', value: Buffer.alloc(0) },
];

describe('a header whose value is null', () => {
  it('stays null in repartition topics, changelogs, outputs and dead letters', async () => {
    for (const topic of ['in', 'out', 'letters']) await world.createTopic(topic, 1);
    await world.send(['good', 'bad'].map((value) => ({ topic: 'in', key: 'k', value, headers })));
    const builder = new StreamsBuilder();
    const moved = builder
      .stream('in', consumed(text, text))
      .selectKey((key) => key)
      .repartition({ name: 'moved', keySerde: text, valueSerde: text });
    moved
      .join(
        moved,
        (one) => one,
        joinWindows(minutes(1)),
        streamJoined({
          keySerde: text,
          valueSerde: text,
          otherValueSerde: text,
          storeName: 'pair',
        }),
      )
      .mapValues((value) => {
        if (value === 'bad') throw new RangeError('bad');
        return value;
      })
      .to('out', produced(text, text));

    await using app = connectStreams(builder.build(), {
      applicationId: 'nulls',
      bootstrapServers: world.bootstrapServers,
      stateDir: join(world.folder, 'state'),
      guarantee: 'exactly_once_v2',
      commitIntervalMs: 50,
      onProcessingError: { deadLetter: 'letters' },
    });
    await app.start();

    const topics = ['nulls-moved-repartition', 'nulls-pair-this-join-store-changelog', 'out', 'letters'];
    for (const topic of topics) {
      const [record] = await world.committedOf(topic, 1);
      expect({ topic, headers: record?.headerList.slice(0, 2) }).toEqual({ topic, headers: kept });
    }
  });
});
