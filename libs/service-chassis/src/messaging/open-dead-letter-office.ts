import type { Logger } from '@millrace/streaming-core/runtime';
import type { SqlDatabase } from '@millrace/streaming-core/postgres';
import { newId } from '../events/recording.ts';
import type { MessageBus } from './message-bus.ts';
import { deadLetterLog } from '../dead-letters/dead-letter-log.ts';
import { deadLetterOffice, type DeadLetterOffice } from '../dead-letters/dead-letter-office.ts';

/** The service's `DeadLetterOffice`. */
export const DEAD_LETTER_OFFICE = Symbol('DeadLetterOffice');

export interface OpenOfficeOptions {
  readonly service: string;
  /** Every topic that the service may read. */
  readonly topics: readonly string[];
  readonly bus: Pick<MessageBus, 'logReader' | 'describeTopics' | 'deleteBefore'>;
  readonly database: SqlDatabase;
  readonly logger: Logger;
}

/** Opens the office for the groups of a service: its own, and that of its read models. */
export const openDeadLetterOffice = ({
  service,
  topics,
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
    logger,
  });
