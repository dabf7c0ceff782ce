import { ClientError } from '../client-error.ts';
import { optionsOf, type Rules } from './rules.ts';

/** Throws `settings_refused` with the remedy for an option that breaks its rule or is mistyped. */
export function refuseOptions(options: unknown, rules: Rules): void {
  const found = optionsOf(rules, `an object with ${requiredOf(rules).join(', ')}`)(options, '');
  if (found !== undefined) throw new ClientError('settings_refused', found);
}

const requiredOf = (rules: Rules): readonly string[] =>
  Object.keys(rules).filter((name) => rules[name]!(undefined, name) !== undefined);

/** Throws `argument_invalid` for the first of these arguments that breaks its rule. */
export function refuseArguments(rules: Rules, given: readonly unknown[]): void {
  let index = 0;
  for (const name in rules) {
    const found = rules[name]!(given[index], name);
    if (found !== undefined) throw new ClientError('argument_invalid', found);
    index += 1;
  }
}

/** The rules of the parameters of some methods. */
export type MethodRules<Client> = { readonly [Name in keyof Client]?: Rules };

type Method = (...given: readonly unknown[]) => unknown;

/** Makes these methods, which return promises, reject arguments that break a rule. */
export const withRejections = <Client extends object>(client: Client, rules: MethodRules<Client>): Client =>
  withChecks(client, rules, (check) => {
    try {
      check();
    } catch (error) {
      return Promise.reject(error);
    }
  });

/** Makes these methods, which return no promise, throw for arguments that break a rule. */
export const withThrows = <Client extends object>(client: Client, rules: MethodRules<Client>): Client =>
  withChecks(client, rules, (check) => check());

/** `refuse` runs the check, and may return what the method returns instead. */
function withChecks<Client extends object>(
  client: Client,
  rules: MethodRules<Client>,
  refuse: (check: () => void) => Promise<never> | void,
): Client {
  for (const [name, parameters] of Object.entries<Rules>(rules as Record<string, Rules>)) {
    const method = ((client as Record<string, unknown>)[name] as Method).bind(client);
    const checked: Method = (...given) =>
      refuse(() => refuseArguments(parameters, given)) ?? method(...given);
    Object.defineProperty(client, name, { value: checked });
  }
  return client;
}
