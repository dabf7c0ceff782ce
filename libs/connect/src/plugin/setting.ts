/** The types of settings that Connect's `validate` names. */
export type SettingType = 'STRING' | 'INT' | 'LONG' | 'BOOLEAN' | 'LIST' | 'PASSWORD' | 'CLASS';

/** A connector's configuration as it was posted: every value is a string. */
export type ConnectConfig = Readonly<Record<string, string>>;

/** One setting of a connector, a transform or a converter, as `validate` shows it. */
export interface ConnectSetting {
  readonly name: string;
  readonly type: SettingType;
  /** The default as text. A setting without a default is required unless it is `optional`. */
  readonly default?: string;
  readonly optional?: boolean;
  /** The values that are allowed. */
  readonly values?: readonly string[];
  /** The limits of an INT or a LONG, both inclusive. */
  readonly min?: number;
  readonly max?: number;
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW';
  readonly doc: string;
  /** Returns a sentence that says what is wrong with the value and what to do, or undefined. */
  readonly check?: (value: string, config: ConnectConfig) => string | undefined;
}

/** An error in the value of one setting. */
export interface SettingError {
  readonly setting: string;
  readonly message: string;
}

/** Returns the items of a setting of the type LIST. */
export const listOf = (text: string | undefined): readonly string[] =>
  (text ?? '').split(',').flatMap((one) => one.trim() || []);
