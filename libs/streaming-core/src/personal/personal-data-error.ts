import type { errors } from '../runtime/errors.ts';

export type PersonalDataErrorCode = keyof typeof errors.personalData;

/** Neither its message nor its causes contain personal data or a key. */
export class PersonalDataError extends Error {
  override readonly name = 'PersonalDataError';
  readonly code: PersonalDataErrorCode;

  constructor(code: PersonalDataErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
