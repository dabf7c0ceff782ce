import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { within } from '@millrace/testing/within';
import { inside, openCounters, type Counters } from './counters.fixture.ts';
import { claim, keep } from './kept-answers.ts';
import { identityOf } from './idempotency-key.ts';

let counters: Counters;
beforeAll(async () => {
  counters = await openCounters();
});
afterAll(() => counters.close());

const until = within(20_000);
const increments = (id: string) => `/counters/${id}/increments`;
const keptAnswers = async (route: string) => {
  const { rows } = await counters.database.sql.query('SELECT status FROM idempotency_key WHERE route = $1', [
    route,
  ]);
  return rows.length;
};

function closedGate(): () => void {
  let open = () => {};
  inside.gate = new Promise((resolve) => (open = resolve));
  return open;
}

describe('a POST with an idempotency key', () => {
  it('I01 takes effect once, and a repetition gets the same answer including its headers', async () => {
    const id = randomUUID();
    const key = randomUUID();
    const first = await counters.post(increments(id), key, { by: 3 });
    const again = await counters.post(increments(id), key, { by: 3 });
    expect(first.status).toEqual(202);
    expect(first.body).toEqual({ id, value: 3, read: 3 });
    expect(first.replayed).toEqual(false);
    expect(again.status).toEqual(202);
    expect(again.text).toEqual(first.text);
    expect(again.replayed).toEqual(true);
    for (const header of ['location', 'etag', 'content-type'])
      expect(again.headers.get(header)).toBe(first.headers.get(header));
    expect(again.headers.get('location')).toEqual(`/counters/${id}`);
    expect(again.headers.get('etag')).toEqual('"1"');
    expect(await counters.valueOf(id)).toBe(3);
  });

  it('takes effect every time if the header is left out', async () => {
    const id = randomUUID();
    for (const value of [1, 2])
      expect(await counters.post(increments(id), undefined, { by: 1 })).toMatchObject({
        status: 202,
        body: { value },
        replayed: false,
      });
  });

  it('gets the same answer with the key in quotes and the fields of its body in another order', async () => {
    const id = randomUUID();
    const key = randomUUID();
    await counters.post(increments(id), key, { by: 1, note: 'x' });
    expect(await counters.post(increments(id), `"${key}"`, { note: 'x', by: 1 })).toMatchObject({
      status: 202,
      replayed: true,
    });
    expect(await counters.valueOf(id)).toBe(1);
  });

  it('I01 takes effect once when it is sent twenty times at the same time, and the others get its answer or a 409', async () => {
    const id = randomUUID();
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => counters.post(increments(id), key, { by: 1 })),
    );
    expect(answers.filter(({ status, replayed }) => status === 202 && !replayed)).toHaveLength(1);
    for (const { status, body } of answers.filter(({ replayed }) => !replayed))
      expect([202, body.code === 'request_in_flight' ? 409 : 0]).toContain(status);
    expect(await counters.valueOf(id)).toBe(1);
    expect(await counters.post(increments(id), key, { by: 1 })).toMatchObject({
      status: 202,
      body: { value: 1 },
      replayed: true,
    });
  });

  it('I03 gets a 409 with Retry-After at once while another request with its key is in flight', async () => {
    const id = randomUUID();
    const key = randomUUID();
    const entered = inside.entered;
    const open = closedGate();
    const first = counters.post(increments(id), key, { by: 1 });
    await until(() => inside.entered > entered);
    const second = await counters.post(increments(id), key, { by: 1 });
    expect(second.status).toEqual(409);
    expect(second.body.code).toEqual('request_in_flight');
    expect(second.headers.get('retry-after')).toEqual('1');
    open();
    expect(await first).toMatchObject({ status: 202, replayed: false });
    expect(await counters.post(increments(id), key, { by: 1 })).toMatchObject({
      status: 202,
      replayed: true,
    });
  });

  it('I20 does not keep an answer that only says that another request is in flight', async () => {
    const key = randomUUID();
    inside.inFlight = true;
    const told = await counters.post('/answers', key, { by: 1 }).finally(() => (inside.inFlight = false));
    expect(told).toMatchObject({ status: 409, body: { code: 'request_in_flight' } });
    expect(await counters.post('/answers', key, { by: 1 })).toMatchObject({ status: 201, replayed: false });
  });

  it('I03 gets a 422 for a different body and has no effect', async () => {
    const id = randomUUID();
    const key = randomUUID();
    await counters.post(increments(id), key, { by: 1 });
    const { status, body } = await counters.post(increments(id), key, { by: 2 });
    expect(status).toEqual(422);
    expect(body.code).toEqual('idempotency_key_reused');
    expect(await counters.valueOf(id)).toBe(1);
  });

  it('is a separate request on another route or for another resource', async () => {
    const id = randomUUID();
    const other = randomUUID();
    const key = randomUUID();
    for (const path of [increments(id), increments(other), `/counters/${id}/transfers`, '/answers'])
      expect((await counters.post(path, key, { by: 1 })).replayed).toBe(false);
    expect(await counters.valueOf(id)).toEqual(1);
    expect(await counters.valueOf(other)).toEqual(1);
  });

  it('gets a 400 that names the header for a malformed key', async () => {
    const { status, body } = await counters.post(increments(randomUUID()), 'two words', { by: 1 });
    expect(status).toEqual(400);
    expect(body.code).toEqual('invalid_request');
    expect(body.errors).toEqual([expect.objectContaining({ field: 'Idempotency-Key' })]);
  });

  it('I01 takes effect again after its answer has expired', async () => {
    const id = randomUUID();
    const key = randomUUID();
    await counters.post(increments(id), key, { by: 1 });
    await counters.database.sql.query('UPDATE idempotency_key SET expires_at = clock_timestamp()');
    expect(await counters.post(increments(id), key, { by: 2 })).toMatchObject({
      status: 202,
      body: { value: 3 },
      replayed: false,
    });
    expect(await counters.post(increments(id), key, { by: 2 })).toMatchObject({
      status: 202,
      body: { value: 3 },
      replayed: true,
    });
    const { rows } = await counters.database.sql.query(
      `SELECT expires_at - created_at BETWEEN interval '23:59' AND interval '24:01' AS day FROM idempotency_key WHERE expires_at > now()`,
    );
    expect(rows).toContainEqual({ day: true });
  });
});

describe('a kept answer', () => {
  it('I04 may be a rejection of the domain, even if the request could succeed by now', async () => {
    const id = randomUUID();
    const key = randomUUID();
    await counters.post(increments(id), undefined, { by: 90 });
    const refused = await counters.post(increments(id), key, { by: 20 });
    expect(refused.status).toEqual(409);
    expect(refused.body.code).toEqual('limit_reached');
    expect(refused.body.value).toEqual(90);
    await counters.post(increments(id), undefined, { by: 5 });
    const again = await counters.post(increments(id), key, { by: 20 });
    expect(again.status).toEqual(409);
    expect(again.text).toEqual(refused.text);
    expect(again.replayed).toEqual(true);
    expect(again.headers.get('content-type')).toBe(refused.headers.get('content-type'));
  });

  it('I20 is never a temporary refusal, so the same request can take effect later', async () => {
    const key = randomUUID();
    inside.notYet = true;
    const told = await counters.post('/answers', key, { by: 1 }).finally(() => (inside.notYet = false));
    expect(told).toMatchObject({ status: 422, replayed: false, body: { code: 'unknown_thing' } });
    expect(told.headers.get('retry-after')).toEqual('2');
    expect(await counters.post('/answers', key, { by: 1 })).toMatchObject({ status: 201, replayed: false });
  });

  it('I04 is never a validation error, so the corrected request can use the same key', async () => {
    const id = randomUUID();
    const key = randomUUID();
    for (const body of [{ by: 0 }, { by: 'one' }, { by: 1, note: 'a\0' }, { by: 1, more: 1 }])
      expect(await counters.post(increments(id), key, body)).toMatchObject({ status: 400, replayed: false });
    expect(await counters.post(increments(id), key, { by: 1 })).toMatchObject({
      status: 202,
      replayed: false,
    });
  });

  it('I04 is never an internal error, which rolls the effect back so that a retry takes effect', async () => {
    const id = randomUUID();
    const key = randomUUID();
    inside.bug = true;
    const failed = await counters.post(increments(id), key, { by: 1 });
    inside.bug = false;
    expect(failed.status).toEqual(500);
    expect(await counters.valueOf(id)).toEqual(0);
    expect(await counters.post(increments(id), key, { by: 1 })).toMatchObject({
      status: 202,
      body: { value: 1 },
      replayed: false,
    });
  });

  it('I07 has a maximum size, and a larger one rolls its request back', async () => {
    const body = { by: 70_000 };
    expect((await counters.post('/answers', undefined, body)).status).toBe(201);
    expect((await counters.post('/answers', randomUUID(), body)).status).toBe(500);
  });
});

describe('the transaction of a request', () => {
  it('cannot replace a kept answer, even if it found the key free', async () => {
    const identity = identityOf({ route: 'POST /x', parameters: {}, key: randomUUID(), body: {} });
    const { sql } = counters.database;
    const answer = (body: string) => ({ status: 201, headers: {}, body });
    const keeping = (body: string) =>
      sql.transaction(async (transaction) => {
        const commit = transaction.keepOpen();
        const { answers } = await keep(transaction, identity, answer(body));
        commit();
        await answers;
      });
    await keeping('first');
    await expect(keeping('second')).rejects.toMatchObject({ code: 'request_in_flight' });
    expect(await sql.transaction((transaction) => claim(transaction, identity))).toEqual(answer('first'));
  });

  it('I02 is rolled back as a whole when its connection dies before the commit, and the retry takes effect', async () => {
    const id = randomUUID();
    const key = randomUUID();
    const client = await counters.database.pool.connect();
    // the effect is written, but its answer cannot be
    await client.query('BEGIN; LOCK TABLE idempotency_key IN SHARE MODE');
    const request = counters.post(increments(id), key, { by: 1 });
    await until(async () => {
      const { rowCount } = await counters.database.sql.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE application_name = 'millrace-counters' AND wait_event_type = 'Lock' AND datname = current_database()`,
      );
      return rowCount > 0;
    });
    await client.query('ROLLBACK');
    client.release();
    expect((await request).status).toEqual(503);
    expect(await counters.valueOf(id)).toEqual(0);
    expect(await counters.post(increments(id), key, { by: 1 })).toMatchObject({
      status: 202,
      body: { value: 1 },
      replayed: false,
    });
  });

  it('I04 covers all its streams, so a refusal undoes everything before it and is itself kept', async () => {
    const id = randomUUID();
    const key = randomUUID();
    const refused = await counters.post(`/counters/${id}/transfers`, key, { by: 2 });
    expect(refused.status).toEqual(409);
    expect(refused.body.code).toEqual('too_much');
    expect(refused.headers.get('x-most')).toEqual('1');
    expect(await counters.valueOf(`${id}-from`)).toEqual(0);
    expect(await counters.valueOf(`${id}-to`)).toEqual(0);
    const again = await counters.post(`/counters/${id}/transfers`, key, { by: 2 });
    expect(again.text).toEqual(refused.text);
    expect(again.replayed).toEqual(true);
    expect(again.headers.get('x-most')).toEqual('1');
  });

  it('I05 is repeated as a whole after a conflict', async () => {
    const id = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 60 }, () => counters.post(increments(id), randomUUID(), { by: 1 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 202));
    expect(answers.map(({ body }) => body.value).sort((a, b) => Number(a) - Number(b))).toEqual(
      Array.from({ length: 60 }, (_, n) => n + 1),
    );
    // each request reads on its own connection
    for (const { body } of answers) expect(body.read).toBe(body.value);
    expect(await keptAnswers('POST /counters/:id/increments')).toBeGreaterThanOrEqual(60);
  });
});
