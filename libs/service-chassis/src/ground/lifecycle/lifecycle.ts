import type { FactoryProvider, InjectionToken } from '@nestjs/common';
import type { Logger } from '@millrace/streaming-core/runtime';
import { roleNames, type Role } from '../config/roles.ts';

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

export const LIFECYCLE = Symbol('Lifecycle');

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

export interface LifecycleProviderOptions {
  readonly name: string;
  /**
   * A process without this role does not even create the component. Without a role, every process
   * does.
   */
  readonly role?: Role;
  readonly inject?: readonly InjectionToken[];
  // Nest cannot type what it injects into a factory: the caller's parameter types are the contract.
  readonly useFactory: (...injected: never[]) => Omit<Component, 'name'> | Promise<Omit<Component, 'name'>>;
}

/**
 * Provides a component that starts once HTTP listens and stops before the database closes: workers,
 * timers, projections.
 */
export function provideLifecycle({
  name,
  role,
  inject = [],
  useFactory,
}: LifecycleProviderOptions): FactoryProvider<Component | undefined> {
  return {
    provide: Symbol(name),
    inject: [LIFECYCLE, ...inject],
    useFactory: async (lifecycle: Lifecycle, ...injected: unknown[]) => {
      if (role !== undefined && !lifecycle.has(role)) return undefined;
      const { start, stop } = await useFactory(...(injected as never[]));
      const component: Component = { name, role, start, stop };
      lifecycle.add(component);
      return component;
    },
  };
}
