import { RegistryError } from './errors.ts';
import {
  deletedSchema,
  idMaxRecord,
  type SchemaRecord,
  type SubjectVersion,
} from './store/schema-records.ts';
import type { SchemaTable } from './store/schema-table.ts';

/** The highest id and the highest version. Clients read both as signed integers of 32 bits. */
export const numberMax = 2 ** 31 - 1;

const subjectCharactersMax = 255;

export function checkSubject(subject: string): void {
  if (subject.startsWith(':.'))
    throw new RegistryError('invalidSubject', `Subject ${subject}: this registry has no contexts`);
  if (subject.length > subjectCharactersMax || /\p{Cc}/u.test(subject))
    throw new RegistryError(
      'invalidSubject',
      `The subject must have at most ${subjectCharactersMax} characters, and no control characters`,
    );
}

/**
 * Refuses to delete a version that others refer to. `deleted` counts also those that are only marked as
 * deleted, because they can be read until they are removed. With `isSubjectRemoved` the other versions of the
 * subject do not count, because they go with it.
 */
export function checkUnreferenced(
  table: SchemaTable,
  { subject, version }: SubjectVersion,
  { deleted, isSubjectRemoved = false }: { readonly deleted: boolean; readonly isSubjectRemoved?: boolean },
): void {
  const referrers = table.referrersOf({ subject, version }, { deleted });
  if (isSubjectRemoved ? referrers.every((each) => each.subject === subject) : referrers.length === 0) return;
  throw new RegistryError(
    'referenceExists',
    `One or more references exist to the schema {magic=1,keytype=SCHEMA,subject=${subject},version=${version}}.`,
  );
}

/**
 * Returns the records that remove versions, the latest first because it may refer to the others. Compaction
 * forgets the removed versions, so the highest id gets a record of its own.
 */
export const removal = (table: SchemaTable, versions: readonly SubjectVersion[]): readonly SchemaRecord[] => [
  idMaxRecord(table.idMax),
  ...versions.map(deletedSchema).toReversed(),
];

/** Returns the next id or version, which Confluent's registry keeps in 32 bits. */
export function following(last: number, name: 'id' | 'version'): number {
  if (last < numberMax) return last + 1;
  throw new RegistryError('notPermitted', `The highest ${name} is ${last}, so that no other one follows`);
}

export function versionNumber(version: string): number | 'latest' {
  if (version === 'latest' || version === '-1') return 'latest';
  const number = Number(version);
  if (/^\d+$/.test(version) && number >= 1 && number <= numberMax) return number;
  throw new RegistryError(
    'invalidVersion',
    `The specified version '${version}' is not a valid version id. Allowed values are between [1, ` +
      '2^31-1] and the string "latest"',
  );
}
