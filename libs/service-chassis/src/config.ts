/**
 * The entry point for a service's `config.ts`. Nothing here loads a framework, because the stack
 * imports it to check every setting before it starts anything.
 */
export { personalDataConfig } from './config/personal-data-config.ts';
export { readModelConfig } from './config/read-model-config.ts';
export { sagaConfig } from './config/saga-config.ts';
export { sagaStartVersions } from './config/saga-start-versions.ts';
export { serviceConfig, type ServiceConfig } from './config/service-config.ts';
export { setting, wholeNumber, type ConfigOf, type Setting, type Settings } from './config/setting.ts';
export { settingProblems } from './config/setting-problems.ts';
