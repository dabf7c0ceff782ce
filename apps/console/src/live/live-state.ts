import { createHash } from 'node:crypto';
import type { LiveMessage } from '@millrace/service-chassis/app';
import { concatMap, defer, from, map, type Observable } from 'rxjs';
import type { Reading } from './sources.ts';

/** The data of a page, by its parts. Each part can be written as JSON. */
export type LiveState = object;

/**
 * Turns the states of a page into server-sent events: `snapshot` with the whole state, then `change`
 * with the parts that differ. The id of an event names the state after it, so a page that reconnects
 * with the id of the present state gets no snapshot.
 */
export const liveMessages = (
  states: Observable<LiveState>,
  lastEventId: string | undefined,
): Observable<LiveMessage> =>
  defer(() => {
    let sent: ReadonlyMap<string, string> | undefined;
    return states.pipe(
      concatMap((state) => {
        const parts = partsOf(state);
        const id = idOf(parts);
        const known = sent ?? (lastEventId === id ? parts : undefined);
        sent = parts;
        if (known === undefined) return from([{ id, type: 'snapshot', data: state }]);
        const changed = Object.entries(state).filter(([name]) => known.get(name) !== parts.get(name));
        return changed.length === 0
          ? from([])
          : from([{ id, type: 'change', data: Object.fromEntries(changed) }]);
      }),
    );
  });

/** Sends a reading and its changes, and the reason if it cannot be read any more. */
export const liveReadings = (
  readings: Observable<Reading<LiveState>>,
  lastEventId: string | undefined,
): Observable<LiveMessage> =>
  liveMessages(
    readings.pipe(map(({ value, failure }) => ({ ...value, failure: failure ?? null }))),
    lastEventId,
  );

const partsOf = (state: LiveState): ReadonlyMap<string, string> =>
  new Map(Object.entries(state).map(([name, part]) => [name, JSON.stringify(part) ?? 'null']));

function idOf(parts: ReadonlyMap<string, string>): string {
  const hash = createHash('sha1');
  for (const [name, part] of parts) hash.update(name).update('\0').update(part).update('\0');
  return hash.digest('base64url');
}
