export { copyRunningLog } from './data-folder/copy-running-log.ts';
