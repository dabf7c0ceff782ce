import type { z } from 'zod';
import { BlockedError } from '@millrace/streaming-core/consumer';
import type { DomainEvent } from './decider.ts';
import { EventStoreError } from './errors.ts';
import type { RecordedEvent } from './event-store.ts';

/** The versions in which the events of one type are stored, and the steps to the present one. */
export interface EventVersions<Present extends DomainEvent = DomainEvent> {
  /** The version of new events. Stored events have this version or a lower one, from 1 on. */
  readonly present: number;
  /** The schemas of the versions 1 to `present`. A type that has never changed may have none. */
  readonly schemas: readonly z.ZodType[];
  /** Applies the steps from a stored version up to the present one, in order. */
  toPresent(event: DomainEvent, from: number): Present;
  /** Returns the form of the version before, for an event that a process of it may read. */
  fitsBefore?(event: Present): DomainEvent | undefined;
}

interface StepOptions<Before extends DomainEvent, Next extends DomainEvent> {
  /**
   * Undoes the step for new events that mean the same in the version before, and returns undefined for
   * the others. Such an event is stored in the version before, so that a process of the previous release
   * can read it during a rolling upgrade. What is read has passed the step, as always. Only the last
   * step of a chain may have it.
   */
  readonly fitsBefore?: (event: Next) => Before | undefined;
}

/** Versions to which another one can be added. */
export interface EventChain<Present extends DomainEvent> extends EventVersions<Present> {
  /**
   * Adds the next version. The step is pure and total: it turns every event of the version before
   * into one that the schema accepts, without I/O, clock or randomness. Throws `TypeError` after a
   * step with `fitsBefore`.
   */
  upcastTo<Next extends DomainEvent>(
    schema: z.ZodType<Next>,
    step: (event: Present) => Next,
    options?: StepOptions<Present, Next>,
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
  fitsBefore?: (event: Present) => DomainEvent | undefined,
): EventChain<Present> =>
  Object.freeze({
    present: schemas.length,
    schemas,
    toPresent: (event: DomainEvent, from: number) =>
      steps.slice(from - 1).reduce((upcast, step) => step(upcast), event) as Present,
    ...(fitsBefore && { fitsBefore }),
    upcastTo: <Next extends DomainEvent>(
      schema: z.ZodType<Next>,
      step: (event: Present) => Next,
      options: StepOptions<Present, Next> = {},
    ) => {
      if (fitsBefore !== undefined)
        throw new TypeError(
          `version ${schemas.length} of an event has fitsBefore and is not the last one: remove it, since ` +
            'every process that still runs reads that version',
        );
      return chain<Next>([...schemas, schema], [...steps, step as unknown as Step], options.fitsBefore);
    },
  });

/** The event types of one domain, by name. */
export type EventTypes = Readonly<Record<string, EventVersions>>;

/**
 * Declares every event type of a domain, beside its events. The compiler rejects a type that is
 * missing, and a chain that does not end with the present event. A store rejects an event that
 * nobody declares (`event_type_undeclared`).
 *
 * @example
 * ```ts
 * import { declareEvents, firstVersion, fromVersion1 } from '@millrace/event-sourcing';
 * import { z } from 'zod';
 *
 * const booked1 = z.object({ type: z.literal('Booked'), room: z.string() });
 * const booked2 = z.object({ type: z.literal('Booked'), roomId: z.string() });
 *
 * export const roomEventTypes = declareEvents<RoomEvent>({
 *   Booked: fromVersion1(booked1).upcastTo(booked2, ({ type, room }) => ({ type, roomId: room })),
 *   Freed: firstVersion,
 * });
 * ```
 */
export const declareEvents = <Event extends DomainEvent>(declared: {
  readonly [Type in Event['type']]: EventVersions<Extract<Event, { readonly type: Type }>>;
}): EventTypes => Object.freeze({ ...declared });

/** A new event as it is stored. */
interface StoredForm {
  readonly event: DomainEvent;
  readonly schemaVersion: number;
}

/** The event types of a service with their versions, as its store uses them. */
export interface EventCatalog {
  /** Every type with its present version. Empty if nothing is declared. */
  readonly declared: ReadonlyMap<string, number>;
  /** The version of a new event. Throws `event_type_undeclared`. */
  versionOfNew(type: string): number;
  /** Returns the form in which a new event is stored: that of the version before, if it fits. */
  toStored(event: DomainEvent): StoredForm;
  /**
   * Returns the event in its present version. Throws `event_not_readable`, caused by a
   * `BlockedError`: a process of a newer release can read the event, so no message becomes a dead
   * letter because of it.
   */
  toPresent(stored: RecordedEvent): RecordedEvent;
}

/** The catalog of a store without declarations: every event is of version 1 and stays as it is. */
export const undeclaredEvents: EventCatalog = Object.freeze({
  declared: new Map(),
  versionOfNew: () => 1,
  toStored: (event: DomainEvent) => ({ event, schemaVersion: 1 }),
  toPresent: (stored: RecordedEvent) => stored,
});

/**
 * Combines the declarations of all domains that share a store. Throws `TypeError` for a type that
 * two of them declare, since a stored event says nothing about its domain.
 */
export function eventCatalog(domains: readonly EventTypes[]): EventCatalog {
  const types = new Map<string, EventVersions>();
  for (const [type, versions] of domains.flatMap((domain) => Object.entries(domain))) {
    if (types.has(type))
      throw new TypeError(`two domains of one store declare the event type ${type}: rename one of them`);
    types.set(type, versions);
  }
  const versionsOfNew = (type: string): EventVersions => {
    const versions = types.get(type);
    if (versions !== undefined) return versions;
    throw new EventStoreError(
      'event_type_undeclared',
      `the event type ${type} is not declared, so no later start could read it: add it to the ` +
        "domain's `declareEvents`",
    );
  };
  return Object.freeze({
    declared: new Map([...types].map(([type, { present }]) => [type, present])),
    versionOfNew: (type: string) => versionsOfNew(type).present,
    toStored(event: DomainEvent) {
      const { present, fitsBefore } = versionsOfNew(event.type);
      const before = fitsBefore?.(event);
      return before === undefined
        ? { event, schemaVersion: present }
        : { event: before, schemaVersion: present - 1 };
    },
    toPresent(stored: RecordedEvent) {
      const { stream, version, schemaVersion, event } = stored;
      const versions = types.get(event.type);
      if (versions === undefined || schemaVersion > versions.present) {
        const problem =
          `version ${version} of stream ${stream} is ${event.type} v${schemaVersion}, but this release ` +
          `${knownOf(versions)}: run the release that wrote it, or a newer one`;
        throw new EventStoreError('event_not_readable', problem, {
          stream,
          cause: new BlockedError(problem),
        });
      }
      if (schemaVersion === versions.present) return stored;
      return {
        ...stored,
        event: versions.toPresent(event, schemaVersion),
        schemaVersion: versions.present,
      };
    },
  });
}

const knownOf = (versions: EventVersions | undefined): string =>
  versions === undefined ? 'does not know the type' : `knows it up to v${versions.present}`;
