import type { FactoryProvider, Type } from '@nestjs/common';

declare const part: unique symbol;

/** The name under which Nest injects a part of a service, with the type of that part. */
export type Token<Part> = symbol & { readonly [part]: Part };

/**
 * Makes a name for Nest's injection that carries the type of its part. Two tokens differ even if
 * their names, which only errors show, are the same.
 *
 * @example
 * ```ts
 * import { provide, token, LOGGER } from '@millrace/service-chassis/service';
 *
 * const GREETER = token<{ greet(): void }>('Greeter');
 *
 * export const greeter = provide(GREETER, [LOGGER], (logger) => ({
 *   greet: () => logger.info({}, 'hello'),
 * }));
 * ```
 */
export const token = <Part>(name: string): Token<Part> => Symbol(name) as unknown as Token<Part>;

export interface IfAny<Part> {
  readonly token: Token<Part>;
  readonly optional: true;
}

/** Injects undefined in a service that does not have the part. */
export const ifAny = <Part>(wanted: Token<Part>): IfAny<Part> => ({ token: wanted, optional: true });

export type Injected = Token<unknown> | IfAny<unknown> | Type;

export type PartsOf<Inject extends readonly Injected[]> = {
  -readonly [Place in keyof Inject]: Inject[Place] extends IfAny<infer Part>
    ? Part | undefined
    : Inject[Place] extends Token<infer Part>
      ? Part
      : Inject[Place] extends Type<infer Instance>
        ? Instance
        : never;
};

/** Provides a part that is made from others, whose types follow from their tokens. */
export const provide = <Part, const Inject extends readonly Injected[]>(
  wanted: Token<Part>,
  inject: Inject,
  make: (...parts: PartsOf<Inject>) => NoInfer<Part> | Promise<NoInfer<Part>>,
): FactoryProvider => ({ provide: wanted, inject: [...inject], useFactory: make });

/** Closes a part after every component has stopped and HTTP has drained. */
export const provideClosing = <Closed extends Injected>(
  closed: Closed,
  close: (part: PartsOf<[Closed]>[0]) => Promise<void> | undefined,
): FactoryProvider =>
  provide(token('closing'), [closed], (part) => ({
    onApplicationShutdown: () => close(part as PartsOf<[Closed]>[0]),
  }));
