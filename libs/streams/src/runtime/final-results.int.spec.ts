import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { minutes, pause, seconds, systemClock } from '@millrace/streaming-core/runtime';
import {
  connectStreams,
  consumed,
  materialized,
  onWindowClose,
  produced,
  serdes,
  StreamsBuilder,
  timeWindows,
  type Topology,
  untilWindowCloses,
} from '../index.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';

const text = serdes.string;
const key = serdes.timeWindowed(text, minutes(1));

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

describe.each([
  ['emission at window close', 'close'],
  ['suppress', 'suppress'],
] as const)('final results by %s', (_name, how) => {
  it('are sent once, even across a restart of the application', async () => {
    const input = `${how}-input`;
    const output = `${how}-output`;
    await world.createTopic(input, 1);
    await world.createTopic(output, 1);
    const send = (timestampMs: number, user = 'u') =>
      world.send([{ topic: input, key: user, value: 'x', timestampMs }]);
    const run = async (count: number, timestampMs: number) => {
      await using app = connectStreams(topology(how, input, output), {
        applicationId: how,
        guarantee: 'exactly_once_v2',
        bootstrapServers: world.bootstrapServers,
        stateDir: world.folder,
        commitIntervalMs: 50,
      });
      await app.start();
      // The application looks for closed windows at most once a second, when a record comes.
      if (how === 'close') await pause(systemClock, seconds(2));
      await send(timestampMs, 'another user');
      return (await world.committedOf(output, count))
        .map((record) => ({
          windowed: key.decode(record.key as Uint8Array, output),
          count: serdes.safeLong.decode(record.value as Uint8Array, output),
        }))
        .filter(({ windowed }) => windowed?.key === 'u')
        .map(({ windowed, count: views }) => [windowed?.window.startMs, views]);
    };

    await send(0);
    await send(1);
    expect(await run(1, minutes(1))).toEqual([[0, 2]]);

    await send(minutes(1));
    expect(await run(3, minutes(2))).toEqual([
      [0, 2],
      [minutes(1), 1],
    ]);
  });
});

function topology(how: 'close' | 'suppress', input: string, output: string): Topology {
  const builder = new StreamsBuilder();
  const windows = builder
    .stream(input, consumed(text, text))
    .groupByKey()
    .windowedBy(timeWindows(minutes(1)));
  const table =
    how === 'close'
      ? windows.emitStrategy(onWindowClose).count(materialized('windows'))
      : windows.count(materialized('windows')).suppress(untilWindowCloses({ name: 'final' }));
  table.toStream().to(output, produced(key, serdes.safeLong));
  return builder.build();
}
