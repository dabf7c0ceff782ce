/**
 * The entry point for a service's `config.ts`. Nothing here loads a framework, because the stack
 * imports it to check every setting before it starts anything.
 */
export { personalDataConfig } from './ground/config/personal-data-config.ts';
export { readModelConfig } from './ground/config/read-model-config.ts';
export { sagaConfig } from './ground/config/saga-config.ts';
export { sagaStartVersions } from './ground/config/saga-start-versions.ts';
export { serviceConfig, type ServiceConfig } from './ground/config/service-config.ts';
export { setting, wholeNumber, type ConfigOf, type Setting, type Settings } from './ground/config/setting.ts';
export { settingProblems } from './ground/config/setting-problems.ts';
