import 'reflect-metadata';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'node:net';
import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { within } from '@millrace/testing/within';
import { z } from 'zod';
import { startSampleService } from '../../boot/start-sample.fixture.ts';
import type { RunningService } from '../../boot/start-service.ts';
import { LongLived } from './admission.ts';

const until = within(20_000);
const gates: (() => void)[] = [];
const gate = () => new Promise<void>((resolve) => gates.push(resolve));

@Controller('things')
class ThingsController {
  @Get('slow')
  async slow() {
    await gate();
    return { slow: true };
  }

  @Get('stream')
  @LongLived()
  async stream() {
    await gate();
    return { stream: true };
  }

  @Get(':id')
  one(@Param('id', { schema: z.string() }) id: string) {
    return { id };
  }

  @Post()
  make(@Body({ schema: z.strictObject({ name: z.string() }) }) body: { name: string }) {
    return body;
  }
}

let service: RunningService;
const openGates = () => gates.splice(0).forEach((open) => open());

async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
  service = await startSampleService({ env, module: () => ({ controllers: [ThingsController] }) });
}

async function ask(path: string, init: RequestInit = {}) {
  const answer = await fetch(service.url + path, init);
  const body = (await answer.json().catch(() => ({}))) as { code?: string };
  return { status: answer.status, code: body.code, headers: answer.headers };
}

/** Writes bytes on a new connection and returns everything received until the service closes it. */
function exchange(bytes: string): Promise<string> {
  const { hostname, port } = new URL(service.url);
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => (received += String(chunk))).on('close', () => resolve(received));
    socket.on('error', reject);
  });
}

describe('too many requests', () => {
  afterEach(async () => {
    openGates();
    await service.stop();
  });

  it('I09 from one caller are refused with 429 and Retry-After until the rate allows more', async () => {
    await start({ HTTP_CLIENT_RATE_PER_SECOND: '1' });
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('/things/1')));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
    for (const { code, headers } of refused) {
      expect(code).toEqual('rate_limited');
      expect(headers.get('retry-after')).toEqual('1');
      expect(headers.get('content-type')).toEqual(expect.stringMatching(/^application\/problem\+json/));
    }
    await until(async () => (await ask('/things/1')).status === 200);
  });

  it('I09 from all callers are refused too, including those to unknown paths, but never probes and scrapes', async () => {
    await start({ HTTP_RATE_PER_SECOND: '1' });
    const paths = Array.from({ length: 50 }, () => ['/nowhere', '/things/1']).flat();
    const answers = await Promise.all(
      paths.map(async (path) => `${path} ${(await ask(path)).code ?? 'answered'}`),
    );
    expect(answers).toEqual(expect.arrayContaining(['/nowhere rate_limited', '/things/1 rate_limited']));
    for (const path of ['/livez', '/readyz', '/metrics'])
      for (let n = 0; n < 5; n++) expect((await ask(path)).status).toBe(200);
  });

  it('I09 in flight are refused with 503 and Retry-After until one is answered or abandoned', async () => {
    await start({ HTTP_IN_FLIGHT_MAX: '2' });
    const givenUp = new AbortController();
    const first = ask('/things/slow');
    const second = ask('/things/slow', { signal: givenUp.signal }).catch(() => undefined);
    await until(() => gates.length === 2);
    const refused = await ask('/things/1');
    expect(refused.status).toEqual(503);
    expect(refused.code).toEqual('overloaded');
    expect(refused.headers.get('retry-after')).toEqual('1');
    expect((await ask('/livez')).status).toBe(200);
    givenUp.abort();
    await second;
    await until(async () => (await ask('/things/1')).status === 200);
    gates[0]?.();
    expect((await first).status).toBe(200);
  });

  it('do not count requests whose answers stay open', async () => {
    await start({ HTTP_IN_FLIGHT_MAX: '1' });
    const streams = [ask('/things/stream'), ask('/things/stream')];
    await until(() => gates.length === 2);
    expect((await ask('/things/1')).status).toBe(200);
    openGates();
    expect((await Promise.all(streams)).map(({ status }) => status)).toEqual([200, 200]);
  });
});

describe('a request of the wrong kind', () => {
  beforeAll(() => start());
  afterAll(() => service.stop());

  it.each([
    ['DELETE', '/things', 'POST'],
    ['POST', '/things/7', 'GET, HEAD'],
    ['OPTIONS', '/things/7', 'GET, HEAD'],
    ['PROPFIND', '/things/7', 'GET, HEAD'],
    ['POST', '/livez', 'GET, HEAD'],
    ['PATCH', '/things/7?x=1', 'GET, HEAD'],
  ])('(%s %s) gets a 405 that allows %s', async (method, path, allowed) => {
    const { status, code, headers } = await ask(path, { method });
    expect(status).toEqual(405);
    expect(code).toEqual('method_not_allowed');
    expect(headers.get('allow')).toEqual(allowed);
  });

  it.each(['/nowhere', '/things/7/8', '/things/', '//things/7'])('(PUT %s) gets a 404', async (path) => {
    expect(await ask(path, { method: 'PUT' })).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('gets a 415 if its body is compressed', async () => {
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect(await ask('/things', { method: 'POST', headers, body: '{"name":"x"}' })).toMatchObject({
      status: 415,
      code: 'unsupported_media_type',
    });
  });

  it.each([
    [
      'headers that are too large',
      `GET /things/1 HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    [
      'a URL that is too large',
      `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['bytes that are not HTTP', 'hello there\r\n\r\n', 400, 'malformed_request'],
    ['an unknown method', 'BREW /things HTTP/1.1\r\nhost: x\r\n\r\n', 400, 'malformed_request'],
    [
      'two content lengths',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      400,
      'malformed_request',
    ],
    [
      'an invalid content length',
      'POST /things HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n',
      400,
      'malformed_request',
    ],
  ])(
    'I08 is answered with a problem if it has %s, and the service keeps working',
    async (_what, bytes, status, code) => {
      const answer = await exchange(bytes);
      expect(answer).toMatch(
        new RegExp(
          `^HTTP/1.1 ${status} [\\s\\S]*content-type: application/problem\\+json[\\s\\S]*"code":"${code}"`,
        ),
      );
      expect((await ask('/things/1')).status).toBe(200);
    },
  );
});
