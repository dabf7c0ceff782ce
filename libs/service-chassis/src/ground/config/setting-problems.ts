import { telemetrySettings } from './telemetry-settings.ts';
import { ConfigError, readConfig } from './read-config.ts';
import type { Settings } from './setting.ts';

/** Adds the settings of the process, such as those of telemetry, to a service's own. */
export const processSettings = <Declared extends Settings>(settings: Declared) => ({
  ...settings,
  ...telemetrySettings,
});

/**
 * Returns every problem that would keep a service with these settings from starting, one line each
 * and without the values.
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
