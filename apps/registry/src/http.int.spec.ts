import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { metricEntries, referenceSection } from '@millrace/testing/reference-page';
import { openTestStreamApp, until, type TestStreamApp } from '@millrace/testing/service';
import { settings } from './config.ts';
import { registryModule } from './registry.module.ts';

let app: TestStreamApp;
beforeAll(async () => {
  app = await openTestStreamApp({ name: 'registry', settings, module: registryModule });
}, 60_000);
afterAll(async () => app[Symbol.asyncDispose]());

const post = async (url: string, body: object) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify(body),
  });
  return { status: answer.status, body: (await answer.json()) as object };
};
/** Alarms that are raised at once. */
const impatient = { WATCH_EVERY_MS: '100', ALARM_HOLD_MS: '0' };
const read = async (url: string) => (await (await fetch(url)).json()) as object;

describe('the registry app', () => {
  it('N43 keeps its schemas in the log, so that a process that starts empty has them', async () => {
    const first = await app.start();
    const registered = await post(`${first.url}/subjects/orders-value/versions`, { schema: '"string"' });
    expect(registered).toEqual({ status: 200, body: { id: 1 } });
    expect(await read(`${first.url}/readyz`)).toMatchObject({
      checks: { registry: { healthy: true, details: { leader: first.url } } },
    });
    await first.stop();

    const second = await app.start();
    expect(await read(`${second.url}/schemas/ids/1`)).toEqual({ schema: '"string"' });
    await second.stop();
  }, 60_000);

  it('N44 forwards changes from a second process to the first', async () => {
    const first = await app.start();
    const second = await app.start({ REGISTRY_INSTANCE: 'second' });
    const leader = () =>
      read(`${second.url}/readyz`) as Promise<{ checks: { registry: { healthy: boolean } } }>;
    await until(leader, ({ checks }) => checks.registry.healthy, 30_000);
    const registered = await post(`${second.url}/subjects/later-value/versions`, { schema: '"long"' });
    expect(registered).toEqual({ status: 200, body: { id: 2 } });
    expect(await read(`${first.url}/subjects`)).toContain('later-value');
    await second.stop();
    await first.stop();
  }, 60_000);

  it('R40 raises an alarm once it cannot follow its topic any more, and still knows the schemas from before', async () => {
    const running = await app.start({ REGISTRY_TOPIC: 'lost', REGISTRY_GROUP: 'lost', ...impatient });
    await post(`${running.url}/subjects/orders-value/versions`, { schema: '"int"' });
    const metrics = async () => (await fetch(`${running.url}/metrics`)).text();
    const own = metricEntries(await metrics()).filter(({ name }) => name.startsWith('millrace_registry_'));
    const { onPage, inCode } = referenceSection('metrics.md', 'Schema registry', own);
    expect(onPage).toEqual(inCode);
    expect(await metrics()).toContain('millrace_registry_failed{service="registry"} 0\n');

    await app.admin.deleteTopics(['lost']);
    const failed = await until(
      metrics,
      (text) => text.includes('millrace_alarm_active{alarm="registry_failed",service="registry"} 1\n'),
      60_000,
    );
    expect(failed).toContain('millrace_registry_failed{service="registry"} 1\n');
    expect(await read(`${running.url}/readyz`)).toMatchObject({
      checks: { registry: { healthy: false, details: { reason: expect.stringContaining('lost') } } },
    });
    expect(await read(`${running.url}/subjects`)).toEqual(['orders-value']);
    await running.stop();
  }, 120_000);

  it("names the cluster, and answers Confluent's errors beside the problems of the chassis", async () => {
    const running = await app.start();
    const { clusterId } = await app.admin.describeCluster();
    expect(await read(`${running.url}/v1/metadata/id`)).toMatchObject({
      scope: { clusters: { 'kafka-cluster': clusterId, 'schema-registry-cluster': 'schema-registry' } },
    });
    expect(await read(`${running.url}/subjects/none/versions`)).toEqual({
      error_code: 40401,
      message: "Subject 'none' not found.",
    });
    expect(await read(`${running.url}/nothing`)).toMatchObject({ code: 'not_found' });
    await running.stop();
  }, 60_000);
});
