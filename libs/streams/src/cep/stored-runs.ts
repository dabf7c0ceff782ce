import { readInt32, readInt64, writeInt32, writeInt64 } from '../serdes/number-serdes.ts';
import type { Serde } from '../serdes/serde.ts';

/** The runs of a key as they are stored. */
export interface StoredRuns {
  /** A hash of the shape of the pattern, which says what the numbers of steps and states mean. */
  readonly shape: number;
  /** When the key's timer is due, in Unix milliseconds, or -1 without one. */
  readonly timerMs: number;
  /** Each event that a run has taken, once. */
  readonly events: readonly {
    readonly timeMs: number;
    readonly sequence: number;
    readonly bytes: Uint8Array;
  }[];
  /** The steps that took events. `before` is the place in this list of what was taken before, or -1. */
  readonly taken: readonly {
    readonly step: number;
    readonly event: number;
    readonly before: number;
  }[];
  readonly open: readonly StoredRun[];
  readonly complete: readonly StoredRun[];
}

export interface StoredRun {
  readonly state: number;
  /** The place of what it took last, or -1 in the run that waits for its first event. */
  readonly last: number;
}

/*
 * version int8 | shape int32 | timer int64 | numbers of events, taken, open, complete: 4 x int32
 * | events: (time int64, sequence int64, length int32)* | taken: (step, event, before: 3 x int32)*
 * | open, then complete: (state int32, last int32)* | the bytes of the events
 */
const version = 1;
const headBytes = 1 + 4 + 8 + 4 * 4;
const eventBytes = 8 + 8 + 4;
const takenBytes = 3 * 4;
const runBytes = 2 * 4;

/** The rows of the store `<name>-runs`. Every later version must read those of version 1. */
export const storedRuns: Serde<StoredRuns> = Object.freeze({ encode, decode });

function encode({ shape, timerMs, events, taken, open, complete }: StoredRuns): Uint8Array {
  let end = headBytes + events.length * eventBytes + taken.length * takenBytes;
  end += (open.length + complete.length) * runBytes;
  const row = Buffer.allocUnsafe(events.reduce((sum, { bytes }) => sum + bytes.length, end));
  row[0] = version;
  writeInt32(row, 1, shape);
  writeInt64(row, 5, timerMs);
  let at = 13;
  const write = (value: number): void => {
    writeInt32(row, at, value);
    at += 4;
  };
  for (const { length } of [events, taken, open, complete]) write(length);
  for (const { timeMs, sequence, bytes } of events) {
    writeInt64(row, at, timeMs);
    writeInt64(row, at + 8, sequence);
    at += 16;
    write(bytes.length);
    row.set(bytes, end);
    end += bytes.length;
  }
  for (const { step, event, before } of taken) {
    write(step);
    write(event);
    write(before);
  }
  for (const runs of [open, complete]) {
    for (const { state, last } of runs) {
      write(state);
      write(last);
    }
  }
  return row;
}

function decode(row: Uint8Array, topic: string): StoredRuns {
  if (row[0] !== version) {
    throw new Error(
      `${topic} has runs of version ${row[0]}, and this release reads up to ${version}. Start the newer release ` +
        'again, or begin anew with npm run streams-reset',
    );
  }
  let at = 13;
  const read = (): number => {
    at += 4;
    return readInt32(row, at - 4);
  };
  const list = <Item>(length: number, item: () => Item): readonly Item[] => {
    const items: Item[] = [];
    while (items.length < length) items.push(item());
    return items;
  };
  const events = read();
  const taken = read();
  const open = read();
  const complete = read();
  let end = headBytes + events * eventBytes + taken * takenBytes + (open + complete) * runBytes;
  return {
    shape: readInt32(row, 1),
    timerMs: readInt64(row, 5),
    events: list(events, () => {
      at += 16;
      const place = { timeMs: readInt64(row, at - 16), sequence: readInt64(row, at - 8) };
      const begin = end;
      end += read();
      return { ...place, bytes: row.subarray(begin, end) };
    }),
    taken: list(taken, () => ({ step: read(), event: read(), before: read() })),
    open: list(open, () => ({ state: read(), last: read() })),
    complete: list(complete, () => ({ state: read(), last: read() })),
  };
}
