import { AssertionError } from 'node:assert';
import type { DomainEvent, EventTypes } from '@millrace/event-sourcing';
import type { z } from 'zod';
import { arbitraryOf } from './arbitrary-of.ts';
import { fc } from './random.ts';

/**
 * Checks with random events of every earlier version that the upcasters of these types are total:
 * whatever the schema of a version accepts becomes an event that the present schema accepts. Throws
 * fast-check's error with the event and the seed.
 */
export function assertUpcastersTotal(types: EventTypes): void {
  for (const [type, { schemas, present, toPresent }] of Object.entries(types))
    for (const [index, schema] of schemas.slice(0, -1).entries())
      fc.assert(
        fc.property(arbitraryOf(schema as z.ZodType<DomainEvent>), (event) => {
          const upcast = schemas.at(-1)!.safeParse(toPresent(event, index + 1));
          if (!upcast.success)
            throw new AssertionError({
              message: `${type} v${index + 1} becomes no valid v${present}: ${upcast.error.message}`,
            });
        }),
      );
}
