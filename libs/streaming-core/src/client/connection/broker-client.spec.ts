import { afterEach, describe, expect, it } from '@jest/globals';
import { findCoordinator } from '../../protocol/apis/cluster.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { silentLogger } from '../../runtime/index.ts';
import type { BrokerAddress } from './broker-address.ts';
import { BrokerClient } from './broker-client.ts';
import { connectionSettings } from './connection-settings.ts';
import {
  scripted,
  startScriptedListener,
  type ScriptedApi,
  type ScriptedListener,
} from './scripted-listener.fake.ts';

const hangs = scripted(findCoordinator, () => undefined);

describe('the view of a cluster', () => {
  const listeners: ScriptedListener[] = [];
  /** The brokers that the cluster has now. */
  let members: readonly BrokerAddress[] = [];
  const describes = scripted(metadata, () => ({
    errorCode: 0,
    clusterId: 'scripted',
    brokers: members.map((address, nodeId) => ({ nodeId, ...address })),
    topics: [],
  }));
  let brokers: BrokerClient;
  const start = async (...apis: readonly ScriptedApi[]) => {
    const listener = await startScriptedListener([describes, ...apis]);
    listeners.push(listener);
    return listener;
  };
  const connect = ({ address }: ScriptedListener) => {
    brokers = new BrokerClient(
      connectionSettings({
        bootstrapServers: [`${address.host}:${address.port}`],
        clientId: 'view',
        logger: silentLogger,
      }),
    );
    return brokers;
  };
  afterEach(() => {
    brokers.close();
    for (const listener of listeners.splice(0)) listener.close();
  });

  it('is refreshed while the same broker holds back the answer to another request', async () => {
    const broker = await start(hangs);
    members = [broker.address];
    const view = connect(broker);
    const shared = await view.anyConnection();
    const held = shared.request(findCoordinator, 4, { coordinatorKeys: ['g'] }).catch(() => undefined);

    expect((await view.lookUpTopics([], true)).clusterId).toBe('scripted');
    view.close();
    await held;
  });

  it('has no connection to a broker that has left the cluster', async () => {
    const first = await start();
    const leaving = await start();
    members = [first.address, leaving.address];
    const view = connect(first);
    await view.lookUpTopics([], true);
    const connection = await view.connectionTo(leaving.address);
    expect(await view.connectionTo(leaving.address)).toBe(connection);

    members = [first.address];
    await view.lookUpTopics([], true);

    expect((await connection.ended).message).toContain('was closed by the client');
  });

  it('finds the cluster through another broker after the bootstrap server has gone', async () => {
    const first = await start();
    const second = await start();
    members = [first.address, second.address];
    const view = connect(first);
    await view.lookUpTopics([], true);

    first.close();

    expect((await view.anyConnection().catch(() => view.anyConnection())).address).toMatchObject(
      second.address,
    );
  });
});
