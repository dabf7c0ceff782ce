/**
 * The entry point for a service's `config.ts`. Nothing here loads a framework, because the stack
 * imports it to check every setting before it starts anything.
 */
export {
  personalDataConfig,
  readModelConfig,
  sagaConfig,
  sagaStartVersions,
} from './ground/config/module-config.ts';
export { appConfig, type AppConfig } from './ground/config/app-config.ts';
export { databaseSettings } from './ground/config/database-config.ts';
export {
  isLoopback,
  opsSettings,
  refuseOpenAccess,
  token,
  tokenInFile,
} from './ground/config/ops-settings.ts';
export { logAppConfig, streamAppConfig } from './ground/config/log-client-config.ts';
export { liveEventsSettings, serviceConfig, type ServiceConfig } from './ground/config/service-config.ts';
export { setting, wholeNumber, type ConfigOf, type Setting, type Settings } from './ground/config/setting.ts';
export { connectWatchSettings } from './ground/config/watch-settings.ts';
export { settingProblems } from './ground/config/read-config.ts';
