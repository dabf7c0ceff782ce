import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { GroupMember, ImmediateAssignor } from './assignor.ts';
import { rangeAssignor } from './range-assignor.ts';

/** A group and what Java's assignors assigned in it. Written by golden/JavaAssignments.java. */
interface RecordedGroup {
  readonly counts: Readonly<Record<string, number>>;
  readonly members: readonly GroupMember[];
  readonly range: Readonly<Record<string, readonly string[]>>;
}

const groups = readFileSync(new URL('./golden/java-assignments.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as RecordedGroup);

const assignedBy = (assignor: ImmediateAssignor, { members, counts }: RecordedGroup) =>
  Object.fromEntries(
    [...assignor.assign(members, new Map(Object.entries(counts)))].map(([memberId, { partitions }]) => [
      memberId,
      partitions.map(({ topic, partition }) => `${topic}/${partition}`).sort(),
    ]),
  );

describe("Kafka's assignors in Java", () => {
  it('were recorded in 200 groups', () => {
    expect(groups).toHaveLength(200);
  });

  it('L86 assign by range what our assignor assigns', () => {
    for (const group of groups) expect(assignedBy(rangeAssignor, group)).toEqual(group.range);
  });
});
