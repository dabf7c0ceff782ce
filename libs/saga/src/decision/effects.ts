import type { SagaDefinition } from '../definition/definition.ts';
import type { Role } from './events.ts';
import type { SagaSettings } from './settings.ts';
import { resendable, tokenOf, type Awaited, type SagaState } from './state.ts';
import { timeoutOf, waitOf } from './timeouts.ts';

/** A command as data. Its message is built for each sending. */
export interface CommandToSend {
  readonly step: string;
  readonly role: Role;
  readonly commandId: string;
  readonly causationId: string;
}

/**
 * A change to the timer of a command. Each awaited command has one: `set` replaces the timer of the
 * previous sending.
 */
export type TimerChange =
  | {
      readonly change: 'set';
      readonly step: string;
      readonly role: Role;
      readonly token: string;
      readonly attempt: number;
      /** The delay from now. */
      readonly delayMs: number;
      /** The delay that is granted again after a disruption. */
      readonly stepTimeoutMs: number;
    }
  | { readonly change: 'clear'; readonly step: string; readonly role: Role };

/** Derives commands and timers from what the saga waited for and what it waits for now. */
export function effects(
  definition: SagaDefinition,
  settings: SagaSettings,
  before: SagaState,
  after: SagaState,
): { commands: readonly CommandToSend[]; timers: readonly TimerChange[] } {
  const waited = resendable(before);
  const waits = resendable(after);
  const sent = waits.filter(
    ({ exchange }) => !waited.some((earlier) => tokenOf(earlier.exchange) === tokenOf(exchange)),
  );
  const over = waited.filter(
    ({ exchange }) => !waits.some((later) => later.exchange.commandId === exchange.commandId),
  );
  return {
    commands: sent.map(({ step, role, exchange: { commandId, causationId } }) => ({
      step,
      role,
      commandId,
      causationId,
    })),
    timers: [
      ...over.map(({ step, role }) => ({ change: 'clear', step, role }) as const),
      ...sent.map((one) => timer(definition, settings, one)),
    ],
  };
}

const timer = (definition: SagaDefinition, settings: SagaSettings, waits: Awaited): TimerChange => ({
  change: 'set',
  step: waits.step,
  role: waits.role,
  token: tokenOf(waits.exchange),
  attempt: waits.exchange.attempts,
  delayMs: waitOf(definition, settings, waits),
  stepTimeoutMs: timeoutOf(definition, settings, waits.step),
});
