/** Escapes and operators of Java that JavaScript reads as plain text, such as `\Q`, `\p{Alpha}` and `&&`. */
const otherInJava = /(?<!\\)(?:\\\\)*(?:\\[^bBcdDfknrsStuvwWx\W\d_]|&&)/;

/**
 * Returns the expression of a setting, which has to match a whole text as in Java's `matches`, or undefined if
 * JavaScript has no such expression. Nothing limits how long a match takes.
 */
export function wholeMatch(source: string, flags = ''): RegExp | undefined {
  if (otherInJava.test(source)) return undefined;
  try {
    return new RegExp(`^(?:${source})$`, flags);
  } catch {
    return undefined;
  }
}

/** The check of a setting that is an expression. */
export const checkExpression = (value: string): string | undefined =>
  wholeMatch(value) === undefined
    ? `Invalid regular expression: ${value}: write it as in JavaScript, ` +
      'without (?i), possessive quantifiers, \\Q, \\p or &&'
    : undefined;
