import { describe, expect, it } from '@jest/globals';
import { hours, minutes } from '@millrace/streaming-core/runtime';
import { createMetrics } from './metrics.ts';
import { RecentAnswers } from './recent-answers.ts';

describe('recent answers', () => {
  it('are counted within minutes and an hour, and then forgotten', () => {
    let now = 0;
    const recent = new RecentAnswers({ monotonic: () => now });
    recent.count(500);
    recent.count(404);
    now += minutes(6);
    recent.count(200);
    recent.count(503);
    expect(recent.within(minutes(5))).toEqual({ answers: 2, errors: 1 });
    expect(recent.within(hours(1))).toEqual({ answers: 4, errors: 2 });
    now += minutes(55);
    expect(recent.within(hours(1))).toEqual({ answers: 2, errors: 1 });
    now += hours(3);
    expect(recent.within(hours(1))).toEqual({ answers: 0, errors: 0 });
  });

  it('take no more room however long the process runs', () => {
    let now = 0;
    const recent = new RecentAnswers({ monotonic: () => now });
    for (let minute = 0; minute < 10_000; minute += 1) {
      recent.count(200);
      now += minutes(0.25);
    }
    expect(recent.within(hours(1_000)).answers).toBe(241);
  });

  it('are on /metrics, without the probes that a starting process fails', async () => {
    const metrics = createMetrics({ service: 'shelf', processMetrics: false, clock: { monotonic: () => 7 } });
    metrics.observeRequest({ method: 'GET', route: '/readyz', status: 503, durationMs: 1 });
    for (const status of [200, 500])
      metrics.observeRequest({ method: 'GET', route: '/', status, durationMs: 1 });
    const text = await metrics.registry.metrics();
    expect(text).toContain('millrace_http_requests_recent{window="5m",service="shelf"} 2');
    expect(text).toContain('millrace_http_server_errors_recent{window="1h",service="shelf"} 1');
  });
});
