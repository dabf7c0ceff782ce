import { describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/service';
import type { JobView } from '../api/jobs.ts';
import type { Reasons, ShownLetter } from '../api/dead-letters.ts';
import { testConsole } from '../console.fixture.ts';

const id = 'commands.dlq:0:1';
const letter = {
  id,
  topic: 'commands',
  group: 'inventory',
  type: 'Reserve',
  key: '<img src=x onerror=alert(1)>',
  messageId: 'm-1',
  code: 'malformed',
  reason: 'malformed: why',
  attempts: 1,
  redrives: 0,
  at: '2026-11-22T09:00:00Z',
  decision: null,
};
const reason = {
  topic: 'commands',
  group: 'inventory',
  type: 'Reserve',
  code: 'malformed',
  letters: 3,
  oldestAt: '2026-11-22T09:00:00Z',
  latestReason: 'malformed: why',
};
const reasons = { items: [reason], complete: true };
const outcomes = (outcome: string, nextCursor: string | null = null) => ({
  dryRun: false,
  redriven: 0,
  discarded: 0,
  refused: 0,
  edited: ['quantity'],
  items: [{ id, outcome }],
  more: nextCursor !== null,
  nextCursor,
});
const signed = { actor: 'ada', reason: 'INC-7' };
const place = `inventory/${encodeURIComponent(id)}`;

describe('the dead letters of the console', () => {
  const console = testConsole();

  it('are counted by reason, and name a service that does not answer', async () => {
    console.answers(({ path }) => (path === '/ops/dead-letters/reasons' ? { body: reasons } : undefined));
    expect(await console.first<Reasons>('/api/dead-letters/live/reasons')).toMatchObject({
      reasons: [{ service: 'inventory', letters: 3 }],
      complete: true,
      missing: [expect.stringContaining('payment does not answer')],
    });
  });

  it('are shown one by one with the limit of redrives, even after a service has deleted one', async () => {
    console.answers(() => ({ body: { ...letter, value: '{}', headers: {}, stack: '' } }));
    expect(await console.first<ShownLetter>(`/api/dead-letters/live/${place}`)).toMatchObject({
      letter: { key: letter.key },
      gone: false,
      redrivesMax: 5,
    });
    console.answers(() => undefined);
    expect(await console.first(`/api/dead-letters/live/inventory/commands.dlq:0:2`)).toEqual({
      service: 'inventory',
      gone: true,
      redrivesMax: 5,
      failure: null,
    });
  });

  it('are shown in a dry run before they are redriven with another value', async () => {
    console.answers(() => ({ body: outcomes('redriven') }));
    const value = { type: 'Reserve', quantity: 1 };
    const tried = await console.post(`/api/dead-letters/decide/${place}`, { decision: 'redrive', value });
    expect(tried).toEqual({
      status: 200,
      body: { outcomes: [{ outcome: 'redriven', letters: 1 }], edited: ['quantity'], more: false },
    });
    await console.post(`/api/dead-letters/decide/${place}`, { signed, decision: 'redrive', value });
    expect(console.acts()).toMatchObject([
      { path: '/ops/dead-letters/redrive', body: { ids: [id], value, dryRun: true } },
      { actor: 'ada', body: { ids: [id], value, dryRun: false, reason: 'INC-7' } },
    ]);
  });

  it('are discarded by filter as a job with its progress and what the service refuses', async () => {
    const left = [outcomes('discarded', 'c1'), outcomes('decided_before', 'c2'), outcomes('discarded')];
    console.answers(({ method }) => ({ body: method === 'GET' ? reasons : (left.shift() ?? {}) }));
    const order = { decision: 'discard', filter: { service: 'inventory', type: 'Reserve' } };
    const started = await console.post('/api/dead-letters/decide-many', { signed, ...order });
    expect(started).toMatchObject({ status: 200, body: { state: 'running', actor: 'ada' } });
    const jobs = () => console.first<{ readonly jobs: readonly JobView[] }>('/api/overview/live');
    const {
      jobs: [job],
    } = await until(jobs, ({ jobs: [one] }) => one?.state === 'done');
    expect(job).toMatchObject({
      title: 'discard dead letters with type Reserve',
      acted: 2,
      refused: 1,
      refusals: [`${id}: decided before`],
      total: 3,
    });
  });

  it('are not decided without a reason, nor with a value of another shape', async () => {
    const path = `/api/dead-letters/decide/${place}`;
    for (const wrong of [{ signed: { actor: 'ada' } }, { signed, value: [] }, { signed, value: {} }])
      expect(await console.post(path, { decision: 'redrive', ...wrong })).toMatchObject({ status: 400 });
    expect(console.acts()).toEqual([]);
  });

  it('pass on what a service refuses', async () => {
    const body = { title: 'The service must not', code: 'invalid_request', detail: 'value.type must stay' };
    console.answers(() => ({ status: 400, body }));
    const order = { signed, decision: 'redrive', value: { type: 'Other' } };
    expect(await console.post(`/api/dead-letters/decide/${place}`, order)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', title: expect.stringContaining('value.type must stay') },
    });
  });
});
