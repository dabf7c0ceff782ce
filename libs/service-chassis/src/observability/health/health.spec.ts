import { describe, expect, it } from '@jest/globals';
import { createHealth } from './health.ts';

describe('the health of a service', () => {
  it('is good when every check passes', async () => {
    const health = createHealth();
    health.add('database', () => ({ healthy: true }));
    expect(await health.report()).toEqual({
      healthy: true,
      degraded: false,
      checks: { database: { healthy: true } },
    });
  });

  it('names the check that failed, with the reason', async () => {
    const health = createHealth();
    health.add('database', () => Promise.reject(new Error('connection refused')));
    health.add('relay', () => ({ healthy: true }));
    expect(await health.report()).toMatchObject({
      healthy: false,
      checks: { database: { details: { reason: 'connection refused' } } },
    });
  });

  it('is good but degraded while a check finds something stale', async () => {
    const health = createHealth();
    health.add('projector', () => ({ healthy: true, degraded: true }));
    health.add('relay', () => ({ healthy: true }));
    expect(await health.report()).toMatchObject({ healthy: true, degraded: true });
  });

  it('does not wait forever for a check that hangs', async () => {
    const health = createHealth({ checkMsMax: 5 });
    health.add('database', () => new Promise(() => undefined));
    expect((await health.report()).checks.database).toEqual({
      healthy: false,
      details: { reason: 'no answer within 5 ms' },
    });
  });
});
