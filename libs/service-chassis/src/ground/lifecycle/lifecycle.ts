import type { FactoryProvider } from '@nestjs/common';
import type { Logger } from '@millrace/streaming-core/runtime';
import { roleNames, type Role } from '../config/roles.ts';
import { provide, token, type Injected, type PartsOf } from '../provide.ts';

/**
 * A part of the service that runs alongside the HTTP server: the consumer, the relay, a worker, a
 * projection.
 */
export interface Component {
  readonly name: string;
  /** The component runs in processes with this role. Without a role it runs in every process. */
  readonly role?: Role;
  start(): Promise<void> | void;
  /** Finishes the work in flight. Idempotent. */
  stop(): Promise<void> | void;
}

export const LIFECYCLE = token<Lifecycle>('Lifecycle');

/**
 * Starts the components of this process's roles in the order of their registration, and stops them
 * in reverse, all before the database closes.
 */
export interface Lifecycle {
  /** Leaves out a component whose role this process does not have. */
  add(component: Component): void;
  has(role: Role): boolean;
  start(): Promise<void>;
  /** Logs a component that fails to stop, and still stops the others. */
  stop(): Promise<void>;
  readonly state: 'starting' | 'running' | 'draining';
}

export function createLifecycle(logger: Logger, roles: readonly Role[] = roleNames): Lifecycle {
  const components: Component[] = [];
  let state: Lifecycle['state'] = 'starting';
  let stopping: Promise<void> | undefined;

  const stopAll = async () => {
    for (const component of components.toReversed()) {
      await Promise.resolve()
        .then(() => component.stop())
        .catch((err: unknown) =>
          logger.error({ err, component: component.name }, 'a component failed to stop'),
        );
    }
  };
  return {
    get state() {
      return state;
    },
    has: (role) => roles.includes(role),
    add(component) {
      if (component.role === undefined || roles.includes(component.role)) components.push(component);
    },
    async start() {
      for (const component of components) {
        if (state === 'draining') return;
        await component.start();
        logger.debug({ component: component.name }, 'component started');
      }
      if (state === 'starting') state = 'running';
    },
    stop() {
      state = 'draining';
      stopping ??= stopAll();
      return stopping;
    },
  };
}

/**
 * Provides a component that starts once HTTP listens and stops before the database closes: workers,
 * timers, projections. A process without its role does not even create it.
 */
export const provideLifecycle = <const Inject extends readonly Injected[]>(
  { name, role }: Pick<Component, 'name' | 'role'>,
  inject: Inject,
  make: (...parts: PartsOf<Inject>) => Omit<Component, 'name'>,
): FactoryProvider =>
  provide(token<void>(name), [LIFECYCLE, ...inject], (lifecycle, ...parts) => {
    if (role !== undefined && !lifecycle.has(role)) return;
    const { start, stop } = make(...(parts as unknown as PartsOf<Inject>));
    lifecycle.add({ name, role, start, stop });
  });
