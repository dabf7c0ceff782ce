import { systemClock, withDeadline } from '@millrace/streaming-core/runtime';
import { ConnectError, RetriableConnectError } from '../../plugin/connect-error.ts';
import type { ConnectConfig } from '../../plugin/setting.ts';

/** Errors that only a person can fix: a wrong password, missing rights, or a key that holds another type. */
const forAPerson = /^(WRONGPASS|NOAUTH|NOPERM|WRONGTYPE|ERR)/;

export type RedisClient = Awaited<ReturnType<typeof connect>>;

/** A connection that is opened when it is needed, and closed after any error. */
export class RedisSession {
  readonly #config: ConnectConfig;
  readonly #timeoutMs: number;
  #client: RedisClient | undefined;
  /** How often the connection was closed. A connect that began before a close is given up afterwards. */
  #closings = 0;

  constructor(config: ConnectConfig) {
    this.#config = config;
    this.#timeoutMs = Number(config['request.timeout.ms']);
  }

  /** Runs commands on the connection. Rejects if they take longer than `request.timeout.ms`. */
  async run<Result>(work: (client: RedisClient) => Promise<Result>): Promise<Result> {
    try {
      return await withDeadline(
        systemClock,
        this.#timeoutMs,
        this.#attempt(work),
        () => new Error(`no answer within ${this.#timeoutMs} ms`),
      );
    } catch (error) {
      this.close();
      throw this.#judged(error);
    }
  }

  close(): void {
    this.#closings += 1;
    this.#client?.destroy();
    this.#client = undefined;
  }

  async #attempt<Result>(work: (client: RedisClient) => Promise<Result>): Promise<Result> {
    const closings = this.#closings;
    const client = this.#client ?? (await connect(this.#config, this.#timeoutMs));
    if (closings !== this.#closings) {
      client.destroy();
      throw new Error('the connection was closed');
    }
    this.#client = client;
    return work(client);
  }

  #judged(error: unknown): Error {
    if (error instanceof ConnectError) return error;
    const message = `Redis at ${this.#config['redis.url']}: ${error instanceof Error ? error.message : String(error)}`;
    return error instanceof Error && forAPerson.test(error.message)
      ? new ConnectError(`${message}. Correct the configuration or the key, then restart the task`, {
          cause: error,
        })
      : new RetriableConnectError(message, { cause: error });
  }
}

/** Loads the client only where Redis is used. */
async function connect(config: ConnectConfig, timeoutMs: number) {
  const { createClient } = await import('redis');
  const client = createClient({
    url: config['redis.url'],
    username: config['redis.username'],
    password: config['redis.password'],
    disableOfflineQueue: true,
    socket: { reconnectStrategy: false, connectTimeout: timeoutMs },
  });
  client.on('error', () => undefined); // the command that it fails says why
  await client.connect();
  return client;
}
