import { describe, expect, it } from '@jest/globals';
import { span } from './received-span.fixture.ts';
import { renderTrace } from './render-trace.ts';

const statement = { 'db.system.name': 'postgresql' };
const lines = (...spans: Parameters<typeof renderTrace>[0]) => renderTrace(spans).split('\n');

describe('a trace as a tree', () => {
  it('has a line for each span under its parent, with service, start and duration, and counts its statements', () => {
    const spans = [
      span('handle', { parentSpanId: 'send', service: 'payment', startMs: 1_012.4, durationMs: 8 }),
      span('POST', { startMs: 1_000, durationMs: 12.34 }),
      span('send', { parentSpanId: 'POST', startMs: 1_010 }),
      span('other', { parentSpanId: 'POST', startMs: 1_011 }),
      span('BEGIN', { parentSpanId: 'POST', startMs: 1_001, durationMs: 4, attributes: statement }),
      // This statement was sent with the first one.
      span('INSERT', { parentSpanId: 'POST', startMs: 1_002, durationMs: 5, attributes: statement }),
    ];

    expect(lines(...spans)).toEqual([
      'POST       order        +0     12.3 ms  2 statements 6.0 ms',
      '├ send     order       +10      1.0 ms',
      '│└ handle  payment     +12      8.0 ms',
      '└ other    order       +11      1.0 ms',
    ]);
  });

  it('puts spans without a known parent at the top, and terminates even if spans form a cycle', () => {
    expect(
      lines(
        span('a', { parentSpanId: 'lost' }),
        span('b', { parentSpanId: 'c' }),
        span('c', { parentSpanId: 'b' }),
      ).length,
    ).toBeLessThan(4);
    expect(renderTrace([])).toBe('');
  });

  it('says which span has failed, and why', () => {
    expect(lines(span('fails', { failed: true, attributes: { 'error.type': '40P01' } }))[0]).toMatch(
      /ms {2}failed \(40P01\)$/,
    );
  });
});
