import { telemetrySettings } from '../telemetry/telemetry-settings.ts';
import { ConfigError, readConfig } from './read-config.ts';
import type { Settings } from './setting.ts';

/** Adds the settings of the process, such as those of telemetry, to a service's own. */
export const processSettings = <Declared extends Settings>(settings: Declared) => ({
  ...settings,
  ...telemetrySettings,
});

/**
 * Everything that would make a service with these settings refuse to start, one line each, without
 * the values that were given.
 */
export function settingProblems(settings: Settings, env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(processSettings(settings), env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
