import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { createLifecycle } from './lifecycle.ts';

describe('the lifecycle of a service', () => {
  it('starts components in order and stops them in reverse, once', async () => {
    const told: string[] = [];
    const lifecycle = createLifecycle(silentLogger);
    for (const name of ['relay', 'consumer']) {
      lifecycle.add({
        name,
        start: () => void told.push(`start ${name}`),
        stop: () => void told.push(`stop ${name}`),
      });
    }
    await lifecycle.start();
    await Promise.all([lifecycle.stop(), lifecycle.stop()]);
    expect(told).toEqual(['start relay', 'start consumer', 'stop consumer', 'stop relay']);
  });

  it('leaves out components of roles that this process does not have', async () => {
    const told: string[] = [];
    const lifecycle = createLifecycle(silentLogger, ['relay']);
    for (const role of ['relay', 'worker', undefined] as const)
      lifecycle.add({
        name: 'part',
        ...(role && { role }),
        start: () => void told.push(`start ${role}`),
        stop: () => void told.push(`stop ${role}`),
      });
    await lifecycle.start();
    await lifecycle.stop();
    expect(told).toEqual(['start relay', 'start undefined', 'stop undefined', 'stop relay']);
  });

  it('stops the others when one fails to stop', async () => {
    const told: string[] = [];
    const lifecycle = createLifecycle(silentLogger);
    lifecycle.add({ name: 'relay', start: () => undefined, stop: () => void told.push('relay stopped') });
    lifecycle.add({
      name: 'worker',
      start: () => undefined,
      stop: () => {
        throw new Error('stuck');
      },
    });
    await lifecycle.stop();
    expect(told).toEqual(['relay stopped']);
    expect(lifecycle.state).toBe('draining');
  });
});
