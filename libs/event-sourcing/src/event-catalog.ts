import { BlockedError } from '@millrace/streaming-core/consumer';
import { EventStoreError } from './errors.ts';
import type { RecordedEvent } from './event-store.ts';
import type { EventTypes, EventVersions } from './event-versions.ts';

/** The event types of a service with their versions, as its store uses them. */
export interface EventCatalog {
  /** Every type with its present version. Empty if nothing is declared. */
  readonly declared: ReadonlyMap<string, number>;
  /** The version for a new event. Throws `event_type_undeclared`. */
  versionOfNew(type: string): number;
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
  return Object.freeze({
    declared: new Map([...types].map(([type, { present }]) => [type, present])),
    versionOfNew(type: string) {
      const versions = types.get(type);
      if (versions === undefined)
        throw new EventStoreError(
          'event_type_undeclared',
          `the event type ${type} is not declared, so no later start could read it: add it to the ` +
            "domain's `declareEvents`",
        );
      return versions.present;
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
