import { z } from 'zod';
import { actor, reason } from './pages.ts';

/** What an operator can do to a process. The last three are faults, to see how the system heals. */
const supervisorAct = z.enum(['stop', 'start', 'kill', 'pause', 'resume']);

const lastAct = z.object({
  act: supervisorAct,
  actor: z.string(),
  reason: z.string().optional(),
  at: z.string().describe('ISO 8601, UTC'),
});

const lastEnd = z.object({
  how: z.string().describe('The signal or the exit code, or why a restart has failed'),
  at: z.string().describe('ISO 8601, UTC'),
  unansweredMs: z
    .number()
    .optional()
    .describe('How long it had not answered, if the supervisor killed it because of that'),
});

/** A process of the stack, as the supervisor of `npm start` sees it. */
const supervisedProcess = z.object({
  process: z.string().describe('Its name, such as `order-2` or `postgres`'),
  instance: z.string().describe('The name that stands for this process alone, such as `order-1`'),
  service: z.string().optional().describe('Absent for the databases, the log and the console'),
  state: z.enum(['running', 'paused', 'restarting', 'stopped']),
  pid: z.number().int().optional(),
  starts: z.number().int().describe('How often it has become ready since the start of the stack'),
  lastEnd: lastEnd.optional(),
  unansweredMs: z
    .number()
    .optional()
    .describe('How long it has not answered the supervisor; absent below one second'),
  unansweredMsMax: z
    .number()
    .optional()
    .describe('After how long without an answer the supervisor kills it; absent if it never does'),
  lastAct: lastAct.optional().describe('What an operator has last done to it'),
});

export const supervisedProcesses = z.object({ processes: z.array(supervisedProcess) });

/** Acts on a service or one process. */
export const supervisorRequest = z.strictObject({ actor, reason: reason.optional() });

export const supervisorAnswer = z.object({
  changed: z.array(z.string()).describe('The processes on which the request has had an effect'),
  processes: z.array(supervisedProcess).describe('Every process that the name stands for'),
});

export const supervisorRefusal = z.object({ message: z.string() });

export type SupervisorAct = z.infer<typeof supervisorAct>;
export type SupervisedProcess = z.infer<typeof supervisedProcess>;
export type SupervisorAnswer = z.infer<typeof supervisorAnswer>;
export type SupervisorRequest = z.infer<typeof supervisorRequest>;
