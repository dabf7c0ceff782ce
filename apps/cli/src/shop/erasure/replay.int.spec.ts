import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { millrace } from '../../cli.fixture.ts';
import { bodiesOf, closing, erased, ErasureBench, open, sure } from './erasure-bench.fixture.ts';

let bench: ErasureBench;
beforeEach(async () => void (bench = await ErasureBench.open()));
afterEach(() => bench.close());

describe('R27 the erasure of an id that nobody has', () => {
  const nobody = { state: 'active', known: false };
  const unknownServices = async (...answers: readonly object[]) => {
    const left = [...answers];
    const order = await bench.stub(({ path: wanted, method }) =>
      wanted === '/orders'
        ? { body: { items: [], nextCursor: null } }
        : {
            body:
              method === 'GET' ? (left.length > 1 ? left.shift() : left[0]) : { ...erased, hadKey: false },
          },
    );
    return { order };
  };

  it('needs --unknown where nobody can be asked, and says what closing means', async () => {
    const services = await unknownServices(nobody);

    const { exitCode, err } = await bench.erase(services, sure);

    expect({ exitCode, err }).toEqual({
      exitCode: 2,
      err: expect.stringContaining(
        'nobody has the id customer-17: it has no orders and no personal data. Check it, or add --unknown to ' +
          'close it: all orders of this id are refused from then on, and nobody can open it again',
      ),
    });
    expect(bodiesOf(services.order)).toEqual([]);
    await expect(readFile(bench.ledger)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('asks a person, also with --yes, and does nothing without a yes', async () => {
    const services = await unknownServices(nobody);

    const { exitCode, err } = await bench.erase(services, sure, { answers: ['n'] });

    expect(exitCode).toBe(1);
    expect(err).toContain('Close it? [y/N]');
    expect(err).toContain('nothing was changed');
    expect(bodiesOf(services.order)).toEqual([]);
  });

  it('closes it after a yes, or with --unknown', async () => {
    const services = await unknownServices(nobody, nobody, erased);
    const answered = await bench.erase(services, sure, { answers: ['yes'] });
    const named = await bench.erase(await unknownServices(nobody, erased), [...sure, '--unknown']);

    expect({ answered: answered.exitCode, named: named.exitCode }).toEqual({ answered: 0, named: 0 });
    expect(bodiesOf(services.order)).toHaveLength(1);
  });

  it('does not ask about an id with a key, with orders, or of an erasure that has begun', async () => {
    const withKey = await unknownServices({ ...nobody, known: true }, erased);
    const begun = await unknownServices(closing, erased);
    const order = await bench.service(erased);
    const withOrders = { order, payment: await bench.service({ state: 'active' }, erased) };

    for (const services of [withKey, begun, withOrders])
      expect((await bench.erase(services, sure)).exitCode).toBe(0);
  });
});

describe('R26 the ledger of `millrace erase`', () => {
  const entries = async () =>
    (await readFile(bench.ledger, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it('has an erasure before any service is asked for it, and once', async () => {
    const order = await bench.service(erased);
    order.close();
    await bench.erase({ order }, sure);
    await bench.erase({ order: await bench.service(erased) }, sure);

    expect(await entries()).toEqual([
      { version: 1, at: expect.stringMatching(/^\d{4}-.*Z$/), subject: 'customer-17' },
    ]);
  });

  it('is asked for where nothing runs on this machine, before anything is erased', async () => {
    const order = await bench.service(erased);

    const { exitCode, err } = await millrace(
      ['erase', 'customer-17', '--ops', `order=${order.url}`, '--service', `order=${order.url}`, ...sure],
      { environment: {}, workspace: bench.mails },
    );

    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('Name its file with --ledger'),
    });
    expect(bodiesOf(order)).toEqual([]);
  });

  it('stops the erasure if it cannot be written', async () => {
    const order = await bench.service(erased);

    const { exitCode, err } = await bench.erase({ order }, [
      ...sure,
      '--ledger',
      join(bench.mails, 'missing/list'),
    ]);

    expect({ exitCode, err }).toEqual({
      exitCode: 1,
      err: expect.stringContaining('so nothing was erased'),
    });
    expect(bodiesOf(order)).toEqual([]);
  });
});

describe('R26 `millrace erase --replay`', () => {
  const line = (subject: string) => `{"version":1,"at":"2026-11-20T10:00:00.000Z","subject":"${subject}"}\n`;
  /** Answers for each customer, by the end of the path: first `waiting`, unless it says otherwise. */
  const services = async (lasting: Readonly<Record<string, object>> = {}) => {
    const asked = new Set<string>();
    const order = await bench.stub(({ path: wanted, method }) => {
      if (wanted === '/orders') return { body: { items: [], nextCursor: null } };
      const customer = wanted.split('/').at(-1) ?? '';
      const first = method === 'POST' && !asked.has(customer);
      if (method === 'POST') asked.add(customer);
      return { body: lasting[customer] ?? (first ? closing : erased) };
    });
    return { order };
  };

  it('closes all customers of the ledger, then erases each of them, with progress and a summary', async () => {
    await writeFile(bench.ledger, line('ada') + line('zora'));
    const { order } = await services();

    const { exitCode, out, drawn } = await bench.erase({ order }, [...sure, '--replay']);

    expect({ exitCode, out }).toEqual({ exitCode: 0, out: `2 erasures of ${bench.ledger} repeated` });
    const posts = order.asked
      .filter(({ method }) => method === 'POST')
      .map(({ path: at }) => at.split('/').at(-1));
    expect(posts).toEqual(['ada', 'zora', 'ada', 'zora']);
    expect(drawn).toEqual(expect.arrayContaining(['closing 2 of 2', 'erasing 1 of 2']));
    expect(await readFile(bench.ledger, 'utf8')).toBe(line('ada') + line('zora'));
  });

  it('goes on after a customer with an open order, and fails with its name', async () => {
    await writeFile(bench.ledger, line('ada') + line('zora'));
    const given = await services({ ada: open });

    const { exitCode, out } = await bench.erase(given, [...sure, '--replay', '--wait', '0']);

    expect(exitCode).toBe(1);
    expect(out.split('\n')).toEqual([
      'ada is not erased yet: order waits for open work to end: orders order-9',
      `1 erasure of ${bench.ledger} repeated, 1 left: repeat this command`,
    ]);
    const inJson = await bench.erase(await services({ ada: open }), [
      ...sure,
      '--replay',
      '--wait',
      '0',
      '--json',
    ]);
    expect(JSON.parse(inJson.out)).toMatchObject({
      complete: false,
      left: 0,
      customers: [{ customer: 'ada' }, { customer: 'zora', complete: true }],
    });
  });

  it('asks first, does nothing with an empty ledger, and takes no customer beside it', async () => {
    const given = await services();
    const empty = await bench.erase(given, ['--replay', '--reason', 'INC-7']);
    await writeFile(bench.ledger, line('ada'));
    const refused = await bench.erase(given, ['--replay', '--reason', 'INC-7'], { answers: ['no'] });
    const both = await bench.erase(given, [...sure, '--replay', 'customer-17']);

    expect(empty).toMatchObject({ exitCode: 0, out: `0 erasures of ${bench.ledger} repeated` });
    expect(refused).toMatchObject({ exitCode: 1, err: expect.stringContaining('repeat the 1 erasure of') });
    expect(both).toMatchObject({ exitCode: 2, err: expect.stringContaining('name one customer to erase') });
    expect(bodiesOf(given.order)).toEqual([]);
  });
});
