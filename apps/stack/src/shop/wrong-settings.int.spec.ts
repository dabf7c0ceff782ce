import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { launchStack, newFolder } from '../stack-process.fixture.ts';

let folder: string;
beforeEach(async () => {
  folder = await newFolder();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the stack of the shop', () => {
  it('R31 says what is wrong with the settings of its services, before anything is started', async () => {
    const data = join(folder, 'data');
    const stack = launchStack(data, [], {
      ORDER_PORT: 'abc',
      SAGA_STEP_TIMEOUT_MS: 'soon',
      SHIPPING_DELIVERY_MS: '900000',
      NOTIFICATION_FROM: 'nobody',
      PAYMENT_DATABASE_POOL_SIZE: '1',
    });
    expect(await stack.ended).toBe(1);
    const line = stack.stderr();

    for (const problem of [
      'ORDER_PORT=abc must be',
      'SAGA_STEP_TIMEOUT_MS: must be a whole number (example: SAGA_STEP_TIMEOUT_MS=30000)',
      'SHIPPING_DELIVERY_MS: must be at most 8000',
      'NOTIFICATION_FROM: must be an e-mail address',
      'PAYMENT_DATABASE_POOL_SIZE: must be at least 2',
    ])
      expect(line.split(problem)).toHaveLength(2); // once
    expect(existsSync(data)).toBe(false);
  });
});
