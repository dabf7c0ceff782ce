import * as contracts from '@millrace/contracts';
import {
  messageTypesOf,
  type MessageDeclaration,
  type Topic,
  type TopicDeclaration,
  type TopicShape,
} from '@millrace/streaming-core/contract';
import { usesOf, type MessageUse, type Use } from './message-uses.ts';

export interface NamedTopic {
  /** As the contracts export it, such as `orderEvents`. */
  readonly name: string;
  readonly declaration: TopicDeclaration;
  readonly messages: readonly MessageDeclaration[];
}

/** Every topic of the contracts, in the order in which the setup step creates them. */
export const contractTopics: readonly NamedTopic[] = Object.entries<unknown>(contracts)
  .filter((entry): entry is [string, Topic] => isTopic(entry[1]))
  .map(([name, topic]) => ({ name, declaration: topic.declaration, messages: messageTypesOf(topic) }))
  .sort((one, other) => placeOf(one.declaration) - placeOf(other.declaration));

function isTopic(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'declaration' in value;
}

function placeOf({ name }: TopicDeclaration): number {
  return contracts.topics.findIndex((topic) => topic.name === name);
}

/** The uses of the topics by the apps. */
export const messageUses: readonly MessageUse[] = usesOf(new Set(contractTopics.map(({ name }) => name)));

const msPerDay = 86_400_000;

export function keptFor({ retention, cleanup }: TopicShape): string {
  if (cleanup === 'compact') return 'the last of each key';
  if (retention === 'unlimited') return 'without limit';
  return `${retention / msPerDay} ${retention === msPerDay ? 'day' : 'days'}`;
}

/** The services with this use of a topic, or of one of its messages. */
export const servicesThat = (use: Use, topic: string, type?: string): readonly string[] => [
  ...new Set(
    messageUses
      .filter((each) => each.use === use && each.topic === topic)
      .filter((each) => type === undefined || each.type === type || each.type === undefined)
      .map(({ service }) => service),
  ),
];

export const listOf = (services: readonly string[]): string => services.join(', ') || 'nobody';

/** The service that answers for a topic: the one that writes its events, or that reads its commands. */
export function ownerOf({ name, declaration }: NamedTopic): string {
  const isOfCommands = declaration.name.endsWith('-commands');
  const owners = isOfCommands
    ? [...new Set([...servicesThat('reads', name), ...servicesThat('decides', name)])]
    : servicesThat('writes', name);
  return listOf(owners);
}
