import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig, startService, type RunningService } from '@millrace/service-chassis/app';
import { consoleGuard } from '../../access/console-guard.ts';
import { consoleModule } from '../../console.module.ts';
import { settings } from '../../config.ts';

const traceId = 'a'.repeat(32);
const sent = {
  resourceSpans: [
    {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: 'order' } }] },
      scopeSpans: [
        {
          spans: [
            {
              traceId,
              spanId: 'b'.repeat(16),
              parentSpanId: '',
              name: 'POST /orders',
              kind: 2,
              startTimeUnixNano: '1795188576192000000',
              endTimeUnixNano: '1795188576193500000',
              attributes: [
                { key: 'http.response.status_code', value: { intValue: '202' } },
                {
                  key: 'millrace.saga.steps_sent',
                  value: { arrayValue: { values: [{ stringValue: 'pay' }] } },
                },
              ],
              links: [{ traceId, spanId: 'c'.repeat(16), attributes: [] }],
              status: { code: 2 },
            },
          ],
        },
      ],
    },
  ],
};

describe('the console', () => {
  let folder: string;
  let service: RunningService;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-console-'));
    await writeFile(join(folder, 'index.html'), '<!doctype html>');
    const config = readConfig(settings, { CONSOLE_PORT: '0', PAGE_FOLDER: folder });
    const page = { folder, guard: consoleGuard(config) };
    service = await startService({ name: 'console', config, module: consoleModule, page });
    await service.started;
  });
  afterAll(async () => {
    await service.stop();
    await rm(folder, { recursive: true });
  });

  const post = async (body: string, headers: Readonly<Record<string, string>> = {}) => {
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } };
    return (await fetch(`${service.url}/v1/traces`, init)).status;
  };
  const spansOf = (id: string) => fetch(`${service.url}/api/trace/spans/${id}`);

  it('accepts spans over OTLP as JSON and returns them', async () => {
    expect(await post(JSON.stringify(sent))).toBe(200);

    expect(await (await spansOf(traceId)).json()).toEqual({
      spans: [
        {
          traceId,
          spanId: 'b'.repeat(16),
          service: 'order',
          name: 'POST /orders',
          kind: 2,
          startMs: 1795188576192,
          durationMs: 1.5,
          failed: true,
          attributes: { 'http.response.status_code': 202, 'millrace.saga.steps_sent': ['pay'] },
          links: [{ traceId, spanId: 'c'.repeat(16) }],
        },
      ],
    });
  });

  it('refuses spans that are malformed, too long or sent by a page of another origin', async () => {
    expect(await post('no JSON')).toBe(400);
    expect(await post('{"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}]}')).toBe(400);
    expect(await post('{}', { origin: 'http://other.example' })).toBe(403);
    expect(await post('x'.repeat(16_000_001))).toBe(413);
    expect((await spansOf('unknown')).status).toBe(400);
  });

  it('takes spans of more than the limit of other requests', async () => {
    expect(await post(JSON.stringify({ ...sent, more: 'x'.repeat(1_000_000) }))).toBe(200);
  });

  it('refuses a page of another origin however the path is written', async () => {
    const headers = { origin: 'http://other.example' };

    expect((await fetch(`${service.url}/api/session/me`, { headers })).status).toBe(403);
    expect((await fetch(`${service.url}/%61pi/session/me`, { headers })).status).toBe(403);
  });
});
