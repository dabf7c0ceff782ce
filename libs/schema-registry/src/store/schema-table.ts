import {
  readConfigValue,
  readDeletedValue,
  readIdMax,
  readKey,
  readModeValue,
  readSchemaValue,
  type SchemaRecord,
  type SchemaVersion,
  type SubjectVersion,
} from './schema-records.ts';

/** The text of a schema, its type and its references, which several versions may share. */
export type SchemaContent = Pick<SchemaVersion, 'schema' | 'schemaType' | 'references'>;

/** A schema with its id, and the versions that have it. */
export interface KnownSchema extends SchemaContent {
  readonly id: number;
  readonly places: ReadonlyMap<string, SchemaVersion>;
}

const placeOf = ({ subject, version }: SubjectVersion): string => `${version} ${subject}`;

/** Returns the same key for schemas that count as one, because their text, type and references are equal. */
const contentKey = ({ schema, schemaType = 'AVRO', references = [] }: SchemaContent): string =>
  JSON.stringify([
    schemaType,
    schema,
    references.map(({ name, subject, version }) => [name, subject, version]),
  ]);

/** What a subject, or null for all of them, has by itself. */
interface OwnSettings {
  readonly level?: string | undefined;
  readonly mode?: string | undefined;
}

/** Whether to count versions that are marked as deleted. */
interface Counted {
  readonly deleted: boolean;
}

export const counted = (versions: Iterable<SchemaVersion>, { deleted }: Counted): readonly SchemaVersion[] =>
  [...versions].filter((each) => deleted || !each.deleted);

/** The contents of the topic `_schemas`, indexed by subject, by id and by text. */
export class SchemaTable {
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>();
  readonly #ids = new Map<number, { content: SchemaContent; places: Map<string, SchemaVersion> }>();
  readonly #idsOfContent = new Map<string, Set<number>>();
  readonly #referrers = new Map<string, Map<string, SchemaVersion>>();
  readonly #settings = new Map<string | null, OwnSettings>();
  #idMax = 0;

  /** The highest id that was ever assigned. No id is assigned twice. */
  get idMax(): number {
    return this.#idMax;
  }

  /** The number of subjects, with those that are deleted. */
  get subjectCount(): number {
    return this.#subjects.size;
  }

  subjects(which: Counted): readonly string[] {
    return [...this.#subjects.keys()].filter((subject) => this.versions(subject, which).length > 0).sort();
  }

  /** The versions of a subject, oldest first. */
  versions(subject: string, which: Counted): readonly SchemaVersion[] {
    const versions = this.#subjects.get(subject)?.values() ?? [];
    return counted(versions, which).toSorted((left, right) => left.version - right.version);
  }

  version(subject: string, version: number): SchemaVersion | undefined {
    return this.#subjects.get(subject)?.get(version);
  }

  byId(id: number): KnownSchema | undefined {
    const known = this.#ids.get(id);
    return known && { id, ...known.content, places: known.places };
  }

  /** Returns the ids of a schema. One that was imported from several registries has several. */
  idsOf(content: SchemaContent): readonly number[] {
    return [...(this.#idsOfContent.get(contentKey(content)) ?? [])];
  }

  /** Returns the versions that refer to this one. */
  referrersOf(version: SubjectVersion, which: Counted): readonly SchemaVersion[] {
    return counted(this.#referrers.get(placeOf(version))?.values() ?? [], which);
  }

  /** Returns the level of a subject. The subject null stands for all of them. */
  level(subject: string | null): string | undefined {
    return this.#settings.get(subject)?.level;
  }

  mode(subject: string | null): string | undefined {
    return this.#settings.get(subject)?.mode;
  }

  /** The number of names that have a level or a mode. */
  get settingsCount(): number {
    return this.#settings.size - (this.#settings.has(null) ? 1 : 0);
  }

  hasSettings(subject: string): boolean {
    return this.#settings.has(subject);
  }

  /** Applies a record of the topic. Throws for a key that it does not know. */
  apply({ key, value }: SchemaRecord): void {
    const named = readKey(key);
    switch (named.keytype) {
      case 'SCHEMA':
        return value === null ? this.#remove(named) : this.#put(readSchemaValue(value));
      case 'DELETE_SUBJECT':
        return value === null ? undefined : this.#deleteUpTo(readDeletedValue(value));
      case 'CLEAR_SUBJECT':
        if (named.subject == null) return undefined;
        return this.versions(named.subject, { deleted: true }).forEach((each) => this.#remove(each));
      case 'CONFIG':
        return this.#set(named.subject, { level: value === null ? undefined : readConfigValue(value) });
      case 'MODE':
        return this.#set(named.subject, { mode: value === null ? undefined : readModeValue(value) });
      case 'NOOP':
        this.#idMax = Math.max(this.#idMax, value === null ? 0 : readIdMax(value));
        return undefined;
      case 'CONTEXT':
      case 'ASSOC':
        return undefined;
    }
  }

  #put(version: SchemaVersion): void {
    const { subject, id, schema, schemaType, references } = version;
    // Confluent's registry also ignores another schema under an id that is taken.
    if ((this.#ids.get(id)?.content.schema ?? schema) !== schema) return;
    this.#remove(version);
    const versions = this.#subjects.get(subject) ?? new Map<number, SchemaVersion>();
    this.#subjects.set(subject, versions.set(version.version, version));
    const content = { schema, schemaType, references };
    const known = this.#ids.get(id) ?? { content, places: new Map<string, SchemaVersion>() };
    known.places.set(placeOf(version), version);
    this.#ids.set(id, known);
    const ids = this.#idsOfContent.get(contentKey(content)) ?? new Set<number>();
    this.#idsOfContent.set(contentKey(content), ids.add(id));
    for (const reference of references ?? []) {
      const referrers = this.#referrers.get(placeOf(reference)) ?? new Map<string, SchemaVersion>();
      this.#referrers.set(placeOf(reference), referrers.set(placeOf(version), version));
    }
    this.#idMax = Math.max(this.#idMax, id);
  }

  /** Removes a version, and its schema with the last version that has it. */
  #remove({ subject, version }: SubjectVersion): void {
    const versions = this.#subjects.get(subject);
    const removed = versions?.get(version);
    if (!removed) return;
    versions?.delete(version);
    if (versions?.size === 0) this.#subjects.delete(subject);
    for (const reference of removed.references ?? []) {
      const referrers = this.#referrers.get(placeOf(reference));
      referrers?.delete(placeOf(removed));
      if (referrers?.size === 0) this.#referrers.delete(placeOf(reference));
    }
    const known = this.#ids.get(removed.id);
    known?.places.delete(placeOf(removed));
    if (known?.places.size !== 0) return;
    this.#ids.delete(removed.id);
    const ids = this.#idsOfContent.get(contentKey(removed));
    ids?.delete(removed.id);
    if (ids?.size === 0) this.#idsOfContent.delete(contentKey(removed));
  }

  #deleteUpTo({ subject, version }: SubjectVersion): void {
    for (const each of this.versions(subject, { deleted: false }))
      if (each.version <= version) this.#put({ ...each, deleted: true });
  }

  #set(subject: string | null, changed: OwnSettings): void {
    const settings = { ...this.#settings.get(subject), ...changed };
    if (settings.level === undefined && settings.mode === undefined) this.#settings.delete(subject);
    else this.#settings.set(subject, settings);
  }
}
