import { ProtocolError } from '../../protocol/errors.ts';

const patternCharsMax = 256;
/** Repetition of what repeats itself, look-around and references back: a peer could keep the thread busy with them for ever. */
const costly = /\)[*+?{]|\(\?|\\[1-9k]/;
const repetitionsMax = 3;

/** The whole id has to fit, as in Kafka. Throws INVALID_REGULAR_EXPRESSION for what is none, and for what could take too long to try. */
export function idPattern(pattern: string): RegExp {
  const repetitions = pattern.match(/[*+{]/g)?.length ?? 0;
  if (pattern.length > patternCharsMax || repetitions > repetitionsMax || costly.test(pattern))
    throw new ProtocolError(
      'INVALID_REGULAR_EXPRESSION',
      `${pattern} is too costly: use at most ${repetitionsMax} repetitions, none of a group`,
    );
  try {
    return new RegExp(`^(?:${pattern})$`, 's');
  } catch (error) {
    throw new ProtocolError('INVALID_REGULAR_EXPRESSION', `${pattern} is no regular expression`, {
      cause: error,
    });
  }
}
