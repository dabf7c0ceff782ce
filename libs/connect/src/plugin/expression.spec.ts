import { describe, expect, it } from '@jest/globals';
import { checkExpression, checkReplacement, replacing, wholeMatch } from './expression.ts';

describe('an expression of a setting', () => {
  it.each([
    ['(?i)orders', 'ORDERS'],
    ['(?i:or)ders', 'ORders'],
    ['\\Qa.b\\E\\d+', 'a.b12'],
    ['\\p{L}{2,4}', 'äöü'],
    ['orders\\.(a|b)', 'orders.b'],
    ['(?<name>[\\w-]+)\\\\Quote', 'a-b\\Quote'],
    ['[&a]', '&'],
  ])('is read as Java reads it: %s', (source, text) => {
    expect(checkExpression(source)).toBeUndefined();
    expect(wholeMatch(source)(text)).toBe(true);
    expect(wholeMatch(source)(`${text}\nx`)).toBe(false);
  });

  it.each([
    ['(', 'missing closing )'],
    ['o++', 'invalid nested repetition operator: `++`'],
    ['(?=a)b', '`(?=`'],
    ['(a)\\1', '`\\1`'],
    ['\\p{Alpha}+', '`\\p{Alpha}`'],
    ['[a-z&&[^x]]', 'classes joined by &&'],
    ['[a[bc]]', 'a class inside of a class'],
    ['(?U)a', 'the flag U'],
    ['\\0101', 'an octal number'],
    ['x{1001}', '`{1001}`'],
  ])('is refused with the part that is not supported: %s', (source, part) => {
    const problem = checkExpression(source)!;
    expect(problem).toContain(`Invalid regular expression: ${source}: `);
    expect(problem).toContain(part);
    expect(problem).toContain('write it without look-around');
  });

  it('takes time in proportion to the text, whatever it is', () => {
    const matches = wholeMatch('(a+)+b');
    expect(matches('a'.repeat(20_000))).toBe(false);
  }, 10_000);

  it('ignores case if it is asked to', () =>
    expect(wholeMatch('public\\.Orders', { ignoresCase: true })('PUBLIC.orders')).toBe(true));
});

describe('a replacement', () => {
  it.each([
    ['(.*)-(?<kind>raw)', '${kind}.$1\\$$0', 'a-raw', 'raw.a$a-raw'],
    ['(a)|(b)', '<$2>', 'a', '<>'],
    ['raw', 'x', 'raws', 'raws'],
  ])('of %s by %s is that of Java', (source, replacement, text, expected) => {
    expect(checkReplacement(source, replacement)).toBeUndefined();
    const replace = replacing(source, replacement);
    for (const time of [1, 2]) expect({ time, is: replace(text) }).toEqual({ time, is: expected });
  });

  it.each(['$2', '${other}', 'a$'])('is refused if it names no group of the expression: %s', (replacement) =>
    expect(checkReplacement('(a)', replacement)).toContain(`${replacement} does not fit the expression (a)`),
  );
});
