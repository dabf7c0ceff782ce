import type { StackDefinition } from './define-stack.ts';

/**
 * Returns the stack with these optional apps among its services; `all` stands for every one. Throws
 * a one-line error if there is no such app.
 */
export function withApps<Services extends string>(
  definition: StackDefinition<Services>,
  wanted: ReadonlySet<string>,
): StackDefinition<Services> {
  const names = Object.keys(definition.apps);
  const unknown = [...wanted].find((name) => name !== 'all' && !names.includes(name));
  if (unknown !== undefined)
    throw new Error(
      `--with ${unknown}: there is no optional app ${unknown}; ` +
        (names.length === 0
          ? 'this stack has none, and `npm run new -- stream-app NAME` adds one'
          : `the optional apps are ${names.join(', ')}`),
    );
  const chosen = Object.entries(definition.apps).filter(([name]) => wanted.has('all') || wanted.has(name));
  return { ...definition, services: { ...definition.services, ...Object.fromEntries(chosen) } };
}
