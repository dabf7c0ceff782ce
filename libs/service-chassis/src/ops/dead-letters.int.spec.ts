import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { appendRows } from '@millrace/streaming-core/outbox';
import { until, within } from '@millrace/testing/within';
import { newId } from '../modules/events/recording.ts';
import { broken, handled } from '../modules/messaging/shelf.fixture.ts';
import { openOperatedShelf, type OperatedShelf } from './operated-shelf.fixture.ts';

const eventually = within(20_000);
const reason = 'INC-7';
let shelf: OperatedShelf;

beforeAll(async () => {
  shelf = await openOperatedShelf({ RETRY_PARKED_MS: '0' });
});
afterAll(() => shelf.close());

const ops = (path = '', body?: object) => shelf.ops(`/dead-letters${path}`, body);
const openLetters = async (orderId: string) =>
  ((await ops(`?key=${orderId}`)).body.items ?? []) as readonly {
    readonly id: string;
    readonly redrives: number;
  }[];
const openLetter = async (orderId: string) => {
  const [letter] = await until(
    () => openLetters(orderId),
    (letters) => letters.length > 0,
  );
  return letter!;
};
const dead = async () => {
  const orderId = await shelf.sendBroken();
  return { orderId, letter: await openLetter(orderId) };
};

/** Writes a letter that lacks a header of its message, as one that was too large. */
async function writeIncomplete(orderId: string): Promise<string> {
  const headers = { dlq_group: 'shelf', dlq_topic: 'shelf-commands', dlq_headers_omitted: '1' };
  const row = {
    id: newId(),
    topic: 'shelf-commands.dlq',
    key: orderId,
    type: 'Reserve',
    payload: '{}',
    headers: { ...headers, dlq_reason: 'x: y', dlq_time: new Date().toISOString() },
  };
  const noAttributes = { source: null, subject: null, time: null, dataschema: null };
  const noIds = { correlationid: null, causationid: null, traceparent: null };
  await shelf.database.sql.transaction((transaction) =>
    transaction.unitOfWork(() =>
      shelf.database.sql.transaction((transaction) =>
        appendRows(transaction, [{ ...row, ...noAttributes, ...noIds }]),
      ),
    ),
  );
  return (await openLetter(orderId)).id;
}

describe('dead letters', () => {
  it('are listed and counted by reason, and shown with value, headers and stack', async () => {
    const { orderId, letter } = await dead();
    expect(letter).toMatchObject({
      topic: 'shelf-commands',
      group: 'shelf',
      type: 'Reserve',
      key: orderId,
      code: 'RangeError',
      reason: `RangeError: the shelf for ${orderId} is broken`,
      decision: null,
    });
    expect((await ops('/reasons')).body).toMatchObject({
      complete: true,
      items: [{ topic: 'shelf-commands', type: 'Reserve', code: 'RangeError' }],
    });
    expect((await ops(`/${letter.id}`)).body).toMatchObject({
      value: JSON.stringify({ orderId, type: 'Reserve' }),
      headers: { ce_type: 'Reserve', dlq_topic: 'shelf-commands' },
      stack: expect.stringContaining('RangeError'),
    });
    expect((await ops('?code=TypeError')).body.items).toEqual([]);
    expect(await ops('/shelf-commands.dlq:0:99999')).toMatchObject({
      status: 404,
      body: { code: 'unknown_dead_letter' },
    });
    expect((await ops('/other-commands.dlq:0:0')).status).toBe(404);
    await ops('/discard', { ids: [letter.id], reason }); // a redrive by filter would let it fail again
  });

  it('Z06 are redriven once their cause is corrected, and the message is handled', async () => {
    const { orderId, letter } = await dead();
    const dry = await ops('/redrive', { ids: [letter.id], reason, dryRun: true });
    expect(dry.body).toMatchObject({ dryRun: true, redriven: 1 });
    expect(await openLetters(orderId)).toHaveLength(1);
    broken.delete(orderId);
    expect((await ops('/redrive', { ids: [letter.id], reason })).body).toMatchObject({
      redriven: 1,
      refused: 0,
    });
    await eventually(() => handled.includes(orderId));
    expect(await openLetters(orderId)).toEqual([]);
    const { rows } = await shelf.database.sql.query(
      `SELECT decision, actor, reason FROM dead_letter_decision WHERE topic || ':0:' || record_offset = $1`,
      [letter.id],
    );
    expect(rows).toEqual([{ decision: 'redriven', actor: 'grace', reason }]);
  });

  it('Z06 are redriven by filter, page by page, and each only once when two operators do it', async () => {
    const made = [await dead(), await dead(), await dead()];
    for (const { orderId } of made) broken.delete(orderId);
    const order = { filter: { type: 'Reserve', code: 'RangeError' }, reason };
    const first = await ops('/redrive', { ...order, limit: 1 });
    expect(first.body).toMatchObject({ redriven: 1, more: true });
    const both = await Promise.all([ops('/redrive', order), ops('/redrive', order)]);
    await eventually(() => made.every(({ orderId }) => handled.includes(orderId)));
    for (const { orderId } of made) expect(handled.filter((id) => id === orderId)).toHaveLength(1);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
  });

  it('Z06 are redriven after those that are refused, and not again if they fail again', async () => {
    const refused = await writeIncomplete(`order-${randomUUID()}`);
    const failing = await dead();
    const last = await dead();
    const order = { filter: {}, reason, limit: 1 };
    const items: unknown[] = [];
    let after: unknown;
    while (after !== null) {
      const { body } = await ops('/redrive', { ...order, ...(after !== undefined && { after }) });
      items.push(...(body.items ?? []));
      after = body['nextCursor'];
      if (items.length === 2) await openLetter(failing.orderId); // it has failed again, behind the cursor
    }
    expect(items).toEqual([
      { id: refused, outcome: 'incomplete' },
      { id: failing.letter.id, outcome: 'redriven' },
      { id: last.letter.id, outcome: 'redriven' },
    ]);
    expect(await openLetters(failing.orderId)).toMatchObject([{ redrives: 1 }]);
    await ops('/discard', { filter: {}, reason });
  });

  it('Z06 are redriven with another value, and the paths that it changes are recorded', async () => {
    const { letter } = await dead();
    const right = `right-${randomUUID()}`;
    const value = { type: 'Reserve', orderId: right };
    const edited = await ops('/redrive', { ids: [letter.id], reason, value });
    expect(edited.body).toMatchObject({ redriven: 1, edited: ['orderId'] });
    await eventually(() => handled.includes(right));
    const other = await dead();
    const wrong = { ids: [other.letter.id], reason, value: { ...value, type: 'Release' } };
    expect(await ops('/redrive', wrong)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'value.type' }] },
    });
    await ops('/discard', { ids: [other.letter.id], reason });
  });

  it('Z06 are refused after five redrives, since the message would go round for ever', async () => {
    const { orderId } = await dead();
    for (let redrives = 0; redrives < 5; redrives++) {
      const letter = await openLetter(orderId);
      expect(letter.redrives).toBe(redrives);
      expect((await ops('/redrive', { ids: [letter.id], reason })).body).toMatchObject({ redriven: 1 });
    }
    const last = await openLetter(orderId);
    expect((await ops('/redrive', { ids: [last.id], reason })).body).toMatchObject({
      redriven: 0,
      refused: 1,
      items: [{ outcome: 'redriven_too_often' }],
    });
    expect((await ops('/discard', { ids: [last.id], reason })).body).toMatchObject({ discarded: 1 });
  });

  it('keep with the decision which message it was about', async () => {
    const { letter } = await dead();
    await ops('/discard', { ids: [letter.id], reason });
    const { rows } = await shelf.database.sql.query(
      `SELECT consumer_group, origin_partition IS NOT NULL AS has_partition,
         (SELECT count(*)::int FROM outbox
          WHERE topic = decided.topic AND headers->>'dlq_partition' = origin_partition::text
            AND headers->>'dlq_offset' = origin_offset::text) AS letters
       FROM dead_letter_decision decided WHERE topic || ':' || partition || ':' || record_offset = $1`,
      [letter.id],
    );
    expect(rows).toEqual([{ consumer_group: 'shelf', has_partition: true, letters: 1 }]);
  });

  it('Z06 leave the log once they are decided, so that the alarm clears', async () => {
    const { letter } = await dead();
    const ids = ((await ops()).body.items ?? []).map(({ id }) => id);
    expect(ids).toContain(letter.id);
    expect((await ops('/discard', { filter: {}, limit: 500, reason })).body).toMatchObject({ more: false });
    await eventually(async () => (await ops(`/${letter.id}`)).status === 404);
    expect((await ops('?state=all')).body.items).toEqual([]);
  });
});
