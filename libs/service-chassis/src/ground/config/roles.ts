import { z } from 'zod';

/**
 * The roles that a process of a service can have:
 * - `api` answers HTTP.
 * - `worker` consumes as the service's group, calls outside systems and fires timers.
 * - `relay` publishes the outbox and keeps the tables tidy.
 * - `projector` feeds the read models.
 *
 * Probes, metrics and docs answer in every process.
 */
export const roleNames = ['api', 'worker', 'relay', 'projector'] as const;

export type Role = (typeof roleNames)[number];

const listed = roleNames.join(', ');

/** Reads a list such as `api,worker`, in any order. The default is every role. */
export const roles = z
  .string()
  .default(roleNames.join(','))
  .transform((text) => text.split(',').map((part) => part.trim()))
  .pipe(z.array(z.enum(roleNames, `must be one or more of ${listed}, separated by commas`)))
  .transform((wanted): readonly Role[] => roleNames.filter((role) => wanted.includes(role)));
