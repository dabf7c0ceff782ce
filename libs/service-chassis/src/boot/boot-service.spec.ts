import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../ground/config/read-config.ts';
import { databaseUnreachable } from '../database/data-source.ts';
import { startFailure } from './boot-service.ts';

describe('a service that cannot start', () => {
  it.each([
    [
      'a taken port',
      Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', port: 3001 }),
      /^order: port 3001 is taken: .*ORDER_PORT/,
    ],
    [
      'an unreachable database',
      databaseUnreachable('postgres://u:secret@127.0.0.1:1/order', new Error('refused')),
      /127\.0\.0\.1:1\/order/,
    ],
    ['anything else', new Error('no such file\nat line 3'), /^order: cannot start: no such file$/],
  ])('reports %s in one line', (_what, error, line) => {
    const told = startFailure('order', error);
    expect(told).toMatch(line);
    expect(told).not.toMatch(/\n|secret/);
  });

  it('reports each wrong setting on its own line', () => {
    expect(startFailure('order', new ConfigError(['A: is missing', 'B: is wrong']))).toBe(
      'order: A: is missing\norder: B: is wrong',
    );
  });
});
