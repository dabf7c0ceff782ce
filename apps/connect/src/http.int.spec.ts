import { expect, it } from '@jest/globals';
import { metricEntries, referenceSection } from '@millrace/testing/reference-page';
import { openTestStreamApp, until } from '@millrace/testing/service';
import { settings } from './config.ts';
import { connectModule } from './connect.module.ts';

/** The source connector of the guide, as a client posts it. */
const mysqlSource = {
  name: 'mysql-source',
  config: {
    'connector.class': 'io.debezium.connector.mysql.MySqlConnector',
    'database.hostname': 'localhost',
    'database.port': '3306',
    'database.user': 'debezium',
    'database.password': 'dbz',
    'database.server.id': '184054',
    'database.server.name': 'mysql',
    'table.include.list': 'inventory.customers',
    'database.history.kafka.bootstrap.servers': 'kafka:9092',
    'database.history.kafka.topic': 'schema-changes.inventory',
  },
};

it('N33 R40 G40 answers like Kafka Connect, shows health and metrics, and refuses MySQL with the remedy', async () => {
  await using app = await openTestStreamApp({ name: 'connect', settings, module: connectModule });
  const { url, stop } = await app.start();
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.text() };
  };
  try {
    expect(JSON.parse((await call('GET', '/')).body)).toMatchObject({ version: expect.any(String) });
    expect(await call('GET', '/connectors')).toEqual({ status: 200, body: '[]' });
    const refused = await call('POST', '/connectors', mysqlSource);
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.body)).toEqual({
      error_code: 400,
      message: expect.stringContaining("Run it in Kafka's own Connect"),
    });
    const torn = await call('POST', '/connectors', '{"name":');
    expect(torn.status).toBe(400);
    expect(JSON.parse(torn.body)).toEqual({ error_code: 400, message: expect.any(String) });
    expect(await call('DELETE', '/connectors/missing')).toEqual({
      status: 404,
      body: '{"error_code":404,"message":"Connector missing not found"}',
    });
    const ready = await until(
      () => call('GET', '/readyz'),
      ({ status }) => status === 200,
    );
    expect(JSON.parse(ready.body).checks.connect).toMatchObject({ healthy: true, details: { failed: 0 } });
    const metrics = metricEntries((await call('GET', '/metrics')).body);
    const own = metrics.filter(({ name }) => name.startsWith('millrace_connect_'));
    const { onPage, inCode } = referenceSection('metrics.md', 'Connectors', own);
    expect(onPage).toEqual(inCode);
    expect(own.map(({ name }) => name)).toContain('millrace_connect_tasks');
    expect((await call('GET', '/docs')).status).toBe(200);
  } finally {
    await stop();
  }
}, 60_000);
