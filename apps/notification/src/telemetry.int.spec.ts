import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openNotification, type NotificationFixture } from './notification.fixture.ts';

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

/**
 * Matches modules of the SDK. It leaves out the API, which prom-client loads and which does nothing
 * by itself.
 */
const ofSdk = /@opentelemetry\/(?!api\/)|telemetry\/start-sdk/;
const recorder = join(import.meta.dirname, 'loaded-modules.program.ts');
let runs = 0;

/**
 * Runs a process of the service from its start to its drain. Returns what it answered, how it
 * ended, and which modules of OpenTelemetry's SDK it loaded.
 */
async function run(
  env: Readonly<Record<string, string>>,
  meanwhile: () => Promise<void> = () => Promise.resolve(),
) {
  const file = join(folder, String(++runs));
  const service = fixture.spawn({
    ...env,
    NODE_OPTIONS: `--import=${recorder} --no-warnings`,
    MILLRACE_LOADED_MODULES: file,
    MILLRACE_BUNDLE: 'off', // a bundle is one module
  });
  const { url } = await service.ready;
  const { status } = await fetch(`${url}/notifications?orderId=${randomUUID()}`);
  await meanwhile();
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

/** Accepts OTLP requests in JSON. `received` returns all strings in them. */
async function openCollector() {
  const bodies: { readonly path: string; readonly body: string }[] = [];
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push({ path: request.url ?? '', body: Buffer.concat(chunks).toString() });
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received: (path?: string) =>
      bodies
        .filter((each) => path === undefined || each.path === path)
        .flatMap(({ body }) => [...body.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text)),
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
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
  it("R18 loads nothing of OpenTelemetry's SDK with OTEL_SDK_DISABLED, whatever else is set", async () => {
    const others = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318', OTEL_TRACES_EXPORTER: 'otlp' };
    const { status, code, modules, telemetry } = await run({ OTEL_SDK_DISABLED: 'true', ...others });

    expect(status).toEqual(200);
    expect(code).toEqual(0);
    expect(telemetry).toEqual([]);
    expect(modules.length).toBeGreaterThan(100); // the modules were recorded
  });

  it('exports its traces, metrics and log lines over OTLP, the last of them while it drains', async () => {
    const collector = await openCollector();
    const orderId = randomUUID();
    await fixture.service().stop();
    const { code } = await run(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_LOGS_EXPORTER: 'otlp',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
        NOTIFICATION_INSTANCE: 'notification-7',
        OTEL_BSP_SCHEDULE_DELAY: '60000',
        OTEL_BLRP_SCHEDULE_DELAY: '60000',
        OTEL_METRIC_EXPORT_INTERVAL: '60000',
      },
      async () => {
        await fixture.ask(orderId);
        await fixture.toldOf(orderId, 1);
      },
    );
    await collector.close();

    expect(code).toBe(0);
    for (const path of ['/v1/traces', '/v1/metrics', '/v1/logs'])
      expect(collector.received(path)).toEqual(
        expect.arrayContaining([
          'service.name',
          'notification',
          'service.instance.id',
          'notification-7',
          'deployment.environment.name',
        ]),
      );
    expect(collector.received('/v1/traces')).toEqual(
      expect.arrayContaining([
        'GET /notifications',
        'process notification-commands',
        'call mail',
        'send notification-events',
        'INSERT outbox',
      ]),
    );
    expect(collector.received('/v1/metrics')).toEqual(
      expect.arrayContaining([
        'http.server.request.duration',
        'db.client.operation.duration',
        'db.client.connection.count',
        'db.client.connection.limit',
        'messaging.process.duration',
        'messaging.client.consumed.messages',
        'messaging.client.sent.messages',
        'messaging.client.operation.duration',
      ]),
    );
    expect(collector.received('/v1/logs')).toEqual(
      expect.arrayContaining(['handled', 'SendOrderMail', orderId]),
    );
    expect(collector.received().join()).not.toMatch(/ada@example|Lovelace/);
  });

  it('R18 serves and drains in time even if no collector listens', async () => {
    const graceMs = 10_000;
    const { status, code, telemetry, drainMs } = await run({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await closedPort()}`,
      SHUTDOWN_GRACE_MS: String(graceMs),
    });

    expect(status).toEqual(200);
    expect(code).toEqual(0);
    expect(telemetry).toContainEqual(expect.stringContaining('@opentelemetry/sdk-node'));
    // The drain would be cut short after twice its grace.
    expect(drainMs).toBeLessThan(2 * graceMs);
  });
});
