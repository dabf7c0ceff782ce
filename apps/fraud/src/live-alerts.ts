import type { ServerResponse } from 'node:http';
import type { LiveAnswers, LiveMessage } from '@millrace/service-chassis/http';
import { token } from '@millrace/service-chassis/service';
import {
  connectLogReader,
  type ConnectionOptions,
  type OpenLogReader,
  type PartitionOffset,
} from '@millrace/streaming-core/client';
import { RetryLog, systemClock, type Logger } from '@millrace/streaming-core/runtime';
import {
  catchError,
  defer,
  EMPTY,
  exhaustMap,
  finalize,
  from,
  map,
  repeat,
  share,
  type Observable,
} from 'rxjs';
import { fraudAlert, type FraudAlert } from './domain/transaction.ts';
import { topics } from './topology.ts';

export const LIVE_ALERTS = token<LiveAlerts>('LiveAlerts');

/** How often the ends of the topic are read while clients follow. */
const pollMs = 250;
const retryMs = 1_000;

/** The offset that a client reads next in each partition of the topic. */
type Places = Map<number, bigint>;

interface LiveAlertsOptions extends Pick<ConnectionOptions, 'bootstrapServers' | 'security'> {
  readonly answers: LiveAnswers;
  readonly logger: Logger;
}

/** The ends of the partitions, and the reader that has found them. */
interface Ends {
  readonly reader: OpenLogReader;
  readonly ends: readonly PartitionOffset[];
}

/**
 * Sends alerts as server-sent events, those of all processes. The id of a message has the place of
 * its client in each partition of the topic, so a client that reconnects with it, to any process,
 * gets what it has missed. The ends of the topic are read once for all clients, and only while there
 * are any.
 */
export class LiveAlerts {
  readonly #answers: LiveAnswers;
  readonly #retries: RetryLog;
  readonly #ends: Observable<Ends>;

  constructor({ answers, logger, ...brokers }: LiveAlertsOptions) {
    this.#answers = answers;
    this.#retries = new RetryLog({ clock: systemClock, logger });
    this.#ends = defer(() => {
      const reader = connectLogReader({
        ...brokers,
        clientId: 'millrace-fraud-live',
        isolation: 'read_committed',
        logger,
      });
      return defer(() => endsOf(reader)).pipe(
        map((ends) => {
          this.#retries.recovered('fraud alerts can be read again');
          return { reader, ends };
        }),
        catchError((error) => this.#failed(error)),
        repeat({ delay: pollMs }),
        finalize(() => void reader.close()),
      );
    }).pipe(share());
  }

  /** Begins after the alerts that the client has, or without an id with the next one. The response sets the pace. */
  follow(lastEventId: string | undefined, response: ServerResponse): Observable<LiveMessage> {
    const answers = this.#answers;
    return defer(() => {
      let seen = lastEventId === undefined ? undefined : placesIn(lastEventId);
      let places: Places | undefined;
      async function* news(found: Ends): AsyncGenerator<LiveMessage> {
        if (places === undefined) {
          places = seen === undefined ? placesOf(found.ends) : await placesAfter(seen, found);
          yield { id: idOf(places), retry: retryMs };
        }
        for await (const alert of alertsBetween(places, found)) {
          yield { id: idOf(places), type: 'alert', data: alert };
          await answers.drained(response);
        }
      }
      const read = (found: Ends) =>
        from(news(found)).pipe(
          catchError((error) => {
            seen = places ?? seen;
            places = undefined; // the log may have lost them, so they are looked up again
            return this.#failed(error);
          }),
        );
      return answers.whileOpen(this.#ends.pipe(exhaustMap(read)));
    });
  }

  /** Answers stay open: they go on with the next ends that are found. */
  #failed(error: unknown): Observable<never> {
    this.#retries.failed(error, 'fraud alerts cannot be read at the moment; live answers wait');
    return EMPTY;
  }
}

async function endsOf(reader: OpenLogReader): Promise<readonly PartitionOffset[]> {
  const topic = topics.alerts;
  const count = (await reader.identify([topic])).get(topic)?.partitions ?? 0;
  return reader.endOffsets(Array.from({ length: count }, (_, partition) => ({ topic, partition })));
}

const placesOf = (offsets: readonly PartitionOffset[]): Places =>
  new Map(offsets.map(({ partition, offset }) => [partition, offset]));

/**
 * Returns the places of a client that has reconnected. A partition begins anew if it has lost them,
 * or if it ends before them, since the topic was recreated.
 */
async function placesAfter(seen: Places, { reader, ends: partitions }: Ends): Promise<Places> {
  const beginnings = await reader.beginningOffsets(partitions);
  const ends = placesOf(await reader.endOffsets(partitions)); // those found before may be older than the client
  return new Map(
    beginnings.map(({ partition, offset: beginning }) => {
      const place = seen.get(partition) ?? beginning;
      return [partition, place < beginning || place > (ends.get(partition) ?? 0n) ? beginning : place];
    }),
  );
}

/** Reads the alerts up to the ends. Moves the places past each alert before it is yielded. */
async function* alertsBetween(places: Places, { reader, ends }: Ends): AsyncGenerator<FraudAlert> {
  for (;;) {
    const behind = ends.flatMap(({ topic, partition, offset: end }) => {
      const offset = places.get(partition) ?? 0n;
      return offset < end ? [{ topic, partition, offset }] : [];
    });
    if (behind.length === 0) return;
    for (const { partition, records, nextOffset, error } of await reader.fetch(behind)) {
      if (error !== undefined) throw error;
      for (const { offset, value } of records) {
        places.set(partition, offset + 1n);
        const alert = alertIn(value);
        if (alert !== undefined) yield alert;
      }
      places.set(partition, nextOffset);
    }
  }
}

/** Returns undefined for what another program has written to the topic by mistake. */
function alertIn(value: Buffer | null): FraudAlert | undefined {
  try {
    return fraudAlert.parse(JSON.parse(String(value)));
  } catch {
    return undefined;
  }
}

const idOf = (places: Places): string =>
  [...places].map(([partition, offset]) => `${partition}:${offset}`).join(',');

/** An id that is not one of ours has no places, so its client gets all alerts. */
const placesIn = (id: string): Places =>
  new Map(
    [...id.matchAll(/\b(\d{1,9}):(\d{1,18})\b/g)].map(([, partition, offset]) => [
      Number(partition),
      BigInt(offset!),
    ]),
  );
