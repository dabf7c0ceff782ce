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
export {
  type Holder,
  type KeyName,
  type LoadedKeys,
  type PersonalData,
  type SubjectState,
  PersonalDataError,
  type PersonalDataErrorCode,
} from './personal-data.ts';
export {
  keyOfFields,
  keysOfSealed,
  openFields,
  sealedFieldsOf,
  sealFields,
  type SealedFields,
} from './sealed-fields.ts';
