/** The codes of Confluent's registry. The first three digits are the HTTP status. */
const codes = {
  subjectNotFound: 40401,
  versionNotFound: 40402,
  schemaNotFound: 40403,
  subjectSoftDeleted: 40404,
  subjectNotSoftDeleted: 40405,
  versionSoftDeleted: 40406,
  versionNotSoftDeleted: 40407,
  noSubjectCompatibility: 40408,
  noSubjectMode: 40409,
  incompatible: 409,
  invalidSchema: 42201,
  invalidVersion: 42202,
  invalidCompatibility: 42203,
  invalidMode: 42204,
  notPermitted: 42205,
  referenceExists: 42206,
  invalidSubject: 42208,
  tooLarge: 42209,
  malformed: 400,
  store: 50001,
  timeout: 50002,
  forwarding: 50003,
} as const;

export type RegistryErrorName = keyof typeof codes;

/** An error that the registry answers as `{ error_code, message }`, like Confluent's. */
export class RegistryError extends Error {
  readonly code: number;

  constructor(name: RegistryErrorName, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RegistryError';
    this.code = codes[name];
  }

  get status(): number {
    return this.code < 1_000 ? this.code : Math.floor(this.code / 100);
  }
}

/** A text is not a valid schema. The message names the place. */
export class InvalidSchema extends Error {
  override readonly name = 'InvalidSchema';
}
