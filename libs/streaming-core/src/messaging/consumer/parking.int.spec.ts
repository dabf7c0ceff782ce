import { describe, expect, it } from '@jest/globals';
import { minutes, seconds, systemClock } from '../../runtime/index.ts';
import { TerminalError } from './consumer-error.ts';
import { notes, runtimeBench, sqlError, until } from './runtime.bench.ts';
import { giveUpAfterNextAttempt, listParked, retryNow } from './parked-list.ts';
import { parkingBench } from './parking.bench.ts';

describe('a key whose message fails', () => {
  const bench = runtimeBench();
  const { note, effects, offset, deadLetters, inboxed } = bench;
  const { started, advance, recoversWith, failing, tried, handler, parked, offsetsParked } = parkingBench(
    bench,
    {
      parkedPauseMsMax: seconds(20),
    },
  );

  it('M40 is parked, so that its later messages wait in order while other keys continue, and each message takes effect once', async () => {
    failing.add(1);
    const first = note(1, { key: 'a' });
    note(2, { key: 'b' });
    note(3, { key: 'a' });
    const made = await started();
    await until(async () => (await offset()) === '3');
    note(4, { key: 'a' });
    note(5, { key: 'b' });
    await until(async () => (await offset()) === '5');

    expect(await effects()).toEqual([2, 5]);
    expect(await parked()).toEqual([
      { offset: 0, attempts: 1, error: 'Error: 1 is not possible yet' },
      { offset: 2, attempts: 0, error: null },
      { offset: 3, attempts: 0, error: null },
    ]);
    expect(await inboxed(first)).toBe(0);
    await until(() => made.status()[0]?.parking?.messages === 3);
    expect(made.status()[0]?.parking).toEqual({ keys: 1, messages: 3, full: false });

    await recoversWith(5);
    expect(await effects()).toEqual([2, 5, 1, 3, 4]);
    await until(async () => (await parked()).length === 0);
    await until(() => made.status()[0]?.parking?.keys === 0);
    note(6, { key: 'a' });
    await until(async () => (await offset()) === '6');
    expect(await effects()).toEqual([2, 5, 1, 3, 4, 6]);
    expect(await inboxed(first)).toBe(1);
    expect(await deadLetters()).toEqual([]);
  });

  it('is retried in place first, for as long as the policy says', async () => {
    failing.add(1);
    note(1);
    await started({ limits: { inPlaceMs: seconds(5) } });
    await until(() => tried.length > 2);
    failing.clear();
    await until(async () => (await offset()) === '1');

    expect(await effects()).toEqual([1]);
    expect(await parked()).toEqual([]);
  });

  it('delays its partition only if no other key is parked', async () => {
    failing.add(1).add(2);
    note(1, { key: 'a' });
    await started({ limits: { inPlaceMs: 50 } });
    await until(async () => (await parked()).length === 1);
    const before = tried.length;
    note(2, { key: 'b' });
    await until(async () => (await offset()) === '2');

    expect(tried.slice(before)).toEqual([2]);
    expect(await offsetsParked()).toEqual([0, 1]);
  });

  it('M41 is retried with growing pauses and counts its attempts across restarts, until its message becomes a dead letter and the next one is tried', async () => {
    failing.add(1);
    const id = note(1);
    note(2);
    let made = await started();
    await until(async () => (await offset()) === '2');
    const fails = async (afterMs: number, attempts: number) => {
      await made.stop();
      made = await started();
      advance(afterMs - 1_000);
      await until(() => made.status()[0]?.state === 'open');
      expect((await parked())[0]?.attempts).toBe(attempts - 1);
      advance(1_000);
      await until(async () => (await parked())[0]?.attempts === attempts);
    };
    await fails(seconds(5), 2);
    await fails(seconds(10), 3);
    await fails(seconds(20), 4);
    expect(await effects()).toEqual([]);
    await fails(seconds(20), 5);
    advance(seconds(20));
    await until(async () => (await effects()).length === 1);

    expect(await effects()).toEqual([2]);
    expect(await deadLetters()).toMatchObject([
      {
        topic: 'notes.dlq',
        key: 'k',
        headers: {
          ce_id: id,
          dlq_reason: 'Error: 1 is not possible yet',
          dlq_attempts: '6',
          dlq_offset: '0',
          dlq_partition: '0',
        },
      },
    ]);
    expect(await parked()).toEqual([]);
    expect(await inboxed(id)).toBe(0);
  });

  it('M41 gives a message that waited behind another one its own attempts, however long it waited', async () => {
    failing.add(1);
    note(1);
    note(2);
    await started({ limits: { parkedRetriesMin: 2 } });
    await until(async () => (await offset()) === '2');
    advance(minutes(10));
    await until(async () => (await parked())[0]?.attempts === 2);
    failing.clear();
    failing.add(2);
    advance(minutes(10));
    await until(async () => (await parked())[0]?.attempts === 1 && (await parked()).length === 1);
    expect(await deadLetters()).toEqual([]);
    advance(minutes(10));
    await until(async () => (await deadLetters()).length === 1);

    expect(await effects()).toEqual([1]);
    expect(await deadLetters()).toMatchObject([{ headers: { dlq_offset: '1', dlq_attempts: '2' } }]);
  });

  it('becomes a dead letter at the next attempt after an operator has given it up, whatever the policy', async () => {
    failing.add(1);
    note(1);
    note(2);
    await started({ limits: { parkedRetriesMin: 10 } });
    await until(async () => (await offset()) === '2');
    const listed = await listParked(bench.database.sql, { limit: 10 });
    const [first] = listed.filter(({ group }) => group === bench.group);
    expect(
      await bench.database.sql.transaction((transaction) =>
        giveUpAfterNextAttempt(transaction, first!.position),
      ),
    ).toBe(true);
    advance(seconds(5));
    await until(async () => (await deadLetters()).length === 1);

    expect(await deadLetters()).toMatchObject([{ headers: { dlq_offset: '0', dlq_attempts: '2' } }]);
    await until(async () => (await effects()).length === 1);
  });

  it('is tried at once if an operator asks for it, and then again after its pause', async () => {
    failing.add(1);
    note(1, { key: 'a' });
    note(2, { key: 'a' });
    await started();
    await until(async () => (await offset()) === '2');
    const listed = await listParked(bench.database.sql, { limit: 10 });
    const [first] = listed.filter(({ group }) => group === bench.group);
    const before = tried.length;
    expect(
      await bench.database.sql.transaction((transaction) => retryNow(transaction, first!.position + 1n)),
    ).toBe(false);
    expect(
      await bench.database.sql.transaction((transaction) => retryNow(transaction, first!.position)),
    ).toBe(true);
    advance(seconds(2));
    await until(async () => (await parked())[0]?.attempts === 2);
    advance(seconds(4));
    expect(tried).toHaveLength(before + 1);
    failing.clear();
    advance(seconds(6));
    await until(async () => (await effects()).length === 2);
  });

  it('loses a message to the dead letters when a retry throws a TerminalError, or when the message can no longer be decoded', async () => {
    let error: Error = new Error('not yet');
    note(1, { key: 'a' });
    note(2, { key: 'b' });
    const made = await started({ handlers: [bench.handler(() => Promise.reject(error))] });
    await until(async () => (await offset()) === '2');
    await made.stop();
    await bench.database.sql.query(
      'UPDATE parked_message SET value = $2 WHERE consumer_group = $1 AND key = $3',
      [bench.group, Buffer.from('{"type":"Noted","key":"b","number":"two"}'), Buffer.from('b')],
    );
    error = new TerminalError('never');
    await started({ handlers: [bench.handler(() => Promise.reject(error))] });
    advance(seconds(5));
    await until(async () => (await deadLetters()).length === 2);

    expect(
      (await deadLetters()).map(({ key, headers }) => [key, headers.dlq_attempts, headers.dlq_reason]),
    ).toEqual(
      expect.arrayContaining([
        ['a', '2', 'terminal: never'],
        ['b', '2', expect.stringContaining('malformed: number: ')],
      ]),
    );
    expect(await parked()).toEqual([]);
  });

  it('is not parked if its handler forbids it, or if the record is not a message', async () => {
    failing.add(1);
    note(1, { key: 'a' });
    note(2, { key: 'a', value: 'no JSON' });
    note(3, { key: 'a' });
    await started({ handlers: [{ ...handler(), retry: { parkedMs: 0 } }] });
    await until(async () => (await offset()) === '3');

    expect(await effects()).toEqual([3]);
    expect((await deadLetters()).map(({ headers }) => headers.dlq_offset)).toEqual(['0', '1']);
    expect(await parked()).toEqual([]);
  });

  it('M41 loses no attempts when the infrastructure fails', async () => {
    failing.add(1);
    note(1, { key: 'a' });
    let failures = 0;
    const fragile = bench.handler(async (number) => {
      if (failing.has(number)) throw new Error('not yet');
      if (number === 1 && ++failures < 3) throw sqlError('57P01');
    }, notes.Noted);
    await started({
      handlers: [fragile],
      clock: systemClock,
      limits: { parkedPauseMsMin: 1, parkedPauseMsMax: 1 },
    });
    await until(async () => (await parked()).length === 1);
    failing.clear();
    await until(() => failures === 1);
    note(2, { key: 'b' });
    await until(async () => (await offset()) === '2');
    await until(async () => (await effects()).length === 2);

    expect(failures).toBe(3);
    expect(await deadLetters()).toEqual([]);
  });
});
