import { afterEach, describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { findCoordinator } from '../../protocol/apis/cluster.ts';
import { saslAuthenticate, saslHandshake } from '../../protocol/apis/handshake.ts';
import { silentLogger } from '../../runtime/index.ts';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { toClientError } from '../errors/client-error.ts';
import type { BrokerConnection } from './broker-connection.ts';
import { BrokerPool } from './broker-pool.ts';
import { connectionSettings } from './connection-settings.ts';
import {
  scripted,
  startScriptedListener,
  type ScriptedApi,
  type ScriptedListener,
} from './scripted-listener.fake.ts';
import type { ConnectionSecurity } from './security.ts';

const until = within(10_000);
const coordinator = (hold: () => Promise<void> = async () => undefined) =>
  scripted(findCoordinator, async ({ coordinatorKeys: [key = ''] }) => {
    await hold();
    return { coordinators: [{ key, nodeId: 1, host: 'h', port: 1, errorCode: 0 }] };
  });
const hangs = scripted(findCoordinator, () => undefined);

describe('the connections of a client', () => {
  const listeners: ScriptedListener[] = [];
  const clock = new ManualClock();
  let pool: BrokerPool;
  const start = async (...apis: readonly ScriptedApi[]) => {
    const listener = await startScriptedListener(apis);
    listeners.push(listener);
    return listener;
  };
  const poolWith = (security: ConnectionSecurity = {}) => {
    const options = { bootstrapServers: [], clientId: 'pool', logger: silentLogger };
    pool = new BrokerPool(connectionSettings({ ...options, clock, security }));
    return pool;
  };
  afterEach(() => {
    pool.close();
    for (const listener of listeners.splice(0)) listener.close();
  });

  it('are opened once for callers that need the same one at the same time', async () => {
    const broker = await start();
    const connections = poolWith();
    const [one, other] = await Promise.all([
      connections.get(broker.address),
      connections.get(broker.address),
    ]);
    expect(one).toBe(other);
    expect(broker.opened).toBe(1);
  });

  it('of different lanes do not wait for each other', async () => {
    const broker = await start(hangs);
    const connections = poolWith();
    expect(await connections.get(broker.address, 'fetch-1')).not.toBe(await connections.get(broker.address));
  });

  it('go to the next broker if one cannot be reached, and report every failure if none can', async () => {
    const gone = await start();
    gone.close();
    const broker = await start();
    const connections = poolWith();
    expect((await connections.anyOf([gone.address, broker.address])).address).toEqual(broker.address);

    const failure = toClientError(
      await connections.anyOf([gone.address]).catch((error: unknown) => error),
      'asking',
    );
    expect(failure).toMatchObject({ code: 'unreachable', message: expect.stringContaining('ECONNREFUSED') });
  });

  it('go last to a broker that has just failed to answer, for 30 s', async () => {
    const silent = await start(hangs);
    const healthy = await start(coordinator());
    const places = [silent.address, healthy.address];
    const connections = poolWith();
    const first = await connections.anyOf(places);
    expect(first.address).toEqual(silent.address);
    const asked = first.request(findCoordinator, 4, { coordinatorKeys: ['g'] }, 1_000).catch(() => undefined);
    await clock.advance(1_000);
    await asked;

    expect((await connections.anyOf(places)).address).toEqual(healthy.address);
    await clock.advance(30_001);
    expect((await connections.anyOf(places)).address).toEqual(silent.address);
  });

  describe('A06 to a broker that leaves a request without an answer', () => {
    const silentExcept = (answers: Array<() => void>) =>
      scripted(findCoordinator, async ({ coordinatorKeys: [key = ''] }) => {
        if (key !== 'late') return undefined;
        await new Promise<void>((resolve) => answers.push(resolve));
        return { coordinators: [{ key, nodeId: 1, host: 'h', port: 1, errorCode: 0 }] };
      });
    const ask = (connection: BrokerConnection, key: string, timeoutMs: number) =>
      connection.request(findCoordinator, 4, { coordinatorKeys: [key] }, timeoutMs);

    it('are replaced on every lane before that request fails', async () => {
      const broker = await start(hangs);
      const connections = poolWith();
      const [shared, heartbeats] = await Promise.all([
        connections.get(broker.address),
        connections.get(broker.address, 'group'),
      ]);
      const next = ask(heartbeats, 'g', 1_000).catch(() => connections.get(broker.address));
      await clock.advance(1_000);

      expect(await next).not.toBe(shared);
      expect((await shared.ended).message).toContain('was closed by the client');
    });

    it('finish their pending requests, unless the client closes', async () => {
      const answers: Array<() => void> = [];
      const broker = await start(silentExcept(answers));
      const connections = poolWith();
      const places = ['one', 'two', 'silent'].map((lane) => connections.get(broker.address, lane));
      const [one, two, silent] = await Promise.all(places);
      const pending = [ask(one!, 'late', 30_000), ask(two!, 'late', 30_000)];
      while (answers.length < 2) await new Promise((resolve) => setImmediate(resolve));
      const failed = ask(silent!, 'g', 1_000).catch(() => undefined);
      await clock.advance(1_000);
      await failed;

      answers[0]!();
      await expect(pending[0]).resolves.toMatchObject({ coordinators: [{ nodeId: 1 }] });
      connections.close();
      let closed: Error | undefined;
      pending[1]!.catch((error: Error) => (closed = error));
      await until(() => closed !== undefined, 'the pending request to fail');
      expect(closed?.message).toContain('was closed by the client');
    });
  });

  it('are replaced before their session expires, and finish what is pending', async () => {
    const answers: Array<() => void> = [];
    const broker = await start(
      scripted(saslHandshake, () => ({ errorCode: 0, mechanisms: ['PLAIN'] })),
      scripted(saslAuthenticate, () => ({
        errorCode: 0,
        errorMessage: null,
        authBytes: Buffer.alloc(0),
        sessionLifetimeMs: 10_000n,
      })),
      coordinator(() => new Promise((resolve) => answers.push(resolve))),
    );
    const connections = poolWith({
      sasl: { mechanism: 'PLAIN', username: 'user', password: () => 'secret' },
    });
    const first = await connections.get(broker.address);
    const pending = first.request(findCoordinator, 4, { coordinatorKeys: ['g'] });
    while (answers.length === 0) await new Promise((resolve) => setImmediate(resolve));

    await clock.advance(7_999);
    expect(await connections.get(broker.address)).toBe(first);
    await clock.advance(1);
    expect(await connections.get(broker.address)).not.toBe(first);
    answers[0]!();

    await expect(pending).resolves.toMatchObject({ coordinators: [{ nodeId: 1 }] });
    expect((await first.ended).message).toContain('was closed by the client');
  });

  it('are refused after the pool was closed', async () => {
    const broker = await start();
    const connections = poolWith();
    connections.close();
    await expect(connections.get(broker.address)).rejects.toMatchObject({ code: 'closed' });
  });
});
