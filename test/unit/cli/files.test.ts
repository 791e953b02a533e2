/** Files of a shop that its commands are handed. */
import { expect, test } from 'vitest';
import { collect } from '../../../src/cli/collect.ts';
import { sales } from '../../../src/cli/sales.ts';
import { temporaryFolder } from '../../support/sandbox.ts';

test.for([
  ['sales', (folder: string) => sales([folder])],
  ['collect', (folder: string) => collect(['--payto', 'news@pay.example', '--store', folder])],
] as const)('%s refuses a folder for a file', async ([, run]) => {
  await expect(run(temporaryFolder())).rejects.toMatchObject({ code: 'option_invalid' });
});
