import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { describe, expect, it } from '@jest/globals';
import { v7 } from 'uuid';
import { z } from 'zod';
import { fakePersonalData } from '@millrace/testing/personal-data';
import { personal, topic, type Message } from '../../contract/index.ts';
import { sealFields, type PersonalData } from '../../personal/index.ts';
import { days, silentLogger } from '../../runtime/index.ts';
import { TerminalError } from './consumer-error.ts';
import type { ConsumerLimits } from './limits.ts';
import { runtimeBench, until } from './runtime.bench.ts';
import type { ConsumerRuntime } from './runtime.ts';

const parcels = topic(
  'parcels',
  {
    key: 'parcelId',
    partitions: 1,
    retention: days(7),
    personal: { holder: 'carrier', subject: 'personId' },
  },
  {
    Send: z.strictObject({ parcelId: z.string(), personId: z.string(), name: personal(z.string().max(20)) }),
  },
);

describe('with personal data in its messages, the consumer', () => {
  const bench = runtimeBench();
  const { handler, runtime, member, note, offset, deadLetters } = bench;
  const partitions = [
    { topic: 'parcels', partition: 0 },
    { topic: 'notes', partition: 0 },
  ];

  /** Appends a message as the outbox writes it. */
  const send = async (personalData: PersonalData, personId: string, name: string) => {
    const id = v7();
    const key = { holder: 'carrier', subject: personId };
    const message = { type: 'Send', parcelId: `parcel of ${personId}`, personId, name };
    const keys = await personalData.keysToSeal([key]);
    const sealed = sealFields(keys, key, parcels.Send.personal!, id, message);
    bench.log.append('parcels', sealed, { id, type: 'Send', key: message.parcelId });
    return sealed;
  };

  const build = (
    personalData: PersonalData | undefined,
    { before, limits }: { before?: () => void; limits?: Partial<ConsumerLimits> } = {},
  ) => {
    const received: unknown[] = [];
    const logged: object[] = [];
    const handle = async (message: Message) => {
      before?.();
      received.push(message.name);
    };
    bench.log.create('parcels');
    const started = runtime(member(partitions), {
      handlers: [{ message: parcels.Send, handle }, handler()],
      personalData,
      logger: { ...silentLogger, info: (fields) => void logged.push(fields) },
      limits,
    });
    return { received, logged, started };
  };
  const parkedIn = (started: ConsumerRuntime) =>
    started.status().reduce((sum, { parking }) => sum + (parking?.messages ?? 0), 0);
  const parkedBecause = async (reason: string) =>
    (
      await bench.database.sql.query(
        'SELECT FROM parked_message WHERE consumer_group = $1 AND last_error LIKE $2',
        [bench.group, `%${reason}`],
      )
    ).rowCount;
  const failuresOf = (started: ConsumerRuntime) => started.status().map(({ failure }) => failure?.message);
  const handledAll = (count: number) => until(async () => (await offset('parcels')) === String(count));

  it('opens them for their handlers, with one call for the keys of a batch', async () => {
    const personalData = fakePersonalData();
    const { received, started } = build(personalData);
    await send(personalData, 'ada', 'Ada');
    await send(personalData, 'eve', 'Eve');
    await send(personalData, 'ada', 'Ada again');
    personalData.calls.length = 0;

    await started.start();
    await handledAll(3);

    expect(received).toEqual(['Ada', 'Eve', 'Ada again']);
    expect(personalData.calls).toEqual([['carrier/ada', 'carrier/eve']]);
  });

  it('handles plain messages of earlier releases, and asks for no keys', async () => {
    const personalData = fakePersonalData();
    const { received, started } = build(personalData);
    bench.log.append(
      'parcels',
      { type: 'Send', parcelId: '1', personId: 'ada', name: 'Ada' },
      { type: 'Send', key: '1' },
    );
    note(1);

    await started.start();
    await handledAll(1);
    await until(async () => (await offset()) === '1');

    expect(received).toEqual(['Ada']);
    expect(personalData.calls).toEqual([]);
  });

  it('drops a message whose data was erased, counts and logs it, and handles the others', async () => {
    const personalData = fakePersonalData();
    const { received, logged, started } = build(personalData);
    await send(personalData, 'ada', 'Ada');
    await send(personalData, 'eve', 'Eve');
    personalData.erase({ holder: 'carrier', subject: 'ada' });
    let counted = 0;
    const count = (report: unknown) => {
      const { group, erased } = report as { group: string; erased: number };
      if (group === bench.group) counted += erased;
    };
    subscribe('millrace.consumer.batch', count);

    await started.start();
    await handledAll(2);
    await until(() => counted > 0);
    unsubscribe('millrace.consumer.batch', count);

    expect({ received, counted }).toEqual({ received: ['Eve'], counted: 1 });
    expect(logged).toContainEqual(
      expect.objectContaining({ topic: 'parcels', type: 'Send', key: 'parcel of ada', offset: '0' }),
    );
    expect(await deadLetters()).toEqual([]);
  });

  it('waits while the keys are unreachable, and handles the messages of other topics', async () => {
    const personalData = fakePersonalData();
    const { received, started } = build(personalData);
    await send(personalData, 'ada', 'Ada');
    personalData.isDown = true;

    await started.start();
    note(1);
    await until(async () => (await offset()) === '1');
    await until(() => started.status().some(({ failure }) => failure?.message.includes('is down')));
    expect({ received, offset: await offset('parcels') }).toEqual({ received: [], offset: '0' });

    personalData.isDown = false;
    await handledAll(1);
    expect({ received, letters: await deadLetters() }).toEqual({ received: ['Ada'], letters: [] });
  });

  it('is blocked at a message if it has no keys at all', async () => {
    const { started } = build(undefined);
    await send(fakePersonalData(), 'ada', 'Ada');

    await started.start();
    await until(() => started.status().some(({ state }) => state === 'blocked'));

    const [status] = started.status();
    expect(status?.failure?.message).toMatch(/give it the option personalData/);
    expect(await deadLetters()).toEqual([]);
  });

  it('parks a message whose key is lost, handles the others of its batch, and tries it again', async () => {
    const personalData = fakePersonalData();
    const limits = { inPlaceMs: 0, parkedMs: 60_000, parkedPauseMsMin: 20, parkedPauseMsMax: 20 };
    const { received, started } = build(personalData, { limits });
    await send(personalData, 'bob', 'Bob');
    await send(personalData, 'ada', 'Ada');
    await send(personalData, 'eve', 'Eve');
    personalData.lose({ holder: 'carrier', subject: 'ada' });

    await started.start();
    await handledAll(3);
    expect({ handled: new Set(received), parked: parkedIn(started) }).toEqual({
      handled: new Set(['Bob', 'Eve']),
      parked: 1,
    });

    personalData.restore({ holder: 'carrier', subject: 'ada' });
    await until(() => parkedIn(started) === 0);
    expect({ last: received.at(-1), letters: await deadLetters() }).toEqual({ last: 'Ada', letters: [] });
  });

  it('turns a message into a dead letter in the end whose key stays lost', async () => {
    const personalData = fakePersonalData();
    const { received, started } = build(personalData, { limits: { inPlaceMs: 0, parkedMs: 0 } });
    const sealed = await send(personalData, 'ada', 'Ada');
    personalData.lose({ holder: 'carrier', subject: 'ada' });

    await started.start();
    await handledAll(1);

    const [letter] = await deadLetters();
    expect(received).toEqual([]);
    expect(letter?.headers.dlq_reason).toBe('PersonalDataError: carrier/ada is missing');
    expect(JSON.parse(letter?.payload ?? '')).toEqual(sealed);
  });

  it('turns a message into a dead letter whose sealed fields belong to another message', async () => {
    const personalData = fakePersonalData();
    const { received, started } = build(personalData);
    const sealed = await send(personalData, 'ada', 'Ada');
    bench.log.append('parcels', sealed, { type: 'Send', key: '2' });

    await started.start();
    await handledAll(2);

    expect(received).toEqual(['Ada']);
    expect((await deadLetters()).map(({ headers }) => headers.dlq_reason)).toEqual([
      expect.stringMatching(/^malformed: not sealed with carrier\/ada for message .* name$/),
    ]);
  });

  it('keeps the fields sealed in a dead letter, and their values out of its reason', async () => {
    const personalData = fakePersonalData();
    const { started } = build(personalData, {
      before: () => {
        throw new TerminalError('no van today');
      },
    });
    const rejected = await send(personalData, 'ada', 'Ada');
    const invalid = await send(personalData, 'ada', 'Augusta Ada King, Countess of Lovelace');

    await started.start();
    await handledAll(2);

    const letters = await deadLetters();
    expect(
      letters.map(({ headers, payload }) => [headers.dlq_reason, JSON.parse(payload) as unknown]).sort(),
    ).toEqual([
      ['malformed: name: Too big: expected string to have <=20 characters', invalid],
      ['terminal: no van today', rejected],
    ]);
    expect(JSON.stringify(letters)).not.toMatch(/Augusta|"Ada"/);
  });

  it('tries a parked message again once its keys can be read, and drops it if it was erased', async () => {
    const personalData = fakePersonalData();
    let fails = true;
    const { received, started } = build(personalData, {
      before: () => {
        if (fails) throw new Error('not yet');
      },
      limits: { inPlaceMs: 0, parkedMs: 60_000, parkedPauseMsMin: 20, parkedPauseMsMax: 20 },
    });
    await send(personalData, 'ada', 'Ada');
    await send(personalData, 'eve', 'Eve');
    await started.start();
    await until(() => parkedIn(started) === 2);

    personalData.isDown = true;
    await until(() => failuresOf(started).includes('the database of the keys is down'));
    fails = false;
    personalData.erase({ holder: 'carrier', subject: 'ada' });
    personalData.isDown = false;
    await until(() => parkedIn(started) === 0);

    expect(received).toEqual(['Eve']);
    expect(await deadLetters()).toEqual([]);
  });

  it('tries other parked messages while the key of one is lost', async () => {
    const personalData = fakePersonalData();
    let fails = true;
    const { received, started } = build(personalData, {
      before: () => {
        if (fails) throw new Error('not yet');
      },
      limits: { inPlaceMs: 0, parkedMs: 60_000, parkedPauseMsMin: 20, parkedPauseMsMax: 20 },
    });
    await send(personalData, 'ada', 'Ada');
    await send(personalData, 'eve', 'Eve');
    await started.start();
    await until(() => parkedIn(started) === 2);

    personalData.lose({ holder: 'carrier', subject: 'ada' });
    await until(async () => (await parkedBecause('carrier/ada is missing')) === 1);
    fails = false;
    await until(() => parkedIn(started) === 1);

    expect(received).toEqual(['Eve']);
  });
});
