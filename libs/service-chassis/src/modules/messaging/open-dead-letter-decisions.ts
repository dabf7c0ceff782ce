import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import {
  deadLetterDecisions,
  deadLetterLog,
  sealedLetters,
  type DeadLetterDecisions,
  type SealedLettersOptions,
} from '@millrace/operations/dead-letters';
import { newId } from '../events/recording.ts';
import type { MessageBus } from './message-bus.ts';
import { token } from '../../ground/provide.ts';

/** The service's `DeadLetterDecisions`. */
export const DEAD_LETTER_DECISIONS = token<DeadLetterDecisions>('DeadLetterDecisions');

export interface OpenDeadLetterDecisionsOptions extends Pick<SealedLettersOptions, 'personalData'> {
  readonly service: string;
  /** Every topic that the service may read. */
  readonly topics: readonly string[];
  /** The messages of those topics, with their personal fields. */
  readonly messages: readonly MessageDeclaration[];
  readonly bus: Pick<MessageBus, 'logReader' | 'describeTopics' | 'deleteBefore'>;
  readonly database: SqlDatabase;
  readonly logger: Logger;
}

/** Opens the dead letters for the groups of a service: its own, and that of its read models. */
export const openDeadLetterDecisions = ({
  service,
  topics,
  messages,
  personalData,
  bus,
  database,
  logger,
}: OpenDeadLetterDecisionsOptions): DeadLetterDecisions =>
  deadLetterDecisions({
    log: deadLetterLog({
      reader: bus.logReader,
      describeTopics: bus.describeTopics,
      topics,
      groups: [service, `${service}-projector`],
    }),
    database,
    deleteBefore: bus.deleteBefore,
    newId,
    sealed: sealedLetters({
      personalOf: (topic, type) =>
        messages.find((message) => message.topic.name === topic && message.type === type)?.personal,
      personalData,
    }),
    logger,
  });
