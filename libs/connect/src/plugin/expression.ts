import { RE2JS } from 're2js';

/*
 * The expressions of settings run on names that other people choose. RE2 takes time in proportion to the
 * text. The expressions of JavaScript and of Java can take exponential time.
 */

/** Syntax that Java and RE2 read differently. RE2 refuses the rest of what it does not have. */
const readOtherwise: ReadonlyArray<readonly [RegExp, string]> = [
  [/&&/, 'classes joined by &&'],
  [/\[[^\]]*\[/, 'a class inside of a class'],
  [/\(\?[a-z]*U/, 'the flag U'],
  [/\\0/, 'an octal number'],
];

const quotedOrEscaped = /\\Q[^]*?(?:\\E|$)|\\[^0]/g;

/** The check of a setting that is an expression. */
export function checkExpression(source: string): string | undefined {
  const reason = reasonAgainst(source);
  return (
    reason &&
    `Invalid regular expression: ${source}: ${reason}: write it without look-around, back-references, ` +
      'possessive quantifiers, operators in classes, and \\p of other than Unicode categories and scripts'
  );
}

function reasonAgainst(source: string): string | undefined {
  const plain = source.replaceAll(quotedOrEscaped, '');
  const [, found] = readOtherwise.find(([syntax]) => syntax.test(plain)) ?? [];
  if (found !== undefined) return `${found} is not supported`;
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

/** The check of the text that replaces what an expression matches. */
export function checkReplacement(source: string, replacement: string): string | undefined {
  if (reasonAgainst(source) !== undefined) return undefined;
  try {
    // This expression has the same groups, and matches the empty text.
    RE2JS.compile(`(?:${source})?`).matcher('').replaceFirst(replacement, true);
    return undefined;
  } catch (error) {
    const why = (error as Error).message;
    return `${replacement} does not fit the expression ${source}: ${why}: name its groups as $1 or \${name}, and write \\$ for a dollar`;
  }
}

/** Compiles a checked expression, which has to match a whole text as in Java's `matches`. */
export function wholeMatch(
  source: string,
  { ignoresCase = false }: { readonly ignoresCase?: boolean } = {},
): (text: string) => boolean {
  const pattern = RE2JS.compile(source, ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
  return (text) => pattern.matches(text);
}

/**
 * Compiles a checked expression with its replacement in the syntax of Java. A text that it does not match as a
 * whole stays. Kafka's `RegexRouter` does the same.
 */
export function replacing(source: string, replacement: string): (text: string) => string {
  const pattern = RE2JS.compile(source);
  let last: string | undefined;
  let replaced = '';
  return (text) => {
    // Most records have the topic of the one before.
    if (text === last) return replaced;
    replaced = pattern.matches(text) ? pattern.matcher(text).replaceFirst(replacement, true) : text;
    last = text;
    return replaced;
  };
}
