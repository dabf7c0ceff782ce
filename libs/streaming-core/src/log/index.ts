export { copyRunningLog } from './copy-running-log.ts';
