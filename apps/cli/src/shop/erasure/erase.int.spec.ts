import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bodiesOf, closing, erased, ErasureBench, open, path, sure } from './erasure-bench.fixture.ts';

let bench: ErasureBench;
beforeEach(async () => void (bench = await ErasureBench.open()));
afterEach(() => bench.close());

describe('millrace erase', () => {
  it('waits for the order service, then erases in the others by the orders, and empties their mails', async () => {
    const inventory = await bench.stranger();
    const payment = await bench.service(erased);
    const order = await bench.service(closing, erased);

    const { exitCode, out, drawn } = await bench.erase({ inventory, payment, order }, sure);

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: expect.stringContaining('is erased (orders: 2)') });
    expect(out).toMatch(/^payment +erased +2026-11-23T10:00:00.000Z, events: 2$/m);
    expect(out).toMatch(/^inventory +no personal data/m);
    expect(out).toContain('Mails emptied: 1.');
    expect(drawn[0]).toBe('order waits: until every process knows of the erasure (2026-11-23T10:00:15.000Z)');
    expect(bodiesOf(order)).toHaveLength(2);
    expect(bodiesOf(payment)).toEqual([{ reason: 'INC-7', ids: ['one', 'two'] }]);
    expect(await readFile(join(bench.mails, 'one.order-completed@millrace.invalid.eml'), 'utf8')).toBe('');
    expect(await readFile(join(bench.mails, 'three.order-completed@millrace.invalid.eml'), 'utf8')).not.toBe(
      '',
    );
  });

  it('says that nobody has this id if there are neither orders nor keys', async () => {
    const nobody = { ...erased, hadKey: false };
    const order = await bench.stub(({ path: wanted }) =>
      wanted === '/orders' ? { body: { items: [], nextCursor: null } } : { body: nobody },
    );
    const payment = await bench.service(nobody);
    const inventory = await bench.stranger();

    const { exitCode, out } = await bench.erase({ order, payment, inventory }, sure);
    const withKey = await bench.erase(
      { order, payment: await bench.service({ ...erased, hadKey: true }) },
      sure,
    );

    expect(exitCode).toBe(0);
    expect(out).toContain('Nobody was known as customer-17: 0 orders, 0 keys.');
    expect(withKey.out).toContain('customer-17 is erased (orders: 0)');
  });

  it('sends many orders in parts, and has the bytes of the key removed with the last one', async () => {
    const many = Array.from({ length: 501 }, (_, index) => `order-${index}`);
    const items = many.map((orderId) => ({ orderId }));
    const order = await bench.stub(({ path: wanted }) =>
      wanted === '/orders' ? { body: { items, nextCursor: null } } : { body: erased },
    );
    const payment = await bench.service(erased);

    expect((await bench.erase({ order, payment }, sure)).exitCode).toBe(0);
    expect(bodiesOf(payment)).toEqual([
      { reason: 'INC-7', ids: many.slice(0, 500), more: true },
      { reason: 'INC-7', ids: ['order-500'] },
    ]);
  });

  it('stops at its time limit, names what is open, and leaves the other services alone', async () => {
    const order = await bench.service(open);
    const payment = await bench.service(erased);

    const { exitCode, out } = await bench.erase({ order, payment }, [...sure, '--wait', '0']);

    expect(exitCode).toBe(1);
    expect(out).toMatch(/^order +waiting +for open work to end: orders order-9$/m);
    expect(out).toContain(
      'customer-17 is not erased yet: repeat this command once what is open has ended, or cancel the orders',
    );
    expect(bodiesOf(payment)).toEqual([]);
    expect(await readFile(join(bench.mails, 'one.order-completed@millrace.invalid.eml'), 'utf8')).not.toBe(
      '',
    );
  });

  it('empties a mail that another process has sent with a key that it still had', async () => {
    const late = join(bench.mails, 'one.order-cancelled@millrace.invalid.eml');
    const order = await bench.service(erased);
    let looks = 0;
    const notification = await bench.stub((asked) => {
      if (asked.path !== path) return undefined;
      if (asked.method === 'GET' && ++looks === 2) writeFileSync(late, 'To: zora@x');
      return { body: { ...erased, inUse: asked.method === 'GET' && looks < 3 } };
    });

    const { exitCode, out, drawn } = await bench.erase({ order, notification }, sure);

    expect({ exitCode, looks, mail: await readFile(late, 'utf8') }).toEqual({
      exitCode: 0,
      looks: 3,
      mail: '',
    });
    expect(out).toContain('Mails emptied: 2.');
    expect(drawn).toContain('waiting until every process of notification has forgotten the destroyed keys');
  });

  it('says where the bytes of a key remain if the server of the keys does not let them be removed', async () => {
    const order = await bench.service({ ...erased, walRemoved: false });

    const { exitCode, out } = await bench.erase({ order }, sure);

    expect(exitCode).toBe(0);
    expect(out).toContain('The keys are in the write-ahead log of their server until it reuses the files');
  });

  it('names a service that is down, and erases in the others', async () => {
    const order = await bench.service(erased);
    const shipping = await bench.service(erased);
    const payment = await bench.service(erased);
    payment.close();

    const { exitCode, out } = await bench.erase({ order, payment, shipping }, [...sure, '--json']);

    expect(exitCode).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      complete: false,
      mails: null,
      services: [
        { service: 'order', state: 'erased' },
        {
          service: 'payment',
          state: 'failed',
          problem: expect.stringContaining('payment does not answer on'),
        },
        { service: 'shipping', state: 'erased' },
      ],
    });
  });

  it('shows what a service says that stores personal data in plain text, and fails', async () => {
    const detail = 'PERSONAL_DATA_SEALING is off: remove the setting from every process';
    const order = await bench.stub(({ method }) =>
      method === 'POST'
        ? { status: 409, body: { title: 'no', code: 'sealing_off', detail } }
        : { body: closing },
    );

    const { exitCode, out } = await bench.erase({ order }, sure);

    expect(exitCode).toBe(1);
    expect(out).toMatch(new RegExp(`^order +failed +order: no \\(sealing_off\\): ${detail}$`, 'm'));
    expect(out).toContain('repeat this command once what the failed services say is mended');
  });

  it('erases nothing if the operator API of the order service is not named', async () => {
    const payment = await bench.service(erased);

    const { exitCode, err } = await bench.erase({ payment }, sure);

    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('add --ops order=http://HOST:PORT'),
    });
    expect(bodiesOf(payment)).toEqual([]);
  });

  it('asks first, and does nothing without a yes or a reason', async () => {
    const order = await bench.service(erased);
    const reason = ['--reason', 'INC-7'];

    const answered = await bench.erase({ order }, reason, { answers: ['no'] });
    const unreasoned = await bench.erase({ order }, ['--yes']);

    expect(answered).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('customer-17 unreadable for good'),
    });
    expect(unreasoned).toMatchObject({ exitCode: 2, err: expect.stringContaining('--reason TEXT') });
    expect(bodiesOf(order)).toEqual([]);
  });
});
