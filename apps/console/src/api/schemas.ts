export interface SubjectList {
  readonly subjects: readonly string[];
  /** Why the registry could not be read, in one sentence. */
  readonly missing: readonly string[];
}

export interface ShownVersion {
  readonly version: number;
  readonly id: number;
  readonly type: string;
  /** The schema on many lines. */
  readonly schema: string;
  /** The lines that differ from the version before, each with `+`, `-` or a space before it. */
  readonly changes: readonly string[];
}

/** A subject with its latest versions, the newest first. */
export interface ShownSubject {
  readonly subject: string;
  readonly compatibility: string;
  readonly versions: readonly ShownVersion[];
  readonly earlierVersions: number;
}

export interface SchemaCheck {
  readonly accepted: boolean;
  readonly reasons: readonly string[];
}
