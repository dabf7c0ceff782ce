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
