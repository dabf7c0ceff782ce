import { describe, expect, it } from '@jest/globals';
import { createLogger } from './logger.ts';
import { runInContext } from './request-context.ts';

function logging(level = 'info') {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({
    service: 'order',
    level,
    write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>),
  });
  return { lines, logger };
}

describe('a log line', () => {
  it('carries the service, the level by name and the time', () => {
    const { lines, logger } = logging();
    logger.info({ port: 3001 }, 'listening');
    expect(lines).toEqual([
      { level: 'info', time: expect.stringMatching(/Z$/), service: 'order', port: 3001, msg: 'listening' },
    ]);
  });

  it('carries the log subject and the correlation id of the current message', () => {
    const { lines, logger } = logging();
    runInContext({ correlationId: 'c1', causationId: 'm1', logFields: { orderId: 'o1' } }, () =>
      logger.info({}, 'reserved'),
    );
    expect(lines[0]).toMatchObject({ correlationId: 'c1', orderId: 'o1' });
  });

  it('R05 shows neither personal data nor secrets', () => {
    const { lines, logger } = logging();
    logger.info(
      {
        email: 'ada@example.org',
        order: { shippingAddress: { street: 'Mill Lane' } },
        databaseUrl: 'postgres://u:p@h/d',
      },
      'placed',
    );
    expect(JSON.stringify(lines)).not.toMatch(/ada@|Mill Lane|u:p/);
  });

  it('describes an error without the parameters that a driver attaches to it', () => {
    const { lines, logger } = logging();
    const cause = Object.assign(new Error('duplicate key'), {
      code: '23505',
      parameters: ['ada@example.org'],
    });
    logger.error({ err: new Error('cannot store', { cause }) }, 'failed');
    expect(lines[0]?.err).toMatchObject({
      message: 'cannot store',
      cause: { code: '23505', message: 'duplicate key' },
    });
    expect(JSON.stringify(lines)).not.toContain('ada@');
  });
});
