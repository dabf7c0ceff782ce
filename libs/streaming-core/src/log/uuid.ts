/** Kafka's text form of a UUID: 22 characters of base64url. */
export const uuidToBase64 = (uuid: string): string =>
  Buffer.from(uuid.replaceAll('-', ''), 'hex').toString('base64url');
