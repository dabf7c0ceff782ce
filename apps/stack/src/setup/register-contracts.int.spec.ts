import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestBroker, type TestBroker } from '@millrace/testing/engine';
import { runServiceProcess, type ServiceProcess } from '@millrace/testing/service';
import { registerContracts } from './register-contracts.ts';

let broker: TestBroker;
let registry: ServiceProcess;
let url = '';

beforeAll(async () => {
  broker = await startTestBroker();
  registry = runServiceProcess(join(import.meta.dirname, '../../../registry/src'), {
    MILLRACE_BUNDLE: 'off',
    REGISTRY_PORT: '0',
    KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers,
  });
  ({ url } = await registry.ready);
}, 120_000);
afterAll(async () => {
  registry?.kill('SIGTERM');
  await registry?.ended;
  await broker?.stop();
});

const read = async (path: string) => (await (await fetch(`${url}${path}`)).json()) as object;

describe('the messages in a schema registry', () => {
  it('are found at the address in ce_dataschema, and stay the same if they are registered again', async () => {
    const count = await registerContracts(url);
    await registerContracts(url);
    expect(await read('/subjects')).toHaveLength(count);
    expect(await read('/subjects/order-events-OrderCreated-1/versions')).toEqual([1]);
    expect(await read('/schemas/order-events/OrderCreated/1')).toMatchObject({
      type: 'object',
      required: expect.arrayContaining(['orderId', 'customerId', 'lines']),
      additionalProperties: false,
    });
  }, 120_000);

  it('stop the start in one line if there is no registry', async () => {
    await expect(registerContracts('http://127.0.0.1:1')).rejects.toThrow(
      /^SCHEMA_REGISTRY_URL: \w+ of [a-z-]+ was not registered: the schema registry at http:\/\/127.0.0.1:1 does not answer/,
    );
  }, 60_000);
});
