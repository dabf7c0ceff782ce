import { describe, expect, it } from '@jest/globals';
import { warningsOf } from './warnings.ts';

const line = (level: string, time: string, msg: string, reason?: string) =>
  JSON.stringify({ level, time, msg, reason });

describe('the warnings of a stack', () => {
  it('are counted by kind, and leave out lower levels and lines that are not JSON', () => {
    const log = [
      line('info', '1', 'started'),
      line('warn', '2', 'retrying', 'no answer'),
      'LOG:  checkpoint starting: time',
      line('error', '3', 'failed'),
      line('warn', '4', 'retrying', 'no answer'),
      '',
    ].join('\n');

    expect(warningsOf('order.log', log)).toEqual([
      'order.log: warn: retrying: no answer (2 times, first at 2)',
      'order.log: error: failed (1 times, first at 3)',
    ]);
  });
});
