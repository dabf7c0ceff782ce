import { refusal } from '../web/problems/problem.ts';

/** The header that names the actor. An identity provider can replace it. */
export const actorHeader = 'Millrace-Actor';

const actor = /^[\x21-\x7e](?:[\x20-\x7e]{0,198}[\x21-\x7e])?$/;

/** Returns the actor. Throws a 400 that names the header if it is missing or not printable. */
export function readActor(header: string | undefined): string {
  if (header !== undefined && actor.test(header)) return header;
  const message = 'says who acts: 1 to 200 visible ASCII characters, such as ada@example.org';
  throw refusal('invalid_request', { errors: [{ field: actorHeader, message }] });
}
