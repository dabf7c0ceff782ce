import { ClientError } from '../errors/client-error.ts';
import { nameOf } from '../partition-map.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { errorCodes } from '../../protocol/errors.ts';
import { brokerError } from '../connection/accept.ts';

const shownMax = 3;

/**
 * Some items of an administrative call failed, and the others were carried out. The code is that of
 * the first failure. Each call documents how its items are named, for instance by topic.
 */
export class ItemsFailed extends ClientError {
  readonly failed: ReadonlyMap<string, ClientError>;
  /** The results of the items that were carried out. */
  readonly succeeded: ReadonlyMap<string, unknown>;

  constructor(failed: ReadonlyMap<string, ClientError>, succeeded: ReadonlyMap<string, unknown>) {
    const [first] = failed.values();
    super(first?.code ?? 'broker_error', summary(failed, failed.size + succeeded.size), { cause: first });
    this.name = 'ItemsFailed';
    this.failed = failed;
    this.succeeded = succeeded;
  }
}

function summary(failed: ReadonlyMap<string, ClientError>, all: number): string {
  const messages = [...failed.values()].slice(0, shownMax).map(({ message }) => message);
  if (all === 1) return messages.join();
  const others = failed.size > shownMax ? ` and ${failed.size - shownMax} more` : '';
  return `${failed.size} of ${all} failed: ${messages.join('; ')}${others}`;
}

/** Returns the items of a call by name. Throws if a name occurs twice. */
export function namedItems<Item>(
  items: readonly Item[],
  nameOfItem: (item: Item) => string,
): ReadonlyMap<string, Item> {
  const named = new Map<string, Item>();
  for (const item of items) {
    const name = nameOfItem(item);
    if (named.has(name)) throw invalid(`${name} is named twice: name each item once`);
    named.set(name, item);
  }
  return named;
}

export const byPartition = <Place extends TopicPartition>(
  places: readonly Place[],
): ReadonlyMap<string, Place> => namedItems(places, nameOf);

/** Groups partitions by topic, as request bodies do. */
export const byTopic = <Place extends TopicPartition>(
  places: Iterable<Place>,
): ReadonlyArray<readonly [topic: string, places: readonly Place[]]> => [
  ...Map.groupBy(places, ({ topic }) => topic),
];

export const invalid = (message: string): ClientError => new ClientError('argument_invalid', message);

/** The remedies for errors whose text from the broker does not say what to do. */
const remedies = new Map<number, string>([
  [errorCodes.NON_EMPTY_GROUP, 'the group has members: stop them, or call groups.removeMembers first'],
  [errorCodes.GROUP_SUBSCRIBED_TO_TOPIC, 'a member of the group reads the topic: stop the members first'],
  [errorCodes.GROUP_ID_NOT_FOUND, 'there is no such group: groups.list shows all of them'],
  [errorCodes.OFFSET_OUT_OF_RANGE, 'the offset is beyond the high watermark: give -1 for the high watermark'],
  [
    errorCodes.TOPIC_ALREADY_EXISTS,
    'choose another name, or use createTopics, which accepts an existing topic',
  ],
]);

/** Returns the error that a code in a response stands for, with a remedy, or undefined for NONE. */
export function refusal(errorCode: number, message: string | null = null): Error | undefined {
  if (errorCode === errorCodes.NONE) return undefined;
  const texts = [message, remedies.get(errorCode)].filter((text) => text);
  return brokerError(errorCode, texts.join('. '));
}
