import type { Erasure } from '@millrace/personal-data';
import { appendToOutbox, sealingOutbox, type AppendToOutbox } from '@millrace/streaming-core/outbox';
import type { Holder, PersonalData } from '@millrace/streaming-core/personal';
import { ifAny, token } from '../../ground/provide.ts';
import type { SubjectErasures } from './subject-erasures.ts';

/** Seals, opens and erases personal data with the keys from the service's database of keys. */
export const PERSONAL_DATA = token<PersonalData & Erasure>('PersonalData');
export const personalDataIfAny = ifAny(PERSONAL_DATA);
/** The service as a holder of keys, with its `PERSONAL_DATA`. */
export const HOLDER = token<Holder>('Holder');
export const holderIfAny = ifAny(HOLDER);
export const SUBJECT_ERASURES = token<SubjectErasures>('SubjectErasures');

/** The outbox of a service. It seals personal data in messages, if the service has keys. */
export const outboxWith = (personalData?: PersonalData): AppendToOutbox =>
  personalData === undefined ? appendToOutbox : sealingOutbox(personalData);
