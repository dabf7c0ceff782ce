import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openNotification, type NotificationFixture } from './notification-fixture.features.ts';

let fixture: NotificationFixture;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-loaded-'));
  fixture = await openNotification();
});
afterAll(async () => {
  await fixture.close();
  await rm(folder, { recursive: true });
});

/** prom-client brings the API, which does nothing by itself. */
const ofSdk = /@opentelemetry\/(?!api\/)|telemetry\/start-sdk/;
const recorder = join(import.meta.dirname, 'loaded-modules.features.ts');
let runs = 0;

/** A process of the service from its start to its drain: what it answered, how it ended, and what it loaded of OpenTelemetry's SDK. */
async function run(env: Readonly<Record<string, string>>) {
  const file = join(folder, String(++runs));
  const service = fixture.spawn({ ...env, NODE_OPTIONS: `--import=${recorder} --no-warnings`, MILLRACE_LOADED_MODULES: file });
  const { url } = await service.ready;
  const { status } = await fetch(`${url}/notifications?orderId=${randomUUID()}`);
  const askedAt = performance.now();
  service.kill('SIGTERM');
  const { code } = await service.ended;
  const modules = (await readFile(file, 'utf8')).split('\n');
  return {
    status,
    code,
    drainMs: performance.now() - askedAt,
    modules,
    telemetry: modules.filter((loaded) => ofSdk.test(loaded)),
  };
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('a service process', () => {
  it.each([
    ['when nothing is to be exported', {}],
    [
      'with OTEL_SDK_DISABLED',
      { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'otlp' },
    ],
  ])("loads nothing of OpenTelemetry's SDK %s", async (_, env) => {
    const { status, code, modules, telemetry } = await run(env);

    expect([status, code, telemetry]).toEqual([200, 0, []]);
    expect(modules.length).toBeGreaterThan(100); // they were recorded
  });

  it('serves and drains in time although no collector listens', async () => {
    const { status, code, telemetry, drainMs } = await run({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await closedPort()}` });

    expect([status, code]).toEqual([200, 0]);
    expect(telemetry).toContainEqual(expect.stringContaining('@opentelemetry/sdk-node'));
    expect(drainMs).toBeLessThan(10_000); // SHUTDOWN_GRACE_MS twice, after which it would be cut short
  });
});
