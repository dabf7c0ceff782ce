import type { z } from 'zod';
import type { DomainEvent } from './decider.ts';

/** The versions in which the events of one type are stored, and the steps to the present one. */
export interface EventVersions<Present extends DomainEvent = DomainEvent> {
  /** The version of new events. Stored events have this version or a lower one, from 1 on. */
  readonly present: number;
  /** The schemas of the versions 1 to `present`. A type that has never changed may have none. */
  readonly schemas: readonly z.ZodType[];
  /** Applies the steps from a stored version up to the present one, in order. */
  toPresent(event: DomainEvent, from: number): Present;
}

/** Versions to which another one can be added. */
export interface EventChain<Present extends DomainEvent> extends EventVersions<Present> {
  /**
   * Adds the next version. The step is pure and total: it turns every event of the version before
   * into one that the schema accepts, without I/O, clock or randomness.
   */
  upcastTo<Next extends DomainEvent>(
    schema: z.ZodType<Next>,
    step: (event: Present) => Next,
  ): EventChain<Next>;
}

/** The versions of an event type that has had only one. */
export const firstVersion: EventVersions<never> = Object.freeze({
  present: 1,
  schemas: [],
  toPresent: (event: DomainEvent) => event as never,
});

/**
 * Begins the chain of an event type that has changed. The first schema is what version 1 was:
 *
 *     Counted: fromVersion1(z.strictObject({ type: z.literal('Counted'), by: z.number() }))
 *       .upcastTo(countedInUnits, (event) => ({ ...event, unit: 'piece' })),
 *
 * The compiler checks that each step takes the version before and returns the next one, and
 * `declareEvents` that the last one is the event that the domain knows. Steps of a released version
 * are never changed: a mistake is corrected by a further version.
 */
export const fromVersion1 = <First extends DomainEvent>(schema: z.ZodType<First>): EventChain<First> =>
  chain([schema], []);

type Step = (event: DomainEvent) => DomainEvent;

const chain = <Present extends DomainEvent>(
  schemas: readonly z.ZodType[],
  steps: readonly Step[],
): EventChain<Present> =>
  Object.freeze({
    present: schemas.length,
    schemas,
    toPresent: (event: DomainEvent, from: number) =>
      steps.slice(from - 1).reduce((upcast, step) => step(upcast), event) as Present,
    upcastTo: <Next extends DomainEvent>(schema: z.ZodType<Next>, step: (event: Present) => Next) =>
      chain<Next>([...schemas, schema], [...steps, step as unknown as Step]),
  });

/** The event types of one domain, by name. */
export type EventTypes = Readonly<Record<string, EventVersions>>;

/**
 * Declares every event type of a domain, beside its events. The compiler rejects a type that is
 * missing, and a chain that does not end with the present event.
 */
export const declareEvents = <Event extends DomainEvent>(declared: {
  readonly [Type in Event['type']]: EventVersions<Extract<Event, { readonly type: Type }>>;
}): EventTypes => Object.freeze({ ...declared });
