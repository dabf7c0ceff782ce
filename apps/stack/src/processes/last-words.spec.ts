import { describe, expect, it } from '@jest/globals';
import { explain } from './launch-node.ts';

describe('why a process gave up, from what it wrote to standard error', () => {
  it('is every line that it wrote for people, without its name in front', () => {
    expect(
      explain('order', ['warning: x', 'order: A: is missing', 'order: B: is missing', 'Node.js v24']),
    ).toBe('A: is missing; B: is missing');
  });

  it('is the error of a crash rather than the end of its stack trace', () => {
    const crash = [
      'file:///x.ts:1',
      'throw new TypeError()',
      '      ^',
      '',
      'TypeError: not a function',
      '    at main',
      '',
      'Node.js v24.21.0',
    ];

    expect(explain('order', crash)).toBe('TypeError: not a function');
  });

  it('is otherwise the last line that is not a log record', () => {
    expect(explain('broker', ['out of luck', '{"level":30,"msg":"broker closed"}', ''])).toBe('out of luck');
  });

  it('is unknown if it wrote nothing for people', () => {
    expect(explain('broker', ['{"level":30}'])).toBeUndefined();
  });

  it('is one line of limited length', () => {
    expect(explain('order', [`order: ${'x'.repeat(10_000)}`])?.length).toBe(600);
  });
});
