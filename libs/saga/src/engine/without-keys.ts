import { PersonalDataError } from '@millrace/streaming-core/personal';

/** Whether the database of the keys for personal data has not answered. Neither saga nor step is at fault. */
export const isWithoutKeys = (error: unknown): boolean =>
  error instanceof PersonalDataError && error.code === 'keys_unavailable';
