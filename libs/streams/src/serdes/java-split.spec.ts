import { describe, expect, it } from '@jest/globals';
import { javaSplit } from './java-split.ts';

/** Recorded from `String.split` of Java 17. */
const recorded: ReadonlyArray<readonly [text: string, pattern: RegExp, parts: readonly string[]]> = [
  ['', /\W+/, ['']],
  [' a', /\W+/, ['', 'a']],
  ['done!', /\W+/, ['done']],
  ['a, b;c', /\W+/, ['a', 'b', 'c']],
  [',,', /,/, []],
  [',a,,b,,', /,/, ['', 'a', '', 'b']],
  ['abc', /(?:)/, ['a', 'b', 'c']],
  ['axb', /x*/, ['a', '', 'b']],
  ['xaab', /a|/, ['x', '', '', 'b']],
  ['1ab2a3', /(a)(b)?/, ['1', '2', '3']],
];

describe('the split of Java', () => {
  it.each(recorded)('of "%s" by %p', (text, pattern, parts) => {
    expect(javaSplit(text, pattern)).toEqual(parts);
  });

  it('starts from the beginning although the pattern was used before', () => {
    const comma = /,/gy;
    comma.lastIndex = 2;

    expect(javaSplit('a,b', comma)).toEqual(['a', 'b']);
    expect(javaSplit('a,b', comma)).toEqual(['a', 'b']);
    expect(comma.lastIndex).toBe(2);
  });
});
