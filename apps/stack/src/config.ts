import { z } from 'zod';

const port = (standard: number) => z.coerce.number().int().min(0).max(65_535).default(standard);

const settings = z.object({
  MILLRACE_DATA: z.string().min(1).default('.millrace'),
  POSTGRES_PORT: port(54_329),
  BROKER_PORT: port(9092),
  SMTP_PORT: port(2525),
  ORDER_PORT: port(3001),
  INVENTORY_PORT: port(3002),
  PAYMENT_PORT: port(3003),
  SHIPPING_PORT: port(3004),
  NOTIFICATION_PORT: port(3005),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/** Where each part listens (0: a free port) and where data live. */
export type StackSettings = z.infer<typeof settings>;

/** Throws one error that lists every wrong setting. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): StackSettings {
  const parsed = settings.safeParse(environment);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${issue.path.join('.')}=${JSON.stringify(environment[String(issue.path[0])])}: ${issue.message}`,
  );
  throw new Error(`wrong setting${problems.length > 1 ? 's' : ''}: ${problems.join('; ')}. Correct or unset the environment variable`);
}
