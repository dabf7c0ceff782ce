import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { fakePersonalData } from '@millrace/testing/personal-data';
import type { Holder } from '../../personal/index.ts';
import { silentLogger } from '../../runtime/index.ts';
import { callBench, metadata, newKind } from './call-bench.fixture.ts';
import { requestExternalCall } from './request.ts';
import { until } from './waiting.fixture.ts';
import type { ExternalCallWorkerOptions } from './worker-options.ts';

const ada = { holder: 'carrier', subject: 'ada' };

describe('an external call about a person', () => {
  const calls = callBench();
  const { finished, pendingOf, resultsOf } = calls;

  const stored = async (kind: string) =>
    (await calls.database.sql.query('SELECT payload, last_error FROM external_call WHERE kind = $1', [kind]))
      .rows[0];

  const attemptsOf = async (kind: string) =>
    Number(
      (await calls.database.sql.query('SELECT attempts FROM external_call WHERE kind = $1', [kind]))
        .rows[0]?.['attempts'],
    );

  const ask = (kind: string, holder?: Holder) =>
    calls.database.sql.transaction((transaction) =>
      requestExternalCall(
        transaction,
        { kind, key: 'ship', payload: { street: 'Mill Lane 1' }, subject: ada.subject, metadata },
        holder,
      ),
    );

  const carrier = () => {
    const personalData = fakePersonalData();
    return { personalData, holder: { name: 'carrier', personalData } };
  };

  /** A worker whose result is the payload that it received. */
  const start = (kind: string, options: Partial<ExternalCallWorkerOptions<never, string>>) =>
    calls.startWorker(kind, { call: ({ payload }) => Promise.resolve(JSON.stringify(payload)), ...options });

  it('is stored sealed, and its worker gets the payload opened', async () => {
    const kind = newKind();
    const { holder } = carrier();

    await ask(kind, holder);
    const row = await stored(kind);
    start(kind, { holder });
    await finished(kind);

    expect(row).toMatchObject({ payload: { sealed: 1, subject: 'ada', data: expect.any(String) } });
    expect(JSON.stringify(row)).not.toContain('Mill Lane');
    expect(await resultsOf(kind)).toEqual(['{"street":"Mill Lane 1"}']);
  });

  it('is refused without keys', async () => {
    const kind = newKind();

    await expect(ask(kind)).rejects.toMatchObject({ code: 'keys_missing' });
    expect(await pendingOf(kind)).toBe(0);
  });

  it('is dropped and logged if its data was erased', async () => {
    const kind = newKind();
    const { holder, personalData } = carrier();
    const logged: object[] = [];
    await ask(kind, holder);
    personalData.erase(ada);

    start(kind, { holder, logger: { ...silentLogger, info: (fields) => void logged.push(fields) } });
    await finished(kind);

    expect(await resultsOf(kind)).toEqual([]);
    expect(logged).toEqual([{ kind, key: 'ship', attempts: 1, correlationId: 'story' }]);
  });

  it.each([
    ['the keys are unreachable', /the database of the keys is down/, true],
    ['its worker has no keys', /there are no keys for it: give the option holder/, false],
  ])('is kept and tried again while %s, and its payload reaches no log', async (_, reason, hasKeys) => {
    const kind = newKind();
    const { holder, personalData } = carrier();
    await ask(kind, holder);
    const seen: unknown[] = [];
    const logger = { ...silentLogger, warn: (fields: object) => void seen.push(fields) };
    personalData.isDown = true;

    const worker = start(kind, {
      holder: hasKeys ? holder : undefined,
      logger,
      logFields: ({ payload }) => ({ payload }),
    });
    await until(async () => (await stored(kind))?.last_error !== null);
    const row = await stored(kind);
    await worker.stop();
    personalData.isDown = false;
    start(kind, { holder });
    await finished(kind);

    expect(row?.last_error).toMatch(reason);
    expect(JSON.stringify(seen)).not.toContain('payload"');
    expect(await resultsOf(kind)).toEqual(['{"street":"Mill Lane 1"}']);
  });

  it('whose key is lost is logged once, and made once a backup of the keys is restored', async () => {
    const kind = newKind();
    const { holder, personalData } = carrier();
    await ask(kind, holder);
    personalData.lose(ada);
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (_: object, line: string) => void warnings.push(line) };

    start(kind, { holder, logger, retryDelayMsMin: 1, retryDelayMsMax: 1 });
    await until(async () => (await attemptsOf(kind)) >= 3);
    personalData.restore(ada);
    await finished(kind);

    expect(warnings).toEqual(['external call failed and will be retried']);
    expect(await resultsOf(kind)).toEqual(['{"street":"Mill Lane 1"}']);
  });

  it('keeps what the outside system says about it out of logs and of last_error', async () => {
    const kind = newKind();
    const { holder } = carrier();
    await ask(kind, holder);
    const seen: unknown[] = [];
    const note = (fields: object) => void seen.push(fields);
    let isBroken = true;
    const call: ExternalCallWorkerOptions<{ street: string }, string>['call'] = async ({ payload }) => {
      if (isBroken) throw Object.assign(new Error(`no street ${payload.street}`), { status: 422 });
      return 'booked';
    };
    start(kind, { holder, call, logger: { ...silentLogger, debug: note, warn: note, error: note } });
    await until(async () => (await stored(kind))?.last_error !== null);
    const row = await stored(kind);
    isBroken = false;
    await finished(kind);

    expect(row?.last_error).toBe('Error: the outside system failed: Error 422 (its text is not kept)');
    expect(seen.length).toBeGreaterThan(0);
    expect(inspect(seen, { depth: 9 })).not.toContain('Mill Lane');
  });

  it('of an earlier release is made with its payload in plain text', async () => {
    const kind = newKind();
    const { holder } = carrier();

    await calls.database.sql.transaction((transaction) =>
      requestExternalCall(transaction, { kind, key: 'old', payload: { street: 'x' }, metadata }),
    );
    start(kind, { holder });
    await finished(kind);

    expect(await resultsOf(kind)).toEqual(['{"street":"x"}']);
  });
});
