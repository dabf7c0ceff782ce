import type { MessageDeclaration } from '@millrace/streaming-core/contract';
import type { Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { newId } from '../events/recording.ts';
import type { MessageBus } from './message-bus.ts';
import { deadLetterLog } from '../../dead-letters/dead-letter-log.ts';
import { deadLetterOffice, type DeadLetterOffice } from '../../dead-letters/dead-letter-office.ts';
import { sealedLetters, type SealedLettersOptions } from '../../dead-letters/sealed-letters.ts';

/** The service's `DeadLetterOffice`. */
export const DEAD_LETTER_OFFICE = Symbol('DeadLetterOffice');

export interface OpenOfficeOptions extends Pick<SealedLettersOptions, 'personalData'> {
  readonly service: string;
  /** Every topic that the service may read. */
  readonly topics: readonly string[];
  /** The messages of those topics, with their personal fields. */
  readonly messages: readonly MessageDeclaration[];
  readonly bus: Pick<MessageBus, 'logReader' | 'describeTopics' | 'deleteBefore'>;
  readonly database: SqlDatabase;
  readonly logger: Logger;
}

/** Opens the office for the groups of a service: its own, and that of its read models. */
export const openDeadLetterOffice = ({
  service,
  topics,
  messages,
  personalData,
  bus,
  database,
  logger,
}: OpenOfficeOptions): DeadLetterOffice =>
  deadLetterOffice({
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
