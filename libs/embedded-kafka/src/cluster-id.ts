import { randomBytes } from 'node:crypto';

/** As Kafka's own tool makes them: 16 random bytes in base64url, and no dash in front, which would look like an option. */
export const newClusterId = (): string => randomBytes(16).toString('base64url').replace(/^-/, 'A');
