import { describe, expect, it } from '@jest/globals';
import { ProtocolError } from '../../protocol/errors.ts';
import { silentLogger } from '../../runtime/index.ts';
import { ConnectionLost } from '../errors/connection-errors.ts';
import { AdminCalls, type Answers, adminSettings } from './admin-calls.ts';
import { ItemsFailed } from './items-of-call.ts';

const busy = () => new ProtocolError('COORDINATOR_LOAD_IN_PROGRESS', 'the group is being loaded');
const refused = () => new ProtocolError('NON_EMPTY_GROUP', 'the group has members');

function calls(operationTimeoutMs = 20_000): AdminCalls {
  const connection = { bootstrapServers: ['127.0.0.1:1'], clientId: 'test', logger: silentLogger };
  return new AdminCalls(adminSettings({ ...connection, operationTimeoutMs, retryDelayMsMin: 1 }));
}

/** Answers each round by the given function, and records which items were asked about. */
function each(
  names: readonly string[],
  answer: (name: string, round: number) => string | Error | undefined,
  operationTimeoutMs?: number,
) {
  const rounds: (readonly string[])[] = [];
  const result = calls(operationTimeoutMs).each<string, string>({
    items: new Map(names.map((name) => [name, name])),
    attempt: (name) => `deleting group ${name}`,
    ask: async (pending): Promise<Answers<string>> => {
      rounds.push([...pending.keys()]);
      const told = [...pending.keys()].map((name) => [name, answer(name, rounds.length)] as const);
      return new Map(told.filter((one): one is [string, string | Error] => one[1] !== undefined));
    },
  });
  return { rounds, result };
}

const failureOf = (result: Promise<unknown>): Promise<ItemsFailed> =>
  result.then(
    () => Promise.reject(new Error('the call succeeded')),
    (error: ItemsFailed) => error,
  );

describe('B01 a call about several items', () => {
  it('asks again only about the items that failed temporarily, and keeps the order of the items', async () => {
    const { rounds, result } = each(['a', 'b', 'c'], (name, round) =>
      name === 'a' && round < 3 ? busy() : `${name} in round ${round}`,
    );

    expect([...(await result).values()]).toEqual(['a in round 3', 'b in round 1', 'c in round 1']);
    expect(rounds).toEqual([['a', 'b', 'c'], ['a'], ['a']]);
  });

  it('rejects with the failure of each item and the results of the others', async () => {
    const { rounds, result } = each(['a', 'b', 'c'], (name) => (name === 'b' ? refused() : name));

    const failure = await failureOf(result);

    expect(failure).toBeInstanceOf(ItemsFailed);
    expect(failure).toMatchObject({
      code: 'group_in_use',
      message: '1 of 3 failed: deleting group b: the group has members',
    });
    expect([...failure.succeeded]).toEqual([
      ['a', 'a'],
      ['c', 'c'],
    ]);
    expect(rounds).toHaveLength(1);
  });

  it('asks once about an item that is refused, and does not report one that succeeded later', async () => {
    const answer = (name: string, round: number) => {
      if (name === 'b') return refused();
      return round === 1 ? busy() : 'done';
    };
    const { rounds, result } = each(['a', 'b'], answer, 2_000);
    expect([...(await failureOf(result)).failed.keys()]).toEqual(['b']);
    expect(rounds).toEqual([['a', 'b'], ['a']]);
  });

  it('gives up at its limit, with the last error of each item', async () => {
    const { result } = each(['a', 'b'], (name) => (name === 'a' ? busy() : name), 30);
    const failure = await failureOf(result);
    expect(failure.failed.get('a')).toMatchObject({ code: 'unreachable' });
    expect(failure.succeeded.get('b')).toBe('b');
  });

  it('fails for an item that the answer leaves out', async () => {
    const { result } = each(['a'], () => undefined);
    await expect(result).rejects.toThrow('deleting group a: the answer of the broker leaves it out');
  });

  it('fails with an error that names the items if no broker can be reached', async () => {
    const unreachable = calls(30).each({
      items: new Map([
        ['a', 'a'],
        ['b', 'b'],
      ]),
      attempt: (name) => `deleting group ${name}`,
      ask: () => Promise.reject(new ConnectionLost({ host: 'log', port: 9092 }, 'failed')),
    });
    const failure = await failureOf(unreachable);
    expect([...failure.failed.keys()]).toEqual(['a', 'b']);
    expect(failure.failed.get('b')?.message).toBe(
      'deleting group a and 1 more: the connection to log:9092 failed',
    );
  });

  it('shows the first three of many failures', async () => {
    const { result } = each(['a', 'b', 'c', 'd', 'e'], () => refused());
    await expect(result).rejects.toThrow(/^5 of 5 failed: .*group a: .*group c: .* and 2 more$/);
  });

  it('counts an item as done that is missing after an attempt whose answer was lost, and only then', async () => {
    const missing = new ProtocolError('GROUP_ID_NOT_FOUND', 'there is no such group');
    const outcomeAfter = (first: Error) => {
      let round = 0;
      return calls().each<string, undefined>({
        items: new Map([['a', 'a']]),
        attempt: (name) => `deleting group ${name}`,
        ask: async () => new Map([['a', (round += 1) === 1 ? first : missing]]),
        doneBefore: ['GROUP_ID_NOT_FOUND'],
      });
    };
    const lost = new ConnectionLost({ host: 'log', port: 9092 }, 'failed');

    expect([...(await outcomeAfter(lost))]).toEqual([['a', undefined]]);
    await expect(outcomeAfter(busy())).rejects.toMatchObject({ code: 'unknown_group' });
  });

  it('sends nothing if there are no items', async () => {
    const { rounds, result } = each([], () => 'done');
    expect(await result).toEqual(new Map());
    expect(rounds).toEqual([]);
  });

  it('fails at once after the client was closed', async () => {
    const closed = calls();
    closed.close();
    await expect(closed.persistently('waiting', async () => 1)).rejects.toMatchObject({ code: 'closed' });
  });
});
