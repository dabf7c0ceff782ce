import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import { listOf, type ConnectConfig } from '../../plugin/setting.ts';

/** The result of one operation of a bulk request. */
export interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type: string; readonly reason: string };
}

const missingIndex = 'index_not_found_exception';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Sends requests to OpenSearch. Tries the next address when one does not answer. */
export class OpenSearchClient {
  readonly #urls: readonly string[];
  readonly #timeoutMs: number;
  readonly #headers: Readonly<Record<string, string>>;
  #next = 0;

  constructor(config: ConnectConfig) {
    this.#urls = listOf(config['connection.url']).map((url) => url.replace(/\/$/, ''));
    this.#timeoutMs = Number(config['read.timeout.ms']);
    const { 'connection.username': user, 'connection.password': password } = config;
    this.#headers =
      user === undefined
        ? {}
        : { authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}` };
  }

  /** Rejects if no OpenSearch answers. */
  async ping(): Promise<void> {
    this.#accepted(await this.#ask('GET', '/'));
  }

  /** The documents of an index by their ids. Those that are missing, as the index may be, are left out. */
  async documents(index: string, ids: readonly string[]): Promise<ReadonlyMap<string, unknown>> {
    const asked = await this.#ask('POST', `/${index}/_mget`, JSON.stringify({ ids }));
    if (asked.status === 404) return new Map();
    const { docs } = this.#accepted(asked) as {
      readonly docs: ReadonlyArray<{
        readonly _id: string;
        readonly found?: boolean;
        readonly _source?: unknown;
        readonly error?: BulkItem['error'];
      }>;
    };
    // Without its index a document does not exist. After any other error it may, and cannot be read now.
    const unread = docs.find(({ error }) => error !== undefined && error.type !== missingIndex);
    if (unread?.error)
      throw new RetriableConnectError(
        `OpenSearch cannot read ${unread._id} of ${index}: ${unread.error.type}: ${unread.error.reason}`,
      );
    return new Map(docs.filter(({ found }) => found === true).map(({ _id, _source }) => [_id, _source]));
  }

  /** Runs operations, each of which is one or two lines of JSON, and resolves with an item for each. */
  async bulk(operations: readonly string[]): Promise<readonly BulkItem[]> {
    const answer = await this.#ask('POST', '/_bulk', operations.join(''), 'application/x-ndjson');
    const { items } = this.#accepted(answer) as {
      readonly items: ReadonlyArray<Readonly<Record<string, BulkItem>>>;
    };
    return items.map((item) => Object.values(item)[0]!);
  }

  async #ask(method: string, path: string, body?: string, type = 'application/json'): Promise<Answer> {
    const url = this.#urls[this.#next % this.#urls.length]!;
    try {
      const answer = await fetch(`${url}${path}`, {
        method,
        headers: { ...this.#headers, ...(body !== undefined && { 'content-type': type }) },
        body,
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      return { status: answer.status, body: (await answer.json()) as unknown };
    } catch (error) {
      this.#next += 1;
      throw new RetriableConnectError(`OpenSearch at ${url}: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** Returns the body of an answer. Rejects if the server is busy, or if a person has to fix something. */
  #accepted({ status, body }: Answer): unknown {
    if (status < 300) return body;
    const message = `OpenSearch answered ${status}: ${JSON.stringify(body).slice(0, 1_000)}`;
    if (status === 429 || status >= 500) throw new RetriableConnectError(message);
    throw new ConnectError(
      `${message}. ${remedies[status] ?? 'Correct the configuration'}, then restart the task`,
    );
  }
}

const remedies: Readonly<Record<number, string>> = {
  401: 'Correct connection.username and connection.password',
  403: 'Give the user of connection.username the right to write',
  413: 'Lower batch.size, or raise http.max_content_length of OpenSearch',
};

function reasonOf(error: unknown): string {
  const { name, message, cause } = error as Error;
  if (name === 'TimeoutError') return 'no answer within read.timeout.ms';
  return (cause as Error | undefined)?.message ?? message;
}
