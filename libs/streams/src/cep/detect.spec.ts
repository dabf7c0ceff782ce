import { describe, expect, it } from '@jest/globals';
import { consumed, type KStream, produced, serdes, StreamsBuilder } from '../index.ts';
import { begin, detect, type DetectOptions } from '../cep.ts';
import type { KeyValueStore } from '../state/stores.ts';
import { TopologyTestDriver } from '../test-driver.ts';
import type { StoredRuns } from './stored-runs.ts';

interface Door {
  readonly id: string;
  readonly kind: 'open' | 'close';
}

interface Pair {
  readonly first: Door;
  readonly second: Door;
}

const doorJson = serdes.json<Door>();
const pairJson = serdes.json<Pair>();
const partialJson = serdes.json<Partial<Pair>>();

const opened = begin<Door>('first').where(({ kind }) => kind === 'open');
const openedTwice = opened
  .followedBy('second')
  .where(({ kind }) => kind === 'open')
  .within(100);
const leftOpen = opened
  .notFollowedBy('closed')
  .where(({ kind }) => kind === 'close')
  .within(100);

type Options = DetectOptions<string, Door, Pair>;

function drive(options: Options = {}, pattern: unknown = openedTwice) {
  const builder = new StreamsBuilder();
  const doors = builder.stream('doors', consumed(serdes.string, doorJson));
  detect(doors, pattern as typeof openedTwice, { name: 'twice', ...options }).to(
    'found',
    produced(serdes.string, pairJson),
  );
  const driver = new TopologyTestDriver(builder.build());
  const input = driver.createInputTopic('doors', serdes.string, doorJson);
  const send = (id: string, timeMs: number, kind: Door['kind'] = 'open', key = 'door') =>
    input.pipeInput(key, { id, kind }, timeMs);
  const read = (topic: string) =>
    driver
      .createOutputTopic(topic, serdes.string, partialJson)
      .readRecordsToList()
      .map(({ key, value, timestampMs }) => {
        return `${key} ${value?.first?.id ?? ''}${value?.second?.id ?? ''}@${timestampMs}`;
      });
  return { driver, send, read, found: () => read('found') };
}

/** The names of rows in a store of the detection. */
const rowCount = (driver: TopologyTestDriver, store: string): number =>
  [...driver.getKeyValueStore(store).all()].length;

describe('a detection', () => {
  it('judges events in the order of their times once the grace has passed', () => {
    const { driver, send, found } = drive({ grace: 10 });

    send('b', 5);
    send('a', 0);
    send('c', 14);
    expect(found()).toEqual([]);
    send('d', 15);

    expect(found()).toEqual(['door ab@5']);
    driver.close();
  });

  it('judges events of the same time in the order of their arrival', () => {
    const { send, found } = drive({ grace: 1 });

    send('b', 5);
    send('a', 5);
    send('later', 50, 'close');

    expect(found()).toEqual(['door ba@5']);
  });

  it('without a grace finds a match at the event that completes it', () => {
    const { send, found } = drive();

    send('a', 0);
    send('b', 99);

    expect(found()).toEqual(['door ab@99']);
  });

  it('sends an event that is too late to its topic unchanged, and counts it', () => {
    const { driver, send, found } = drive({ grace: 10, late: 'late-doors' });
    send('a', 0);
    send('b', 50);

    send('c', 39);
    send('d', 40);

    const late = driver.createOutputTopic('late-doors', serdes.string, doorJson).readRecordsToList();
    expect(late).toMatchObject([{ key: 'door', value: { id: 'c', kind: 'open' }, timestampMs: 39 }]);
    expect(driver.dropped).toEqual(['late']);
    expect(found()).toEqual(['door ad@40']);
  });

  it('counts late events without a topic for them', () => {
    const { driver, send } = drive();

    send('a', 1);
    send('b', 0);

    expect(driver.dropped).toEqual(['late']);
  });

  it('counts records without a key or a value', () => {
    const { driver } = drive();
    const input = driver.createInputTopic('doors', serdes.bytes, serdes.bytes);

    input.pipeInput(null, Buffer.from('{}'), 0);
    input.pipeInput(Buffer.from('door'), null, 0);

    expect(driver.dropped).toEqual(['null_key', 'null_value']);
  });

  it('leaves out an event whose id the key has had, and keeps the same id of another key', () => {
    const { driver, send, found } = drive({ grace: 10, distinctBy: ({ id }) => id });

    send('a', 0);
    send('a', 0);
    send('a', 1, 'open', 'other');
    send('b', 2, 'open', 'other');
    send('end', 60, 'close');

    expect(found()).toEqual(['other ab@2']);
    expect(driver.dropped).toEqual(['duplicate']);
  });

  it('passes on what a partial match had taken when it timed out', () => {
    const { send, read } = drive({
      timedOut: (partial: KStream<string, Partial<Pair>>) =>
        partial.to('late', produced(serdes.string, partialJson)),
    });

    send('a', 0);
    send('end', 100, 'close');

    expect(read('late')).toEqual(['door a@100']);
  });

  it('finds the absence of an event when the time for it has passed', () => {
    const { send, found } = drive({}, leftOpen);

    send('a', 0);
    send('b', 0, 'open', 'other');
    send('c', 99, 'close', 'other');
    send('end', 200, 'close', 'third');

    expect(found()).toEqual(['door a@100']);
  });

  it('keeps nothing of runs that have ended', () => {
    const { driver, send } = drive({ grace: 10 });
    send('a', 0);
    send('b', 1, 'open', 'other');
    send('c', 2, 'close', 'third');

    send('end', 1_000, 'close');
    send('end', 2_000, 'close');

    expect(rowCount(driver, 'twice-runs')).toBe(0);
    expect(rowCount(driver, 'twice-events')).toBe(1);
  });

  it('drops and counts the oldest run of a key with too many', () => {
    const { driver, send, found } = drive(
      { runsMaxPerKey: 2 },
      openedTwice.where(({ id }) => id === 'end'),
    );

    for (const [at, id] of ['a', 'b', 'c', 'd'].entries()) send(id, at);
    send('end', 5);

    expect(driver.dropped).toEqual(['too_many_runs', 'too_many_runs']);
    expect(found()).toEqual(['door cend@5', 'door dend@5']);
  });

  it('gives up and counts the runs of a pattern whose steps were changed, and starts over', () => {
    const { driver, send, found } = drive();
    send('a', 0);
    send('b', 1, 'open', 'other');
    const runs = driver.getStateStore<KeyValueStore<string, StoredRuns>>('twice-runs');
    const stored = runs.get('door')!;
    runs.put('door', { ...stored, shape: stored.shape + 1 });

    send('c', 2);
    send('d', 3);
    send('e', 4, 'open', 'other');

    expect(driver.dropped).toEqual(['pattern_changed']);
    expect(found()).toEqual(['door cd@3', 'other be@4']);
  });

  it('judges waiting events once no event has come for the idle time', () => {
    const { driver, send, found } = drive({ grace: 10, idleTimeout: 50 });
    send('a', 0);
    send('b', 1);

    driver.advanceWallClockTime(49);
    expect(found()).toEqual([]);
    driver.advanceWallClockTime(1);

    expect(found()).toEqual(['door ab@1']);
    send('late', 2);
    expect(driver.dropped).toEqual(['late']);
  });

  it('notices an absence after the idle time', () => {
    const { driver, send, found } = drive({ idleTimeout: 60 }, leftOpen);
    send('a', 0);

    driver.advanceWallClockTime(60);
    driver.advanceWallClockTime(60);

    expect(found()).toEqual(['door a@100']);
  });

  it('repartitions a stream whose key may have changed', () => {
    const builder = new StreamsBuilder();
    const byKind = builder
      .stream('doors', consumed(serdes.string, doorJson))
      .selectKey<string>((_key, { kind }) => kind);
    detect(byKind, openedTwice, { name: 'twice', keySerde: serdes.string }).to(
      'found',
      produced(serdes.string, pairJson),
    );
    using driver = new TopologyTestDriver(builder.build(), { applicationId: 'app' });
    const input = driver.createInputTopic('doors', serdes.string, doorJson);

    input.pipeInput('one', { id: 'a', kind: 'open' }, 0);
    input.pipeInput('other', { id: 'b', kind: 'open' }, 1);

    expect([...driver.producedTopicNames()]).toContain('app-twice-repartition');
    expect(driver.createOutputTopic('found', serdes.string, pairJson).readKeyValuesToMap().size).toBe(1);
  });
});

describe('a condition that throws', () => {
  it('fails the record that let it be asked, and leaves the waiting events in their places', () => {
    const builder = new StreamsBuilder();
    const doors = builder.stream('doors', consumed(serdes.string, doorJson));
    const throwing = openedTwice.where(({ id }) => {
      if (id === 'bad') throw new Error('no such door');
      return true;
    });
    detect(doors, throwing, { grace: 10 }).to('found', produced(serdes.string, pairJson));
    using driver = new TopologyTestDriver(builder.build(), { onProcessingError: 'skip' });
    const input = driver.createInputTopic('doors', serdes.string, doorJson);
    for (const [at, id] of ['a', 'bad', 'b'].entries()) input.pipeInput('door', { id, kind: 'open' }, at);

    input.pipeInput('other', { id: 'end', kind: 'close' }, 50);
    input.pipeInput('other', { id: 'end', kind: 'close' }, 60);

    expect(driver.dropped).toEqual(['processing_error']);
    const found = driver.createOutputTopic('found', serdes.string, pairJson).readValuesToList();
    expect(found.map((match) => `${match?.first.id}${match?.second.id}`)).toEqual(['ab']);
  });
});

describe('after a crash', () => {
  it('T23 a detection goes on as if nothing had happened', () => {
    const times = [5, 0, 20, 13, 40, 31, 80, 75, 100, 140, 133, 300, 290, 600];
    const play = (crashes: boolean) => {
      const { driver, send, found } = drive({ grace: 10, late: 'late-doors', distinctBy: ({ id }) => id });
      times.forEach((timeMs, at) => {
        send(`${at % 9}`, timeMs, at % 4 === 3 ? 'close' : 'open');
        if (crashes) driver.crash();
      });
      return { found: found(), dropped: driver.dropped };
    };

    const crashed = play(true);

    expect(crashed.found.length).toBeGreaterThan(3);
    expect(crashed).toEqual(play(false));
  });

  it('T23 time that went on without events does not go back', () => {
    const { driver, send, found } = drive({ grace: 10, idleTimeout: 50 });
    send('a', 0);
    driver.advanceWallClockTime(50);

    driver.crash();
    send('b', 20);

    expect(driver.dropped).toEqual(['late']);
    expect(found()).toEqual([]);
  });
});
