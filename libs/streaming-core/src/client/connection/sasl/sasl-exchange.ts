import { ClientError } from '../../errors/client-error.ts';

/**
 * The client's side of one SASL authentication (RFC 4422). It has no socket: the connection sends
 * its tokens and passes on the broker's answers. Each authentication needs an exchange of its own.
 *
 * Both methods reject with a `ClientError` that contains no credentials. After a rejection the
 * exchange stays over, so that the connection cannot mistake it for a complete one.
 */
export interface SaslExchange {
  /** The name of the mechanism, for the SaslHandshake request. */
  readonly mechanism: string;
  /** Resolves with the first token for the broker. */
  first(): Promise<Buffer>;
  /**
   * Takes the broker's answer to the last token. Resolves with the next token, or with undefined
   * once the exchange is complete and the broker has proven what the mechanism makes it prove.
   */
  next(answer: Buffer): Promise<Buffer | undefined>;
}

/** Takes an answer of the broker, and returns the next token or undefined if none follows. */
type AnswerStep = (answer: Buffer) => Promise<Buffer | undefined> | Buffer | undefined;

interface SaslSteps {
  readonly mechanism: string;
  readonly first: () => Promise<Buffer> | Buffer;
  /** One step for each answer that the mechanism can get, in their order. */
  readonly answers: readonly AnswerStep[];
}

/** The maximum size of an answer. Real ones have a few hundred bytes. */
export const answerBytesMax = 16 * 1024;

/** Makes an exchange that takes each of its steps once and in their order. */
export function stepwiseExchange({ mechanism, first, answers }: SaslSteps): SaslExchange {
  let begun = false;
  let left: readonly AnswerStep[] = [];
  return {
    mechanism,
    async first() {
      if (begun) throw new TypeError(`this exchange of ${mechanism} has begun already: create another one`);
      begun = true;
      const token = await first();
      left = answers;
      return token;
    },
    async next(answer) {
      const [step, ...later] = left;
      left = [];
      if (step === undefined)
        throw refused(mechanism, 'the broker sent an answer that none was expected for');
      if (answer.length > answerBytesMax)
        throw refused(mechanism, `the broker's answer has ${answer.length} bytes, over ${answerBytesMax}`);
      const token = await step(answer);
      if (token !== undefined) left = later;
      return token;
    },
  };
}

/** Makes the error for an authentication that failed. The reason must not quote any credentials. */
export const refused = (mechanism: string, reason: string, options?: ErrorOptions): ClientError =>
  new ClientError('access_refused', `authentication with ${mechanism}: ${reason}`, options);

const fields = {
  username: { name: 'user name', setting: 'KAFKA_SASL_USERNAME' },
  password: { name: 'password', setting: 'KAFKA_SASL_PASSWORD' },
} as const;

/**
 * The control characters of RFC 3454 (tables C.2.1 and C.2.2) that SASLprep prohibits, and half
 * surrogate pairs (table C.5).
 */
const prohibited =
  /[\p{Cc}\p{Cs}\u06dd\u070f\u180e\u2028\u2029\u2061-\u2063\u206a-\u206f\ufff9-\ufffc\u{1d173}-\u{1d17a}]/u;

/**
 * Returns a user name or password as it is sent and hashed, which is as it was given.
 *
 * It applies one part of SASLprep (RFC 4013): it refuses the prohibited control characters and
 * surrogates. It maps no characters and applies no NFKC, because Apache Kafka and its clients hash
 * the UTF-8 bytes of a password as they are: a normalized password would be rejected.
 */
export function preparedText(mechanism: string, field: keyof typeof fields, text: string): string {
  const { name, setting } = fields[field];
  if (typeof text !== 'string')
    throw refused(mechanism, `the ${name} has type ${typeof text}: give a string`);
  if (text === '') throw refused(mechanism, `the ${name} is empty: set ${setting}`);
  if (prohibited.test(text))
    throw refused(
      mechanism,
      `the ${name} contains a control character or half a surrogate pair: correct ${setting}`,
    );
  return text;
}
