import type { Clock, Logger } from '@millrace/streaming-core/runtime';

const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'OFF'] as const;
type Level = (typeof levels)[number];

interface ShownLevel {
  readonly level: string;
  readonly last_modified: number | null;
}

/** The levels of loggers, which operators change while the worker runs. */
export interface LogLevels {
  readonly names: readonly string[];
  all(): Readonly<Record<string, ShownLevel>>;
  of(name: string): ShownLevel | undefined;
  /** Returns false for an unknown logger or level. */
  set(name: string, level: string): boolean;
}

/** A logger whose level `PUT /admin/loggers/root` raises above that of the given one. */
export function adjustableLogger(
  logger: Logger,
  clock: Pick<Clock, 'now'>,
): { readonly logger: Logger; readonly levels: LogLevels } {
  let current: Level = 'DEBUG';
  let changed: number | null = null;
  const root = (): ShownLevel => ({ level: current, last_modified: changed });
  const at =
    (level: Level, name: keyof Logger): Logger[keyof Logger] =>
    (fields, message) => {
      if (levels.indexOf(level) >= levels.indexOf(current)) logger[name](fields, message);
    };
  return {
    logger: {
      debug: at('DEBUG', 'debug'),
      info: at('INFO', 'info'),
      warn: at('WARN', 'warn'),
      error: at('ERROR', 'error'),
    },
    levels: {
      names: levels,
      all: () => ({ root: root() }),
      of: (name) => (name === 'root' ? root() : undefined),
      set(name, level) {
        const wanted = levels.find((one) => one === level.toUpperCase());
        if (name !== 'root' || wanted === undefined) return false;
        current = wanted;
        changed = clock.now();
        return true;
      },
    },
  };
}
