import type { FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { PartitionMap } from '../partition-map.ts';
import type { FetchedPartition, FetchPosition } from '../fetched-records.ts';
import { unknownEnds, type FetchedEnds } from './fetch-answer.ts';

/** A position with the id that its topic has on the broker. */
export interface SessionPosition extends FetchPosition {
  readonly topicId: string;
}

/** The part of a Fetch request that depends on its session. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly named: readonly SessionPosition[];
  /** The positions that the broker is to drop from the session. */
  readonly forgotten: readonly SessionPosition[];
}

interface HeldPosition {
  position: SessionPosition;
  ends: FetchedEnds;
  /** The number of the last request that read this position. */
  request: number;
}

const noSession = 0;
const epochs = { withoutSession: -1, newSession: 0, first: 1, max: 2 ** 31 - 1 } as const;
/** The codes of answers after which the broker has no session of ours that we have to end. */
const closingCodes: ReadonlySet<number> = new Set([errorCodes.NONE, errorCodes.FETCH_SESSION_ID_NOT_FOUND]);

/**
 * A fetch session (KIP-227): the positions that a broker remembers, so that a request names only
 * those that have changed, and an answer only the partitions with news. It takes one request at a
 * time, and each has to be followed by `answered` or `restart`.
 *
 * The first fetch asks for no session, because many readers fetch only once, and a broker keeps a
 * limited number of sessions.
 */
export class FetchSession {
  #id = noSession;
  #epoch: number = epochs.withoutSession;
  readonly #held = new PartitionMap<HeldPosition>();
  #requests = 0;

  /** True if the broker knows the positions, so that its answers leave out those without news. */
  get isBegun(): boolean {
    return this.#epoch >= epochs.first;
  }

  /** Returns what to send so that the broker reads from exactly these positions. */
  request(wanted: readonly SessionPosition[]): SessionRequest {
    this.#requests += 1;
    const named: SessionPosition[] = [];
    const forgotten: SessionPosition[] = [];
    for (const position of wanted) {
      const held = this.#held.get(position);
      if (held === undefined || !isSame(position, held.position)) named.push(position);
      if (held !== undefined && held.position.topicId !== position.topicId) forgotten.push(held.position);
      this.#hold(position, held);
    }
    if (this.#held.size > wanted.length) forgotten.push(...this.#dropUnread());
    const session = { sessionId: this.#id, sessionEpoch: this.#epoch };
    return this.isBegun ? { ...session, named, forgotten } : { ...session, named: wanted, forgotten: [] };
  }

  /** Takes the answer to the last request. A broker that keeps no session answers with the id 0. */
  answered({ errorCode, sessionId }: Required<Pick<FetchResponse, 'errorCode' | 'sessionId'>>): void {
    const isKept = errorCode === errorCodes.NONE && sessionId !== noSession;
    if (!isKept) {
      if (closingCodes.has(errorCode)) this.#id = noSession;
      return this.restart();
    }
    this.#epoch = this.#id === sessionId ? nextEpoch(this.#epoch) : epochs.first;
    this.#id = sessionId;
  }

  /**
   * Makes the next request name every position and begin a new session, which also ends the former
   * one on the broker. Call this if it is unknown whether the broker has received the last request.
   */
  restart(): void {
    this.#epoch = epochs.newSession;
  }

  /** Remembers the ends that an answer gives, because later answers may leave them out. */
  remember(fetched: readonly Omit<FetchedPartition, 'records'>[]): void {
    for (const partition of fetched) {
      const { highWatermark, lastStableOffset } = partition;
      const held = this.#held.get(partition);
      if (held === undefined) continue;
      held.ends = lastStableOffset === undefined ? { highWatermark } : { highWatermark, lastStableOffset };
    }
  }

  /** Returns the last ends of a partition that an answer leaves out. */
  endsOf(position: FetchPosition): FetchedEnds {
    return this.#held.get(position)?.ends ?? unknownEnds;
  }

  #hold(position: SessionPosition, held: HeldPosition | undefined): void {
    const request = this.#requests;
    if (held === undefined) this.#held.set(position, { position, ends: unknownEnds, request });
    else {
      held.position = position;
      held.request = request;
    }
  }

  /** Forgets the positions that the last request does not read, and returns them. */
  #dropUnread(): readonly SessionPosition[] {
    const unread = [...this.#held.values()].filter(({ request }) => request !== this.#requests);
    for (const { position } of unread) this.#held.delete(position);
    return unread.map(({ position }) => position);
  }
}

/** Epochs return to 1, since 0 and -1 have meanings of their own. */
export const nextEpoch = (epoch: number): number => (epoch === epochs.max ? epochs.first : epoch + 1);

const isSame = (one: SessionPosition, other: SessionPosition): boolean =>
  one.offset === other.offset && one.topicId === other.topicId;
