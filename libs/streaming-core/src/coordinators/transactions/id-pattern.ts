import { ProtocolError } from '../../protocol/errors.ts';

const patternCharsMax = 256;
/**
 * Nested repetition, look-around and back references. A client could block the thread with them
 * indefinitely.
 */
const costly = /\)[*+?{]|\(\?|\\[1-9k]/;
const repetitionsMax = 3;

/**
 * Compiles a pattern that has to match the whole id, as in Kafka. Throws INVALID_REGULAR_EXPRESSION
 * when the pattern is invalid or could take too long.
 */
export function idPattern(pattern: string): RegExp {
  const repetitions = pattern.match(/[*+{]/g)?.length ?? 0;
  if (pattern.length > patternCharsMax || repetitions > repetitionsMax || costly.test(pattern))
    throw new ProtocolError(
      'INVALID_REGULAR_EXPRESSION',
      `${pattern} is too costly: use at most ${repetitionsMax} repetitions, and none of a group`,
    );
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch (error) {
    throw new ProtocolError('INVALID_REGULAR_EXPRESSION', `${pattern} is not a regular expression`, {
      cause: error,
    });
  }
}
