import type { Mutant } from './mutant.ts';

const streams = 'libs/streams/src';
const dsl = `${streams}/dsl`;
const lateRecords = `${dsl}/late-records.spec.ts`;

/** Mutants that change the results of stream processing. */
export const streamsResultMutants: readonly Mutant[] = [
  {
    name: 'streams: partition with the latest record first',
    why: 'a join and a window see records in another order than that of their times',
    file: `${streams}/runtime/input-queues.ts`,
    replace: 'queue.headTimeMs < chosen.headTimeMs!',
    by: 'queue.headTimeMs > chosen.headTimeMs!',
    test: {
      file: `${streams}/runtime/input-queues.spec.ts`,
      name: 'takes the record with the lowest time at the head of a partition',
    },
  },
  {
    name: 'streams: window open for one millisecond more',
    why: 'a window changes after its result was final',
    file: `${streams}/nodes/window-aggregate.ts`,
    replace: 'if (endMs <= closeTimeMs) {',
    by: 'if (endMs < closeTimeMs) {',
    test: { file: lateRecords, name: 'go to the late stream unchanged, and are counted' },
  },
  {
    name: 'streams: window closed one millisecond early',
    why: 'a record within the grace period is lost',
    file: `${streams}/nodes/window-aggregate.ts`,
    replace: 'if (endMs <= closeTimeMs) {',
    by: 'if (endMs <= closeTimeMs + 1) {',
    test: {
      file: lateRecords,
      name: 'join their window until its grace period has passed, to the millisecond',
    },
  },
  {
    name: 'streams: sessions at exactly the gap kept apart',
    why: 'two sessions where Kafka Streams has one',
    file: `${streams}/nodes/session-aggregate.ts`,
    replace: 'findSessions(key, timestampMs - gapMs, timestampMs + gapMs)',
    by: 'findSessions(key, timestampMs - gapMs + 1, timestampMs + gapMs - 1)',
    test: { file: `${dsl}/session-edges.spec.ts`, name: 'of exactly the gap belong to one session' },
  },
  {
    name: 'streams: joined sessions not deleted downstream',
    why: 'readers add up a session and the parts that it was joined from',
    file: `${streams}/nodes/session-aggregate.ts`,
    replace: 'this.#sendUpdate(key, { oldValue: value, newValue: null });',
    by: 'void value;',
    test: { file: `${dsl}/session-edges.spec.ts`, name: 'of exactly the gap belong to one session' },
  },
  {
    name: 'streams: retention one millisecond short',
    why: 'a window that should be readable is gone',
    file: `${streams}/state/segments.ts`,
    replace: 'return this.#observedMs - this.#visibleMs;',
    by: 'return this.#observedMs - this.#visibleMs + 1;',
    test: {
      file: `${streams}/state/window-store.spec.ts`,
      name: 'hides what is older than the retention time, to the millisecond',
    },
  },
  {
    name: 'streams: record in an expired segment not counted',
    why: 'nobody sees that records are lost to the retention',
    file: `${streams}/state/segmented-rows.ts`,
    replace: 'if (!isKept && (value !== null || countsExpiredDeletions))',
    by: 'if (!isKept && value === null && countsExpiredDeletions)',
    test: {
      file: `${streams}/state/window-store.spec.ts`,
      name: 'drops and counts a put in an expired segment, but logs it',
    },
  },
  {
    name: 'streams: matched record still waits in an outer join',
    why: 'a record that has found its match is emitted without one as well',
    file: `${streams}/nodes/stream-join.ts`,
    replace: 'this.#unmatched?.remove({ timestampMs: startMs,',
    by: 'void ({ timestampMs: startMs,',
    test: { file: `${dsl}/stream-join.spec.ts`, name: 'forgets a record that has found its match' },
  },
  {
    name: 'streams: emitted record of an outer join stays',
    why: 'a record without a match is emitted again and again, and its store grows',
    file: `${streams}/nodes/unmatched-records.ts`,
    replace: 'for (const key of emitted) this.#store.put(key, null);',
    by: 'void emitted;',
    test: {
      file: `${dsl}/stream-join.spec.ts`,
      name: 'emits an unmatched record once no match can come any more',
    },
  },
  {
    name: 'streams: answer to an older row of a foreign-key join kept',
    why: 'an answer that was overtaken replaces the result of the present row',
    file: `${streams}/nodes/foreign-key-join.ts`,
    replace:
      "if (!isSameHash(hash, valueHash(join.valueSerde, value, hashTopic))) return context.drop('skipped');",
    by: 'void isSameHash(hash, valueHash(join.valueSerde, value, hashTopic));',
    test: {
      file: `${streams}/nodes/foreign-key-join.spec.ts`,
      name: 'are dropped if the row %s',
    },
  },
  {
    name: 'streams: former foreign key keeps its subscription',
    why: 'a row is joined with the row that it named before',
    file: `${streams}/nodes/foreign-key-join.ts`,
    replace: "[oldForeignKey, 'unsubscribe'],\n      [newForeignKey, 'respond'],",
    by: "[newForeignKey, 'respond'],",
    test: { file: `${dsl}/foreign-key-join.spec.ts`, name: 'follows a row whose foreign key changes' },
  },
  {
    name: 'streams: old value not subtracted',
    why: 'a row that has moved to another group counts in both',
    file: `${streams}/nodes/aggregate.ts`,
    replace: 'const isSubtracted = change.oldValue !== null && before !== null;',
    by: 'const isSubtracted = change.newValue === null && change.oldValue !== null && before !== null;',
    test: { file: `${dsl}/tables.spec.ts`, name: 'subtracts before it adds' },
  },
  {
    name: 'streams: suppress emits before the grace ends',
    why: 'a result that was announced as final changes',
    file: `${streams}/nodes/suppress.ts`,
    replace: 'const dueMs = this.#observedMs - this.#options.waitMs;',
    by: 'const dueMs = this.#observedMs;',
    test: { file: lateRecords, name: 'change what suppress holds back until the grace has passed' },
  },
];
