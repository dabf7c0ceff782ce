import type { Tree } from '@nx/devkit';
import { writeChartPrograms } from '../source/chart-programs.ts';
import { composeFile } from '../source/compose-blocks.ts';
import { editFile, withoutLines } from '../source/edit-text.ts';
import { withoutSections } from '../source/pages.ts';

/** Removes the settings of the choreographed style from the containers and from the page of the settings. */
export function removeStyleSettings(tree: Tree): void {
  editFile(tree, composeFile, (text) => withoutLines(text, /\bORDER_(STYLE|DEADLINE_MS)\b/));
  editFile(tree, 'docs/reference/settings.md', (text) => withoutSections(text, 'Choreographed orders'));
  writeChartPrograms(tree);
}
