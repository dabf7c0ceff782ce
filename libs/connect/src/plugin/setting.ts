/** The types of settings that Connect's `validate` names. */
export type SettingType = 'STRING' | 'INT' | 'LONG' | 'BOOLEAN' | 'LIST' | 'PASSWORD' | 'CLASS';

/** A connector's configuration as it was posted: every value is a string. */
export type ConnectConfig = Readonly<Record<string, string>>;

/** One setting of a connector, a transform or a converter, as `validate` shows it. */
export interface ConnectSetting {
  readonly name: string;
  readonly type: SettingType;
  /** The default as text. A setting without one is required, unless it is `optional`. */
  readonly default?: string;
  readonly optional?: boolean;
  /** The values that it may have. */
  readonly values?: readonly string[];
  /** For INT and LONG, both inclusive. */
  readonly min?: number;
  readonly max?: number;
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW';
  readonly doc: string;
  /** Refuses a value with a sentence that says what is wrong and what to do, or returns undefined. */
  readonly check?: (value: string, config: ConnectConfig) => string | undefined;
}

/** What is wrong with one setting. */
export interface SettingError {
  readonly setting: string;
  readonly message: string;
}
