import { randomBytes } from 'node:crypto';

/**
 * Returns a new cluster id in the form of Kafka's own tool: 16 random bytes in base64url, without a
 * leading dash, which would look like an option.
 */
export const newClusterId = (): string => randomBytes(16).toString('base64url').replace(/^-/, 'A');
