import { apiVersions, decodeResponse, servedApis, type Api } from '@millrace/streaming-core/protocol';
import type { FaultsRow } from '../report.ts';
import type { Outcome } from './send-frames.ts';
import type { WordLists } from './word-lists.ts';

const apis = new Map(servedApis.map((api) => [api.key, api]));
const versionsOf = ({ versions }: Api): number => versions.max - versions.min + 1;

const learnEvery = 8;

/** The number of pairs of API and version in which a request can be answered. */
export const allVersions = servedApis.reduce((sum, api) => sum + versionsOf(api), 0);

/**
 * Counts the outcomes of the frames of one kind, and how deep they got: each answer is decoded with
 * the schema of its request.
 */
export class Tally {
  readonly problems: string[] = [];
  readonly #words: WordLists;
  readonly #answeredVersions = new Set<string>();
  readonly #outcomes = { done: 0, closed: 0, left: 0, stuck: 0 };
  #silent = 0;
  #withoutError = 0;

  /**
   * Some answers go into the word lists, because the id of a live member reaches more code than an
   * invented one.
   */
  constructor(words: WordLists) {
    this.#words = words;
  }

  readonly note = (frame: Buffer, outcome: Outcome): void => {
    this.#outcomes[outcome.kind] += 1;
    if (outcome.kind === 'stuck') this.problems.push(`there was no answer to ${inHex(frame)}`);
    if (outcome.kind !== 'done') return;
    if (outcome.answer === undefined) this.#silent += 1;
    else this.#noteAnswer(frame, outcome.answer);
  };

  get tried(): number {
    return Object.values(this.#outcomes).reduce((sum, count) => sum + count, 0);
  }

  row(what: string, violations: number): FaultsRow {
    const { done, closed, left } = this.#outcomes;
    const answered = done - this.#silent;
    const answers =
      `${answered} answered (${this.#withoutError} without an error), in ${this.#answeredVersions.size} ` +
      `of ${allVersions} versions of APIs`;
    const note = `${answers}; ${this.#silent} accepted without an answer, ${closed} cut off, ${left} left waiting`;
    return { what, tried: this.tried, violations: violations + this.problems.length, note };
  }

  #noteAnswer(frame: Buffer, answer: Buffer): void {
    const api = apis.get(frame.readInt16BE(4));
    const asked = frame.readInt16BE(6);
    if (api === undefined) return void this.problems.push(`an answer to API key ${frame.readInt16BE(4)}`);
    const isServed = asked >= api.versions.min && asked <= api.versions.max;
    try {
      const { correlationId, body } = decodeResponse(
        api,
        isServed || api.key !== apiVersions.key ? asked : 0,
        answer,
      );
      if (correlationId !== frame.readInt32BE(8))
        throw new Error(`the answer has the correlation id ${correlationId}`);
      if (isServed) this.#answeredVersions.add(`${api.key} ${asked}`);
      if (!hasError(body)) this.#withoutError += 1;
      if (this.tried % learnEvery === 0) this.#words.learn(api.response.fields, body);
    } catch (error) {
      this.problems.push(`the answer to ${inHex(frame)} is ${inHex(answer)}: ${String(error)}`);
    }
  }
}

const inHex = (bytes: Buffer): string => bytes.subarray(0, 400).toString('hex');

function hasError(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasError);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return false;
  return Object.entries(value).some(([name, each]) => (name === 'errorCode' ? each !== 0 : hasError(each)));
}
