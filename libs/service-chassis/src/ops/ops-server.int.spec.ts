import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { lines, startSample } from '../boot/sample-service.fixture.ts';

const token = 'a-long-random-text';

/** Sends a request with a `Host` header of its own, which `fetch` does not allow. */
const statusFor = (url: string, host: string): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    sent.on('error', reject).end();
  });

describe('the operator API', () => {
  it('Z01 answers on a port of its own, and nowhere else', async () => {
    const service = await startSample();
    expect(new URL(service.opsUrl).port).not.toBe(new URL(service.url).port);
    const answer = await fetch(`${service.opsUrl}/ops`);
    expect(await answer.json()).toMatchObject({ service: 'sample', state: 'running' });

    const { paths } = (await (await fetch(`${service.opsUrl}/docs/json`)).json()) as { paths: object };
    expect(Object.keys(paths)).toContain('/ops');
    expect(paths).toMatchObject({ '/ops': { get: { responses: { 401: {}, 403: {} } } } });
    for (const path of Object.keys(paths)) {
      const onPublicPort = await fetch(service.url + path.replaceAll(/\{\w+\}/g, 'x'));
      expect({ path, status: onPublicPort.status }).toEqual({ path, status: 404 });
    }
    expect((await fetch(`${service.opsUrl}/orders`)).status).toBe(404);
    await service.stop();
    await expect(fetch(`${service.opsUrl}/ops`)).rejects.toThrow();
  });

  it('has no controllers for parts that the service lacks, and logs no error about them', async () => {
    lines.length = 0;
    const service = await startSample();
    expect((await fetch(`${service.opsUrl}/ops/sagas`)).status).toBe(404);
    await service.stop();
    const levels = new Set(lines.map((line) => (JSON.parse(line) as { readonly level: string }).level));
    expect([...levels]).toEqual(['debug']);
  });

  it('answers in processes of every role', async () => {
    const service = await startSample({ ROLES: 'relay' });
    expect((await fetch(`${service.opsUrl}/ops`)).status).toBe(200);
    await service.stop();
  });

  it('Z01 requires the token if there is one', async () => {
    const service = await startSample({ OPS_HOST: '0.0.0.0', OPS_TOKEN: token });
    const answer = (authorization?: string) =>
      fetch(`${service.opsUrl}/ops`, { headers: authorization === undefined ? {} : { authorization } });
    expect((await answer(`Bearer ${token}`)).status).toBe(200);
    for (const wrong of [
      undefined,
      '',
      token,
      `Bearer ${token}x`,
      `Bearer ${token.slice(1)}`,
      `Basic ${token}`,
    ]) {
      const refused = await answer(wrong);
      expect({ wrong, status: refused.status }).toEqual({ wrong, status: 401 });
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
      expect(await refused.json()).toMatchObject({ code: 'not_authenticated' });
    }
    await service.stop();
  });

  it('takes the token from a file, as containers have it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'millrace-ops-'));
    const file = join(folder, 'token');
    writeFileSync(file, `${token}\n`);
    const service = await startSample({ OPS_HOST: '0.0.0.0', OPS_TOKEN_FILE: file });
    const answer = (authorization: string) => fetch(`${service.opsUrl}/ops`, { headers: { authorization } });
    expect((await answer(`Bearer ${token}`)).status).toBe(200);
    expect((await answer('Bearer x')).status).toBe(401);
    await service.stop();

    await expect(startSample({ OPS_TOKEN_FILE: `${file}-none` })).rejects.toThrow(/OPS_TOKEN_FILE: .*ENOENT/);
    await expect(startSample({ OPS_TOKEN_FILE: file, OPS_TOKEN: token })).rejects.toThrow(/only one of them/);
    rmSync(folder, { recursive: true });
  });

  it.each([
    '/',
    '/docs',
    '/docs/',
    '/docs/json',
    '/docs/swagger-ui.css',
    '/problems/not_found',
    '/health',
    '//ops',
    '/x',
  ])('shows nothing without the token: %s', async (path) => {
    const { opsUrl, stop } = await startSample({ OPS_HOST: '0.0.0.0', OPS_TOKEN: token });
    const { status } = await fetch(opsUrl + path, { redirect: 'manual' });
    await stop();
    expect(status).toBe(401);
  });

  it.each([
    ['POST', '/ops', 405],
    ['GET', '/ops/%E0%A4%A', 400],
    ['GET', `/ops/${'x'.repeat(300)}`, 404],
    ['GET', '/nowhere', 404],
  ])('checks the token of %s %s before it answers %i', async (method, path, status) => {
    const { opsUrl, stop } = await startSample({ OPS_HOST: '0.0.0.0', OPS_TOKEN: token });
    const statusOf = async (authorization: string) =>
      (await fetch(opsUrl + path, { method, headers: { authorization } })).status;
    const found = [await statusOf(`Bearer ${token}`), await statusOf('Bearer wrong')];
    await stop();
    expect(found).toEqual([status, 401]);
  });

  it('refuses a web page whose name suddenly resolves to this machine', async () => {
    const service = await startSample();
    expect(await statusFor(`${service.opsUrl}/ops`, 'localhost:3901')).toBe(200);
    expect(await statusFor(`${service.opsUrl}/ops`, '[::1]:3901')).toBe(200);
    expect(await statusFor(`${service.opsUrl}/ops`, 'rebound.example.org:3901')).toBe(403);
    await service.stop();
  });

  it('Z01 keeps the service from starting without a token where others could reach it', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'service.example.org'])
      await expect(startSample({ OPS_HOST: host })).rejects.toThrow(/OPS_TOKEN: is missing/);
    await expect(startSample({ OPS_HOST: '0.0.0.0', OPS_TOKEN: 'short' })).rejects.toThrow(/OPS_TOKEN/);
  });

  it('keeps the service from starting if its port is taken', async () => {
    const first = await startSample();
    const taken = startSample({ OPS_PORT: new URL(first.opsUrl).port });
    await expect(taken).rejects.toMatchObject({ code: 'EADDRINUSE', setting: 'OPS_PORT' });
    await first.stop();
  });
});
