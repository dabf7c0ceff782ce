import { apiVersions, servedApis } from '@millrace/streaming-core/protocol';
import { batchHeaderBytes, RecordBatch } from '@millrace/streaming-core/records';
import type { Outcome } from './player.ts';

/** JSON in which two answers are equal if no client sees a difference. */
export type Normal =
  string | number | boolean | null | readonly Normal[] | { readonly [name: string]: Normal };

export interface NormalOptions {
  /**
   * The prefix of the session's own names, which is replaced by S. Of a list of everything that an
   * engine has, only the names with this prefix remain.
   */
  readonly prefix: string;
  /**
   * The start of the engine's own times, which are masked. The times that sessions send are
   * earlier.
   */
  readonly serverTimeMsMin: bigint;
}

/**
 * Values that each engine invents. The same value has the same number throughout a session, in the
 * order of appearance.
 */
const madeUp: ReadonlyMap<string, string> = new Map([
  ['memberId', 'member'],
  ['leader', 'member'],
  ['topicId', 'topic-id'],
  ['producerId', 'producer'],
  ['sessionId', 'fetch-session'],
]);

/** Fields whose text may differ. The engines must agree on whether there is a text. */
const texts: ReadonlySet<string> = new Set(['errorMessage', 'batchIndexErrorMessage', 'documentation']);
const masked: ReadonlySet<string> = new Set([
  'host',
  'port',
  'clusterId',
  'logDir',
  'totalBytes',
  'usableBytes',
  'finalizedFeaturesEpoch',
  'throttleTimeMs',
]);
const times: ReadonlySet<string> = new Set([
  'logAppendTimeMs',
  'timestamp',
  'transactionStartTimeMs',
  'lastTimestamp',
]);
/** Fields with plain values that an engine keeps in a set, so that their order means nothing. */
const sets: ReadonlySet<string> = new Set(['partitions']);
/** Lists of everything that an engine has, with the field that names an entry. */
const listings: ReadonlyMap<string, string> = new Map([
  ['ListGroups', 'groupId'],
  ['ListTransactions', 'transactionalId'],
  ['ListConfigResources', 'resourceName'],
]);

interface Placeholder {
  readonly kind: string;
  readonly value: string;
}

const isPlaceholder = (value: unknown): value is Placeholder =>
  typeof value === 'object' && value !== null && 'kind' in value && 'value' in value;

type Draft =
  string | number | boolean | null | Placeholder | readonly Draft[] | { readonly [name: string]: Draft };

/** Brings the outcomes of one session on one engine to normal form. */
export class Normalizer {
  readonly #options: NormalOptions;
  readonly #numbers = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  constructor(options: NormalOptions) {
    this.#options = options;
  }

  of(outcome: Outcome): Normal {
    if (outcome.kind === 'bytes') return { bytes: outcome.hex };
    if (outcome.kind !== 'answer') return outcome.kind;
    return this.#settled(this.#draft(ownOf(outcome, this.#options.prefix)));
  }

  #draft(value: unknown, name = ''): Draft {
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#draft(item, name));
      return this.#inOrder(items, sets.has(name));
    }
    if (Buffer.isBuffer(value)) return name === 'records' ? this.#batches(value) : value.toString('hex');
    if (value === null) return null;
    if (typeof value === 'object')
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.#field(key, inner)]));
    if (typeof value === 'string') return value.replaceAll(this.#options.prefix, 'S');
    return typeof value === 'bigint' ? value.toString() : (value as Draft);
  }

  #field(name: string, value: unknown): Draft {
    if (masked.has(name)) return 'masked';
    if (texts.has(name)) return value === null ? null : 'text';
    if (times.has(name)) return this.#time(value as bigint);
    const kind = madeUp.get(name);
    return kind === undefined || isNothing(value) ? this.#draft(value, name) : { kind, value: String(value) };
  }

  #time(value: bigint): Draft {
    return value >= this.#options.serverTimeMsMin ? 'time of the engine' : value.toString();
  }

  #batches(bytes: Buffer): Draft {
    const batches: Draft[] = [];
    for (let at = 0; bytes.length - at > batchHeaderBytes;) {
      const batch = new RecordBatch(bytes, at);
      // An answer may end inside a batch, which its reader then ignores.
      if (batch.sizeBytes > bytes.length - at) break;
      const { baseOffset, lastOffset, recordCount, attributes, leaderEpoch, producerEpoch, baseSequence } =
        batch;
      const producer: Draft = isNothing(batch.producerId)
        ? 'none'
        : { kind: 'producer', value: String(batch.producerId) };
      const from = this.#time(batch.baseTimestamp);
      const to = this.#time(batch.maxTimestamp);
      batches.push([
        `${baseOffset}-${lastOffset} (${recordCount})`,
        `0x${attributes.toString(16)}`,
        leaderEpoch,
        producer,
        producerEpoch,
        baseSequence,
        from,
        to,
      ]);
      at += batch.sizeBytes;
    }
    return { batches };
  }

  /** Assigns numbers only after sorting, since engines list the same things in different orders. */
  #settled(draft: Draft): Normal {
    if (isPlaceholder(draft)) return this.#numbered(draft);
    if (Array.isArray(draft)) return draft.map((item: Draft) => this.#settled(item));
    if (typeof draft !== 'object' || draft === null) return draft as Normal;
    return Object.fromEntries(
      Object.entries(draft).map(([name, inner]) => [name, this.#settled(inner as Draft)]),
    );
  }

  /**
   * Sorts structs by their contents, using the numbers that are already assigned. Record batches
   * keep their order, and so do plain values that are not a set.
   */
  #inOrder(items: readonly Draft[], isSet: boolean): readonly Draft[] {
    const structs = items.every(
      (item) => typeof item === 'object' && item !== null && !Array.isArray(item) && !isPlaceholder(item),
    );
    if (!structs && !isSet) return items;
    const said = (_name: string, value: unknown) =>
      isPlaceholder(value)
        ? `${value.kind} ${this.#numbers.get(`${value.kind} ${value.value}`) ?? 'unheard of'}`
        : value;
    const keyed = items.map((item) => ({ item, key: JSON.stringify(item, said) }));
    return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ item }) => item);
  }

  #numbered({ kind, value }: Placeholder): string {
    const known = this.#numbers.get(`${kind} ${value}`);
    const number = known ?? (this.#counts.get(kind) ?? 0) + 1;
    if (known === undefined) {
      this.#numbers.set(`${kind} ${value}`, number);
      this.#counts.set(kind, number);
    }
    return `${kind} ${number}`;
  }
}

/** Producer 0 belongs to nobody, since the engines assign it before the first session. */
const isNothing = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  value === 0 ||
  value === 0n ||
  value === -1n ||
  /^[0-]{36}$/.test(String(value));

function ownOf({ api, body }: Extract<Outcome, { kind: 'answer' }>, prefix: string): Record<string, unknown> {
  if (api.key === apiVersions.key)
    return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, shared(value)]));
  const nameField = listings.get(api.name);
  if (nameField === undefined) return body;
  const own = (value: unknown) =>
    Array.isArray(value)
      ? value.filter((entry) =>
          String((entry as Record<string, unknown>)[nameField] ?? prefix).startsWith(prefix),
        )
      : value;
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, own(value)]));
}

const apiKeys = new Set(servedApis.map(({ key }) => key));

/** Leaves out APIs and features of Apache Kafka that this broker does not support yet. */
function shared(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.filter(({ apiKey, name }: { apiKey?: number; name?: string }) =>
    apiKey === undefined ? name === 'transaction.version' : apiKeys.has(apiKey),
  );
}
