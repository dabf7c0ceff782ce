import { CodedError } from '@millrace/streaming-core/runtime';

/** The errors that a service fails with, by code. */
export const serviceErrors = {
  invalid_config: 'Settings are missing, wrong or contradictory',
  database_unreachable: 'The database does not answer or refuses the connection',
  migrations_missing: 'The database lacks tables that the setup step creates',
  foreign_keys: 'The personal data of the service were sealed with the keys of another database',
  inbox_retention_too_short: 'The inbox would forget a message that can still be delivered again',
  invalid_handlers: 'The message handlers of the service contradict each other',
} as const;

export type ServiceErrorCode = keyof typeof serviceErrors;

/** The message says exactly what is wrong and what to do about it. */
export class ServiceError extends CodedError<ServiceErrorCode> {
  override readonly name = 'ServiceError';
}
