import { compatibilityLevels, type CompatibilityLevel } from './compatibility-level.ts';
import { RegistryError } from './errors.ts';
import { configRecord, modeRecord, type SchemaRecord } from './store/schema-records.ts';
import type { SchemaTable } from './store/schema-table.ts';
import type { SchemaWriter } from './store/schema-store.ts';
import { checkSubject, checkUnreferenced, removal } from './subjects-and-versions.ts';

const modes = ['READWRITE', 'READONLY', 'READONLY_OVERRIDE', 'IMPORT'] as const;

/**
 * The changes that a subject allows: none with READONLY, and with IMPORT only schemas that bring the id of
 * another registry.
 */
export type Mode = (typeof modes)[number];

/** The compatibility levels and modes of subjects. The subject null stands for all of them. */
export class SubjectSettings {
  readonly #table: SchemaTable;
  readonly #writer: SchemaWriter;
  readonly #subjectsMax: number;

  constructor(table: SchemaTable, writer: SchemaWriter, subjectsMax: number) {
    this.#table = table;
    this.#writer = writer;
    this.#subjectsMax = subjectsMax;
  }

  /** Returns the level that applies to a subject: its own, or that of the registry. */
  levelOf(subject: string | null): CompatibilityLevel {
    const level = this.#table.level(subject) ?? this.#table.level(null);
    return compatibilityLevels.find((each) => each === level) ?? 'BACKWARD';
  }

  modeOf(subject: string | null): Mode {
    const mode = this.#table.mode(subject) ?? this.#table.mode(null);
    return modes.find((each) => each === mode) ?? 'READWRITE';
  }

  /** Returns the level that the subject itself has. */
  ownLevel(subject: string): string {
    const level = this.#table.level(subject);
    if (level !== undefined) return level;
    throw new RegistryError(
      'noSubjectCompatibility',
      `Subject '${subject}' does not have subject-level compatibility configured`,
    );
  }

  ownMode(subject: string): string {
    const mode = this.#table.mode(subject);
    if (mode !== undefined) return mode;
    throw new RegistryError(
      'noSubjectMode',
      `Subject '${subject}' does not have subject-level mode configured`,
    );
  }

  /** Refuses a change of the schemas or the level with READONLY, and returns the mode otherwise. */
  checkWritable(subject: string | null): Mode {
    const global = this.modeOf(null);
    const mode = global === 'READONLY_OVERRIDE' ? global : this.modeOf(subject);
    if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE')
      throw new RegistryError(
        'notPermitted',
        `${subject === null ? 'The registry' : `Subject ${subject}`} is in read-only mode`,
      );
    return mode;
  }

  async setLevel(subject: string | null, given: unknown): Promise<CompatibilityLevel> {
    const level = checkedLevel(given);
    await this.#writer.write(() => {
      this.checkWritable(subject);
      this.#checkSettable(subject);
      return [configRecord(subject, level)];
    });
    return level;
  }

  /** Returns the level that was removed. */
  async deleteLevel(subject: string | null): Promise<string> {
    let before = '';
    await this.#writer.write(() => {
      this.checkWritable(subject);
      before = subject === null ? this.levelOf(null) : this.ownLevel(subject);
      return [configRecord(subject, null)];
    });
    return before;
  }

  /**
   * Sets the mode. A registry or a subject that has schemas can change to IMPORT only by force. Without force,
   * versions that are marked as deleted are removed, so that the import can use their numbers.
   */
  async setMode(subject: string | null, given: unknown, force: boolean): Promise<Mode> {
    const mode = checkedMode(given);
    await this.#writer.write(() => {
      this.#checkSettable(subject);
      const isChecked = mode === 'IMPORT' && !force && this.modeOf(subject) !== mode;
      return [...(isChecked ? this.#emptied(subject) : []), modeRecord(subject, mode)];
    });
    return mode;
  }

  async deleteMode(subject: string): Promise<string> {
    let before = '';
    await this.#writer.write(() => {
      before = this.ownMode(subject);
      return [modeRecord(subject, null)];
    });
    return before;
  }

  /** Returns the records that remove the settings of a subject. */
  removal(subject: string): readonly SchemaRecord[] {
    return [
      ...(this.#table.level(subject) === undefined ? [] : [configRecord(subject, null)]),
      ...(this.#table.mode(subject) === undefined ? [] : [modeRecord(subject, null)]),
    ];
  }

  /** A subject can have settings before it has a schema, so its name and the number of them are checked too. */
  #checkSettable(subject: string | null): void {
    if (subject === null) return;
    checkSubject(subject);
    if (this.#table.hasSettings(subject) || this.#table.settingsCount < this.#subjectsMax) return;
    throw new RegistryError('notPermitted', `${this.#subjectsMax} subjects have settings: delete some`);
  }

  /** Returns the records that remove the versions that are marked as deleted. Throws if there are others. */
  #emptied(subject: string | null): readonly SchemaRecord[] {
    const subjects = subject === null ? this.#table.subjects({ deleted: true }) : [subject];
    const versions = subjects.flatMap((each) => this.#table.versions(each, { deleted: true }));
    if (versions.some(({ deleted }) => !deleted))
      throw new RegistryError(
        'notPermitted',
        'Cannot import since found existing subjects: force=true allows it',
      );
    for (const each of versions) checkUnreferenced(this.#table, each, { deleted: true });
    return versions.length === 0 ? [] : removal(this.#table, versions);
  }
}

/** Checks a level that a caller has sent. */
function checkedLevel(level: unknown): CompatibilityLevel {
  const found = compatibilityLevels.find((each) => each === String(level).toUpperCase());
  if (found) return found;
  throw new RegistryError(
    'invalidCompatibility',
    `Invalid compatibility level. Valid values are ${compatibilityLevels.join(', ')}`,
  );
}

function checkedMode(mode: unknown): Mode {
  const found = modes.find((each) => each === String(mode).toUpperCase());
  if (found) return found;
  throw new RegistryError('invalidMode', `Invalid mode. Valid values are ${modes.join(', ')}`);
}
