import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { openOperatedShelf, type OperatedShelf } from './operated-shelf.fixture.ts';

const reason = 'INC-7';
let parking: OperatedShelf;
let dying: OperatedShelf;
beforeAll(async () => {
  [parking, dying] = await Promise.all([openOperatedShelf({}), openOperatedShelf({ RETRY_PARKED_MS: '0' })]);
});
afterAll(() => Promise.all([parking, dying].map((shelf) => shelf.close())));

interface Asked {
  readonly shelf: OperatedShelf;
  readonly path: string;
  readonly body: object;
  /** The decisions and notes that the service keeps of the act. */
  audits(): Promise<readonly string[]>;
}

async function onLetter(act: 'redrive' | 'discard'): Promise<Asked> {
  const key = await dying.sendBroken();
  const { body } = await until(
    () => dying.ops(`/dead-letters?key=${key}`),
    (answer) => answer.body.items?.length === 1,
  );
  const id = String(body.items?.[0]?.['id']);
  return {
    shelf: dying,
    path: `/dead-letters/${act}`,
    body: { ids: [id] },
    async audits() {
      const { rows } = await dying.database.sql.query<{ actor: string }>(
        `SELECT actor FROM dead_letter_decision WHERE topic || ':0:' || record_offset = $1 AND reason = $2`,
        [id, reason],
      );
      return rows.map(({ actor }) => actor);
    },
  };
}

async function onParkedKey(act: 'retry' | 'give-up'): Promise<Asked> {
  const key = await parking.sendBroken();
  const isKey = (item: Readonly<Record<string, unknown>>) => item['key'] === key;
  const { body } = await until(
    () => parking.ops('/parked-keys'),
    (answer) => answer.body.items?.some(isKey) === true,
  );
  const position = String(body.items?.find(isKey)?.['position']);
  return {
    shelf: parking,
    path: `/parked-keys/${position}/${act}`,
    body: {},
    async audits() {
      const { rows } = await parking.database.sql.query<{ actor: string }>(
        'SELECT actor FROM operator_action WHERE subject = $1 AND reason = $2',
        [position, reason],
      );
      return rows.map(({ actor }) => actor);
    },
  };
}

/** A decided letter may have left the log already. */
const tooLate = ['decided_before', 'unknown_dead_letter'];

/** Every act on messages, and whether a second operator at the same moment acts as well. */
const acts = [
  { act: 'redrive of a dead letter', prepare: () => onLetter('redrive'), both: false },
  { act: 'discarding of a dead letter', prepare: () => onLetter('discard'), both: false },
  { act: 'retry of a parked message', prepare: () => onParkedKey('retry'), both: true },
  { act: 'giving up of a parked message', prepare: () => onParkedKey('give-up'), both: true },
];

describe.each(acts)('the $act', ({ prepare, both }) => {
  const send = ({ shelf, path, body }: Asked, headers: Readonly<Record<string, string>> = {}, why = reason) =>
    shelf.ops(path, { ...body, reason: why }, headers);

  it('is refused without an actor, a reason or a key, and then is not recorded', async () => {
    const asked = await prepare();
    expect((await send(asked, { 'millrace-actor': '' })).status).toBe(400);
    expect((await send(asked, { 'idempotency-key': '' })).status).toBe(400);
    expect((await send(asked, {}, ' ')).status).toBe(400);
    expect(await asked.audits()).toEqual([]);
  });

  it('takes effect once under one key, and is recorded with its actor', async () => {
    const asked = await prepare();
    const key = { 'idempotency-key': randomUUID() };
    const first = await send(asked, key);
    expect(first.status).toBe(200);
    expect(await send(asked, key)).toEqual(first);
    expect(await asked.audits()).toEqual(['grace']);
  });

  it('of two operators at once is recorded for each who acts', async () => {
    const asked = await prepare();
    const answers = await Promise.all([send(asked), send(asked, { 'millrace-actor': 'ada' })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const audits = await asked.audits();
    if (both) return expect([...audits].sort()).toEqual(['ada', 'grace']);
    expect(audits).toHaveLength(1);
    const outcomes = answers.flatMap(({ body }) => (body.items ?? []).map(({ outcome }) => outcome));
    expect(outcomes.filter((outcome) => tooLate.includes(String(outcome)))).toHaveLength(1);
    expect(tooLate).toContain((await send(asked)).body.items?.[0]?.['outcome']);
  });
});
