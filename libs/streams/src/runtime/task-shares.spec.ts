import { describe, expect, it } from '@jest/globals';
import { consumed, joinWindows, minutes, produced, serdes, StreamsBuilder } from '../index.ts';
import { taskShares } from './task-set.ts';

const mebibyte = 1_048_576;
const texts = consumed(serdes.string, serdes.string);

/** A stream join, which has two stores in sub-topology 0, and a table in sub-topology 1. */
function joinAndTable() {
  const builder = new StreamsBuilder();
  const right = builder.stream('right', texts);
  builder
    .stream('left', texts)
    .join(right, (one, other) => one + other, joinWindows(minutes(1)))
    .to('out', produced(serdes.string, serdes.string));
  builder.table('table', texts);
  return builder.build();
}

const plansOf = (subTopology: number, count: number) =>
  Array.from({ length: count }, (_each, partition) => ({ id: { subTopology, partition } }));

describe('the memory of each task of a process', () => {
  const settings = { cacheBytesMax: 10 * mebibyte };
  const topology = joinAndTable();

  it('is a part of the cache, and 4 MiB for each store of a join', () => {
    expect(taskShares(plansOf(0, 4), topology, settings)).toEqual({
      cacheBytesMax: 2.5 * mebibyte,
      recentBytesMax: 4 * mebibyte,
    });
  });

  it('is less for each store of a join once there are more than 8 of them, so that all take 32 MiB', () => {
    expect(taskShares(plansOf(0, 16), topology, settings).recentBytesMax).toBe(mebibyte);
    expect(taskShares([...plansOf(0, 4), ...plansOf(1, 12)], topology, settings).recentBytesMax).toBe(
      4 * mebibyte,
    );
  });

  it('is defined without any task', () => {
    expect(taskShares([], topology, settings).cacheBytesMax).toBe(10 * mebibyte);
  });
});
