import {
  createTopics,
  listOffsets,
  metadata,
  type Api,
  type Fields,
  type InOf,
  type OutOf,
} from '@millrace/streaming-core/protocol';
import type { Dice } from './dice.ts';

/**
 * Remembers the ids and numbers that one engine has returned in one session, for later requests.
 */
export class Memory {
  readonly #values = new Map<string, unknown>();

  set(name: string, value: unknown): void {
    this.#values.set(name, value);
  }

  /**
   * Returns `otherwise` if the engine never returned the value, so that both engines get the same
   * request.
   */
  get<T>(name: string, otherwise: T): T {
    return (this.#values.get(name) as T | undefined) ?? otherwise;
  }
}

type AnyApi = Api<Fields, Fields>;
type Body = Record<string, unknown>;

/** One request on one of the session's connections. */
export interface Request {
  readonly on: number;
  readonly api: AnyApi;
  readonly version: number;
  readonly body: (memory: Memory) => Body;
  readonly remember?: (answer: Body, memory: Memory) => void;
  /** Names an unusual feature of the request, for a difference that only such requests show. */
  readonly about?: string;
}

export type Action =
  /** Sends the request and compares its answer. */
  | ({ readonly do: 'send' } & Request)
  /**
   * Sends the request. Its answer may come only after others have acted, and is compared when it is
   * awaited.
   */
  | ({ readonly do: 'start'; readonly as: string } & Request)
  | { readonly do: 'await'; readonly of: string }
  /**
   * Repeats the request until the answer is as wanted, and compares that answer. It is for what an
   * engine does after it has answered.
   */
  | ({ readonly do: 'settle'; readonly until: (answer: Body, memory: Memory) => boolean } & Request)
  /** Sends a request that has no answer, and compares whether the connection is alive. */
  | ({ readonly do: 'unanswered' } & Request)
  /**
   * Sends bytes that are not one of our requests, and compares the answer in hex, or that the
   * connection was closed.
   */
  | { readonly do: 'raw'; readonly on: number; readonly what: string; readonly bytes: Buffer };

export interface Session {
  readonly name: string;
  readonly theme: string;
  readonly actions: readonly Action[];
}

export interface RequestOptions<Response extends Fields> {
  readonly on?: number;
  readonly version?: number;
  readonly remember?: (answer: OutOf<Response>, memory: Memory) => void;
  readonly about?: string;
}

type Given<Request extends Fields> = InOf<Request> | ((memory: Memory) => InOf<Request>);

/**
 * Collects the actions of a session. All choices come from the dice and none from an answer, so
 * both engines get the same requests.
 */
export class Script {
  readonly dice: Dice;
  /** The beginning of the names of topics, groups and transactions. It is unique in a run. */
  readonly prefix: string;
  readonly actions: Action[] = [];

  constructor(dice: Dice, prefix: string) {
    this.dice = dice;
    this.prefix = prefix;
  }

  send<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    body: Given<Req>,
    options: RequestOptions<Res> = {},
  ): void {
    this.actions.push({ do: 'send', ...this.#request(api, body, options) });
  }

  start<Req extends Fields, Res extends Fields>(
    as: string,
    api: Api<Req, Res>,
    body: Given<Req>,
    options: RequestOptions<Res> = {},
  ): void {
    this.actions.push({ do: 'start', as, ...this.#request(api, body, options) });
  }

  await(of: string): void {
    this.actions.push({ do: 'await', of });
  }

  unanswered<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    body: Given<Req>,
    options: RequestOptions<Res> = {},
  ): void {
    this.actions.push({ do: 'unanswered', ...this.#request(api, body, options) });
  }

  settle<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    body: Given<Req>,
    until: (answer: OutOf<Res>, memory: Memory) => boolean,
    options: RequestOptions<Res> = {},
  ): void {
    this.actions.push({ do: 'settle', until: until as never, ...this.#request(api, body, options) });
  }

  raw(what: string, bytes: Buffer, on = 0): void {
    this.actions.push({ do: 'raw', on, what, bytes });
  }

  /**
   * Creates a topic and waits until both engines lead it. Remembers its id as `topic:NAME` and
   * returns the name.
   */
  topic(suffix: string, partitions = 1, configs: Readonly<Record<string, string>> = {}): string {
    const name = `${this.prefix}-${suffix}`;
    const given = Object.entries(configs).map(([key, value]) => ({ name: key, value }));
    this.send(
      createTopics,
      { topics: [{ name, numPartitions: partitions, replicationFactor: 1, configs: given }] },
      { version: 7, remember: ({ topics }, memory) => memory.set(`topic:${name}`, topics[0]?.topicId) },
    );
    this.whenLed(name, partitions);
    return name;
  }

  /**
   * Creates a topic to wait for earlier changes. A broker of Apache Kafka receives changes in
   * order: once it knows a new topic, it knows every earlier change.
   */
  barrier(): void {
    const name = `${this.prefix}-barrier-${this.actions.length}`;
    this.send(createTopics, { topics: [{ name, numPartitions: 1, replicationFactor: 1 }] }, { version: 4 });
    this.settle(
      metadata,
      { topics: [{ name }], allowAutoTopicCreation: false },
      ({ topics }) => topics[0]?.partitions.length === 1,
      {
        version: 9,
      },
    );
  }

  /**
   * Waits until the topic has its leader. A broker of Apache Kafka hears of a topic after its
   * controller has answered, and leads it a moment later.
   */
  whenLed(name: string, partitions: number): void {
    this.settle(
      metadata,
      { topics: [{ name }], allowAutoTopicCreation: false },
      ({ topics }) => topics[0]?.partitions.length === partitions,
      {
        version: 9,
      },
    );
    const indexes = Array.from({ length: partitions }, (_, partitionIndex) => ({
      partitionIndex,
      timestamp: -1n,
    }));
    this.settle(
      listOffsets,
      { replicaId: -1, topics: [{ name, partitions: indexes }] },
      ({ topics }) => topics[0]?.partitions.every(({ errorCode }) => errorCode === 0) === true,
      { version: 5 },
    );
  }

  #request<Req extends Fields, Res extends Fields>(
    api: Api<Req, Res>,
    body: Given<Req>,
    options: RequestOptions<Res>,
  ): Request {
    const {
      on = 0,
      version = this.dice.between(api.versions.min, api.versions.max),
      remember,
      about,
    } = options;
    const make = typeof body === 'function' ? body : () => body;
    return {
      on,
      api: api as unknown as AnyApi,
      version,
      body: make as Request['body'],
      remember: remember as Request['remember'],
      about,
    };
  }
}
