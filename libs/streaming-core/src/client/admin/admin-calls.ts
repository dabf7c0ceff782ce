import { z } from 'zod';
import type { DurationMs } from '../../runtime/index.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { ClientError, isProtocolError, toClientError } from '../errors/client-error.ts';
import { BrokerClient } from '../connection/broker-client.ts';
import { causesOf, ConnectionLost } from '../errors/connection-errors.ts';
import { stayAlive } from '../stay-alive.ts';
import { ItemsFailed } from './items-of-call.ts';
import {
  connectionSchemas,
  connectionSettings,
  type ConnectionOptions,
  type ConnectionSettings,
} from '../connection/connection-settings.ts';
import { checkedOptions, optionsOf, span, wholeNumber, type OptionSchemas } from '../connection/options.ts';

export interface AdminOptions extends ConnectionOptions {
  /**
   * How long an operation is retried while no broker answers or a new topic is not yet writable.
   */
  readonly operationTimeoutMs?: DurationMs;
  /**
   * The number of replicas of each partition of a new topic. The default is 1, because the embedded
   * broker has one node.
   */
  readonly replicationFactor?: number;
  /**
   * The number of replicas that must have a record before it is acknowledged. It is at most the
   * replication factor. The default is 1.
   */
  readonly minInSyncReplicas?: number;
}

export interface AdminSettings extends ConnectionSettings {
  readonly operationTimeoutMs: DurationMs;
  readonly replicationFactor: number;
  readonly minInSyncReplicas: number;
}

const int16Max = 2 ** 15 - 1;

const replicas = z.union(
  [z.literal(-1), wholeNumber(1, int16Max)],
  `a whole number from 1 to ${int16Max}, or -1 for the default of the cluster`,
);

const adminOptions = optionsOf({
  ...connectionSchemas,
  operationTimeoutMs: span.optional(),
  replicationFactor: replicas.optional(),
  minInSyncReplicas: wholeNumber(1, int16Max).optional(),
} satisfies OptionSchemas<AdminOptions>);

export const adminSettings = (options: AdminOptions): AdminSettings => ({
  operationTimeoutMs: 15_000,
  replicationFactor: 1,
  minInSyncReplicas: 1,
  ...connectionSettings(checkedOptions(adminOptions, options)),
});

/** The result of each item by its name, or the error that the broker reported for this item. */
export type Answers<Value> = ReadonlyMap<string, Value | Error>;

interface ItemCall<Item, Value> {
  readonly items: ReadonlyMap<string, Item>;
  /** Returns what error messages say about an item, such as "creating topic orders". */
  readonly attempt: (name: string) => string;
  /** Sends the request for the items that have no result yet. */
  readonly ask: (pending: ReadonlyMap<string, Item>) => Promise<Answers<Value>>;
  /** Errors that mean success if the answer to an earlier attempt was lost. */
  readonly doneBefore?: readonly ErrorName[];
}

const transient: ReadonlySet<string> = new Set(['unreachable', 'timeout']);

/** Carries out the calls of an admin client, and retries temporary failures with backoff. */
export class AdminCalls {
  readonly settings: AdminSettings;
  readonly brokers: BrokerClient;

  constructor(settings: AdminSettings) {
    this.settings = settings;
    this.brokers = new BrokerClient(settings);
  }

  /** How long a broker may work on one request. */
  get brokerTimeoutMs(): DurationMs {
    return Math.min(this.settings.requestTimeoutMs, 15_000);
  }

  /** Repeats `work` until it succeeds, fails permanently, or `limitMs` have passed. */
  persistently<Result>(
    attempt: string,
    work: () => Promise<Result>,
    limitMs: DurationMs = this.settings.operationTimeoutMs,
  ): Promise<Result> {
    const deadline = this.settings.clock.monotonic() + limitMs;
    const onLate = (last: unknown) =>
      last === undefined
        ? new ClientError('timeout', `${attempt}: no answer within ${limitMs} ms`)
        : toClientError(last, attempt);
    const isPassing = (error: unknown) => isTransient(toClientError(error, attempt));
    return stayAlive(this.brokers.persistently(attempt, deadline, work, { isPassing, onLate }));
  }

  /**
   * Repeats a request for the items that have failed temporarily. Resolves once every item has its
   * result. Rejects with `ItemsFailed` otherwise, which has the results of the others.
   */
  async each<Item, Value>({
    items,
    attempt,
    ask,
    doneBefore = [],
  }: ItemCall<Item, Value>): Promise<ReadonlyMap<string, Value>> {
    const pending = new Map(items);
    const results = new Map<string, Value>();
    const failures = new Map<string, ClientError>();
    const lost = new Set<string>();
    const round = async () => {
      const answers = await ask(pending).catch((error: unknown) => {
        if (isLost(error)) for (const name of pending.keys()) lost.add(name);
        throw error;
      });
      for (const name of [...pending.keys()]) {
        const told = answers.has(name) ? answers.get(name) : unanswered();
        const answer = lost.has(name) && isProtocolError(told, ...doneBefore) ? undefined : told;
        if (isLost(answer)) lost.add(name);
        if (answer instanceof Error) failures.set(name, about(answer, attempt(name)));
        else {
          results.set(name, answer as Value);
          failures.delete(name);
        }
        if (!isTransient(failures.get(name))) pending.delete(name);
      }
      for (const name of pending.keys()) throw failures.get(name);
    };
    if (items.size > 0)
      await this.persistently(summary([...items.keys()], attempt), round).catch((error: unknown) => {
        for (const name of pending.keys())
          if (!failures.has(name)) failures.set(name, toClientError(error, attempt(name)));
      });
    if (failures.size > 0) throw new ItemsFailed(inOrder(items, failures), inOrder(items, results));
    return inOrder(items, results);
  }

  close(): void {
    this.brokers.close();
  }
}

const isTransient = (error: unknown): boolean => error instanceof ClientError && transient.has(error.code);

/** Returns true if the broker may have carried out the request although its answer is missing. */
const isLost = (error: unknown): boolean =>
  isProtocolError(error, 'REQUEST_TIMED_OUT') ||
  causesOf(error).some((cause) => cause instanceof ConnectionLost);

const unanswered = () => new ClientError('broker_error', 'the answer of the broker leaves it out');

const summary = ([first = '', ...others]: readonly string[], attempt: (name: string) => string): string =>
  attempt(first) + (others.length > 0 ? ` and ${others.length} more` : '');

/** Returns the error of one item, which says what was being done with the item. */
export const about = (error: unknown, attempt: string): ClientError =>
  error instanceof ClientError
    ? new ClientError(error.code, `${attempt}: ${error.message}`, { cause: error })
    : toClientError(error, attempt);

const inOrder = <Value>(
  items: ReadonlyMap<string, unknown>,
  values: ReadonlyMap<string, Value>,
): ReadonlyMap<string, Value> =>
  new Map([...items.keys()].filter((name) => values.has(name)).map((name) => [name, values.get(name)!]));
