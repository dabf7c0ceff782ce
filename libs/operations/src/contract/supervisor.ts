import { z } from 'zod';
import { actor, reason } from './pages.ts';

/** A process of a service, as the supervisor of `npm start` sees it. */
const supervisedProcess = z.object({
  process: z.string().describe('Its name, such as `order-2`'),
  service: z.string(),
  state: z.enum(['running', 'restarting', 'stopped']),
  pid: z.number().int().optional(),
  stopped: z
    .object({ actor: z.string(), reason: z.string().optional(), at: z.string() })
    .optional()
    .describe('Who has stopped it, while it is stopped'),
});

export const supervisedProcesses = z.object({ processes: z.array(supervisedProcess) });

/** Stops or starts a service or one process. */
export const supervisorRequest = z.strictObject({ actor, reason: reason.optional() });

export const supervisorAnswer = z.object({
  changed: z.array(z.string()).describe('The processes that the request has stopped or started'),
  processes: z.array(supervisedProcess).describe('Every process that the name stands for'),
});

export const supervisorRefusal = z.object({ message: z.string() });

export type SupervisedProcess = z.infer<typeof supervisedProcess>;
export type SupervisorAnswer = z.infer<typeof supervisorAnswer>;
export type SupervisorRequest = z.infer<typeof supervisorRequest>;
