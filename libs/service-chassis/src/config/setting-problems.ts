import { telemetrySettings } from '../telemetry/telemetry-settings.ts';
import { ConfigError, readConfig } from './read-config.ts';
import type { Settings } from './setting.ts';

/** A service's own settings and those that its process has besides. */
export const processSettings = <Declared extends Settings>(settings: Declared) => ({
  ...settings,
  ...telemetrySettings,
});

/** Everything for which a service with these settings would refuse to start, a line for each; without a value that was given. */
export function settingProblems(settings: Settings, env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(processSettings(settings), env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}
