import { z } from 'zod';

const stalled = z.array(z.object({ partition: z.string(), reason: z.string() })).optional();

/** An alarm that is raised. */
const activeAlarm = z.object({
  alarm: z.string(),
  place: z.record(z.string(), z.string()),
  value: z.number(),
  threshold: z.number(),
  runbook: z.string().optional().describe('The heading of its entry in docs/operations/what-to-do.md'),
  since: z.string(),
});

const check = z.object({
  healthy: z.boolean(),
  degraded: z.boolean().optional(),
  details: z
    .looseObject({
      warning: z.string().optional().describe('What is wrong although the service works'),
      reason: z.string().optional(),
      state: z.string().optional().describe('What a projector does now'),
      refused: stalled,
      blocked: stalled,
      active: z.array(activeAlarm).optional(),
    })
    .optional(),
});

/** The answer of a service to `/readyz`. */
export const readiness = z.object({
  status: z.string().describe('ready, degraded, unhealthy, starting or draining'),
  roles: z.array(z.string()),
  checks: z.record(z.string(), check),
});

export type Readiness = z.infer<typeof readiness>;
export type ReadinessCheck = z.infer<typeof check>;
