/** Makes a JWT without a signature, which Apache Kafka accepts only in tests. */
export function unsignedToken(user: string, lifetimeMs: number): string {
  const expiresAt = (Date.now() + lifetimeMs) / 1_000;
  const parts = [{ alg: 'none' }, { sub: user, iat: expiresAt - 120, exp: expiresAt }];
  return `${parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')}.`;
}
