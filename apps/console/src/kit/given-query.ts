import { queryOf } from './router.ts';

/** The query of a request with those fields of the address that have a value, and with others. */
export function givenQuery(fields: readonly string[], others: Readonly<Record<string, string>> = {}): string {
  const given = fields.map((name) => [name, queryOf(name)] as const).filter(([, value]) => value !== '');
  return new URLSearchParams({ ...Object.fromEntries(given), ...others }).toString();
}
