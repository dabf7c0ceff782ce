import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { millrace } from '../cli.fixture.ts';
import { opsStub, type Asked, type OpsStub, type StubAnswer } from '../ops-stub.fixture.ts';

describe('an action on a saga that has moved since it was read', () => {
  const parts = { waitsFor: [], timers: [], steps: [], compensations: [] };
  const saga = { sagaId: '42', definition: 'fulfillment', status: 'running', ...parts };
  const reply = { type: 'CommandAccepted', at: '2026-11-26T09:00:00Z' };
  const resent = { type: 'CommandResent', at: '2026-11-26T09:01:00Z' };
  const acted = { type: 'OperatorActed', at: '2026-11-26T09:01:30Z' };
  let order: OpsStub;
  let answer: (asked: Asked) => StubAnswer | undefined;
  beforeEach(async () => {
    order = await opsStub((asked) => answer(asked));
  });
  afterEach(() => order.close());

  const act = (action: string) =>
    millrace(['sagas', action, '42', '--reason', 'INC-7', '--ops', `order=${order.url}`]);
  const pause = () => act('pause');
  const actions = () => order.asked.filter(({ method }) => method === 'POST');

  /** The saga has one more of these events whenever it is read, and takes an action after the last of them. */
  function moves(later: readonly object[]): void {
    const events: object[] = [reply];
    answer = ({ method, headers }) => {
      const next = later[events.length - 1];
      if (method === 'GET' && next !== undefined) events.push(next);
      const streamVersion = events.length;
      if (method === 'POST' && headers['if-match'] !== `"${later.length + 1}"`)
        return { status: 412, body: { title: 'It has moved', code: 'version_moved' } };
      return {
        etag: `"${streamVersion}"`,
        body: { ...saga, streamVersion, events: [...events] },
      };
    };
  }

  it('is taken if the saga has only sent a command again', async () => {
    moves([resent, resent, resent]);
    expect(await pause()).toMatchObject({ exitCode: 0, err: '' });
    expect(actions().map(({ headers }) => headers['if-match'])).toEqual(['"2"', '"3"', '"4"']);
  });

  it('is refused if it is a retry, because the command would go out twice', async () => {
    moves([resent, resent]);
    expect(await act('retry')).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('look at it again'),
    });
    expect(actions()).toHaveLength(1);
  });

  it('is refused if something else has happened, such as an action of somebody else', async () => {
    moves([resent, acted, resent]);
    expect(await pause()).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('look at it again'),
    });
    expect(actions()).toHaveLength(1);
  });

  it('is given up if the saga moves again and again', async () => {
    moves(Array.from({ length: 9 }, () => resent));
    expect(await pause()).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining('version_moved'),
    });
    expect(actions()).toHaveLength(5);
  });
});
