import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { launchStack, newFolder } from '../stack-process.fixture.ts';

describe('the stack of the shop', () => {
  it('R31 says what is wrong with the settings of its services and of the broker, before anything is started', async () => {
    const folder = await newFolder();
    const data = join(folder, 'data');
    const config = join(folder, 'broker.properties');
    await writeFile(config, 'log.retention.ms=soon\nlog.retenton.bytes=1\n');
    const stack = launchStack(data, [], {
      ORDER_PORT: 'abc',
      SAGA_STEP_TIMEOUT_MS: 'soon',
      SHIPPING_DELIVERY_MS: '900000',
      NOTIFICATION_FROM: 'nobody',
      PAYMENT_DATABASE_POOL_SIZE: '1',
      OTEL_TRACES_SAMPLER: 'some',
      MILLRACE_UNANSWERED_MS_MAX: '5',
      BROKER_FLUSH: 'perhaps',
      BROKER_CONFIG: config,
    });
    expect(await stack.ended).toBe(1);
    const line = stack.stderr();

    for (const problem of [
      'ORDER_PORT=abc must be',
      'SAGA_STEP_TIMEOUT_MS: must be a whole number (example: SAGA_STEP_TIMEOUT_MS=30000)',
      'SHIPPING_DELIVERY_MS: must be at most 8000',
      'NOTIFICATION_FROM: must be an e-mail address',
      'PAYMENT_DATABASE_POOL_SIZE: must be at least 2',
      'OTEL_TRACES_SAMPLER: must be',
      'MILLRACE_UNANSWERED_MS_MAX=5 must be 0 (never) or',
      'BROKER_FLUSH=perhaps (--flush): give',
      'log.retention.ms=soon is invalid: give',
      'log.retenton.bytes is not a broker config',
    ])
      expect(line.split(problem)).toHaveLength(2); // once
    expect(existsSync(data)).toBe(false);
    await rm(folder, { recursive: true });
  });
});
