import { z } from 'zod';

/**
 * A value that is stored encrypted: AES-256-GCM (NIST SP 800-38D) with the key of one person, the
 * data subject. `data` is the base64url text of nonce (12 bytes), cipher text and tag (16 bytes).
 * It is empty if the subject's key had been destroyed before the value was sealed.
 */
export interface SealedValue {
  /** Version of this format. */
  readonly sealed: 1;
  /** A pseudonym of the person, which may stand in plain text. */
  readonly subject: string;
  readonly data: string;
}

/** In place of personal data whose key was destroyed. */
export interface Erased {
  readonly erased: true;
}

/** The longest pseudonym of a subject. */
export const subjectCharactersMax = 255;
/** PostgreSQL stores no NUL in text. */
const storable = /^[^\0]*$/;

export const sealedValue: z.ZodType<SealedValue> = z.strictObject({
  sealed: z.literal(1),
  subject: z.string().min(1).max(subjectCharactersMax).regex(storable, 'must have no NUL'),
  data: z.string().regex(/^[A-Za-z0-9_-]*$/, 'must be base64url'),
});

/** What readers get instead of personal data once its subject is erased. */
export const erased: Erased = Object.freeze({ erased: true });

/** Whether a JSON value claims to be sealed. `sealedValue` checks the claim. */
export const isSealed = (value: unknown): value is SealedValue =>
  typeof value === 'object' && value !== null && 'sealed' in value && 'data' in value;

/** Whether a value stands for personal data that was erased. */
export const isErased = (value: unknown): value is Erased =>
  typeof value === 'object' && value !== null && 'erased' in value && value.erased === true;
