import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roleNames } from '../../ground/config/roles.ts';
import { lines, startSample } from '../../boot/sample-service.fixture.ts';
import type { RunningService } from '../../boot/start-service.ts';

describe('a service over HTTP', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startSample();
  });
  afterAll(() => service.stop());

  const post = (
    body: string,
    headers: Record<string, string> = { 'content-type': 'application/json' },
    path = '/orders',
  ) => fetch(service.url + path, { method: 'POST', body, headers });

  it('answers from its database', async () => {
    const answer = await post(JSON.stringify({ sku: 'lamp', lines: [{ quantity: 1 }] }));
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ sku: 'lamp', backend: expect.any(Number) });
  });

  it.each([
    ['malformed JSON', '{"sku":', undefined, undefined, 400, 'malformed_json', undefined],
    ['an empty body', '', undefined, undefined, 400, 'invalid_request', undefined],
    ['a wrong type', '{"sku":7,"lines":[]}', undefined, undefined, 400, 'invalid_request', 'sku'],
    [
      'a wrong nested value',
      '{"sku":"a","lines":[{"quantity":0}]}',
      undefined,
      undefined,
      400,
      'invalid_request',
      'lines[0].quantity',
    ],
    ['a missing field', '{"sku":"a"}', undefined, undefined, 400, 'invalid_request', 'lines'],
    [
      'an unknown field',
      '{"sku":"a","lines":[],"rebate":1}',
      undefined,
      undefined,
      400,
      'invalid_request',
      'rebate',
    ],
    ['an array instead of an object', '[]', undefined, undefined, 400, 'invalid_request', 'body'],
    ['null instead of an object', 'null', undefined, undefined, 400, 'invalid_request', undefined],
    [
      'an attempt to set a prototype',
      '{"__proto__":{"x":1},"sku":"a","lines":[]}',
      undefined,
      undefined,
      400,
      'malformed_json',
      undefined,
    ],
    ['a NUL in text', '{"sku":"a\\u0000","lines":[]}', undefined, undefined, 400, 'invalid_request', 'sku'],
    [
      'a deeply nested value',
      `{"sku":"a","lines":${'['.repeat(30_000)}${']'.repeat(30_000)}}`,
      undefined,
      undefined,
      400,
      'invalid_request',
      'lines',
    ],
    [
      'a body that is too large',
      JSON.stringify({ sku: 'a'.repeat(70_000) }),
      undefined,
      undefined,
      413,
      'body_too_large',
      undefined,
    ],
    [
      'text instead of JSON',
      'sku=a',
      { 'content-type': 'text/plain' },
      undefined,
      415,
      'unsupported_media_type',
      undefined,
    ],
    [
      'a form',
      'sku=a',
      { 'content-type': 'application/x-www-form-urlencoded' },
      undefined,
      415,
      'unsupported_media_type',
      undefined,
    ],
    ['an unknown route', '{}', undefined, '/nowhere', 404, 'not_found', undefined],
    [
      'a refusal of the domain',
      '{"sku":"nothing","lines":[]}',
      undefined,
      undefined,
      422,
      'unknown_product',
      undefined,
    ],
    ['a bug', '{"sku":"bug","lines":[]}', undefined, undefined, 500, 'internal_error', undefined],
  ])('answers %s with a problem', async (_what, body, headers, path, status, code, field) => {
    const answer = await post(body, headers, path);
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await answer.json()) as { errors?: { field: string }[] };
    expect({ status: answer.status, problem }).toMatchObject({
      status,
      problem: { status, code, type: `/problems/${code}`, title: expect.any(String) },
    });
    if (field !== undefined) expect(problem.errors?.map((error) => error.field)).toEqual([field]);
    expect(JSON.stringify(problem)).not.toContain('secret_table');
  });

  it.each([
    ['/orders?limit=0', 'limit'],
    ['/orders?limit=1&limit=2', 'limit'],
    ['/orders?page=1', 'page'],
    ['/orders/nonsense', 'id'],
  ])('names the field of %s', async (path, field) => {
    const answer = await fetch(service.url + path);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', errors: [{ field }] });
  });

  it('answers a path that is too long with a problem', async () => {
    const answer = await fetch(`${service.url}/orders/${'a'.repeat(300)}`);
    expect(answer.status).toEqual(414);
    expect(answer.headers.get('content-type')).toEqual(expect.stringMatching(/^application\/problem\+json/));
  });

  it('answers a URL that cannot be decoded with a problem', async () => {
    const answer = await fetch(`${service.url}/orders/%ff`);
    expect(answer.status).toEqual(400);
    expect(answer.headers.get('content-type')).toEqual(expect.stringMatching(/^application\/problem\+json/));
  });

  it("keeps the caller's correlation id, replaces a bad one, and always answers with one", async () => {
    const body = JSON.stringify({ sku: 'lamp', lines: [] });
    const kept = await post(body, { 'content-type': 'application/json', 'x-correlation-id': 'story-7' });
    expect(kept.headers.get('x-correlation-id')).toEqual('story-7');
    expect(((await kept.json()) as { correlationId: string }).correlationId).toEqual('story-7');
    const replaced = await post(body, { 'content-type': 'application/json', 'x-correlation-id': 'a b{}' });
    expect(replaced.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await fetch(`${service.url}/nowhere`)).headers.get('x-correlation-id')).toMatch(
      /^[0-9a-f-]{36}$/,
    );
  });

  it('logs the bug with the correlation id and without the body', async () => {
    lines.length = 0;
    await post('{"sku":"bug","lines":[]}', {
      'content-type': 'application/json',
      'x-correlation-id': 'find-me',
    });
    const failures = lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter(({ level }) => level === 'error');
    expect(failures).toEqual([
      expect.objectContaining({ correlationId: 'find-me', service: 'sample', path: '/orders' }),
    ]);
  });

  it('is alive and ready when its database is', async () => {
    expect((await fetch(`${service.url}/livez`)).status).toBe(200);
    const ready = await fetch(`${service.url}/readyz`);
    expect(ready.status).toEqual(200);
    expect(await ready.json()).toEqual({
      status: 'ready',
      roles: roleNames,
      checks: { database: { healthy: true }, alarms: { healthy: true, details: { active: [] } } },
    });
  });

  it('shows process and request metrics by route', async () => {
    await fetch(`${service.url}/orders?limit=3`);
    const answer = await fetch(`${service.url}/metrics`);
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(text).toMatch(/process_resident_memory_bytes\{service="sample"\}/);
    expect(text).toMatch(
      /http_request_duration_seconds_count\{(?=.*route="\/orders")(?=.*status="200").*\} \d+/,
    );
  });

  it('serves its interface as OpenAPI 3.1 and as a page', async () => {
    const document = (await (await fetch(`${service.url}/docs/json`)).json()) as {
      openapi: string;
      paths: object;
    };
    expect(document.openapi).toEqual('3.1.0');
    expect(Object.keys(document.paths)).toEqual(['/orders', '/orders/ping', '/orders/slow', '/orders/{id}']);
    const page = await fetch(`${service.url}/docs`);
    expect(page.status).toEqual(200);
    expect(page.headers.get('content-type')).toEqual(expect.stringMatching(/^text\/html/));
    expect((await fetch(new URL('/docs/swagger-ui-bundle.js', service.url))).status).toBe(200);
  });

  it('redirects from its root to that page', async () => {
    const answer = await fetch(service.url);
    expect(answer.url).toEqual(`${service.url}/docs`);
    expect(answer.status).toBe(200);
  });

  it("accepts the document's example as a body", async () => {
    const { paths } = (await (await fetch(`${service.url}/docs/json`)).json()) as {
      paths: Record<
        string,
        Record<string, { requestBody: { content: Record<string, { example: object }> } }>
      >;
    };
    const example = paths['/orders']?.['post']?.requestBody.content['application/json']?.example;
    expect((await post(JSON.stringify(example))).status).toBe(201);
  });

  it('explains the code of a problem at the URL in its type', async () => {
    const { type } = (await (await post('{"sku":"nothing","lines":[]}')).json()) as { type: string };
    const page = await fetch(new URL(type, service.url));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<li>POST /orders</li>');
    const common = await fetch(`${service.url}/problems/rate_limited`);
    expect(await common.text()).toContain('Too many requests');
  });

  it.each(['no_such_code', 'toString', '<script>'])('has no page for the code %s', async (code) => {
    const answer = await fetch(`${service.url}/problems/${encodeURIComponent(code)}`);
    expect(answer.status).toBe(404);
  });

  it('accepts an empty body with the content type of JSON where no body is needed', async () => {
    const answer = await fetch(`${service.url}/orders/ping`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(201);
  });

  it('sends no CORS headers unless origins are set', async () => {
    const answer = await fetch(`${service.url}/orders`, { headers: { origin: 'https://shop.example.org' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('a service with HTTP_CORS_ORIGINS', () => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startSample({ HTTP_CORS_ORIGINS: 'https://shop.example.org, http://localhost:5173' });
  });
  afterAll(() => service.stop());

  const preflight = (origin: string) =>
    fetch(`${service.url}/orders`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,idempotency-key',
      },
    });

  it('lets pages from these origins send its requests and read its headers', async () => {
    const asked = await preflight('http://localhost:5173');
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-origin')).toEqual('http://localhost:5173');
    expect(asked.headers.get('access-control-allow-headers')).toContain('idempotency-key');
    const answer = await fetch(`${service.url}/orders`, { headers: { origin: 'https://shop.example.org' } });
    expect(answer.headers.get('access-control-allow-origin')).toEqual('https://shop.example.org');
    expect(answer.headers.get('access-control-expose-headers')).toContain('location');
  });

  it('does not let pages from other origins call it', async () => {
    const asked = await preflight('https://elsewhere.example.org');
    expect(asked.headers.get('access-control-allow-origin')).toBeNull();
  });
});
