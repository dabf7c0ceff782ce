/** Personal data that is stored encrypted, and the port through which it is sealed and opened. */
export {
  erased,
  isErased,
  isSealed,
  sealedValue,
  subjectCharactersMax,
  type Erased,
  type SealedValue,
} from './sealed-value.ts';
export type { Holder, KeyName, LoadedKeys, PersonalData, SubjectState } from './personal-data.ts';
export { PersonalDataError, type PersonalDataErrorCode } from './personal-data.ts';
export {
  keyOfFields,
  keysOfSealed,
  openFields,
  sealedFieldsOf,
  sealFields,
  type SealedFields,
} from './sealed-fields.ts';
