import type { ConfigKind } from './config-kinds.ts';

/** A resource with configs that can be changed: a topic or brokers. */
export interface ConfigsToChange {
  /** The configs that are set. */
  readonly configs: ReadonlyMap<string, string>;
  /** Returns undefined for an unknown config. */
  readonly kindOf: (name: string) => ConfigKind | undefined;
  /** Returns the value of a config that is not set, which an append to a list begins with. */
  readonly defaultOf: (name: string) => string;
}

/** Computes the configs to set from those that are set now. */
export type ConfigChange = (target: ConfigsToChange) => ReadonlyMap<string, string>;
