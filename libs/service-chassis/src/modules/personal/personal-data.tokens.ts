/** The `PersonalData` and the `Erasure` of the service, over its database of keys. */
export const PERSONAL_DATA = Symbol('PersonalData');
/** Injects `PERSONAL_DATA`, or undefined in a service without personal data. */
export const personalDataIfAny = { token: PERSONAL_DATA, optional: true };
/** The `Holder` of the keys: the service with its `PERSONAL_DATA`. */
export const HOLDER = Symbol('Holder');
/** Injects `HOLDER`, or undefined in a service without personal data. */
export const holderIfAny = { token: HOLDER, optional: true };
/** The `SubjectErasures` of the service. */
export const SUBJECT_ERASURES = Symbol('SubjectErasures');
