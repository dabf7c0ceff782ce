import type { ConfigKind } from './config-kinds.ts';

/** What configs can be changed of: a topic, or brokers. */
export interface ConfigsToChange {
  /** What is set now. */
  readonly configs: ReadonlyMap<string, string>;
  /** Undefined for a name that it does not have. */
  readonly kindOf: (name: string) => ConfigKind | undefined;
  /** Of what is not set: what a list is added to. */
  readonly defaultOf: (name: string) => string;
}

/** What is to be set, of what is set now. */
export type ConfigChange = (target: ConfigsToChange) => ReadonlyMap<string, string>;
