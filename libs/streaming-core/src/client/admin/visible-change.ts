import type { Answers } from './admin-calls.ts';

interface Change<Item, Value> {
  /** Asks for the change. Is called again for an item only if that failed temporarily. */
  readonly make: (items: ReadonlyMap<string, Item>) => Promise<Answers<Value>>;
  /** Returns for each changed item why a broker does not show it yet, or undefined. */
  readonly check: (made: ReadonlyMap<string, Value>) => Promise<ReadonlyMap<string, Error | undefined>>;
}

/**
 * Makes a change to each item once, and waits in later rounds until a broker shows it. Brokers
 * learn of a change a moment after the controller has made it.
 */
export function visibleChange<Item, Value>({
  make,
  check,
}: Change<Item, Value>): (pending: ReadonlyMap<string, Item>) => Promise<Answers<Value>> {
  const made = new Map<string, Value>();
  return async (pending) => {
    const answers = new Map<string, Value | Error>();
    const unmade = new Map([...pending].filter(([name]) => !made.has(name)));
    if (unmade.size > 0)
      for (const [name, answer] of await make(unmade))
        if (answer instanceof Error) answers.set(name, answer);
        else made.set(name, answer);
    const unseen = new Map([...made].filter(([name]) => pending.has(name)));
    const problems = unseen.size > 0 ? await check(unseen) : new Map<string, Error | undefined>();
    for (const [name, value] of unseen) answers.set(name, problems.get(name) ?? value);
    return answers;
  };
}
