import { callOptions } from '../given/domain-rules.ts';
import { refuseArguments } from '../given/refusals.ts';
import { anything, functionOf, listOf, optional } from '../given/rules.ts';

const records = listOf(anything, "records, such as [{ topic: 'orders', key: null, value: 'text' }]");
const sendRules = { records, options: callOptions() };
const postRules = { records, onDelivered: optional(functionOf('a function, or leave it out')) };

/** Throws `argument_invalid`. The records themselves are checked when they are encoded. */
export function refuseSend(given: unknown, options?: unknown): void {
  if (Array.isArray(given) && options === undefined) return; // the usual call, for speed
  refuseArguments(sendRules, [given, options]);
}

/** Throws `argument_invalid`, as `refuseSend` does. */
export const refusePost = (given: unknown, onDelivered: unknown): void =>
  refuseArguments(postRules, [given, onDelivered]);
