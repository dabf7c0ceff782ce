/** Seals personal data with a key for each holder and subject, and erases a subject's keys. */
export { createPersonalData, keyCacheMsByDefault, type PersonalDataOptions } from './personal-data.ts';
export type { ErasedHolder, Erasure, SubjectProgress } from './erasure.ts';
export { personalDataMigrations } from './migrations.ts';
export {
  keysDatabaseId,
  openKeysDatabase,
  type KeysDatabase,
  type KeysDatabaseOptions,
} from './postgres/keys-database.ts';
