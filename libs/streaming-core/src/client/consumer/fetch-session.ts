import type { FetchResponse } from '../../protocol/apis/fetch.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { nameOf } from '../partition-names.ts';
import type { FetchedPartition, FetchPosition } from '../types.ts';
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
  readonly position: SessionPosition;
  readonly ends: FetchedEnds;
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
  #held = new Map<string, HeldPosition>();

  /** True if the broker knows the positions, so that its answers leave out those without news. */
  get isBegun(): boolean {
    return this.#epoch >= epochs.first;
  }

  /** Returns what to send so that the broker reads from exactly these positions. */
  request(wanted: readonly SessionPosition[]): SessionRequest {
    const former = this.#held;
    this.#held = new Map(
      wanted.map((position) => {
        const name = nameOf(position);
        return [name, { position, ends: former.get(name)?.ends ?? unknownEnds }];
      }),
    );
    const session = { sessionId: this.#id, sessionEpoch: this.#epoch };
    if (!this.isBegun) return { ...session, named: wanted, forgotten: [] };
    return {
      ...session,
      named: wanted.filter((position) => !isSame(position, former.get(nameOf(position))?.position)),
      forgotten: [...former.values()].flatMap(({ position }) =>
        this.#held.get(nameOf(position))?.position.topicId === position.topicId ? [] : [position],
      ),
    };
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
      const name = nameOf(partition);
      const { highWatermark, lastStableOffset } = partition;
      const ends = lastStableOffset === undefined ? { highWatermark } : { highWatermark, lastStableOffset };
      const held = this.#held.get(name);
      if (held) this.#held.set(name, { ...held, ends });
    }
  }

  /** Returns the last ends of a partition that an answer leaves out. */
  endsOf(position: FetchPosition): FetchedEnds {
    return this.#held.get(nameOf(position))?.ends ?? unknownEnds;
  }
}

/** Epochs return to 1, since 0 and -1 have meanings of their own. */
export const nextEpoch = (epoch: number): number => (epoch === epochs.max ? epochs.first : epoch + 1);

const isSame = (one: SessionPosition, other: SessionPosition | undefined): boolean =>
  one.offset === other?.offset && one.topicId === other.topicId;
