import {
  functionOf,
  int32Max,
  listOf,
  must,
  named,
  objectOf,
  optional,
  optionsOf,
  problem,
  wholeNumber,
  type Rule,
  type Rules,
} from './rules.ts';

const int64Max = 2n ** 63n - 1n;

export const topicName = named('the name of a topic');
export const topicNames = listOf(topicName, "topic names, such as ['orders']");
export const groupName = named('the group a name');
export const groupNames = listOf(groupName, "group names, such as ['shipping']");

const place = { topic: topicName, partition: wholeNumber(0, int32Max) };

/** A partition with these fields. */
export const placeOf = (fields: Rules, example = "{ topic: 'orders', partition: 0 }"): Rule =>
  objectOf({ ...place, ...fields }, `a partition, such as ${example}`);

/** Rejects numbers too, which callers often give because small offsets fit into them. */
export const offsetFrom =
  (min: bigint): Rule =>
  (value, name) =>
    typeof value === 'bigint' && value >= min && value <= int64Max
      ? undefined
      : problem(name, value, `a bigint, at least ${min}, such as 5n`);

const offset = offsetFrom(0n);

export const placeRule = placeOf({});
export const places = listOf(placeRule, "partitions, such as [{ topic: 'orders', partition: 0 }]");

const offsetExample = "{ topic: 'orders', partition: 0, offset: 5n }";
export const placeWithOffset = placeOf({ offset }, offsetExample);
export const placesWithOffsets = listOf(placeWithOffset, `offsets, such as [${offsetExample}]`);

const metadata = optional(must((value) => typeof value === 'string' || value === null, 'a string or null'));
export const offsetsToCommit = listOf(
  placeOf({ offset, metadata }, offsetExample),
  `offsets, such as [${offsetExample}]`,
);

export const positions = listOf(
  placeOf({ offset, topicId: optional(named('the id of the topic, or leave it out')) }, offsetExample),
  `positions, such as [${offsetExample}]`,
);

/** The argument of a consumer's `commit`: offsets, or a record or batch of its loop. */
export const committable = optional((value, name) => {
  if (Array.isArray(value)) return offsetsToCommit(value, name);
  const isBatch = typeof value === 'object' && value !== null && 'records' in value;
  return objectOf(
    { ...place, ...(isBatch ? { nextOffset: offset } : { offset }) },
    `a record, a batch, or offsets, such as [${offsetExample}]`,
  )(value, name);
});

/** Rejects negative numbers, because they have special meanings in the protocol. */
const timestampMs: Rule = (value, name) =>
  Number.isSafeInteger(value) && (value as number) >= 0
    ? undefined
    : problem(name, value, 'Unix time in whole milliseconds, such as Date.now() or date.getTime()');

export const partitionTimes = listOf(
  placeOf({ timestampMs }, "{ topic: 'orders', partition: 0, timestampMs: 0 }"),
  "times, such as [{ topic: 'orders', partition: 0, timestampMs: 0 }]",
);

export const signal = optional(
  must((value) => value instanceof AbortSignal, 'an AbortSignal, such as controller.signal'),
);

/** The last parameter of a call. */
export const callOptions = (fields: Rules = {}): Rule =>
  optional(optionsOf({ signal, ...fields }, 'an object with options, or leave it out'));

export const listenerOf = (required: readonly string[], others: readonly string[]): Rule =>
  objectOf(
    Object.fromEntries([
      ...required.map((name) => [name, functionOf('a function')] as const),
      ...others.map((name) => [name, optional(functionOf('a function, or leave it out'))] as const),
    ]),
    `an object with ${required.join(' and ')}`,
  );
