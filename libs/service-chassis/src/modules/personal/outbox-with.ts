import { appendToOutbox, sealingOutbox, type AppendToOutbox } from '@millrace/streaming-core/outbox';
import type { PersonalData } from '@millrace/streaming-core/personal';

/** The outbox of a service. It seals personal data in messages, if the service has keys. */
export const outboxWith = (personalData?: PersonalData): AppendToOutbox =>
  personalData === undefined ? appendToOutbox : sealingOutbox(personalData);
