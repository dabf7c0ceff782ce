import { incompatibilities } from './compatibility-level.ts';
import { RegistryError } from './errors.ts';
import type { ParsedSchema } from './schema.ts';
import { SchemaContents, type GivenSchema } from './schema-contents.ts';
import {
  deletedSchema,
  deletedSubject,
  idMaxRecord,
  schemaRecord,
  type SchemaRecord,
  type SchemaVersion,
} from './store/schema-records.ts';
import { counted, type SchemaContent, type SchemaTable } from './store/schema-table.ts';
import type { SchemaWriter } from './store/schema-store.ts';
import { SubjectSettings } from './subject-settings.ts';
import {
  checkSubject,
  checkUnreferenced,
  following,
  removal,
  versionNumber,
} from './subjects-and-versions.ts';

export interface RegistryLimits {
  readonly schemaBytesMax: number;
  readonly subjectsMax: number;
  readonly versionsMax: number;
}

/**
 * The default limits: 1 MiB per schema, 20,000 subjects with schemas and as many with settings, and 1,000
 * versions per subject.
 */
export const registryLimits: RegistryLimits = {
  schemaBytesMax: 1_048_576,
  subjectsMax: 20_000,
  versionsMax: 1_000,
};

export interface RegistryOptions {
  readonly table: SchemaTable;
  readonly writer: SchemaWriter;
  readonly limits?: RegistryLimits;
}

/**
 * Registers schemas under subjects, with the ids, versions and errors of Confluent's registry. It reads from
 * this process's copy of the topic. Only the leader can write. In another process, a write rejects with the
 * client's error `not_member`.
 */
export class Registry {
  readonly #table: SchemaTable;
  readonly #writer: SchemaWriter;
  readonly #limits: RegistryLimits;
  readonly #contents: SchemaContents;
  readonly #settings: SubjectSettings;

  constructor({ table, writer, limits = registryLimits }: RegistryOptions) {
    this.#table = table;
    this.#writer = writer;
    this.#limits = limits;
    this.#contents = new SchemaContents(table, limits.schemaBytesMax);
    this.#settings = new SubjectSettings(table, writer, limits.subjectsMax);
  }

  /** The compatibility levels and modes of the subjects and of the whole registry. */
  get settings(): SubjectSettings {
    return this.#settings;
  }

  subjects(which: 'present' | 'deleted' | 'all'): readonly string[] {
    const subjects = this.#table.subjects({ deleted: which !== 'present' });
    if (which !== 'deleted') return subjects;
    return subjects.filter((subject) => this.#table.versions(subject, { deleted: false }).length === 0);
  }

  versions(subject: string, deleted: boolean): readonly SchemaVersion[] {
    const versions = this.#table.versions(subject, { deleted });
    if (versions.length === 0) throw subjectNotFound(subject);
    return versions;
  }

  version(subject: string, version: string, deleted = false): SchemaVersion {
    const versions = this.versions(subject, deleted);
    const number = versionNumber(version);
    const found = versions.findLast((each) =>
      number === 'latest' ? !each.deleted : each.version === number,
    );
    if (!found) throw new RegistryError('versionNotFound', `Version ${version} not found.`);
    return found;
  }

  schemaById(id: number) {
    const found = this.#table.byId(id);
    if (!found) throw new RegistryError('schemaNotFound', `Schema ${id} not found`);
    return found;
  }

  /** Returns the ids of the schemas that refer to a version. */
  referrers(subject: string, version: string): readonly number[] {
    const found = this.version(subject, version);
    return [...new Set(this.#table.referrersOf(found, { deleted: false }).map(({ id }) => id))];
  }

  /** Returns the version of the subject that has this schema. */
  lookUp(subject: string, given: GivenSchema, { normalize = false, deleted = false } = {}): SchemaVersion {
    const versions = this.versions(subject, deleted);
    const found = this.#registered(versions, this.#contents.of(given, normalize).content);
    if (!found) throw new RegistryError('schemaNotFound', 'Schema not found');
    return found;
  }

  /** Returns the id of a schema if the subject has it already, so that the leader need not answer. */
  registeredId(subject: string, given: GivenSchema, normalize: boolean): number | undefined {
    const versions = this.#table.versions(subject, { deleted: false });
    return this.#registered(versions, this.#contents.of(given, normalize).content, given)?.id;
  }

  /** Adds a version to the subject unless it has the schema, and returns the id of the schema. */
  async register(subject: string, given: GivenSchema, normalize: boolean): Promise<number> {
    checkSubject(subject);
    let id = 0;
    await this.#writer.write(() => {
      const { content, parsed } = this.#contents.of(given, normalize);
      const all = this.#table.versions(subject, { deleted: true });
      const versions = counted(all, { deleted: false });
      const found = this.#registered(versions, content, given);
      if (found) {
        id = found.id;
        return [];
      }
      const mode = this.#settings.checkWritable(subject);
      this.#checkLimits(subject, all.length);
      const version = following(all.at(-1)?.version ?? 0, 'version');
      if (mode === 'IMPORT') {
        id = this.#imported(content, given);
        const imported = { subject, version: given.version ?? version, id, ...content, deleted: false };
        return [idMaxRecord(this.#table.idMax), schemaRecord(imported)];
      }
      this.#checkNumbers(subject, given, version);
      this.#checkCompatible(subject, parsed, versions);
      id = this.#table.idsOf(content).at(-1) ?? following(this.#table.idMax, 'id');
      return [...this.#replaced(all, id), schemaRecord({ subject, version, id, ...content, deleted: false })];
    });
    return id;
  }

  /** The new version of a schema replaces the deleted ones, unless others refer to them. */
  #replaced(versions: readonly SchemaVersion[], id: number): readonly SchemaRecord[] {
    return versions
      .filter((each) => each.deleted && each.id === id)
      .filter((each) => this.#table.referrersOf(each, { deleted: true }).length === 0)
      .map(deletedSchema);
  }

  /**
   * Returns the reasons why a schema does not fit the subject. Without a version, it compares as `register`
   * does.
   */
  incompatibilities(
    subject: string,
    given: GivenSchema,
    { version, normalize = false }: { readonly version?: string; readonly normalize?: boolean } = {},
  ): readonly string[] {
    const { parsed } = this.#contents.of(given, normalize);
    const versions = this.#table.versions(subject, { deleted: false });
    if (version === undefined) return this.#incompatible(subject, parsed, versions);
    if (versions.length === 0 && versionNumber(version) === 'latest') return [];
    return this.#incompatible(subject, parsed, [this.version(subject, version)]);
  }

  /** Marks versions as deleted, or with `permanent` removes marked versions. Returns their numbers. */
  async deleteSubject(subject: string, permanent: boolean): Promise<readonly number[]> {
    let removed: readonly number[] = [];
    await this.#writer.write(() => {
      this.#settings.checkWritable(subject);
      const all = this.#table.versions(subject, { deleted: true });
      const present = counted(all, { deleted: false });
      if (all.length === 0) throw subjectNotFound(subject);
      if (permanent && present.length > 0)
        throw new RegistryError(
          'subjectNotSoftDeleted',
          `Subject '${subject}' was not deleted first before being permanently deleted`,
        );
      if (!permanent && present.length === 0)
        throw new RegistryError(
          'subjectSoftDeleted',
          `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`,
        );
      const chosen = permanent ? all : present;
      for (const each of chosen)
        checkUnreferenced(this.#table, each, { deleted: permanent, isSubjectRemoved: true });
      removed = chosen.map(({ version }) => version);
      return permanent ? this.#removal(subject, chosen) : [deletedSubject(subject, removed.at(-1)!)];
    });
    return removed;
  }

  async deleteVersion(subject: string, version: string, permanent: boolean): Promise<number> {
    let removed = 0;
    await this.#writer.write(() => {
      this.#settings.checkWritable(subject);
      const found = this.version(subject, version, true);
      if (permanent && !found.deleted)
        throw new RegistryError(
          'versionNotSoftDeleted',
          `Subject '${subject}' Version ${found.version} was not deleted first before being permanently deleted`,
        );
      if (!permanent && found.deleted)
        throw new RegistryError(
          'versionSoftDeleted',
          `Subject '${subject}' Version ${found.version} was soft deleted. Set permanent=true to delete permanently`,
        );
      checkUnreferenced(this.#table, found, { deleted: permanent });
      removed = found.version;
      return permanent ? this.#removal(subject, [found]) : [schemaRecord({ ...found, deleted: true })];
    });
    return removed;
  }

  /** Returns the records that remove versions of a subject, and with the last one also its settings. */
  #removal(subject: string, versions: readonly SchemaVersion[]): readonly SchemaRecord[] {
    const isLast = versions.length === this.#table.versions(subject, { deleted: true }).length;
    return [...removal(this.#table, versions), ...(isLast ? this.#settings.removal(subject) : [])];
  }

  /** Returns the version that has this schema and, if the caller names them, this id and this number. */
  #registered(
    versions: readonly SchemaVersion[],
    content: SchemaContent,
    { id, version }: Pick<GivenSchema, 'id' | 'version'> = {},
  ): SchemaVersion | undefined {
    const ids = this.#table.idsOf(content).filter((each) => id === undefined || each === id);
    return versions.findLast(
      (each) => ids.includes(each.id) && (version === undefined || each.version === version),
    );
  }

  #incompatible(subject: string, next: ParsedSchema, versions: readonly SchemaVersion[]): readonly string[] {
    const earlier = versions.map(({ version, schemaType = 'AVRO', schema, references }) => ({
      version,
      schema: this.#contents.parse(schemaType, schema, references),
    }));
    return incompatibilities(this.#settings.levelOf(subject), next, earlier);
  }

  #checkCompatible(subject: string, next: ParsedSchema, versions: readonly SchemaVersion[]): void {
    const found = this.#incompatible(subject, next, versions);
    if (found.length > 0)
      throw new RegistryError(
        'incompatible',
        `Schema being registered is incompatible with an earlier schema for subject "${subject}", ` +
          `details: [${found.join(', ')}]`,
      );
  }

  #checkLimits(subject: string, versions: number): void {
    const { subjectsMax, versionsMax } = this.#limits;
    if (versions >= versionsMax)
      throw new RegistryError('notPermitted', `Subject ${subject} has ${versionsMax} versions: delete some`);
    if (versions === 0 && this.#table.subjectCount >= subjectsMax)
      throw new RegistryError('notPermitted', `There are ${subjectsMax} subjects: delete some`);
  }

  /** Only in the mode IMPORT can the caller choose the id, and leave out versions. */
  #checkNumbers(subject: string, given: GivenSchema, next: number): void {
    if (given.id !== undefined)
      throw new RegistryError('notPermitted', `Subject ${subject} in context . is not in import mode`);
    if (given.version !== undefined && given.version !== next)
      throw new RegistryError('invalidSchema', 'Version is not one more than previous version');
  }

  /** Returns the id that the caller has chosen, so that schemas of another registry keep theirs. */
  #imported(content: SchemaContent, { id }: GivenSchema): number {
    if (id === undefined) throw new RegistryError('notPermitted', 'In the mode IMPORT a schema needs its id');
    if (this.#table.byId(id) && !this.#table.idsOf(content).includes(id))
      throw new RegistryError('notPermitted', `Overwrite new schema with id ${id} is not permitted.`);
    return id;
  }
}

const subjectNotFound = (subject: string): RegistryError =>
  new RegistryError('subjectNotFound', `Subject '${subject}' not found.`);
