import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { minutes } from '@millrace/streaming-core/runtime';
import {
  consumed,
  keyValueStore,
  type KeyValueStore,
  type ProcessorContext,
  type ProcessorSupplier,
  type ReadOnlySessionStore,
  type ReadOnlyWindowStore,
  serdes,
  sessionStore,
  type SessionStore,
  StreamsBuilder,
  windowStore,
  type WindowStore,
} from '../index.ts';
import { startLogWorld, type LogWorld } from './log-world.fixture.ts';
import { connectStreams, type StreamsApp } from './streams-app.ts';
import type { StoreIsolation } from './streams-options.ts';

let world: LogWorld;
beforeAll(async () => {
  world = await startLogWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const text = serdes.string;
const switches = { isFailing: false };

/**
 * Puts each value into three stores. Requests a commit after a value that ends with an exclamation
 * mark.
 */
const storing: ProcessorSupplier<string, string> = () => {
  let context: ProcessorContext;
  return {
    init: (given) => void (context = given),
    process({ key, value }) {
      if (switches.isFailing) throw new Error(`${value} came too early`);
      context.store<KeyValueStore<string, string>>('values').put(key, value);
      context.store<WindowStore<string, string>>('windows').put(key, value, 0);
      context.store<SessionStore<string, string>>('sessions').put(sessionOf(key), value);
      if (value.endsWith('!')) context.commit();
    },
  };
};

const sessionOf = (key: string) => ({ key, window: { startMs: 0, endMs: 9 } });

function storingApp(): StreamsApp {
  const builder = new StreamsBuilder();
  const caching = { caching: true };
  const span = { retentionMs: minutes(1) };
  builder.addStateStore(keyValueStore('values', text, text, caching));
  builder.addStateStore(windowStore('windows', text, text, { ...span, windowSizeMs: 10 }));
  builder.addStateStore(sessionStore('sessions', text, text, { ...span, ...caching }));
  const stores = ['values', 'windows', 'sessions'];
  builder.stream('in', consumed(text, text)).process(storing, { stores });
  return connectStreams(builder.build(), {
    applicationId: 'storing',
    bootstrapServers: world.bootstrapServers,
    stateDir: join(world.folder, 'state'),
    guarantee: 'exactly_once_v2',
    commitIntervalMs: minutes(10),
    transactionTimeoutMs: minutes(12),
    onUncaughtError: () => 'replace',
  });
}

/** Returns the value that each store has for the key, or the error of the query. */
function valuesIn(app: StreamsApp, isolation: StoreIsolation): readonly unknown[] {
  try {
    return [
      app.store('values', { isolation }).get('k'),
      app.store<ReadOnlyWindowStore<string, string>>('windows', { isolation }).fetch('k', 0),
      app.store<ReadOnlySessionStore<string, string>>('sessions', { isolation }).fetchSession('k', 0, 9),
    ];
  } catch (error) {
    return [String(error)];
  }
}

const thrice = (value: string) => [value, value, value];

describe('queries of a running application', () => {
  it('T14 see the last commit, or with "latest" the open transaction until it is aborted', async () => {
    await world.createTopic('in', 1);
    await using app = storingApp();
    expect(valuesIn(app, 'latest')).toEqual(valuesIn(app, 'committed'));
    expect(valuesIn(app, 'latest')).toEqual([expect.stringContaining('the application is created')]);
    await app.start();
    const put = (value: string) => world.send([{ topic: 'in', key: 'k', value }]);
    const isSeen = (isolation: StoreIsolation, value: string) =>
      until(
        () => valuesIn(app, isolation),
        (values) => values.length === 3 && values.every((one) => one === value),
      );

    await put('one!');
    await isSeen('committed', 'one!');
    await put('two');
    await isSeen('latest', 'two');
    expect(valuesIn(app, 'committed')).toEqual(thrice('one!'));

    switches.isFailing = true;
    await put('three');
    await isSeen('latest', 'one!');
    switches.isFailing = false;
    await isSeen('latest', 'three');
    expect(valuesIn(app, 'committed')).toEqual(thrice('one!'));
    await put('four!');
    await isSeen('committed', 'four!');
  });

  it('refuse an unknown isolation', async () => {
    await using app = storingApp();
    expect(() => app.store('values', { isolation: 'read_uncommitted' as never })).toThrow(
      'isolation is "read_uncommitted": give committed or latest',
    );
  });
});
