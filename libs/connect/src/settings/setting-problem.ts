import type { ConnectConfig, ConnectSetting } from '../plugin/setting.ts';

const whole = /^[+-]?\d{1,19}$/;

/**
 * Says what is wrong with the value of one setting. It uses the words of Kafka's `ConfigDef` where that has
 * some.
 */
export function problemOf(setting: ConnectSetting, config: ConnectConfig): string | undefined {
  const { name, optional, type } = setting;
  const value = config[name];
  if (value === undefined)
    return optional === true
      ? undefined
      : `Missing required configuration "${name}" which has no default value.`;
  if (value === '' && setting.default === '') return setting.check?.(value, config);
  if (value === '' && type !== 'PASSWORD' && optional !== true) return `${name} must not be empty`;
  return typeProblem(setting, value) ?? setting.check?.(value, config);
}

/** Returns the value as it is declared: case and spaces around numbers and booleans mean nothing, as in Kafka. */
export function canonical({ type, values }: ConnectSetting, value: string): string {
  if (type === 'BOOLEAN') return value.trim().toLowerCase();
  if (type === 'INT' || type === 'LONG') return value.trim();
  return values?.find((one) => one.toLowerCase() === value.toLowerCase()) ?? value;
}

function typeProblem({ name, type, values, min, max }: ConnectSetting, value: string): string | undefined {
  const invalid = (why: string) => `Invalid value ${value} for configuration ${name}: ${why}`;
  if (values !== undefined && !values.includes(value))
    return invalid(`Value must be one of: ${values.join(', ')}`);
  if (type === 'BOOLEAN' && !/^(true|false)$/.test(value))
    return invalid('Expected value to be either true or false');
  if (type !== 'INT' && type !== 'LONG') return undefined;
  if (!whole.test(value)) return invalid(`Not a number of type ${type}`);
  const number = Number(value);
  if (min !== undefined && number < min) return invalid(`Value must be at least ${min}`);
  if (max !== undefined && number > max) return invalid(`Value must be no more than ${max}`);
  return undefined;
}
