import { connect as openSocket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { within } from '@millrace/testing/within';
import { SampleOrders, server, startSample, stopped, worker } from './sample-service.fixture.ts';

const until = within(20_000);

describe('a service that is stopped', () => {
  it('R02 finishes the request in flight despite open idle connections, and stops its workers before the database', async () => {
    const service = await startSample({ SHUTDOWN_GRACE_MS: '60000' });
    const http = service.app.getHttpServer();
    http.keepAliveTimeout = 60_000; // so that idle connections do not end by themselves
    const { hostname, port } = new URL(service.url);
    const idle = openSocket(Number(port), hostname).on('error', () => undefined);
    await (await fetch(`${service.url}/livez`)).text(); // leaves a keep-alive connection
    const entered = SampleOrders.entered;
    const answer = fetch(`${service.url}/orders/slow`);
    await until(() => SampleOrders.entered > entered);
    stopped.length = 0;

    const began = performance.now();
    const stopping = service.stop();
    await until(() => stopped.length > 0);
    SampleOrders.release();

    expect((await answer).status).toEqual(200);
    expect(await (await answer).json()).toEqual({ one: 1 });
    idle.destroy();
    await stopping;
    expect(stopped).toEqual(['worker, with the database still open']);
    expect(performance.now() - began).toBeLessThan(30_000);
    await expect(fetch(`${service.url}/livez`)).rejects.toThrow();
    await service.stop();
  });

  it('reports that it is draining while its workers finish', async () => {
    const service = await startSample();
    let finish: () => void = () => undefined;
    worker.finishes = new Promise((resolve) => (finish = resolve));
    const stopping = service.stop();
    const answer = await fetch(`${service.url}/readyz`);
    expect([answer.status, await answer.json()]).toMatchObject([503, { status: 'draining' }]);
    finish();
    await stopping;
  });
});

describe('a service that cannot start', () => {
  it('reports that its port is taken and leaves no connection open', async () => {
    const first = await startSample();
    const second = startSample({ SAMPLE_PORT: new URL(first.url).port });
    await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await first.stop();
    // PostgreSQL lists a backend for a moment after its client has gone.
    await until(async () => {
      const { rows } = await server.sql.query(
        `SELECT 1 FROM pg_stat_activity WHERE application_name = 'millrace-sample'`,
      );
      return rows.length === 0;
    });
  });

  it('reports that its database does not answer', async () => {
    await expect(
      startSample({ SAMPLE_DATABASE_URL: 'postgres://u:p@127.0.0.1:9/order', STARTUP_WAIT_MS: '0' }),
    ).rejects.toMatchObject({
      code: 'database_unreachable',
    });
  });
});
