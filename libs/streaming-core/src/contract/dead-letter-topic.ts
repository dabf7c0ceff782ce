import { days } from '../runtime/duration.ts';
import type { TopicDeclaration } from './topic.ts';

/** The topic for messages that a consumer has given up on. */
export const deadLetterTopicOf = (topic: string): string => `${topic}.dlq`;

/**
 * Declares one partition: dead letters are few, and an operator reads them in the order in which
 * they arrived.
 */
export const declareDeadLetters = ({ name, key }: TopicDeclaration): TopicDeclaration => ({
  name: deadLetterTopicOf(name),
  key,
  partitions: 1,
  retention: days(30),
  cleanup: 'delete',
});
