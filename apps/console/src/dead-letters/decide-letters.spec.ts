import { describe, expect, it } from '@jest/globals';
import { OperationFailed, OpsRefusal, type OpsClient } from '@millrace/operations/client';
import type { Outcomes } from '@millrace/operations/contract';
import { decideMany, decideOne, tryMany } from './decide-letters.ts';

type Outcome = Outcomes['items'][number]['outcome'];

const page = (outcomes: readonly Outcome[], nextCursor: string | null = null): Outcomes => ({
  dryRun: false,
  redriven: 0,
  discarded: 0,
  refused: 0,
  edited: [],
  items: outcomes.map((outcome, offset) => ({ id: `a.dlq:0:${offset}`, outcome })),
  more: nextCursor !== null,
  nextCursor,
});

/** A service that answers with one page after the other, or fails. */
function service(name: string, answers: ReadonlyArray<Outcomes | Error>) {
  const asked: object[] = [];
  const left = [...answers];
  const post = (path: string, { body }: { readonly body: object }) => {
    asked.push({ path, ...body });
    const answer = left.shift();
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve({ body: answer });
  };
  return { asked, ops: { service: name, post } as unknown as OpsClient };
}

const order = {
  decision: 'redrive',
  actor: 'ada',
  reason: 'INC-7',
  perSecond: 2,
  filter: { topic: 'a' },
  total: 3,
} as const;
const pagesOf = async (services: readonly OpsClient[]) => {
  const pages = [];
  for await (const each of decideMany(services, order).pages()) pages.push(each);
  return pages;
};
const absent = new OpsRefusal('payment', 404, {});
const down = new OperationFailed('payment does not answer');

describe('a decision about many dead letters', () => {
  it('continues behind the letters of each page, and says which were refused', async () => {
    const { ops, asked } = service('order', [page(['redriven', 'decided_before'], 'c1'), page(['redriven'])]);
    expect(await pagesOf([ops])).toEqual([
      { acted: 1, refused: ['a.dlq:0:1: decided before'] },
      { acted: 1, refused: [] },
    ]);
    const request = { path: '/ops/dead-letters/redrive', filter: { topic: 'a' }, reason: 'INC-7' };
    expect(asked).toEqual([
      { ...request, dryRun: false, limit: 2, after: undefined },
      { ...request, dryRun: false, limit: 2, after: 'c1' },
    ]);
  });

  it('continues with the other services if one fails, and then reports the failure', async () => {
    const other = service('order', [page(['redriven'])]);
    await expect(pagesOf([service('payment', [down]).ops, other.ops])).rejects.toThrow(down.message);
    expect(other.asked).toHaveLength(1);
  });

  it('leaves out a service that has no dead letters', async () => {
    expect(await pagesOf([service('payment', [absent]).ops])).toEqual([]);
  });

  it('describes what it does to which letters', () => {
    expect(decideMany([], order)).toMatchObject({ title: 'redrive dead letters with topic a', total: 3 });
    expect(decideMany([], { ...order, filter: {} }).title).toBe('redrive dead letters');
  });
});

describe('a dry run', () => {
  it('adds up what would happen at all services, and changes nothing', async () => {
    const one = service('order', [page(['redriven', 'erased'], 'c1')]);
    const other = service('payment', [page(['redriven'])]);
    expect(await tryMany([one.ops, other.ops], 'redrive', {})).toEqual({
      outcomes: [
        { outcome: 'redriven', letters: 2 },
        { outcome: 'erased', letters: 1 },
      ],
      edited: [],
      more: true,
    });
    expect(one.asked).toMatchObject([{ dryRun: true }]);
  });

  it('reports that there may be more at a service that does not answer', async () => {
    const services = [service('payment', [down]).ops, service('order', [page(['redriven'])]).ops];
    expect(await tryMany(services, 'redrive', {})).toMatchObject({ more: true });
    await expect(tryMany([service('payment', [down]).ops], 'redrive', {})).rejects.toThrow(down.message);
  });

  it('of one letter becomes a decision with a reason', async () => {
    const { ops, asked } = service('order', [page(['redriven']), page(['redriven'])]);
    await decideOne(ops, 'redrive', { id: 'a.dlq:0:1', value: { type: 'T' } });
    await decideOne(ops, 'redrive', { id: 'a.dlq:0:1', reason: 'INC-7' });
    expect(asked).toMatchObject([
      { ids: ['a.dlq:0:1'], value: { type: 'T' }, dryRun: true },
      { ids: ['a.dlq:0:1'], reason: 'INC-7', dryRun: false },
    ]);
  });
});
