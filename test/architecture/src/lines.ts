import { isTest, readText, sourcePaths } from './workspace.ts';

/** Lines of production code in folders. */
export const linesIn = (folder: RegExp): number =>
  sourcePaths
    .filter((path) => !isTest(path) && folder.test(path))
    .reduce((lines, path) => lines + readText(path).split('\n').length - 1, 0);
