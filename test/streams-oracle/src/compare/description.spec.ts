import { describe, expect, it } from '@jest/globals';
import { differentLines, isDescribedAlike } from './description.ts';

describe('the comparison of descriptions', () => {
  it('takes three or more successors in any order, and two only in theirs', () => {
    expect(isDescribedAlike('      --> c, a, b\n\n', '      --> a, b, c\n')).toBe(true);
    expect(isDescribedAlike('      --> c, a, b', '      --> a, b, d')).toBe(false);
    expect(isDescribedAlike('      --> b, a', '      --> a, b')).toBe(false);
  });

  it('leaves out where a lambda is in memory', () => {
    const sink = (name: string) => `    Sink: S (extractor class: ${name})`;
    expect(isDescribedAlike(sink('Cases$$Lambda$245/0x7f@1'), sink('function'))).toBe(true);
  });

  it('shows the lines from the first that differs', () => {
    expect(differentLines({ javas: 'a\nb', ours: 'a\nc\nd' })).toEqual([
      '  describe() differs at line 2',
      '    Java  b',
      '    ours  c',
      '    ours  d',
    ]);
  });
});
