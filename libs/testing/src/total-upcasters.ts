import { AssertionError, deepStrictEqual } from 'node:assert';
import type { DomainEvent, EventTypes, EventVersions } from '@millrace/event-sourcing';
import type { z } from 'zod';
import { arbitraryOf } from './arbitrary-of.ts';
import { fc } from './random.ts';

/**
 * Checks with random events of every version that the upcasters of these types are total: whatever the
 * schema of a version accepts becomes an event that the present schema accepts. A new event that
 * `fitsBefore` stores in the version before must be read as it was. Throws fast-check's error with the
 * event and the seed.
 */
export function assertUpcastersTotal(types: EventTypes): void {
  for (const [type, versions] of Object.entries(types)) {
    const { schemas, present, toPresent } = versions;
    for (const [index, schema] of schemas.slice(0, -1).entries())
      fc.assert(
        fc.property(eventsOf(schema), (event) => {
          const upcast = schemas.at(-1)!.safeParse(toPresent(event, index + 1));
          if (!upcast.success)
            throw new AssertionError({
              message: `${type} v${index + 1} becomes no valid v${present}: ${upcast.error.message}`,
            });
        }),
      );
    assertFitsBefore(type, versions);
  }
}

/** Tries events that were upcast as well, since few random ones may fit. */
function assertFitsBefore(type: string, { schemas, present, toPresent, fitsBefore }: EventVersions): void {
  if (fitsBefore === undefined) return;
  const [schemaBefore, schema] = schemas.slice(-2);
  const upcast = eventsOf(schemaBefore!).map((event) => toPresent(event, present - 1));
  fc.assert(
    fc.property(fc.oneof(eventsOf(schema!), upcast), (event) => {
      const before = fitsBefore(event);
      if (before === undefined) return;
      const problem = schemaBefore!.safeParse(before).error;
      if (problem !== undefined)
        throw new AssertionError({
          message: `${type} v${present} has no valid form in v${present - 1}: ${problem.message}`,
        });
      deepStrictEqual(
        asJson(toPresent(before, present - 1)),
        asJson(event),
        `${type} v${present} is not what its form in v${present - 1} becomes`,
      );
    }),
  );
}

const eventsOf = (schema: z.ZodType): fc.Arbitrary<DomainEvent> =>
  arbitraryOf(schema as z.ZodType<DomainEvent>);

const asJson = (event: DomainEvent): unknown => JSON.parse(JSON.stringify(event));
