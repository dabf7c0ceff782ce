import { describe, expect, it } from '@jest/globals';
import { seconds } from './clock.ts';
import { RetryLog } from './logger.ts';

function bench() {
  let now = 0;
  const lines: Array<readonly [string, number, object]> = [];
  const note = (level: string) => (fields: object, message: string) =>
    void lines.push([`${level} ${message}`, now, fields]);
  const logger = { debug: () => undefined, info: note('info'), warn: note('warn'), error: note('error') };
  const log = new RetryLog({
    clock: { now: () => now, monotonic: () => now, after: () => () => undefined },
    logger,
  });
  return { log, lines, at: () => lines.map(([, time]) => time), pass: (span: number) => (now += span) };
}

const away = Object.assign(new Error('no broker answers'), { code: 'unreachable' });

describe('the log of a retrying loop', () => {
  it('includes the first failure with its stack, and then reminders at growing intervals with the reason and a count', () => {
    const { log, lines, at, pass } = bench();
    for (let time = 0; time <= 600; time += 1) {
      log.failed(away, 'joining again', { groupId: 'order' });
      pass(seconds(1));
    }

    expect(at()).toEqual([0, 10, 30, 70, 150, 310].map(seconds));
    const said = { groupId: 'order', reason: 'no broker answers', code: 'unreachable' };
    expect(lines[0]?.[2]).toEqual({ ...said, failures: 1, forMs: 0, err: away });
    expect(lines[1]?.[2]).toEqual({ ...said, failures: 11, forMs: 10_000 });
  });

  it('includes a different failure at once, and the recovery', () => {
    const { log, lines, pass } = bench();
    log.recovered('a member again');
    log.failed(away, 'joining again');
    pass(100);
    log.failed(Object.assign(new Error('no topic'), { code: 'unknown_topic' }), 'joining again');
    pass(100);
    log.recovered('a member again');
    log.recovered('a member again');
    log.failed(away, 'joining again');

    expect(lines.map(([line]) => line)).toEqual([
      'warn joining again',
      'warn joining again',
      'info a member again after 0.2 s and 2 failed attempts',
      'warn joining again',
    ]);
    expect(lines[2]?.[2]).toEqual({ failures: 2, forMs: 200 });
  });

  it('counts each kind of failure separately, so that alternating kinds are logged once each', () => {
    const { log, lines, pass } = bench();
    const kinds = [away, Object.assign(new Error('reset'), { code: 'ECONNRESET' })];
    for (let time = 0; time < 100; time += 1) {
      log.failed(kinds[time % 2], 'reading again');
      pass(50);
    }
    log.recovered('it can be read');

    expect(lines.map(([line]) => line)).toEqual([
      'warn reading again',
      'warn reading again',
      'info it can be read after 5 s and 100 failed attempts',
    ]);
  });

  it('distinguishes a limited number of kinds', () => {
    const { log, lines } = bench();
    for (let kind = 0; kind < 100; kind += 1) log.failed(away, `reading record ${kind} again`);

    expect(lines).toHaveLength(11);
  });

  it('treats a failure after a long quiet time as the first one', () => {
    const { log, at, pass } = bench();
    log.failed(away, 'joining again');
    pass(seconds(5));
    log.failed(away, 'joining again');
    pass(seconds(500));
    log.failed(away, 'joining again');
    pass(seconds(9));
    log.failed(away, 'joining again');

    expect(at()).toEqual([0, seconds(505)]);
  });
});
